//! `remove`: tombstones, the only way to delete.

use uuid::Uuid;

use super::codes;
use super::diagnostic::Problem;
use super::documents::{Context, REMOVE};
use super::file::SourceFile;
use super::formats;
use super::resolve::Resolver;
use super::resource::Resource;
use super::shape::{At, Literals, Shaper};
use super::suggest;
use super::yaml::Entry;
use crate::model::field::{Field, Format, ListKey, ListShape, Literal, Need};
use crate::model::{Address, Declared, FieldPath, Kind, Origin, Tombstone, TombstoneTarget};

/// The list of tombstones of a document.
pub(super) static TOMBSTONES: Field = Field::list(
    REMOVE,
    ListShape::exact(FIELDS, ListKey::Natural(&["address", "id"])),
    "Resources that are to be deleted.",
);

static FIELDS: &[Field] = &[
    Field::text("address", Format::NonEmpty, "The address that the resource has.")
        .need(Need::Always)
        .example(Literal::Text("environment/order-desk/test")),
    Field::text("id", Format::NonEmpty, "The id of the resource.")
        .need(Need::Always)
        .example(Literal::Text("ordtst01")),
    Field::text(
        "namespace",
        Format::NonEmpty,
        "Where the environment is, as `CLUSTER/NAMESPACE`; only where the id alone is not enough.",
    )
    .example(Literal::Text("prod-eu/orders")),
    Field::text("app", Format::NonEmpty, "The app of a package: a declared app's name or id.")
        .example(Literal::Text("order-desk")),
    Field::text("reason", Format::Plain, "Why it goes.")
        .example(Literal::Text("decommissioned with CHG-1234")),
];

/// A tombstone as written.
pub(super) struct Declaration {
    address: (String, Origin),
    id: (String, Origin),
    namespace: Option<(String, Origin)>,
    app: Option<(String, Origin)>,
    reason: Option<String>,
}

/// Reads the tombstones of a document.
pub(super) fn declare(
    file: &SourceFile,
    entry: &Entry,
    context: &Context<'_>,
    declarations: &mut Vec<Declaration>,
    problems: &mut Vec<Problem>,
) {
    let mut shaper = Shaper {
        file,
        problems,
        surroundings: context.surroundings,
        literals: Literals::Refused,
        outside_allowed: false,
        resource: None,
        table: FIELDS,
        identity_help: None,
        pending: None,
    };
    let at = At { key: REMOVE, key_span: entry.key_span, value: entry.node.span, path: FieldPath::root() };
    let Some(declared) = shaper.field(&TOMBSTONES, &entry.node, &at) else { return };
    for item in declared.as_list().iter().flat_map(|list| list.items.values()) {
        let text = |name: &str| {
            let declared: &Declared = item.fields.get(name)?;
            Some((declared.as_text()?.to_owned(), declared.origin.clone()))
        };
        let (Some(address), Some(id)) = (text("address"), text("id")) else { continue };
        let reason = text("reason").map(|(reason, _)| reason);
        let (namespace, app) = (text("namespace"), text("app"));
        declarations.push(Declaration { address, id, namespace, app, reason });
    }
}

