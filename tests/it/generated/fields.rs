//! `docs/reference/fields-KIND.md`: every field of the tables, in words.

use std::fmt::Write as _;

use mxkeep::model::Kind;
use mxkeep::model::field::{
    Clear, Effect, Fallback, Field, Format, ListKey, ListMode, ListShape, Literal, Need, Owner, Shape, walk,
};

use mxkeep::source::codes;

use super::assert_page;

/// The heading of a field, and what its page says of it.
#[test]
fn fields() {
    for kind in Kind::ALL {
        assert_page(&format!("fields-{kind}.md"), &page(kind));
    }
}

fn page(kind: Kind) -> String {
    let mut text = format!(
        "# Fields of {}\n\nA document with the key `{kind}` declares one. A field that the document does not mention is \
         left as it is. In paths, `[]` stands for an item of a list. [Rules](rules.md) and [codes](codes.md) explain what is checked.\n",
        kind.plural(),
    );
    walk(kind.fields(), &mut |path, field| {
        let _ = write!(text, "\n## `{path}`\n\n{}\n\n", field.doc);
        for (label, value) in facts(field) {
            let _ = writeln!(text, "- {label}: {value}");
        }
    });
    text
}

fn facts(field: &Field) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Type", shape(field.shape)), ("Owner", owner(field.owner).to_owned())];
    let mut add = |label, value: Option<String>| facts.extend(value.map(|value| (label, value)));
    if let Shape::List(list) = field.shape {
        add("Items", Some(items(list)));
        add("Left out", Some(left_out(list.mode).to_owned()));
    }
    if !field.is_declarable() {
        add("Rule", field.ignored.or(field.rule).map(linked));
        return facts;
    }
    add("Needed", need(field.need));
    add("Secret", field.sensitive.then(|| "yes: a value from outside, never shown".to_owned()));
    let compared =
        matches!(field.owner, Owner::Managed) && !matches!(field.shape, Shape::Object(_) | Shape::List(_));
    add("Effect of a change", compared.then(|| effect(field.effect).to_owned()));
    add("`null`", clear(field));
    add("Default", field.default.map(|value| format!("{} where the API reports none", literal(value))));
    add("Sent", (!field.in_create).then(|| "with an update that follows the create".to_owned()));
    add("Rule", field.rule.map(linked));
    add("Example", field.example.map(literal));
    facts
}

fn shape(shape: Shape) -> String {
    match shape {
        Shape::Object(_) => "object".to_owned(),
        Shape::List(_) => "list".to_owned(),
        Shape::Addresses => "list of addresses".to_owned(),
        Shape::Integer(min, i64::MAX) => format!("whole number from {min} on"),
        Shape::Integer(min, max) => format!("whole number from {min} to {max}"),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Text(format) => text(format),
    }
}

fn text(format: Format) -> String {
    let words = match format {
        Format::Plain => "text",
        Format::NonEmpty => "text, not empty",
        Format::Enum(words) => {
            let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
            return format!("one of {}", words.join(", "));
        }
        Format::Uuid => "UUID",
        Format::Short(longest) => return format!("text of 1 to {longest} characters"),
        Format::Version => "three numbers with dots between them, `x.y.z`, of 20 characters at most",
        Format::PackageName => "up to 100 letters, digits, `.`, `_`, `+` and `-`, a letter or digit first",
        Format::EnvironmentId => {
            "1 to 32 lower-case letters, digits and hyphens, a letter or digit at both ends"
        }
        Format::Mail => "mail address, compared without regard to case",
        Format::Url => "absolute http or https URL; case of the host and a trailing slash are no difference",
        Format::Base64 => "base64; a value from outside is encoded by mxkeep",
        Format::Decimal => "decimal number without a unit, in quotes; `1` and `1.0` are no difference",
        Format::RelaxedJson => "small map in text; blanks and the kind of quotes are no difference",
    };
    words.to_owned()
}

fn items(list: ListShape) -> String {
    let key = match list.key {
        ListKey::Natural(names) => {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("known by {}; also written as a mapping", names.join(" and "))
        }
        ListKey::Content(name) => format!("known by the content of `{name}`"),
    };
    match list.short {
        Some(short) => format!("{key} from key to `{short}`"),
        None => key,
    }
}

fn left_out(mode: ListMode) -> &'static str {
    match mode {
        ListMode::Merge => "items that are not declared stay (`merge`); `absent: true` removes one",
        ListMode::Exact => "items that are not declared are removed (`exact`)",
    }
}

/// A code with a link to what is said of it.
fn linked(code: &'static str) -> String {
    let is_rule = codes::find(code).is_some_and(codes::Code::is_rule);
    format!("[{code}]({}#{})", if is_rule { "rules.md" } else { "codes.md" }, code.to_lowercase())
}

/// Who decides the value, in words that a reader of the page can use.
pub(crate) fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Managed => "managed",
        Owner::Identity => "identity: names the resource or where it is",
        Owner::Immutable => "immutable: a change is blocked once the resource exists",
        Owner::CreateOnly => "sent on create only, not compared afterwards",
        Owner::WriteOnly => "write-only: sent on create; the API never returns it, so it is not compared",
        Owner::Command => "command: sent with a new item, never compared",
        Owner::ServerOwned { carried: true } => "server-owned: ignored in files, sent back as it is",
        Owner::ServerOwned { carried: false } => "server-owned: ignored in files",
        Owner::Reference => "files only: names another resource",
        Owner::Shorthand => "files only: short for other fields",
    }
}

fn need(need: Need) -> Option<String> {
    let words = match need {
        Need::Optional => return None,
        Need::Always => "always".to_owned(),
        Need::Create(Fallback::None) => "to create it".to_owned(),
        Need::Create(Fallback::Value(value)) => format!("to create it; {} when left out", literal(value)),
        Need::Create(Fallback::NamespaceSecretsStore) => {
            "to create it; as the namespace says when left out".to_owned()
        }
        Need::Create(Fallback::EmptyWithSecretsStore) => {
            "to create it, unless the namespace uses the external secrets store".to_owned()
        }
    };
    Some(words)
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "none",
        Effect::Restart => "`restart`; `rolling` with an operator from 2.25 on",
        Effect::Stop => "`stop`: the app stops and starts again",
        Effect::Scale => "instances come or go; to 0 it is `stop`",
    }
}

fn clear(field: &Field) -> Option<String> {
    let is_comparable = matches!(field.owner, Owner::Managed | Owner::Immutable);
    let words = match field.clear {
        Clear::Never => return None,
        Clear::Text(_) if !is_comparable => "accepted; nothing is sent".to_owned(),
        Clear::Text("") => "clears it, as an empty text".to_owned(),
        Clear::Text(text) => format!("clears it, as `{text}`"),
        Clear::EmptyList => "clears it, as an empty list".to_owned(),
        Clear::Omit => "clears it, by leaving it out of the update".to_owned(),
    };
    Some(words)
}

fn literal(value: Literal) -> String {
    match value {
        Literal::Text(text) => format!("`{text}`"),
        Literal::Boolean(_) | Literal::Integer(_) => format!("`{}`", value.to_json()),
    }
}
