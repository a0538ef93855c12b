//! Texts, numbers and booleans: the values at the ends of a tree.

use secrecy::SecretString;
use serde_json::Value as Json;

use super::codes;
use super::diagnostic::{Problem, Severity};
use super::formats;
use super::outside::{is_outside, stays_inside};
use super::scalar::{self, Meaning};
use super::shape::{At, Literals, Shaper};
use super::suggest;
use super::yaml::{Node, Scalar, Value};
use crate::model::field::{Field, Format};
use crate::model::{DeclaredValue, Outside, Reference};

/// How long a text may be to be repeated in a message; the excerpt shows it anyway.
const LONGEST_ECHO: usize = 60;

impl Shaper<'_> {
    /// A text, in its format.
    pub(super) fn text(
        &mut self,
        field: &'static Field,
        format: Format,
        node: &Node,
        at: &At<'_>,
    ) -> Option<DeclaredValue> {
        match &*node.value {
            Value::Mapping(mapping) if is_outside(mapping) => self.outside(mapping, field, format, at),
            Value::Scalar(scalar) if field.sensitive => self.literal(field, format, scalar, at),
            Value::Scalar(scalar) if scalar.meaning == Meaning::Text => {
                self.plain_text(field, format, scalar, node, at)
            }
            Value::Scalar(scalar) => {
                let help = if self.file.is_masked(node.text) {
                    "quote it".to_owned()
                } else {
                    quote_help(at.key, &scalar.text, format)
                };
                self.wrong_type(field, "text", node, &help, at);
                None
            }
            _ => {
                let help = match format {
                    Format::RelaxedJson => "quote it: `config: '{type: \"database\"}'`",
                    _ if field.sensitive => "write `{fromEnv: NAME}` or `{fromFile: path}`",
                    _ if stays_inside(field) || !self.outside_allowed => "write a text",
                    _ => "write a text, or `{fromEnv: NAME}`",
                };
                self.wrong_type(field, "text", node, help, at);
                None
            }
        }
    }

    fn plain_text(
        &mut self,
        field: &'static Field,
        format: Format,
        scalar: &Scalar,
        node: &Node,
        at: &At<'_>,
    ) -> Option<DeclaredValue> {
        if let Err(misfit) = formats::check(format, &scalar.text) {
            let otherwise = match format {
                Format::Enum(_) => &codes::SHAPE_003,
                _ => &codes::SHAPE_005,
            };
            let code = misfit.code.unwrap_or_else(|| self.code_of(field, otherwise));
            let is_shown = !self.file.is_masked(node.text)
                && !scalar.text.trim().is_empty()
                && scalar.text.chars().nth(LONGEST_ECHO).is_none()
                && !scalar.text.contains(char::is_control);
            let message = if is_shown {
                format!("`{}`: `{}` {}", at.key, scalar.text, misfit.is)
            } else {
                format!("`{}` {}", at.key, misfit.is)
            };
            let mut problem = Problem::new(code, self.file.origin(at.value_span()), message);
            if let Some(help) = misfit.help {
                problem = problem.help(help);
            }
            self.report(problem, at);
            return None;
        }
        self.warn_of_old_meaning(format, scalar, node, at);
        Some(DeclaredValue::Scalar(Json::from(scalar.text.as_str())))
    }

    /// Warns of a text that YAML 1.1 reads otherwise. Settings are read by nobody else.
    fn warn_of_old_meaning(&mut self, format: Format, scalar: &Scalar, node: &Node, at: &At<'_>) {
        let is_free = matches!(format, Format::Plain | Format::NonEmpty);
        if !self.outside_allowed || !scalar.plain || !is_free {
            return;
        }
        let Some(old) = scalar::old_meaning(&scalar.text) else { return };
        let message = format!("`{}` is text here, but other YAML tools read {old}", at.key);
        let help = if self.file.is_masked(node.text) {
            "quote it".to_owned()
        } else {
            format!("quote it: `{}: \"{}\"`", at.key, scalar.text)
        };
        self.report(Problem::new(&codes::YAML_011, self.file.origin(node.span), message).help(help), at);
    }

    /// A literal in a secret field. Its text never appears in a message.
    fn literal(
        &mut self,
        field: &'static Field,
        format: Format,
        scalar: &Scalar,
        at: &At<'_>,
    ) -> Option<DeclaredValue> {
        let message = format!("`{}` is secret and must not stand in a file", at.key);
        let problem = Problem::new(&codes::SECR_04, self.file.origin(at.value_span()), message);
        let help = format!("take it from a variable: `{}: {{fromEnv: NAME}}`", at.key);
        match self.literals {
            Literals::Refused => {
                self.report(problem.help(help), at);
                return None;
            }
            Literals::Warned => self.report(problem.help(help).severity(Severity::Warning), at),
        }
        if let Err(misfit) = formats::check(format, &scalar.text) {
            let code = misfit.code.unwrap_or_else(|| self.code_of(field, &codes::SHAPE_005));
            let message = format!("the literal in `{}` {}", at.key, misfit.is);
            let problem = Problem::new(code, self.file.origin(at.value_span()), message);
            self.report(
                problem.help(
                    "a literal is written as the API wants it; a value from outside is encoded for you",
                ),
                at,
            );
            return None;
        }
        Some(DeclaredValue::Outside(Outside {
            reference: Reference::Literal,
            version: None,
            encoded: false,
            sensitive: true,
            value: Some(SecretString::from(scalar.text.clone())),
        }))
    }

    pub(super) fn integer(
        &mut self,
        field: &Field,
        min: i64,
        max: i64,
        node: &Node,
        at: &At<'_>,
    ) -> Option<DeclaredValue> {
        let Some(scalar) = node.scalar() else {
            self.not_a_scalar(field, "a whole number", node, at);
            return None;
        };
        let range = if max == i64::MAX { format!("from {min} on") } else { format!("from {min} to {max}") };
        let Meaning::Integer(number) = scalar.meaning else {
            let help = match scalar.text.parse::<i64>() {
                Ok(_) => format!("write it without quotes: `{}: {}`", at.key, scalar.text),
                Err(_) => format!("write a whole number {range}"),
            };
            self.wrong_type(field, "a whole number", node, &help, at);
            return None;
        };
        let digits = scalar.text.trim_start_matches(['-', '+']);
        let is_octal_to_some =
            digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        let (code, message, help) = match number {
            Some(_) if is_octal_to_some => (
                &codes::SHAPE_002,
                format!("`{}`: tools differ in what a number with a leading zero means", at.key),
                "remove the leading zero".to_owned(),
            ),
            Some(number) if (min..=max).contains(&number) => {
                return Some(DeclaredValue::Scalar(Json::from(number)));
            }
            _ => {
                let message = format!("`{}` is out of bounds", at.key);
                (&codes::SHAPE_004, message, format!("write a whole number {range}"))
            }
        };
        let code = self.code_of(field, code);
        self.report(Problem::new(code, self.file.origin(at.value_span()), message).help(help), at);
        None
    }

    pub(super) fn boolean(&mut self, field: &Field, node: &Node, at: &At<'_>) -> Option<DeclaredValue> {
        let Some(scalar) = node.scalar() else {
            self.not_a_scalar(field, "true or false", node, at);
            return None;
        };
        if let Meaning::Boolean(truth) = scalar.meaning {
            return Some(DeclaredValue::Scalar(Json::from(truth)));
        }
        let text = scalar.text.to_ascii_lowercase();
        let help = match (scalar::old_boolean(&scalar.text), text.as_str()) {
            (Some(truth), _) => format!("in YAML 1.2 this is text; write `{}: {truth}`", at.key),
            (None, "true" | "false") => format!("write it without quotes: `{}: {text}`", at.key),
            (None, _) => "write `true` or `false`".to_owned(),
        };
        self.wrong_type(field, "true or false", node, &help, at);
        None
    }

    /// A list or mapping where neither fits; only texts can come from outside.
    fn not_a_scalar(&mut self, field: &Field, wants: &str, node: &Node, at: &At<'_>) {
        if node.mapping().is_some_and(is_outside) {
            let message = format!("`{}` wants {wants}; only text can come from outside", at.key);
            let problem = Problem::new(&codes::SHAPE_013, self.file.origin(at.value_span()), message);
            return self.report(problem.help("write the value itself"), at);
        }
        self.wrong_type(field, wants, node, &format!("write {wants} behind the colon"), at);
    }
}

fn quote_help(key: &str, text: &str, format: Format) -> String {
    match format {
        Format::Enum(words) => format!("write {}", suggest::listed(words)),
        _ => format!("quote it: `{key}: \"{text}\"`"),
    }
}
