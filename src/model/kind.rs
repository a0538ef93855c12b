//! The kinds of resource that an estate declares.

use std::fmt;

/// What a resource is. The order is the order of creation: a kind never needs a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A Kubernetes or OpenShift cluster that is registered with the platform.
    Cluster,
    /// A namespace of a cluster, with its operator, members and plans.
    Namespace,
    /// A Mendix app. The platform owns it; an estate names it so that environments can refer to it.
    App,
    /// A deployment package of an app: built from its repository, uploaded, or there already.
    Package,
    /// One running copy of an app in a namespace.
    Environment,
    /// Access to an app on Mendix Cloud. The platform owns the app; an estate says who may do what with it.
    CloudApp,
}

impl Kind {
    /// Every kind, in the order of creation.
    pub const ALL: [Kind; 6] =
        [Kind::Cluster, Kind::Namespace, Kind::App, Kind::Package, Kind::Environment, Kind::CloudApp];

    /// The key of a document of this kind.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Cluster => "cluster",
            Kind::Namespace => "namespace",
            Kind::App => "app",
            Kind::Package => "package",
            Kind::Environment => "environment",
            Kind::CloudApp => "cloudApp",
        }
    }

    /// The word for several of them.
    pub const fn plural(self) -> &'static str {
        match self {
            Kind::Cluster => "clusters",
            Kind::Namespace => "namespaces",
            Kind::App => "apps",
            Kind::Package => "packages",
            Kind::Environment => "environments",
            Kind::CloudApp => "cloud apps",
        }
    }

    /// The first segment of an address of this kind.
    pub const fn segment(self) -> &'static str {
        match self {
            Kind::CloudApp => "cloud-app",
            Kind::Cluster | Kind::Namespace | Kind::App | Kind::Package | Kind::Environment => self.name(),
        }
    }

    /// The kind whose addresses start like this, if there is one.
    pub fn from_segment(segment: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.segment() == segment)
    }

    /// The kind with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether mxkeep changes resources of this kind.
    pub const fn is_managed(self) -> bool {
        !matches!(self, Kind::App)
    }

    /// Whether mxkeep creates and deletes resources of this kind. The others are the platform's, ids included.
    pub const fn is_created(self) -> bool {
        !matches!(self, Kind::App | Kind::CloudApp)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
