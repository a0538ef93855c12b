//! What a plan provides to an environment, as `services[].config` and `plans[].planConfig` say in a text that looks like a map.

use std::fmt;

/// What a plan provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKind {
    /// A database.
    Database,
    /// A file storage.
    Storage,
}

impl ServiceKind {
    /// Both of them.
    pub const ALL: [ServiceKind; 2] = [ServiceKind::Database, ServiceKind::Storage];

    /// Reads `{type: "database"}` in every spelling that goes around: with quotes of any kind or none, escaped or not.
    pub fn of_config(text: &str) -> Option<ServiceKind> {
        let plain: String =
            text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\')).collect();
        let inner = plain.strip_prefix('{')?.strip_suffix('}')?;
        let found = inner.split(',').find_map(|entry| entry.strip_prefix("type:"))?;
        ServiceKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(found))
    }

    /// The word for it in `config`.
    pub const fn name(self) -> &'static str {
        match self {
            ServiceKind::Database => "database",
            ServiceKind::Storage => "storage",
        }
    }
}

impl fmt::Display for ServiceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read() {
        for text in [
            r#"{type: "database"}"#,
            r#"{type: \"database\"}"#,
            "{ type: database, x: y }",
            "{'type':'database'}",
        ] {
            assert_eq!(ServiceKind::of_config(text), Some(ServiceKind::Database), "{text}");
        }
        assert_eq!(ServiceKind::of_config(r#"{"type":"storage"}"#), Some(ServiceKind::Storage));
        for text in ["", "{}", "database", "{type: queue}", "{kind: database}"] {
            assert_eq!(ServiceKind::of_config(text), None, "{text}");
        }
    }
}
