//! Every code that reading an estate can emit, in one file per family.
//!
//! A rule of the domain has its own id (`CNT-01`); everything else is `YAML-` (the text), `SHAPE-` (keys and types),
//! `REF-` (references) or `EST-` (the estate as a whole) with a number. A problem can only be made from a [`Code`],
//! so no code exists outside these files.

mod annotations;
mod certificates;
mod cloud_app;
mod cluster;
mod container;
mod deployment;
mod estate;
mod identity;
mod metrics;
mod namespace;
mod package;
mod properties;
mod provider;
mod references;
mod runtime;
mod services;
mod shape;
mod strategy;
mod text;
mod writing;

pub use self::annotations::*;
pub use self::certificates::*;
pub use self::cloud_app::*;
pub use self::cluster::*;
pub use self::container::*;
pub use self::deployment::*;
pub use self::estate::*;
pub use self::identity::*;
pub use self::metrics::*;
pub use self::namespace::*;
pub use self::package::*;
pub use self::properties::*;
pub use self::provider::*;
pub use self::references::*;
pub use self::runtime::*;
pub use self::services::*;
pub use self::shape::*;
pub use self::strategy::*;
pub use self::text::*;
pub use self::writing::*;

use super::diagnostic::Severity;

/// A code: what it is called and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable id.
    pub id: &'static str,
    /// How bad it is, unless the estate says otherwise.
    pub severity: Severity,
    /// How bad its milder form is, where it has one.
    pub milder: Option<Severity>,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to write instead, where `why` does not say it.
    pub instead: Option<&'static str>,
    /// A short piece of an estate that is right.
    pub example: Option<&'static str>,
}

impl Code {
    const fn new(id: &'static str, severity: Severity, title: &'static str) -> Code {
        Code { id, severity, milder: None, title, why: "", instead: None, example: None }
    }

    const fn error(id: &'static str, title: &'static str) -> Code {
        Code::new(id, Severity::Error, title)
    }

    const fn warning(id: &'static str, title: &'static str) -> Code {
        Code::new(id, Severity::Warning, title)
    }

    const fn info(id: &'static str, title: &'static str) -> Code {
        Code::new(id, Severity::Info, title)
    }

    /// It has a form that is less bad.
    const fn or(self, milder: Severity) -> Code {
        Code { milder: Some(milder), ..self }
    }

    const fn why(self, why: &'static str) -> Code {
        Code { why, ..self }
    }

    const fn instead(self, instead: &'static str) -> Code {
        Code { instead: Some(instead), ..self }
    }

    const fn example(self, example: &'static str) -> Code {
        Code { example: Some(example), ..self }
    }

    /// Whether it is a rule of the platform, as opposed to a problem of the files themselves.
    pub fn is_rule(&self) -> bool {
        FAMILIES.iter().any(|family| family.is_platform && family.codes.iter().any(|code| code.id == self.id))
    }
}

/// Codes about one part of an estate.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// What they are about.
    pub title: &'static str,
    /// Whether they are rules of the platform.
    pub is_platform: bool,
    /// The codes, in the order of their ids.
    pub codes: &'static [&'static Code],
    /// Rules of the same part that files alone cannot decide.
    pub elsewhere: &'static [Elsewhere],
}

/// A rule of the platform that reading an estate does not decide, and who does.
#[derive(Debug, Clone, Copy)]
pub struct Elsewhere {
    /// The id.
    pub id: &'static str,
    /// What the rule says.
    pub title: &'static str,
    /// Where it is decided, or why nowhere.
    pub decided: &'static str,
}

impl Elsewhere {
    const fn new(id: &'static str, title: &'static str, decided: &'static str) -> Elsewhere {
        Elsewhere { id, title, decided }
    }
}

const fn files(title: &'static str, codes: &'static [&'static Code]) -> Family {
    Family { title, is_platform: false, codes, elsewhere: &[] }
}

const fn rules(
    title: &'static str,
    codes: &'static [&'static Code],
    elsewhere: &'static [Elsewhere],
) -> Family {
    Family { title, is_platform: true, codes, elsewhere }
}

/// All families, in the order of the reference.
pub static FAMILIES: &[Family] = &[
    files("The text of a file", text::ALL),
    files("Keys and types", shape::ALL),
    files("References", references::ALL),
    files("The estate as a whole", estate::ALL),
    files("Defaults, fragments and matrices", writing::ALL),
    rules("Envelope and ids", identity::ALL, identity::ELSEWHERE),
    rules("Properties of environments", properties::ALL, properties::ELSEWHERE),
    rules("Deployment", deployment::ALL, deployment::ELSEWHERE),
    rules("Container", container::ALL, container::ELSEWHERE),
    rules("Certificates", certificates::ALL, certificates::ELSEWHERE),
    rules("Runtime", runtime::ALL, runtime::ELSEWHERE),
    rules("Provider", provider::ALL, provider::ELSEWHERE),
    rules("Annotations", annotations::ALL, annotations::ELSEWHERE),
    rules("Services", services::ALL, services::ELSEWHERE),
    rules("Runtime metrics", metrics::ALL, metrics::ELSEWHERE),
    rules("Deployment strategy", strategy::ALL, strategy::ELSEWHERE),
    rules("Packages", package::ALL, package::ELSEWHERE),
    rules("Namespaces", namespace::ALL, namespace::ELSEWHERE),
    rules("Clusters", cluster::ALL, cluster::ELSEWHERE),
    rules("Apps on Mendix Cloud", cloud_app::ALL, cloud_app::ELSEWHERE),
];

/// All codes.
pub fn all() -> impl Iterator<Item = &'static Code> {
    FAMILIES.iter().flat_map(|family| family.codes.iter().copied())
}

/// The code with this id.
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id == id)
}

/// The rule with this id, if files alone do not decide it.
pub fn elsewhere(id: &str) -> Option<&'static Elsewhere> {
    FAMILIES.iter().flat_map(|family| family.elsewhere).find(|rule| rule.id == id)
}

/// The codes of one file, and the list of them.
macro_rules! family {
    ($($name:ident = $code:expr;)*) => {
        $(
            #[doc = "A code; its title says what is wrong."]
            pub static $name: Code = $code;
        )*

        /// The codes of this file.
        pub(super) static ALL: &[&Code] = &[$(&$name),*];
    };
}
use family;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::Kind;
    use crate::model::field::{Shape, walk};

    #[test]
    fn every_rule_that_a_table_names_has_a_code() {
        for kind in Kind::ALL {
            walk(kind.fields(), &mut |path, field| {
                let list = match field.shape {
                    Shape::List(list) => Some(list.duplicate),
                    _ => None,
                };
                for rule in field.rule.into_iter().chain(field.ignored).chain(list) {
                    assert!(find(rule).is_some(), "{kind}: {path} names {rule}");
                }
            });
        }
    }

    #[test]
    fn ids_are_unique_and_texts_are_complete() {
        let elsewhere = FAMILIES.iter().flat_map(|family| family.elsewhere);
        let mut ids = BTreeSet::new();
        for id in all().map(|code| code.id).chain(elsewhere.map(|rule| rule.id)) {
            assert!(ids.insert(id), "{id} stands twice");
        }
        for code in all() {
            let texts = [Some(code.title), Some(code.why), code.instead];
            for text in texts.into_iter().flatten() {
                assert!(text.ends_with('.'), "{}: {text}", code.id);
            }
        }
    }
}
