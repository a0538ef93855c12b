//! Addresses: the stable human names of resources.

use std::fmt;
use std::str::FromStr;

use super::Kind;

/// The stable human name of a resource, made of names: `environment/order-desk/production`.
///
/// An environment whose name is not unique in its app carries `@NAMESPACE`, and `@CLUSTER/NAMESPACE` where that is
/// still not enough. A `/`, `@` or `%` inside a name is written as `%2F`, `%40`, `%25`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    kind: Kind,
    /// Everything behind the kind, with separators.
    rest: String,
}

impl Address {
    /// `cluster/NAME`.
    pub fn cluster(name: &str) -> Address {
        Address { kind: Kind::Cluster, rest: escape(name) }
    }

    /// `namespace/CLUSTER/NAME`.
    pub fn namespace(cluster: &str, name: &str) -> Address {
        Address { kind: Kind::Namespace, rest: format!("{}/{}", escape(cluster), escape(name)) }
    }

    /// `app/NAME`.
    pub fn app(name: &str) -> Address {
        Address { kind: Kind::App, rest: escape(name) }
    }

    /// `package/NAME`.
    pub fn package(name: &str) -> Address {
        Address { kind: Kind::Package, rest: escape(name) }
    }

    /// `environment/APP/NAME`.
    pub fn environment(app: &str, name: &str) -> Address {
        Address { kind: Kind::Environment, rest: format!("{}/{}", escape(app), escape(name)) }
    }

    /// `cloud-app/NAME`.
    pub fn cloud_app(name: &str) -> Address {
        Address { kind: Kind::CloudApp, rest: escape(name) }
    }

    /// The same address with `@NAMESPACE`.
    #[must_use]
    pub fn at_namespace(&self, namespace: &str) -> Address {
        Address { kind: self.kind, rest: format!("{}@{}", self.rest, escape(namespace)) }
    }

    /// The same address with `@CLUSTER/NAMESPACE`.
    #[must_use]
    pub fn at_cluster_namespace(&self, cluster: &str, namespace: &str) -> Address {
        Address { kind: self.kind, rest: format!("{}@{}/{}", self.rest, escape(cluster), escape(namespace)) }
    }

    /// The same address without anything behind `@`.
    #[must_use]
    pub fn without_place(&self) -> Address {
        let rest = self.rest.split_once('@').map_or(self.rest.as_str(), |(names, _)| names);
        Address { kind: self.kind, rest: rest.to_owned() }
    }

    /// The kind of the resource.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The names in the address, unescaped, without anything behind `@`: `["order-desk", "production"]`.
    pub fn names(&self) -> Vec<String> {
        let names = self.rest.split_once('@').map_or(self.rest.as_str(), |(names, _)| names);
        names.split('/').map(unescape).collect()
    }

    /// The names behind `@`, unescaped: nothing, `[NAMESPACE]` or `[CLUSTER, NAMESPACE]`.
    pub fn place(&self) -> Vec<String> {
        self.rest.split_once('@').map_or_else(Vec::new, |(_, place)| place.split('/').map(unescape).collect())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.segment(), self.rest)
    }
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The first segment is no kind.
    #[error("`{0}` is not a kind of resource")]
    UnknownKind(String),
    /// The number of names does not fit the kind.
    #[error("the address of {0} is spelt `{1}`")]
    WrongShape(&'static str, &'static str),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        let (kind, rest) = text.split_once('/').unwrap_or((text, ""));
        let kind = Kind::from_segment(kind).ok_or_else(|| AddressError::UnknownKind(kind.to_owned()))?;
        let address = Address { kind, rest: rest.to_owned() };
        let (names, article, spelling) = match kind {
            Kind::Cluster => (1, "a cluster", "cluster/NAME"),
            Kind::Namespace => (2, "a namespace", "namespace/CLUSTER/NAME"),
            Kind::App => (1, "an app", "app/NAME"),
            Kind::Package => (1, "a package", "package/NAME"),
            Kind::Environment => (2, "an environment", "environment/APP/NAME"),
            Kind::CloudApp => (1, "a cloud app", "cloud-app/NAME"),
        };
        let given = address.names();
        let place = address.place();
        let place_fits = place.is_empty() || (kind == Kind::Environment && place.len() <= 2);
        if given.len() != names || !place_fits || given.iter().chain(&place).any(String::is_empty) {
            return Err(AddressError::WrongShape(article, spelling));
        }
        Ok(address)
    }
}

fn escape(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '/' => out.push_str("%2F"),
            '@' => out.push_str("%40"),
            '%' => out.push_str("%25"),
            other => out.push(other),
        }
    }
    out
}

fn unescape(name: &str) -> String {
    name.replace("%2F", "/").replace("%40", "@").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_the_way_through_text() {
        let plain = Address::environment("order-desk", "test");
        for address in [
            Address::cluster("prod-eu"),
            Address::namespace("prod/eu", "or@ders"),
            Address::app("50%2F off"),
            Address::package("order-desk-1.4.2"),
            plain.clone(),
            Address::cloud_app("crm/suite"),
            plain.at_namespace("orders"),
            plain.at_cluster_namespace("prod-eu", "orders"),
        ] {
            assert_eq!(address.to_string().parse(), Ok(address));
        }
        assert_eq!(Address::namespace("prod/eu", "or@ders").names(), ["prod/eu", "or@ders"]);
    }

    #[test]
    fn a_text_that_is_no_address_is_refused() {
        assert_eq!("pod/x".parse::<Address>(), Err(AddressError::UnknownKind("pod".into())));
        assert_eq!("cloudApp/x".parse::<Address>(), Err(AddressError::UnknownKind("cloudApp".into())));
        for text in ["cluster", "cluster/", "cluster/a/b", "namespace/a", "environment/a", "cluster/a@b"] {
            assert!(matches!(text.parse::<Address>(), Err(AddressError::WrongShape(..))), "{text}");
        }
    }
}
