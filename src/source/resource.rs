//! A resource while it is being put together.

use uuid::Uuid;

use super::part::Written;
use crate::model::field::{Field, Shape, find};
use crate::model::{
    Address, Declared, DeclaredValue, Fields, Identity, Kind, Layer, Mark, Origin, Overridden, Upload, dig,
};

/// A declared resource, before and while its references are resolved.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    pub(super) fields: Fields,
    /// The key that names its kind.
    pub(super) origin: Origin,
    pub(super) manifest_version: Option<String>,
    /// Whether its own documents have no errors.
    pub(super) sound: bool,
    pub(super) written: Written,
    pub(super) links: Links,
    /// What tells a package apart, once that is known.
    pub(super) mark: Option<Mark>,
    /// The file that a package is uploaded from.
    pub(super) upload: Option<Upload>,
    pub(super) address: Option<Address>,
    /// The documents and defaults that it is made of.
    pub(super) layers: Vec<Layer>,
    /// The values that nearer layers replaced.
    pub(super) overridden: Vec<Overridden>,
}

/// The resources that one refers to, by index.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) cluster: Option<usize>,
    pub(super) namespace: Option<usize>,
    pub(super) app: Option<usize>,
    pub(super) package: Option<usize>,
}

impl Resource {
    /// The name in the files, where there is one.
    pub(super) fn name(&self) -> Option<&str> {
        self.written.name.as_deref()
    }

    /// The id as written.
    pub(super) fn id(&self) -> Option<&str> {
        self.written.id.as_deref()
    }

    /// The id, of kinds that are known by a UUID.
    pub(super) fn uuid(&self) -> Option<Uuid> {
        Uuid::try_parse(self.id()?).ok()
    }

    /// Where its id was written.
    pub(super) fn id_origin(&self) -> &Origin {
        let name = match self.kind {
            Kind::Cluster => "clusterId",
            Kind::Namespace => "namespaceId",
            Kind::App | Kind::CloudApp => "appId",
            Kind::Package => "packageId",
            Kind::Environment => "id",
        };
        self.fields.get(name).map_or(&self.origin, |id| &id.origin)
    }

    /// Where its name was written.
    pub(super) fn name_origin(&self) -> &Origin {
        let path: &[&str] = match self.kind {
            Kind::Environment => &["properties", "name"],
            Kind::Cluster | Kind::Namespace | Kind::App | Kind::Package | Kind::CloudApp => &["name"],
        };
        dig(&self.fields, path).map_or(&self.origin, |name| &name.origin)
    }

    /// Who it is, as far as its links are resolved.
    pub(super) fn identity(&self, all: &[Resource]) -> Option<Identity> {
        let linked = |index: Option<usize>| all.get(index?)?.uuid();
        Some(match self.kind {
            Kind::Cluster => Identity::Cluster(self.uuid()?),
            Kind::Namespace => Identity::Namespace(self.uuid()?),
            Kind::App => Identity::App(self.uuid()?),
            Kind::CloudApp => Identity::CloudApp(self.uuid()?),
            Kind::Package => Identity::Package { app: linked(self.links.app)?, mark: self.mark.clone()? },
            Kind::Environment => Identity::Environment {
                app: linked(self.links.app)?,
                namespace: linked(self.links.namespace)?,
                id: self.id()?.to_owned(),
            },
        })
    }

    /// Fields of an object field, to change them.
    pub(super) fn object_mut(&mut self, name: &'static str) -> Option<&mut Fields> {
        match &mut self.fields.get_mut(name)?.value {
            DeclaredValue::Object(fields) => Some(fields),
            _ => None,
        }
    }
}

/// Takes out what the API does not know: references and shorthands.
pub(super) fn keep_wire(fields: &mut Fields, table: &'static [Field]) {
    fields.retain(|name, _| find(table, name).is_some_and(Field::is_wire));
    for (name, declared) in fields {
        let Some(field) = find(table, name) else { continue };
        match (&mut declared.value, field.shape) {
            (DeclaredValue::Object(fields), Shape::Object(table)) => keep_wire(fields, table),
            (DeclaredValue::List(list), Shape::List(shape)) => {
                list.items.values_mut().for_each(|item| keep_wire(&mut item.fields, shape.items));
            }
            _ => {}
        }
    }
}

/// A declared text.
pub(super) fn scalar(text: &str, origin: &Origin) -> Declared {
    Declared { value: DeclaredValue::Scalar(text.into()), origin: origin.clone() }
}
