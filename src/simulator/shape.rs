//! Checks a request body against the contract's model of it and names every problem.

use serde_json::Value;

/// One field of a model.
pub(super) struct Field {
    name: &'static str,
    required: bool,
    shape: Shape,
}

/// What a field may hold.
pub(super) enum Shape {
    /// Any string.
    Text,
    /// A string of 1 to this many characters.
    Short(usize),
    /// A UUID of any version.
    Uuid,
    /// A JSON boolean; `"true"` is not one.
    Flag,
    /// A whole number within bounds.
    Whole(i64, i64),
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// `{type: "database"}` or `{type: "storage"}` in any of its spellings (NOTES 8, 1).
    Config,
    /// An object.
    Object(&'static [Field]),
    /// A list of objects.
    List(&'static [Field]),
}

/// A required field.
pub(super) const fn must(name: &'static str, shape: Shape) -> Field {
    Field { name, required: true, shape }
}

/// An optional field. `null` counts as absent: the server itself may return it.
pub(super) const fn may(name: &'static str, shape: Shape) -> Field {
    Field { name, required: false, shape }
}

/// Every problem of a body, as pointer and reason.
pub(super) fn check(body: &Value, fields: &[Field]) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    check_object(body, fields, "", &mut problems);
    problems
}

/// The kind of a service's `config`, whatever its quoting: `database` or `storage`.
pub(super) fn config_kind(config: &str) -> Option<&'static str> {
    let bare: String = config.chars().filter(|c| !matches!(c, '\\' | '"' | '\'' | ' ')).collect();
    match bare.as_str() {
        "{type:database}" => Some("database"),
        "{type:storage}" => Some("storage"),
        _ => None,
    }
}

type Problems = Vec<(String, String)>;

fn check_object(value: &Value, fields: &[Field], at: &str, problems: &mut Problems) {
    let Some(object) = value.as_object() else {
        problems.push((at.to_owned(), "must be an object".into()));
        return;
    };
    for Field { name, required, shape } in fields {
        let at = format!("{at}/{name}");
        match object.get(*name).filter(|value| !value.is_null()) {
            Some(value) => check_value(value, shape, &at, problems),
            None if *required => problems.push((at, "is required".into())),
            None => {}
        }
    }
}

fn check_value(value: &Value, shape: &Shape, at: &str, problems: &mut Problems) {
    let problem = match shape {
        Shape::Object(fields) => return check_object(value, fields, at, problems),
        Shape::List(fields) => return check_list(value, fields, at, problems),
        Shape::Text => value.as_str().is_none().then(|| "must be a string".to_owned()),
        Shape::Short(max) => match value.as_str().map(|text| text.chars().count()) {
            Some(length) if (1..=*max).contains(&length) => None,
            _ => Some(format!("must be a string of 1 to {max} characters")),
        },
        Shape::Uuid => match value.as_str().map(uuid::Uuid::try_parse) {
            Some(Ok(_)) => None,
            _ => Some("must be a UUID".to_owned()),
        },
        Shape::Flag => value.as_bool().is_none().then(|| "must be a boolean".to_owned()),
        Shape::Whole(min, max) => match value.as_i64() {
            Some(number) if (*min..=*max).contains(&number) => None,
            _ => Some(format!("must be a whole number from {min} to {max}")),
        },
        Shape::OneOf(words) => match value.as_str() {
            Some(word) if words.contains(&word) => None,
            _ => Some(format!("must be one of: {}", words.join(", "))),
        },
        Shape::Config => match value.as_str().and_then(config_kind) {
            Some(_) => None,
            None => Some(r#"must be {type: "database"} or {type: "storage"}"#.to_owned()),
        },
    };
    problems.extend(problem.map(|reason| (at.to_owned(), reason)));
}

fn check_list(value: &Value, fields: &[Field], at: &str, problems: &mut Problems) {
    match value.as_array() {
        Some(list) => {
            for (index, item) in list.iter().enumerate() {
                check_object(item, fields, &format!("{at}/{index}"), problems);
            }
        }
        None => problems.push((at.to_owned(), "must be a list".into())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_problem_is_named() {
        const ITEM: &[Field] = &[must("name", Shape::Text)];
        const MODEL: &[Field] = &[
            must("id", Shape::Uuid),
            must("short", Shape::Short(3)),
            may("flag", Shape::Flag),
            may("count", Shape::Whole(0, 10)),
            may("kind", Shape::OneOf(&["a", "b"])),
            may("list", Shape::List(ITEM)),
        ];
        let body = json!({"id": "x", "flag": "true", "count": 11, "kind": "c", "list": [{"name": "n"}, {}]});
        let places: Vec<_> = check(&body, MODEL).into_iter().map(|(at, _)| at).collect();
        assert_eq!(places, ["/id", "/short", "/flag", "/count", "/kind", "/list/1/name"]);
        assert_eq!(check(&json!([]), MODEL).len(), 1);
    }

    #[test]
    fn both_spellings_of_a_config_are_the_same() {
        assert_eq!(config_kind(r#"{type: "database"}"#), Some("database"));
        assert_eq!(config_kind(r#"{type: \"database\"}"#), Some("database"));
        assert_eq!(config_kind("{type: 'tape'}"), None);
    }
}
