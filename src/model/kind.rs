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
    /// One running copy of an app in a namespace.
    Environment,
}

impl Kind {
    /// Every kind, in the order of creation.
    pub const ALL: [Kind; 4] = [Kind::Cluster, Kind::Namespace, Kind::App, Kind::Environment];

    /// The key of a document of this kind, and the first segment of its address.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Cluster => "cluster",
            Kind::Namespace => "namespace",
            Kind::App => "app",
            Kind::Environment => "environment",
        }
    }

    /// The word for several of them.
    pub const fn plural(self) -> &'static str {
        match self {
            Kind::Cluster => "clusters",
            Kind::Namespace => "namespaces",
            Kind::App => "apps",
            Kind::Environment => "environments",
        }
    }

    /// The kind with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether mxkeep creates, updates and deletes resources of this kind.
    pub const fn is_managed(self) -> bool {
        !matches!(self, Kind::App)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
