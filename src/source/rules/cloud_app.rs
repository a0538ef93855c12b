//! Access to apps on Mendix Cloud (DOMAIN 5). Roles and defaults are spelt out for every environment by now.

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Item, Spot, Subject};
use crate::model::Kind;
use crate::model::kinds::RIGHTS;

/// Words that make the name of a role or of an account that of a robot.
const ROBOTS: [&str; 8] = ["robot", "bot", "ci", "cd", "pipeline", "automation", "service", "svc"];

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for app in estate.of(Kind::CloudApp) {
        if free(app, problems) {
            continue;
        }
        let mut found = Vec::new();
        for member in app.items(&["environments"]).iter().flat_map(members) {
            found.extend(contact(app, &member));
            found.extend(robot(&member));
        }
        // A default is spelt out for every environment, and wrong in all of them for one reason.
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|(at, _)| seen.insert(at.clone()));
        problems.extend(found.into_iter().map(|(_, problem)| problem));
    }
}

/// A problem and the place that it stands at.
type Found = ((&'static str, crate::model::Origin), Problem);

fn members<'a>(environment: &Item<'a>) -> Vec<Item<'a>> {
    environment.field("permissions").map(Spot::items).unwrap_or_default()
}

/// MC-07: a free app has nothing to manage. True when it is one.
fn free(app: Subject<'_>, problems: &mut Vec<Problem>) -> bool {
    let Some(license) = app.find(&["licenseType"]).filter(|license| license.text() == Some("free")) else {
        return false;
    };
    let environments = app.items(&["environments"]);
    let of_environments = environments.iter().find_map(|environment| environment.field("permissions"));
    let managed =
        [app.find(&["technicalContact"]), app.find(&["permissions"]), of_environments].into_iter().flatten();
    problems.extend(managed.map(|managed| {
        managed
            .breaks(&codes::MC_07, "access to a free app cannot be managed")
            .related(license.origin().clone(), "declared as free here")
            .help("remove it, or license the app first")
    }));
    true
}

/// MC-02: the technical contact may do everything.
fn contact(app: Subject<'_>, member: &Item<'_>) -> Option<Found> {
    let contact = app.find(&["technicalContact"])?;
    if contact.text()?.trim().to_lowercase() != member.name()? {
        return None;
    }
    let lacks = RIGHTS.iter().find_map(|right| member.field(right).filter(|it| it.truth() == Some(false)))?;
    let problem = lacks
        .breaks(&codes::MC_02, "the technical contact has every right, and less is declared")
        .related(contact.origin().clone(), "the technical contact")
        .help("remove the technical contact from the permissions");
    Some((("contact", lacks.origin().clone()), problem))
}

/// MC-05: a robot that may deploy has to reach the API for it.
fn robot(member: &Item<'_>) -> Option<Found> {
    let user = member.name()?.split('@').next().unwrap_or_default();
    let role = member.field("role").and_then(|role| role.text()).unwrap_or_default();
    let may = |right| member.field(right).filter(|it| it.truth() == Some(true)).is_some();
    let is_robot = is_of_a_robot(user) || is_of_a_robot(role);
    if !is_robot || !may("canDeployApp") || may("canAccessAPI") {
        return None;
    }
    let lacks = member.field("canAccessAPI")?;
    let message = format!("`{}` may deploy and may not use the API, which it deploys over", member.name()?);
    let problem = lacks.breaks(&codes::MC_05, message).help("give it `canAccessAPI: true` as well");
    Some((("robot", lacks.origin().clone()), problem))
}

fn is_of_a_robot(name: &str) -> bool {
    name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| ROBOTS.contains(&word))
}
