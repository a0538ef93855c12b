//! `annotations` of environments (DOMAIN 2.8).

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Item};
use crate::model::Kind;

/// Keys with this prefix are the operator's own.
const OPERATOR: &str = "privatecloud.mendix.com/";
/// How long a key may be behind its prefix, and how long its prefix.
const LONGEST: (usize, usize) = (63, 253);

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        for annotation in environment.items(&["annotations"]) {
            key(&annotation, problems);
        }
    }
}

/// ANN-02: keys are names of Kubernetes. ANN-05: some are not for us.
fn key(annotation: &Item<'_>, problems: &mut Vec<Problem>) {
    let Some(key) = annotation.field("key").and_then(|key| key.text()) else { return };
    if let Err(why) = check_name(key) {
        let problem = annotation.breaks(&codes::ANN_02, format!("`{key}` is no key of an annotation: {why}"));
        problems.push(problem.help("write a name such as `prometheus.io/port`: a domain, a slash, a name"));
    } else if key.to_lowercase().starts_with(OPERATOR) {
        let problem =
            annotation.breaks(&codes::ANN_05, format!("`{key}` is an annotation of the operator itself"));
        problems.push(problem.help("remove it: the operator sets it as it needs"));
    }
}

/// A qualified name of Kubernetes: an optional domain and a slash, then a name. As the API server does, capitals count
/// as small letters.
fn check_name(key: &str) -> Result<(), &'static str> {
    let (domain, name) = match key.split_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, key),
    };
    let (longest_name, longest_domain) = LONGEST;
    if name.contains('/') {
        return Err("it has more than one slash");
    }
    if name.is_empty() {
        return Err("the name is empty");
    }
    if name.len() > longest_name {
        return Err("the name is longer than 63 characters");
    }
    if !is_framed(name, |byte| matches!(byte, b'-' | b'_' | b'.')) {
        return Err("a name has letters, digits, `-`, `_` and `.`, with a letter or digit at both ends");
    }
    let Some(domain) = domain else { return Ok(()) };
    if domain.len() > longest_domain {
        return Err("the domain is longer than 253 characters");
    }
    if domain.split('.').all(|label| is_framed(label, |byte| byte == b'-')) {
        Ok(())
    } else {
        Err("what stands before the slash is no domain")
    }
}

/// Letters and digits, at both ends at least; inside also what else is allowed.
fn is_framed(text: &str, inside: impl Fn(u8) -> bool) -> bool {
    let ends = [text.bytes().next(), text.bytes().next_back()];
    ends.iter().all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || inside(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_qualified_names() {
        let long = format!("{}/a", ["a"; 127].join("."));
        let (name, longer) = ("n".repeat(63), "n".repeat(64));
        for good in ["a", "prometheus.io/port", "Example.COM/My_Key.2", "a-b.c/d", &long, &name] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        let too_long = format!("{}/a", ["a"; 128].join("."));
        for bad in ["", "/a", "a/", "a/b/c", "-a", "a-", "a b", "a..b/c", "a_b/c", "ä", &too_long, &longer] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
