//! Every counted noun.

/// A noun and its plural.
#[derive(Debug, Clone, Copy)]
pub struct Noun {
    one: &'static str,
    many: &'static str,
}

impl Noun {
    /// This many of it: `1 action`, `1,240 actions`.
    pub fn count(self, count: usize) -> String {
        format!("{} {}", number(count), if count == 1 { self.one } else { self.many })
    }
}

const fn noun(one: &'static str, many: &'static str) -> Noun {
    Noun { one, many }
}

/// An action.
pub const ACTION: Noun = noun("action", "actions");
/// An app.
pub const APP: Noun = noun("app", "apps");
pub(super) const CHANGE: Noun = noun("change", "changes");
pub(super) const CHARACTER: Noun = noun("character", "characters");
pub(super) const ENVIRONMENT: Noun = noun("environment", "environments");
/// A cluster.
pub const CLUSTER: Noun = noun("cluster", "clusters");
pub(super) const OPEN_JOB: Noun = noun("open job", "open jobs");
/// An error.
pub const ERROR: Noun = noun("error", "errors");
pub(super) const FAILED_ACTION: Noun = noun("failed action", "failed actions");
/// A line that is not shown.
pub const MORE_LINE: Noun = noun("more line", "more lines");
pub(super) const LINE: Noun = noun("line", "lines");
pub(super) const LIVE_RESOURCE: Noun = noun("live resource", "live resources");
pub(super) const MORE_NOTE: Noun = noun("more note", "more notes");
pub(super) const NOTE: Noun = noun("note", "notes");
pub(super) const PRODUCTION_ENVIRONMENT: Noun = noun("production environment", "production environments");
pub(super) const PACKAGE: Noun = noun("package", "packages");
/// A resource.
pub const RESOURCE: Noun = noun("resource", "resources");
/// An environment variable.
pub const VARIABLE: Noun = noun("variable", "variables");
/// A file.
pub const FILE: Noun = noun("file", "files");

/// A warning.
pub const WARNING: Noun = noun("warning", "warnings");

/// A number with a comma between thousands.
pub(super) fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_agree_with_their_number() {
        assert_eq!(ACTION.count(0), "0 actions");
        assert_eq!(ACTION.count(1), "1 action");
        assert_eq!(CHARACTER.count(1_234_567), "1,234,567 characters");
        assert_eq!(number(999), "999");
    }
}
