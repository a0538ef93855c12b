//! What the platform knows a resource by.
//!
//! The client chooses every id of a cluster, namespace and environment (ID-02), so an identity stands in the
//! files before the resource exists. That is why mxkeep needs no state file.

use std::fmt;

use uuid::Uuid;

use super::{Kind, Mark};

/// The identity of a resource. Names may change and repeat; identities do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// `clusterId`.
    Cluster(Uuid),
    /// `namespaceId`; unique over all clusters.
    Namespace(Uuid),
    /// `appId`, given by the platform.
    App(Uuid),
    /// A package, by what tells it from the other packages of its app. The platform gives the ids of packages, so one
    /// that is built or uploaded is known by a mark that mxkeep puts on it.
    Package {
        /// The app that it is a package of.
        app: Uuid,
        /// What tells it apart.
        mark: Mark,
    },
    /// An environment: the same `id` may exist in another namespace (ID-07).
    Environment {
        /// The app that runs in it.
        app: Uuid,
        /// The `namespaceId` of the namespace it runs in.
        namespace: Uuid,
        /// The environment's own `id`, also called its internal name.
        id: String,
    },
    /// `appId` of an app on Mendix Cloud, given by the platform.
    CloudApp(Uuid),
}

impl Identity {
    /// The kind of the resource.
    pub const fn kind(&self) -> Kind {
        match self {
            Identity::Cluster(_) => Kind::Cluster,
            Identity::Namespace(_) => Kind::Namespace,
            Identity::App(_) => Kind::App,
            Identity::Package { .. } => Kind::Package,
            Identity::Environment { .. } => Kind::Environment,
            Identity::CloudApp(_) => Kind::CloudApp,
        }
    }

    /// The id as the manifest spells it: a UUID, the environment's own id, or the mark of a package.
    pub fn id(&self) -> String {
        match self {
            Identity::Cluster(id) | Identity::Namespace(id) | Identity::App(id) | Identity::CloudApp(id) => {
                id.to_string()
            }
            Identity::Package { mark, .. } => mark.to_string(),
            Identity::Environment { id, .. } => id.clone(),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Environment { app, namespace, id } => write!(f, "{app}/{namespace}/{id}"),
            Identity::Package { app, mark } => write!(f, "{app}/{mark}"),
            Identity::Cluster(id) | Identity::Namespace(id) | Identity::App(id) | Identity::CloudApp(id) => {
                write!(f, "{id}")
            }
        }
    }
}
