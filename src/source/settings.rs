//! `mxkeep.yaml`: the settings of an estate, described by a table of their own.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value as Json;

use super::codes;
use super::diagnostic::Problem;
use super::file::SourceFile;
use super::freeze;
use super::outside::Surroundings;
use super::shape::{Holder, Literals, Shaper};
use super::suggest;
use super::waivers;
use super::yaml::{Node, Value};
use crate::model::field::{Field, Format, ListKey, ListShape, Literal, Need, Shape, walk};
use crate::model::{
    AddressGlob, Declared, DeclaredValue, FieldPath, Fields, Guards, IgnoreRule, Kind, Origin, Settings, dig,
};

/// The file that makes a directory an estate.
pub(super) const FILE: &str = "mxkeep.yaml";

/// The settings.
pub(super) static SETTINGS: &[Field] = &[
    Field::text("estate", Format::NonEmpty, "The name of the estate.")
        .need(Need::Always)
        .example(Literal::Text("acme")),
    Field::object("api", API, "Where the API is."),
    Field::object("apply", APPLY, "How plans are applied."),
    Field::list(
        "ignore",
        ListShape::exact(IGNORE, ListKey::Natural(&["address", "field"])),
        "Fields that something else owns, such as the number of instances under an autoscaler.",
    ),
    Field::list("waivers", waivers::SHAPE, "Warnings that were looked at and accepted."),
    Field::object("guards", GUARDS, "What says no to an action."),
    Field::boolean(
        "allowLiteralSecrets",
        "Makes a literal in a secret field a warning; for simulators and demonstrations.",
    )
    .default(Literal::Boolean(false)),
];

static API: &[Field] = &[
    Field::text("privateCloud", Format::Url, "The base URL of the Deploy API for private clouds.")
        .example(Literal::Text("https://privatecloud.mendixcloud.com/api/v4")),
    Field::text(
        "mendixCloud",
        Format::Url,
        "The base URL of the Deploy API for apps on Mendix Cloud; its end says whether it is version 3 or 4.",
    )
    .example(Literal::Text("https://cloud.home.mendix.com/api/v4")),
    Field::text(
        "user",
        Format::Mail,
        "The mail address of the owner of the token, for rules that ask who acts (MC-03, MC-04). `MXKEEP_USER` wins.",
    )
    .example(Literal::Text("ci-robot@corp.example")),
];

static APPLY: &[Field] = &[
    // The API is shared by everybody; more requests at once do not make it faster.
    Field::integer("concurrency", 1, 64, "How many requests may be in flight.").example(Literal::Integer(8)),
    Field::text("jobTimeout", Format::NonEmpty, "How long a job of the platform may take, such as `30m`.")
        .example(Literal::Text("30m")),
    Field::text(
        "planMaxAge",
        Format::NonEmpty,
        "How old a plan may be that `apply --plan` takes, such as `72h`; up to 30 days.",
    )
    .example(Literal::Text("24h")),
];

static IGNORE: &[Field] = &[
    Field::text("address", Format::NonEmpty, "Which resources: a glob over addresses.")
        .need(Need::Always)
        .example(Literal::Text("environment/*/production")),
    Field::text("field", Format::NonEmpty, "Which field, everything below it included.")
        .need(Need::Always)
        .example(Literal::Text("container.instances")),
    Field::text("reason", Format::Plain, "Why.").example(Literal::Text("the autoscaler owns it")),
    Field::text("until", Format::NonEmpty, "The last day on which the rule holds.")
        .example(Literal::Text("2027-06-30")),
];

static GUARDS: &[Field] = &[
    Field::new(
        "protect",
        Shape::Addresses,
        "Globs over addresses that are never deleted or stopped: `*` stays within a segment, `**` crosses.",
    ),
    Field::integer("maxDeletes", 0, 1_000_000, "How many deletes one plan may hold.")
        .example(Literal::Integer(1)),
    Field::integer(
        "maxRestarts",
        0,
        1_000_000,
        "How many environments in production mode one plan may restart or stop.",
    )
    .example(Literal::Integer(2)),
    Field::list("freeze", freeze::SHAPE, "Times at which nothing is changed."),
];

