//! Namespaces, by themselves and beside the others of their cluster (DOMAIN 2.13).

use std::collections::BTreeMap;

use super::super::codes;
use super::super::diagnostic::{Problem, Severity};
use super::subject::{Estate, Item, Spot, Subject, twins};
use crate::model::Kind;

/// How many environments one operator takes care of (NS-15).
const MOST_ENVIRONMENTS: usize = 350;

/// Names of namespaces that Kubernetes or the platform keep for themselves.
const RESERVED: [&str; 2] = ["kube-", "mendix-"];

/// Words of a name that tell the stage of an environment.
const PRODUCTION: [&str; 4] = ["production", "prod", "prd", "live"];
const EARLIER: [&str; 16] = [
    "dev",
    "develop",
    "development",
    "test",
    "tst",
    "testing",
    "qa",
    "uat",
    "acc",
    "accp",
    "acceptance",
    "staging",
    "stage",
    "sandbox",
    "training",
    "demo",
];

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for namespace in estate.of(Kind::Namespace) {
        name(namespace, problems);
        operator(namespace, problems);
        plans(namespace, problems);
        members(namespace, problems);
    }
    for cluster in estate.of(Kind::Cluster) {
        foreign_invitations(cluster, &cluster.items(&["clusterManagers"]), problems);
    }
    one_main(estate, problems);
    let environments = by_namespace(estate);
    for environments in environments.values() {
        stages(environments, problems);
    }
    crowd(estate, &environments, problems);
}

/// NS-01: the name is that of the namespace in Kubernetes. NS-02: some names are taken.
fn name(namespace: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(spot) = namespace.find(&["name"]) else { return };
    let Some(name) = spot.text() else { return };
    if !is_label(name) {
        let message = format!("`{name}` is no name of a namespace in Kubernetes");
        let nearest: String =
            name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let nearest = nearest.trim_matches('-');
        let rule = "use up to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends";
        let help = if is_label(nearest) { format!("{rule}, such as `{nearest}`") } else { rule.to_owned() };
        problems.push(spot.breaks(&codes::NS_01, message).help(help));
        return;
    }
    let cluster_type = namespace.cluster().and_then(|cluster| cluster.find(&["clusterType"]));
    let openshift = cluster_type.filter(|kind| kind.text() == Some("os") && name.starts_with("openshift-"));
    if let Some(openshift) = openshift {
        let message = format!("`{name}` is a name that OpenShift keeps for itself");
        let problem = spot.breaks(&codes::NS_02, message).related(openshift.origin().clone(), "the cluster");
        problems.push(problem.help("choose a name that does not start with `openshift-`"));
    } else if name == "default" || RESERVED.iter().any(|prefix| name.starts_with(prefix)) {
        let message =
            format!("`{name}` looks like a namespace that Kubernetes or the platform keeps for itself");
        let help = "choose a name of your own, such as that of the app or the team";
        problems.push(spot.breaks(&codes::NS_02, message).severity(Severity::Warning).help(help));
    }
}

/// A label of Kubernetes.
fn is_label(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// NS-03, as far as the files name both types. For what a plan creates, it looks at the live cluster, too.
fn operator(namespace: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(operator) = namespace.cluster().and_then(|cluster| cluster.find(&["operatorType"])) else {
        return;
    };
    let Some(kind) = namespace.find(&["namespaceType"]) else { return };
    let (Some(of_cluster), Some(own)) = (operator.text(), kind.text()) else { return };
    if (of_cluster == "global_operator") == matches!(own, "main" | "managed") {
        return;
    }
    let message = format!("a cluster with a `{of_cluster}` has no namespaces of type `{own}`");
    let help = match of_cluster {
        "global_operator" => "write `managed`, or `main` for the namespace of the operator itself",
        _ => "write `standard`, or leave it out",
    };
    let problem = kind.breaks(&codes::NS_03, message).related(operator.origin().clone(), "its operator");
    problems.push(problem.help(help));
}

/// NS-04: a global operator lives in one namespace. That its name is its own, EST-005 sees to.
fn one_main(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    let mains = estate.of(Kind::Namespace).filter_map(|namespace| {
        let kind = namespace.find(&["namespaceType"]).filter(|kind| kind.text() == Some("main"))?;
        Some((namespace.cluster()?.index(), kind))
    });
    for (_, kind, first) in twins(mains) {
        let message = "the cluster has a main namespace already";
        let problem = kind.breaks(&codes::NS_04, message).related(first.origin().clone(), "this one");
        problems.push(problem.help("write `managed`"));
    }
}

/// NS-08: plans come and go with mxpc-cli.
fn plans(namespace: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(list) = namespace.find(&["plans"]) else { return };
    let off = "`activate: false` keeps new environments from using a plan; mxpc-cli removes it";
    if list.is_exact() {
        let message = "plans that are not declared cannot be removed here";
        problems
            .push(list.breaks(&codes::NS_08, message).help(format!("write the list without `exact`; {off}")));
    }
    for plan in list.absent() {
        let name = plan.name().unwrap_or_default();
        problems
            .push(plan.breaks(&codes::NS_08, format!("the plan `{name}` cannot be removed here")).help(off));
    }
}

/// The roles that every namespace has.
const ROLES: [&str; 2] = ["Developer", "Administrator"];

/// NS-09, as a warning: a role that differs from one that exists by its capitals. NS-10: the rights of the old custom
/// roles cannot be edited any more.
fn members(namespace: Subject<'_>, problems: &mut Vec<Problem>) {
    let members = namespace.items(&["membership"]);
    for member in &members {
        let Some(role) = member.field("role") else { continue };
        let Some(word) = role.text() else { continue };
        let meant = ROLES.into_iter().find(|known| word != *known && word.trim().eq_ignore_ascii_case(known));
        if let Some(meant) = meant {
            let message = format!("`{word}` names a custom role, not the role `{meant}`");
            let problem = role.breaks(&codes::NS_09, message).severity(Severity::Warning);
            problems.push(problem.help(format!("did you mean `{meant}`?")));
        }
        if matches!(word, "Custom" | "Custom_DEPRECATED") {
            let message = format!("`{word}` has rights that nobody can edit any more");
            let help =
                "write the name of a custom role that the cluster has; such roles are made in the portal";
            problems.push(role.breaks(&codes::NS_10, message).help(help));
        }
    }
    if let Some(cluster) = namespace.cluster() {
        foreign_invitations(cluster, &members, problems);
    }
}

/// NS-11: an invitation is accepted for one's own mail domain. Whoever runs mxkeep is a manager of the cluster.
fn foreign_invitations(cluster: Subject<'_>, people: &[Item<'_>], problems: &mut Vec<Problem>) {
    let managers = cluster.items(&["clusterManagers"]);
    let domains: Vec<&str> =
        managers.iter().filter(|manager| accepts(manager).is_none()).filter_map(domain).collect();
    for person in people {
        let (Some(accepts), Some(domain)) = (accepts(person), domain(person)) else { continue };
        if domains.is_empty() || domains.contains(&domain) {
            continue;
        }
        let message = format!(
            "no manager of the cluster is of `{domain}`, so nobody accepts this invitation on behalf of the person"
        );
        let help = "remove `autoAcceptInvite`: the platform does that only for the mail domain of whoever runs mxkeep";
        problems.push(accepts.breaks(&codes::NS_11, message).help(help));
    }
}

