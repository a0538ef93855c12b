//! Values from outside: environment variables and files of the estate.

use secrecy::SecretString;
use serde_json::Value as Json;

use super::codes;
use super::diagnostic::{Problem, Severity};
use super::formats;
use super::root::Root;
use super::scalar::Meaning;
use super::shape::{At, Shaper};
use super::suggest;
use super::yaml::{Entry, Mapping};
use crate::model::field::{Field, Format, Need, Owner};
use crate::model::{DeclaredValue, Outside, Reference};

/// The keys of a value from outside.
pub(super) static KEYS: &[&str] = &["fromEnv", "fromFile", "sensitive", "version", "encoding"];

/// The variable that names, with commas between them, the variables whose values may be shown.
pub const PUBLIC_ENV: &str = "MXKEEP_PUBLIC_ENV";

/// How large a file may be that a value is taken from.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// Where values from outside are looked up.
pub(super) struct Surroundings<'a> {
    /// Where the files of the estate are.
    pub(super) root: Root,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
}

/// Whether a mapping in a text field is meant to be a value from outside.
pub(super) fn is_outside(mapping: &Mapping) -> bool {
    let mut keys = mapping.entries.iter().map(|entry| &*entry.key);
    keys.any(|key| KEYS.contains(&key) || key.to_lowercase().starts_with("from"))
}

/// What a file says about a value from outside.
struct Description<'m> {
    reference: Option<(Reference, &'m Entry)>,
    version: Option<String>,
    /// What `sensitive` says.
    sensitive: Option<bool>,
    /// Whether the value is base64 already.
    encoded: bool,
}