/// Reads the settings; nothing when the document holds none.
pub(super) fn read(
    file: &SourceFile,
    root: &Node,
    surroundings: &Surroundings<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Settings> {
    let Some(mapping) = root.mapping() else {
        if !matches!(&*root.value, Value::Broken) {
            let at = file.origin(root.span);
            let problem = Problem::new(&codes::SHAPE_006, at, format!("`{FILE}` has no `estate`"));
            problems.push(problem.help("add `estate: NAME`").path_text("estate".to_owned()));
        }
        return None;
    };
    let before = problems.len();
    let mut shaper = Shaper {
        file,
        problems,
        surroundings,
        literals: Literals::Refused,
        outside_allowed: false,
        resource: None,
        table: SETTINGS,
        identity_help: None,
        pending: None,
    };
    let first = mapping.entries.first().map_or(root.span, |entry| entry.key_span);
    let name = format!("`{FILE}`");
    let holder = Holder { name: &name, span: first, besides: None, is_item: false };
    let fields = shaper.fields(mapping, SETTINGS, Fields::new(), &FieldPath::root(), &holder);
    let settings = Reader { problems, globs: 0 }.settings(&fields);
    let failed = problems.iter().skip(before).any(Problem::is_error) || !mapping.complete;
    settings.filter(|_| !failed)
}

/// Whether the settings allow literals in secret fields, also where other settings are wrong.
pub(super) fn literals(root: &Node) -> Literals {
    let allowed = root.mapping().and_then(|mapping| mapping.get("allowLiteralSecrets"));
    match allowed.and_then(|entry| entry.node.scalar()) {
        Some(scalar) if scalar.meaning == super::scalar::Meaning::Boolean(true) => Literals::Warned,
        _ => Literals::Refused,
    }
}

pub(super) struct Reader<'p> {
    pub(super) problems: &'p mut Vec<Problem>,
    /// How many globs there were.
    globs: usize,
}

/// How many globs the settings may have. Each is held against every address.
const MOST_GLOBS: usize = 1_000;

impl Reader<'_> {
    fn settings(&mut self, fields: &Fields) -> Option<Settings> {
        let mut duration = |name, longest| {
            dig(fields, &["apply", name]).and_then(|declared| self.duration(declared, name, longest))
        };
        let job_timeout = duration("jobTimeout", LONGEST);
        let plan_max_age = duration("planMaxAge", OLDEST);
        let ignore = self.ignore(fields);
        let waivers = self.waivers(fields);
        let guards = self.guards(fields);
        let api = |name| {
            dig(fields, &["api", name]).and_then(|url| Some((url.as_text()?.to_owned(), url.origin.clone())))
        };
        Some(Settings {
            estate: fields.get("estate")?.as_text()?.to_owned(),
            private_cloud_api: api("privateCloud"),
            mendix_cloud_api: api("mendixCloud"),
            user: api("user").map(|(user, _)| user),
            concurrency: dig(fields, &["apply", "concurrency"]).and_then(number),
            job_timeout,
            plan_max_age,
            ignore,
            waivers,
            guards,
            allow_literal_secrets: matches!(
                fields.get("allowLiteralSecrets").map(|declared| &declared.value),
                Some(DeclaredValue::Scalar(Json::Bool(true)))
            ),
        })
    }

    fn ignore(&mut self, fields: &Fields) -> Vec<IgnoreRule> {
        let Some(list) = fields.get("ignore").and_then(Declared::as_list) else { return Vec::new() };
        let rules = list.items.values().filter_map(|item| {
            let text = |name| item.fields.get(name).and_then(|field| Some((field.as_text()?, &field.origin)));
            let (address, address_origin) = text("address")?;
            let (field, field_origin) = text("field")?;
            self.glob(address, address_origin, "ignore");
            self.field(field, field_origin, "ignore", &declarable_paths());
            let until = text("until").and_then(|(until, origin)| self.date(until, origin, "ignore"));
            let reason = text("reason").map(|(reason, _)| reason.to_owned());
            let origin = item.origin.clone();
            Some(IgnoreRule { address: address.to_owned(), field: field.to_owned(), reason, until, origin })
        });
        rules.collect()
    }

    fn guards(&mut self, fields: &Fields) -> Guards {
        let mut protect = Vec::new();
        if let Some(DeclaredValue::Addresses(globs)) =
            dig(fields, &["guards", "protect"]).map(|globs| &globs.value)
        {
            for glob in globs {
                let Some(text) = glob.as_text() else { continue };
                self.glob(text, &glob.origin, "guards.protect");
                protect.push((text.to_owned(), glob.origin.clone()));
            }
        }
        let count = |name| {
            dig(fields, &["guards", name])
                .and_then(|declared| Some((number(declared)?, declared.origin.clone())))
        };
        Guards {
            protect,
            max_deletes: count("maxDeletes"),
            max_restarts: count("maxRestarts"),
            freeze: self.freezes(fields),
        }
    }

    pub(super) fn wrong(&mut self, origin: &Origin, path: &str, message: String, help: String) {
        let problem = Problem::new(&codes::EST_003, origin.clone(), message).help(help);
        self.problems.push(problem.path_text(path.to_owned()));
    }

    fn duration(&mut self, declared: &Declared, name: &str, longest: u64) -> Option<Duration> {
        let text = declared.as_text()?;
        let duration = parse_duration_up_to(text, longest);
        if duration.is_none() {
            let help = "write hours, minutes and seconds: `30m`, `1h30m`, `90s`".to_owned();
            let days = longest / LONGEST;
            let days = if days == 1 { "a day".to_owned() } else { format!("{days} days") };
            let message = format!("`{name}` is not a duration from a second to {days}");
            self.wrong(&declared.origin, &format!("apply.{name}"), message, help);
        }
        duration
    }

    pub(super) fn date(&mut self, text: &str, origin: &Origin, path: &str) -> Option<jiff::civil::Date> {
        let date = text.parse().ok();
        if date.is_none() {
            self.wrong(
                origin,
                path,
                "`until` is not a day of the calendar".to_owned(),
                "write it as `2027-06-30`".to_owned(),
            );
        }
        date
    }

    pub(super) fn glob(&mut self, text: &str, origin: &Origin, path: &str) {
        self.globs += 1;
        if self.globs > MOST_GLOBS {
            if self.globs == MOST_GLOBS + 1 {
                let message = format!("the settings have more than {MOST_GLOBS} globs");
                let help = "let one glob stand for many resources: `environment/*/production`".to_owned();
                self.wrong(origin, path, message, help);
            }
            return;
        }
        if let Err(error) = AddressGlob::new(text) {
            let message = format!("this is not a glob: {}", error.reason);
            self.wrong(
                origin,
                path,
                message,
                "`*` stays within a segment, `**` crosses: `environment/*/production`".to_owned(),
            );
            return;
        }
        let kind = text.split('/').next().unwrap_or_default();
        let is_pattern = kind.contains(['*', '?', '[', '{', '\\']);
        if !is_pattern && Kind::from_segment(kind).is_none() {
            let message = format!("no address starts with `{kind}`");
            let kinds = Kind::ALL.into_iter().map(Kind::segment);
            let help = suggest::did_you_mean(kind, kinds, "addresses start with");
            self.wrong(origin, path, message, help.unwrap_or_default());
        }
    }

    pub(super) fn field(&mut self, text: &str, origin: &Origin, path: &str, known: &BTreeSet<String>) {
        let plain = without_brackets(text);
        if !known.contains(&plain) {
            let message = format!("no field has the path `{text}`");
            let help = suggest::nearest(&plain, known.iter().map(String::as_str)).map_or_else(
                || "write it as plans do: `container.instances`".to_owned(),
                |path| format!("did you mean `{path}`?"),
            );
            self.wrong(origin, path, message, help);
        }
    }
}