/// `autoAcceptInvite: true` of a member or manager.
fn accepts<'a>(person: &Item<'a>) -> Option<Spot<'a>> {
    person.field("autoAcceptInvite").filter(|spot| spot.truth() == Some(true))
}

/// The mail domain of a member or manager; keys are lower-case.
fn domain<'a>(person: &Item<'a>) -> Option<&'a str> {
    person.name()?.split_once('@').map(|(_, domain)| domain)
}

/// The environments of each namespace, by its index.
type Environments<'a> = BTreeMap<usize, Vec<Subject<'a>>>;

fn by_namespace(estate: Estate<'_>) -> Environments<'_> {
    let mut environments = Environments::new();
    for environment in estate.of(Kind::Environment) {
        if let Some(namespace) = environment.namespace() {
            environments.entry(namespace.index()).or_default().push(environment);
        }
    }
    environments
}

/// NS-14: production by itself. All environments run in production mode unless somebody says otherwise, so their
/// names have to tell.
fn stages(environments: &[Subject<'_>], problems: &mut Vec<Problem>) {
    let first = |is_production: bool| {
        environments.iter().find(|environment| is_production_stage(**environment) == Some(is_production))
    };
    let (Some(production), Some(other)) = (first(true), first(false)) else { return };
    let Some(place) = other.find(&["provider", "namespace"]) else { return };
    let message = "production shares its namespace with an environment of an earlier stage";
    let problem = place.breaks(&codes::NS_14, message);
    let problem = problem.related(production.resource.name_origin().clone(), "the production environment");
    problems.push(problem.help("give production a namespace of its own, where fewer people have rights"));
}

/// Whether an environment is production, as far as its name or its mode tells.
fn is_production_stage(environment: Subject<'_>) -> Option<bool> {
    let name = environment.resource.name()?.to_lowercase();
    let is_word_of =
        |words: &[&str]| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| words.contains(&word));
    // `pre-prod` and `prod-test` are no production.
    if is_word_of(&EARLIER) || is_word_of(&["pre", "non"]) || name.starts_with("preprod") {
        return Some(false);
    }
    if is_word_of(&PRODUCTION) {
        return Some(true);
    }
    (environment.truth(&["properties", "production"]) == Some(false)).then_some(false)
}

/// NS-15: an operator has its limits. A global one has all namespaces of its cluster to care for.
fn crowd(estate: Estate<'_>, environments: &Environments<'_>, problems: &mut Vec<Problem>) {
    let mut of_cluster: BTreeMap<usize, usize> = BTreeMap::new();
    for namespace in estate.of(Kind::Namespace) {
        let count = environments.get(&namespace.index()).map_or(0, Vec::len);
        let cluster = namespace.cluster();
        let is_global =
            cluster.and_then(|cluster| cluster.text(&["operatorType"])) == Some("global_operator");
        match cluster.filter(|_| is_global) {
            Some(cluster) => *of_cluster.entry(cluster.index()).or_default() += count,
            None => problems.extend(too_many(namespace, "namespace", count)),
        }
    }
    for cluster in estate.of(Kind::Cluster) {
        let count = of_cluster.get(&cluster.index()).copied().unwrap_or_default();
        problems.extend(too_many(cluster, "cluster", count));
    }
}

fn too_many(place: Subject<'_>, what: &str, count: usize) -> Option<Problem> {
    let name = place.find(&["name"]).filter(|_| count > MOST_ENVIRONMENTS)?;
    let message = format!(
        "the {what} has {count} environments, and one operator takes care of up to {MOST_ENVIRONMENTS}"
    );
    Some(name.breaks(&codes::NS_15, message).help("spread them over further namespaces or clusters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels() {
        for good in ["a", "orders-prod", "1st", &"n".repeat(63)] {
            assert!(is_label(good), "{good}");
        }
        for bad in ["", "-a", "a-", "Orders", "orders_prod", "orders.prod", "ä", &"n".repeat(64)] {
            assert!(!is_label(bad), "{bad}");
        }
    }
}