impl Shaper<'_> {
    /// A value from outside.
    pub(super) fn outside(
        &mut self,
        mapping: &Mapping,
        field: &'static Field,
        format: Format,
        at: &At<'_>,
    ) -> Option<DeclaredValue> {
        if !self.outside_allowed || stays_inside(field) {
            let message = format!("`{}` has to stand in the file", at.key);
            let help = "write the value itself; names, ids and settings cannot come from outside";
            self.report(
                Problem::new(&codes::SHAPE_013, self.file.origin(at.value_span()), message).help(help),
                at,
            );
            return None;
        }
        let description = self.description(mapping, field, format, at)?;
        let (reference, entry) = description.reference?;
        let bytes = match &reference {
            // An empty variable is one that a pipeline forgot to fill.
            Reference::Env(name) => {
                (self.surroundings.environment)(name).filter(|text| !text.is_empty()).map(String::into_bytes)
            }
            Reference::File(path) => self.read(path, entry, at)?,
            Reference::Literal => None,
        };
        let sensitive = description.sensitive.unwrap_or(true)
            || self.stays_secret(&reference, bytes.as_deref(), entry, at);
        let text = match bytes {
            None => None,
            Some(bytes) => {
                Some(self.in_format(bytes, description.encoded, &reference, field, format, at, entry)?)
            }
        };
        match text {
            Some(text) if !sensitive => Some(DeclaredValue::Scalar(Json::from(text))),
            text => Some(DeclaredValue::Outside(Outside {
                reference,
                version: description.version,
                encoded: description.encoded,
                sensitive,
                value: text.map(SecretString::from),
            })),
        }
    }

    /// Whether a value that its file calls not secret is kept secret all the same: whoever edits a file could have any
    /// variable of a pipeline shown, and any file that the pipeline made. So which variables may be shown is said
    /// outside, and of files those whose content is committed.
    fn stays_secret(
        &mut self,
        reference: &Reference,
        value: Option<&[u8]>,
        entry: &Entry,
        at: &At<'_>,
    ) -> bool {
        let Some(value) = value else { return true };
        let origin = self.file.origin(entry.node.span);
        let problem = match reference {
            Reference::Env(name) => {
                let public = (self.surroundings.environment)(PUBLIC_ENV).unwrap_or_default();
                if public.split(',').any(|public| public.trim() == name) {
                    return false;
                }
                let message = format!("the value of the variable `{name}` is kept secret");
                Problem::new(&codes::EST_030, origin, message).help(format!(
                    "if it may be shown, name it in the variable `{PUBLIC_ENV}`; else remove `sensitive: false`"
                ))
            }
            Reference::File(path) if !self.surroundings.root.is_public(path, value) => {
                let message = format!("the content of `{path}` is kept secret until it is committed");
                let problem = Problem::new(&codes::EST_030, origin, message).severity(Severity::Info);
                problem.help("commit it, or remove `sensitive: false`")
            }
            Reference::File(_) | Reference::Literal => return false,
        };
        self.report(problem, at);
        true
    }

    fn description<'m>(
        &mut self,
        mapping: &'m Mapping,
        field: &'static Field,
        format: Format,
        at: &At<'_>,
    ) -> Option<Description<'m>> {
        let before = self.problems.len();
        let mut description = Description { reference: None, version: None, sensitive: None, encoded: false };
        for entry in &mapping.entries {
            match &*entry.key {
                "fromEnv" | "fromFile" => self.reference(entry, &mut description, at),
                "version" => description.version = self.version(entry, at),
                "sensitive" => description.sensitive = self.sensitive(entry, field, at),
                "encoding" => description.encoded = self.encoding(entry, format, at),
                unknown => {
                    let message = if self.file.is_masked(entry.key_span) {
                        "unknown key in a value from outside".to_owned()
                    } else {
                        format!("unknown key `{unknown}` in a value from outside")
                    };
                    let help = suggest::did_you_mean(unknown, KEYS.iter().copied(), "it may have");
                    let problem = Problem::new(&codes::SHAPE_001, self.file.origin(entry.key_span), message);
                    self.report(problem.help(help.unwrap_or_default()), at);
                }
            }
        }
        let clean = self.is_clean_since(before) && mapping.complete;
        if clean && description.reference.is_none() {
            let message = format!("`{}` does not say where its value comes from", at.key);
            let problem = Problem::new(&codes::SHAPE_012, self.file.origin(at.key_span), message);
            self.report(problem.help("write `{fromEnv: NAME}` or `{fromFile: path}`"), at);
            return None;
        }
        clean.then_some(description)
    }

    fn reference<'m>(&mut self, entry: &'m Entry, description: &mut Description<'m>, at: &At<'_>) {
        if let Some((_, first)) = &description.reference {
            let problem = Problem::new(
                &codes::SHAPE_012,
                self.file.origin(entry.key_span),
                "a value comes either from a variable or from a file",
            );
            let first = self.file.origin(first.key_span);
            self.report(problem.related(first, "it already comes from here").help("keep one of the two"), at);
            return;
        }
        let scalar =
            entry.node.scalar().filter(|scalar| scalar.meaning == Meaning::Text && !scalar.text.is_empty());
        let is_file = &*entry.key == "fromFile";
        let reference = scalar.and_then(|scalar| {
            if is_file {
                return Some(Reference::File(scalar.text.clone()));
            }
            is_variable(&scalar.text).then(|| Reference::Env(scalar.text.clone()))
        });
        match reference {
            Some(reference) => description.reference = Some((reference, entry)),
            None => {
                let (what, help) = if is_file {
                    (
                        "the path of a file",
                        "write a path inside the estate directory: `{fromFile: certificates/erp.p12}`",
                    )
                } else {
                    (
                        "the name of a variable",
                        "names of variables have letters, digits and underscores: `{fromEnv: ORDERS_ADMIN_PW}`",
                    )
                };
                let span = if entry.node.span.is_empty() { entry.key_span } else { entry.node.span };
                let message = format!("`{}` wants {what}", entry.key);
                self.report(Problem::new(&codes::SHAPE_012, self.file.origin(span), message).help(help), at);
            }
        }
    }

    fn version(&mut self, entry: &Entry, at: &At<'_>) -> Option<String> {
        let scalar = entry.node.scalar();
        let scalar = scalar
            .filter(|scalar| matches!(scalar.meaning, Meaning::Text | Meaning::Integer(_) | Meaning::Float));
        if scalar.is_none() {
            self.describe(
                entry,
                "`version` wants a number or a text",
                "count up to have the value sent again: `version: 2`",
                at,
            );
        }
        scalar.map(|scalar| scalar.text.clone())
    }

    fn sensitive(&mut self, entry: &Entry, field: &Field, at: &At<'_>) -> Option<bool> {
        match entry.node.scalar().map(|scalar| scalar.meaning) {
            Some(Meaning::Boolean(false)) if field.sensitive => {
                let message = format!("`{}` is always secret", at.key);
                self.describe(entry, &message, "remove `sensitive: false`", at);
                None
            }
            Some(Meaning::Boolean(truth)) => Some(truth),
            _ => {
                self.describe(
                    entry,
                    "`sensitive` wants a boolean",
                    "write `sensitive: false`, or leave it out",
                    at,
                );
                None
            }
        }
    }

    fn encoding(&mut self, entry: &Entry, format: Format, at: &At<'_>) -> bool {
        if entry.node.scalar().is_none_or(|scalar| scalar.text != "base64") {
            let help = "write `encoding: base64` if the value is base64 already; otherwise leave it out";
            self.describe(entry, "the only `encoding` is `base64`", help, at);
        } else if format != Format::Base64 {
            let message = format!("`{}` is not base64 in the API", at.key);
            self.describe(entry, &message, "remove `encoding`", at);
        }
        true
    }

    fn describe(&mut self, entry: &Entry, message: &str, help: &str, at: &At<'_>) {
        let span = if entry.node.span.is_empty() { entry.key_span } else { entry.node.span };
        self.report(Problem::new(&codes::SHAPE_012, self.file.origin(span), message).help(help), at);
    }

    /// The bytes of a file of the estate; `Some(None)` where it was not committed.
    fn read(&mut self, path: &str, entry: &Entry, at: &At<'_>) -> Option<Option<Vec<u8>>> {
        match self.surroundings.root.read(path, MAX_FILE) {
            Ok(bytes) => Some(bytes),
            Err((message, help)) => {
                let origin = self.file.origin(entry.node.span);
                self.report(Problem::new(&codes::REF_003, origin, message).help(help), at);
                None
            }
        }
    }

    /// The text that the API wants for these bytes. Neither bytes nor text may appear in a message.
    #[expect(clippy::too_many_arguments, reason = "everything that is known of one value")]
    fn in_format(
        &mut self,
        bytes: Vec<u8>,
        encoded: bool,
        reference: &Reference,
        field: &'static Field,
        format: Format,
        at: &At<'_>,
        entry: &Entry,
    ) -> Option<String> {
        if format == Format::Base64 && !encoded {
            return Some(formats::encode(&bytes));
        }
        let misfit = match String::from_utf8(bytes) {
            Ok(text) => match formats::check(format, &text) {
                Ok(()) if encoded => return Some(text.split_ascii_whitespace().collect()),
                Ok(()) => return Some(text),
                Err(misfit) => (misfit.code, misfit.is),
            },
            Err(_) => (None, "is not UTF-8 text"),
        };
        let code = misfit.0.unwrap_or_else(|| self.code_of(field, &codes::SHAPE_005));
        let message = format!("the value of `{}` from `{reference}` {}", at.key, misfit.1);
        let help = if encoded {
            "remove `encoding: base64` to have mxkeep encode the value"
        } else {
            "look at the value outside; it is not shown here"
        };
        self.report(Problem::new(code, self.file.origin(entry.node.span), message).help(help), at);
        None
    }
}

/// Whether a field says which resource or item this is.
pub(super) fn stays_inside(field: &Field) -> bool {
    matches!(field.owner, Owner::Identity | Owner::Reference | Owner::Shorthand)
        || (field.need == Need::Always && !field.sensitive)
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