impl Resolver<'_> {
    /// The tombstones, ordered by address.
    pub(super) fn tombstones(
        &mut self,
        declarations: &[Declaration],
        resources: &[Resource],
    ) -> Vec<Tombstone> {
        let parsed: Vec<(Address, &Declaration)> = declarations
            .iter()
            .filter_map(|declaration| Some((self.removed_address(declaration)?, declaration)))
            .collect();
        let mut tombstones: Vec<Tombstone> = Vec::new();
        for (address, declaration) in &parsed {
            let Some(target) = self.target(address, declaration, &parsed, resources) else { continue };
            self.check_declared(address, declaration, &target, resources);
            tombstones.push(Tombstone {
                address: address.clone(),
                target,
                reason: declaration.reason.clone(),
                origin: declaration.address.1.clone(),
            });
        }
        tombstones.sort_by(|a, b| (&a.address, &a.origin).cmp(&(&b.address, &b.origin)));
        tombstones
    }

    fn removed_address(&mut self, declaration: &Declaration) -> Option<Address> {
        let (text, origin) = &declaration.address;
        let (message, help) = match text.parse::<Address>() {
            Ok(address) if address.kind().is_created() => return Some(address),
            Ok(address) if address.kind() == Kind::CloudApp => {
                let help = "to take rights away, give the members `absent: true` in the document of the app";
                (
                    "an app on Mendix Cloud belongs to the platform and cannot be deleted".to_owned(),
                    help.to_owned(),
                )
            }
            Ok(_) => {
                let help = "remove its documents from the estate; the app stays as it is";
                ("an app belongs to the platform and cannot be deleted".to_owned(), help.to_owned())
            }
            Err(error) => {
                let kind = text.split('/').next().unwrap_or_default();
                let nearest = suggest::nearest(kind, Kind::ALL.into_iter().map(Kind::segment))
                    .filter(|near| *near != kind);
                let help = nearest.map_or_else(
                    || {
                        "write it as `cluster/NAME`, `namespace/CLUSTER/NAME`, `package/NAME` or `environment/APP/NAME`"
                            .to_owned()
                    },
                    |nearest| format!("did you mean `{nearest}/…`?"),
                );
                (error.to_string(), help)
            }
        };
        self.refuse(origin, message, help);
        None
    }

    fn refuse(&mut self, origin: &Origin, message: String, help: String) {
        let problem = Problem::new(&codes::REF_005, origin.clone(), message).help(help);
        self.problems.push(problem.path_text(REMOVE.to_owned()));
    }

    fn target(
        &mut self,
        address: &Address,
        declaration: &Declaration,
        removed: &[(Address, &Declaration)],
        resources: &[Resource],
    ) -> Option<TombstoneTarget> {
        let (id, id_origin) = &declaration.id;
        let names = address.names();
        let parent = names.first()?;
        if let (Some((_, origin)), true) = (&declaration.namespace, address.kind() != Kind::Environment) {
            let help = "remove `namespace`; the id is enough".to_owned();
            self.refuse(origin, format!("a {} is not in another namespace", address.kind()), help);
            return None;
        }
        if let (Some((_, origin)), true) = (&declaration.app, address.kind() != Kind::Package) {
            let help = "remove `app`; only the tombstone of a package has one".to_owned();
            self.refuse(origin, format!("the address of the {} says enough", address.kind()), help);
            return None;
        }
        match address.kind() {
            Kind::App | Kind::CloudApp => None,
            Kind::Package => {
                let id = self.removed_uuid(id, id_origin)?;
                let Some((app, origin)) = &declaration.app else {
                    let message = "the tombstone of a package does not say which app it belongs to";
                    let help = "add `app: NAME`, the name of a declared app".to_owned();
                    self.refuse(&declaration.address.1, message.to_owned(), help);
                    return None;
                };
                let app = match self.index.find(Kind::App, app).first() {
                    Some(found) => resources.get(*found)?.uuid()?,
                    None => {
                        self.dangling(Kind::App, app, origin, REMOVE, None);
                        return None;
                    }
                };
                Some(TombstoneTarget::Package { app, id: id.to_string() })
            }
            Kind::Cluster => Some(TombstoneTarget::Cluster(self.removed_uuid(id, id_origin)?)),
            Kind::Namespace => {
                let namespace = self.removed_uuid(id, id_origin)?;
                let cluster =
                    self.parent(Kind::Cluster, parent, &declaration.address.1, removed, resources)?;
                Some(TombstoneTarget::Namespace { namespace, cluster })
            }
            Kind::Environment => {
                if let Err(misfit) = formats::check(Format::EnvironmentId, id) {
                    let code = misfit.code.unwrap_or(&codes::ID_04);
                    let problem = Problem::new(code, id_origin.clone(), format!("`{id}` {}", misfit.is));
                    self.problems
                        .push(problem.help(misfit.help.unwrap_or_default()).path_text(REMOVE.to_owned()));
                    return None;
                }
                let app = self.parent(Kind::App, parent, &declaration.address.1, removed, resources)?;
                let namespace = match &declaration.namespace {
                    None => None,
                    Some((text, origin)) => Some(self.removed_namespace(text, origin, removed, resources)?),
                };
                Some(TombstoneTarget::Environment { app, namespace, id: id.clone() })
            }
        }
    }

    fn removed_uuid(&mut self, text: &str, origin: &Origin) -> Option<Uuid> {
        if let Err(misfit) = formats::check(Format::Uuid, text) {
            let problem = Problem::new(&codes::ID_01, origin.clone(), format!("`{text}` {}", misfit.is));
            self.problems.push(problem.help(misfit.help.unwrap_or_default()).path_text(REMOVE.to_owned()));
            return None;
        }
        Uuid::try_parse(text).ok()
    }

    /// The id of a cluster or app that an address names: a declared one, or one that is removed as well.
    fn parent(
        &mut self,
        kind: Kind,
        name: &str,
        origin: &Origin,
        removed: &[(Address, &Declaration)],
        resources: &[Resource],
    ) -> Option<Uuid> {
        if let Some(found) = self.index.by_name(kind, name).first() {
            return resources.get(*found)?.uuid();
        }
        let gone = removed.iter().find(|(address, _)| address.kind() == kind && address.names() == [name]);
        if let Some((_, declaration)) = gone {
            return Uuid::try_parse(&declaration.id.0).ok();
        }
        self.dangling(kind, name, origin, REMOVE, None);
        None
    }

    /// `CLUSTER/NAMESPACE`, or the id of a namespace.
    fn removed_namespace(
        &mut self,
        text: &str,
        origin: &Origin,
        removed: &[(Address, &Declaration)],
        resources: &[Resource],
    ) -> Option<Uuid> {
        if let Some(found) = self.index.by_id(Kind::Namespace, text).first() {
            return resources.get(*found)?.uuid();
        }
        let Some((cluster, name)) = text.split_once('/') else {
            self.refuse(
                origin,
                format!("`{text}` does not say which namespace"),
                "write it as `CLUSTER/NAMESPACE`".to_owned(),
            );
            return None;
        };
        let declared =
            self.index.by_name(Kind::Namespace, name).iter().filter_map(|index| resources.get(*index));
        let holds = |namespace: &&Resource| {
            let holder = namespace.links.cluster.and_then(|index| resources.get(index));
            holder.and_then(Resource::name).or(namespace.written.parent.as_deref()) == Some(cluster)
        };
        if let Some(found) = declared.into_iter().find(holds) {
            return found.uuid();
        }
        let gone = removed.iter().find(|(address, _)| *address == Address::namespace(cluster, name));
        if let Some((_, declaration)) = gone {
            return Uuid::try_parse(&declaration.id.0).ok();
        }
        self.dangling(Kind::Namespace, text, origin, REMOVE, None);
        None
    }

    /// What is declared cannot be removed.
    fn check_declared(
        &mut self,
        address: &Address,
        declaration: &Declaration,
        target: &TombstoneTarget,
        resources: &[Resource],
    ) {
        let meant = resources
            .iter()
            .find(|resource| resource.identity(resources).is_some_and(|identity| target.matches(&identity)));
        if let Some(resource) = meant {
            let message = format!("`{address}` is removed here, but its id is declared");
            let problem = Problem::new(&codes::REF_006, declaration.address.1.clone(), message)
                .related(resource.origin.clone(), "declared here")
                .help("remove the document to delete the resource, or the tombstone to keep it");
            self.problems.push(problem.path_text(REMOVE.to_owned()));
        }
    }
}