fn number(declared: &Declared) -> Option<usize> {
    match &declared.value {
        DeclaredValue::Scalar(value) => usize::try_from(value.as_u64()?).ok(),
        _ => None,
    }
}

/// The longest duration, in seconds: whoever waits longer than a day has another problem.
const LONGEST: u64 = 24 * 3600;

/// The oldest plan that may be applied, in seconds: 30 days.
const OLDEST: u64 = 30 * LONGEST;

/// Reads a duration of up to a day: `1h30m`. A whole number before each unit, units from large to small.
pub fn parse_duration(text: &str) -> Option<Duration> {
    parse_duration_up_to(text, LONGEST)
}

fn parse_duration_up_to(text: &str, longest: u64) -> Option<Duration> {
    let mut rest = text;
    let mut seconds: u64 = 0;
    for (unit, factor) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, behind)) = rest.split_once(unit) {
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            let number: u64 = number.parse().ok().filter(|_| is_number)?;
            seconds = seconds.checked_add(number.checked_mul(factor)?)?;
            rest = behind;
        }
    }
    (rest.is_empty() && (1..=longest).contains(&seconds)).then(|| Duration::from_secs(seconds))
}

/// The paths of all fields that are compared, without items.
fn declarable_paths() -> BTreeSet<String> {
    let managed = Kind::ALL.into_iter().filter(|kind| kind.is_managed());
    paths(managed, |field| field.is_declarable() && field.is_wire())
}

/// The paths of fields, without items.
pub(super) fn paths(
    kinds: impl IntoIterator<Item = Kind>,
    is_meant: impl Fn(&Field) -> bool,
) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for kind in kinds {
        walk(kind.fields(), &mut |path, field| {
            if is_meant(field) {
                paths.insert(path.replace("[]", ""));
            }
        });
    }
    paths
}

/// A path without what stands in brackets, where a key may hold brackets as a JSON string.
pub(super) fn without_brackets(path: &str) -> String {
    let mut plain = String::new();
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for character in path.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !inside => inside = true,
            ']' if inside && !quoted => inside = false,
            other if !inside => plain.push(other),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [("30m", 1800), ("1h30m", 5400), ("90s", 90), ("1h", 3600), ("2h5s", 7205)] {
            assert_eq!(parse_duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "30",
            "m",
            "0s",
            "30 m",
            "1m1h",
            "-5m",
            "1.5h",
            "99999999999999999999h",
            "18446744073709551615h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn paths_lose_their_brackets() {
        assert_eq!(without_brackets(r#"annotations["a]b\"c",x].value"#), "annotations.value");
        assert_eq!(without_brackets("container.instances"), "container.instances");
        assert!(declarable_paths().contains("deployment.constants.value"));
    }
}
