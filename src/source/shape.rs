//! A tree × a field table → declared values. Whatever does not fit is reported where it stands.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::codes::{self, Code};
use super::diagnostic::{Problem, Severity};
use super::file::{SourceFile, Span};
use super::outside::Surroundings;
use super::scalar::{self, Meaning};
use super::suggest;
use super::yaml::{Entry, Mapping, Node, Value};
use crate::model::field::{Clear, Field, Format, Literal, Need, Owner, Shape, find, walk};
use crate::model::{Declared, DeclaredValue, FieldPath, Fields, Origin, Step};

/// What a literal in a secret field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literals {
    Refused,
    Warned,
}

/// Turns trees into declared values, by the tables.
pub(super) struct Shaper<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) problems: &'a mut Vec<Problem>,
    pub(super) surroundings: &'a Surroundings<'a>,
    pub(super) literals: Literals,
    /// Whether values may come from outside at all; settings may not.
    pub(super) outside_allowed: bool,
    /// The resource that problems are about.
    pub(super) resource: Option<usize>,
    /// The whole table, to find where a misplaced key belongs.
    pub(super) table: &'static [Field],
    /// What to write where the id of the resource is missing.
    pub(super) identity_help: Option<String>,
    /// What is decided when all parts of a resource are together; nothing where the tree is all there is.
    pub(super) pending: Option<&'a mut Pending>,
}

/// What shaping a part of a resource leaves open.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Fields that are mentioned but could not be read: that they are missing is no second mistake.
    pub(super) excused: BTreeSet<FieldPath>,
    /// Lists around which a mode is written.
    pub(super) stated: BTreeSet<FieldPath>,
    /// Items of exact lists that are `absent`: a mistake, unless there is something to take out.
    pub(super) absent: Vec<(FieldPath, Problem)>,
}

/// Where a value stands.
pub(super) struct At<'a> {
    /// Its key as written.
    pub(super) key: &'a str,
    pub(super) key_span: Span,
    pub(super) value: Span,
    pub(super) path: FieldPath,
}

impl At<'_> {
    /// The value, or its key where there is no value to show.
    pub(super) fn value_span(&self) -> Span {
        if self.value.is_empty() { self.key_span } else { self.value }
    }
}

/// The mapping that holds fields: what it is called and where that stands.
pub(super) struct Holder<'a> {
    /// `container`, or `an item of constants`, with backticks.
    pub(super) name: &'a str,
    pub(super) span: Span,
    /// A key that the table does not know and that is read elsewhere.
    pub(super) besides: Option<&'static str>,
    /// Whether it is an item of a list, which has to be complete by itself.
    pub(super) is_item: bool,
}

impl Shaper<'_> {
    pub(super) fn report(&mut self, problem: Problem, at: &At<'_>) {
        self.problems.push(problem.path(&at.path).resource(self.resource));
    }

    /// Whether no error came behind so many problems.
    pub(super) fn is_clean_since(&self, before: usize) -> bool {
        !self.problems.iter().skip(before).any(Problem::is_error)
    }

    /// The rule of a field, or the general code where it has none.
    pub(super) fn code_of(&self, field: &Field, otherwise: &'static Code) -> &'static Code {
        let rule = field.rule.and_then(codes::find);
        rule.filter(|code| code.severity == Severity::Error).unwrap_or(otherwise)
    }

    /// The fields of a mapping. `given` are those that are known already, because they are the mapping's own key.
    pub(super) fn fields(
        &mut self,
        mapping: &Mapping,
        table: &'static [Field],
        given: Fields,
        path: &FieldPath,
        holder: &Holder<'_>,
    ) -> Fields {
        let keys: Vec<&'static str> = given.keys().copied().collect();
        let mut fields = given;
        let mut meant = Vec::new();
        for entry in &mapping.entries {
            if holder.besides == Some(&*entry.key) {
                continue;
            }
            let Some(field) = find(table, &entry.key) else {
                meant.extend(self.unknown_key(entry, table, &keys, path, holder));
                continue;
            };
            let at = At {
                key: field.name,
                key_span: entry.key_span,
                value: entry.node.span,
                path: path.field(field.name),
            };
            if keys.contains(&field.name) {
                let message = format!("`{}` is already given by the key of the item", field.name);
                let problem = Problem::new(&codes::SHAPE_014, self.file.origin(entry.key_span), message);
                self.report(problem.help(format!("remove `{}` here", field.name)), &at);
            } else if !field.is_declarable() {
                self.server_owned(field, &entry.node, &at);
            } else if let Some(declared) = self.field(field, &entry.node, &at) {
                fields.insert(field.name, declared);
            }
        }
        let is_item = holder.is_item || path.0.iter().any(|step| matches!(step, Step::Item(_)));
        if let Some(pending) = self.pending.as_deref_mut().filter(|_| !is_item) {
            if !mapping.complete {
                pending.excused.insert(path.clone());
            }
            let is_unread = |field: &&Field| {
                !fields.contains_key(field.name)
                    && (mapping.get(field.name).is_some() || meant.contains(&field.name))
            };
            let unread = table.iter().filter(is_unread);
            pending.excused.extend(unread.map(|field| path.field(field.name)));
        } else if mapping.complete {
            for field in table.iter().filter(|field| field.need == Need::Always) {
                let is_there = keys.contains(&field.name) || mapping.get(field.name).is_some();
                if !is_there && !meant.contains(&field.name) {
                    let origin = self.file.origin(holder.span);
                    let problem = missing(field, path, holder.name, origin, self.identity_help.as_deref());
                    self.problems.push(problem.resource(self.resource));
                }
            }
        }
        fields
    }

    /// Reports an unknown key; the field that was meant, if that is clear.
    fn unknown_key(
        &mut self,
        entry: &Entry,
        table: &'static [Field],
        given: &[&'static str],
        path: &FieldPath,
        holder: &Holder<'_>,
    ) -> Option<&'static str> {
        let is_free = |field: &&Field| field.is_declarable() && !given.contains(&field.name);
        let names = || table.iter().filter(is_free).map(|field| field.name).chain(holder.besides);
        let nearest = suggest::nearest(&entry.key, names());
        let same = nearest.filter(|name| name.eq_ignore_ascii_case(&entry.key));
        let help = match (same, self.place_of(&entry.key), nearest) {
            (Some(same), ..) => Some(format!("did you mean `{same}`?")),
            (None, Some(place), _) => Some(format!("`{}` belongs in `{place}`", entry.key)),
            (None, None, Some(nearest)) => Some(format!("did you mean `{nearest}`?")),
            (None, None, None) => {
                let names: Vec<&str> = names().collect();
                (names.len() <= 16).then(|| format!("it may have {}", suggest::listed(&names)))
            }
        };
        let message = format!("unknown key `{}` in {}", entry.key, holder.name);
        let mut problem = Problem::new(&codes::SHAPE_001, self.file.origin(entry.key_span), message);
        if let Some(help) = help {
            problem = problem.help(help);
        }
        let prefix = path.to_string();
        let separator = if prefix.is_empty() { "" } else { "." };
        let path = format!("{prefix}{separator}{}", entry.key);
        self.problems.push(problem.path_text(path).resource(self.resource));
        nearest
    }

    /// The object that a key belongs in, when it stands in the wrong one.
    fn place_of(&self, key: &str) -> Option<String> {
        let mut place = None;
        walk(self.table, &mut |path, field| {
            let object = path.rsplit_once('.').map(|(object, _)| object);
            if place.is_none() && field.name == key && field.is_declarable() && !path.contains("[]") {
                place = object.map(str::to_owned);
            }
        });
        place
    }

    fn server_owned(&mut self, field: &'static Field, node: &Node, at: &At<'_>) {
        // A word that no such field ever has is no copy of what the platform said.
        if let (Some(_), Shape::Text(format), Some(scalar)) = (field.rule, field.shape, node.scalar())
            && scalar.meaning != Meaning::Null
            && self.text(field, format, node, at).is_none()
        {
            return;
        }
        let rule = field.ignored.and_then(codes::find).unwrap_or(&codes::SHAPE_008);
        let message = format!("`{}` is decided by the platform and is ignored", at.key);
        let problem = Problem::new(rule, self.file.origin(at.key_span), message);
        self.report(problem.help("remove it; a manifest that was read from the API has such fields"), at);
    }

    /// The value of a field.
    pub(super) fn field(&mut self, field: &'static Field, node: &Node, at: &At<'_>) -> Option<Declared> {
        let value = match &*node.value {
            Value::Broken => None,
            Value::Scalar(scalar) if scalar.meaning == Meaning::Null => self.null(field, at),
            _ => match field.shape {
                Shape::Object(table) => self.object(table, field, node, at),
                Shape::List(list) => self.list(field, list, node, at),
                Shape::Addresses => self.addresses(field, node, at),
                Shape::Text(format) => self.text(field, format, node, at),
                Shape::Integer(min, max) => self.integer(field, min, max, node, at),
                Shape::Boolean => self.boolean(field, node, at),
            },
        }?;
        let is_collection =
            matches!(value, DeclaredValue::Object(_) | DeclaredValue::List(_) | DeclaredValue::Addresses(_));
        let span = if is_collection { at.key_span } else { at.value_span() };
        Some(Declared { value, origin: self.file.origin(span) })
    }

    fn null(&mut self, field: &'static Field, at: &At<'_>) -> Option<DeclaredValue> {
        if field.clear != Clear::Never {
            return Some(DeclaredValue::Clear);
        }
        let origin = self.file.origin(at.value_span());
        let problem = if field.need == Need::Always {
            let help = match (&self.identity_help, field.owner) {
                (Some(help), Owner::Identity) => help.clone(),
                _ => field
                    .example
                    .map_or_else(String::new, |literal| format!("write `{}: {}`", at.key, plain(literal))),
            };
            let problem = Problem::new(&codes::SHAPE_006, origin, format!("`{}` has no value", at.key));
            if help.is_empty() { problem } else { problem.help(help) }
        } else {
            let help = match field.shape {
                Shape::Text(Format::Plain) => {
                    "leave the key out to keep the value as it is; an empty text is written `\"\"`"
                }
                _ => "leave the key out to keep the value as it is",
            };
            Problem::new(&codes::SHAPE_007, origin, format!("`{}` cannot be cleared with null", at.key))
                .help(help)
        };
        self.report(problem, at);
        None
    }

    fn object(
        &mut self,
        table: &'static [Field],
        field: &Field,
        node: &Node,
        at: &At<'_>,
    ) -> Option<DeclaredValue> {
        let Some(mapping) = node.mapping() else {
            self.wrong_type(field, "a mapping", node, "indent its fields below the key", at);
            return None;
        };
        let name = format!("`{}`", at.key);
        let holder = Holder { name: &name, span: at.key_span, besides: None, is_item: false };
        Some(DeclaredValue::Object(self.fields(mapping, table, Fields::new(), &at.path, &holder)))
    }

    fn addresses(&mut self, field: &Field, node: &Node, at: &At<'_>) -> Option<DeclaredValue> {
        let Value::Sequence(nodes) = &*node.value else {
            self.wrong_type(
                field,
                "a list",
                node,
                &format!("write `{}: [environment/order-desk/test]`", at.key),
                at,
            );
            return None;
        };
        let mut addresses = Vec::new();
        for node in nodes {
            match node.scalar() {
                Some(scalar) if scalar.meaning == Meaning::Text => addresses.push(Declared {
                    value: DeclaredValue::Scalar(Json::from(scalar.text.as_str())),
                    origin: self.file.origin(node.span),
                }),
                _ if matches!(&*node.value, Value::Broken) => {}
                _ => {
                    let at =
                        At { key: at.key, key_span: at.key_span, value: node.span, path: at.path.clone() };
                    self.wrong_type(
                        field,
                        "text in each of its lines",
                        node,
                        "write an address such as `environment/order-desk/test`",
                        &at,
                    );
                }
            }
        }
        Some(DeclaredValue::Addresses(addresses))
    }

    pub(super) fn wrong_type(&mut self, field: &Field, wants: &str, node: &Node, help: &str, at: &At<'_>) {
        if node.scalar().is_some_and(|scalar| scalar.filled) && wants != "text" {
            let message = format!("`{}` wants {wants}; variables of a matrix go into texts only", at.key);
            let problem = Problem::new(&codes::SHAPE_023, self.file.origin(at.value_span()), message);
            return self.report(problem.help("write the value, or a document for each value"), at);
        }
        let message = format!("`{}` wants {wants}, not {}", at.key, node.words());
        let code = self.code_of(field, &codes::SHAPE_002);
        self.report(Problem::new(code, self.file.origin(at.value_span()), message).help(help), at);
    }
}

/// That a field is missing in what is called `holder`.
pub(super) fn missing(
    field: &Field,
    path: &FieldPath,
    holder: &str,
    origin: Origin,
    identity_help: Option<&str>,
) -> Problem {
    let help = match (identity_help, field.owner, field.example) {
        (Some(help), Owner::Identity, _) => help.to_owned(),
        (_, _, Some(literal)) => format!("add `{}: {}`", field.name, plain(literal)),
        (_, _, None) => format!("add `{}`", field.name),
    };
    let message = format!("{holder} has no `{}`", field.name);
    Problem::new(&codes::SHAPE_006, origin, message).help(help).path(&path.field(field.name))
}

fn plain(literal: Literal) -> String {
    match literal {
        Literal::Text(text)
            if scalar::meaning(text) != Meaning::Text || text.starts_with(['{', '-', '*']) =>
        {
            format!("'{text}'")
        }
        Literal::Text(text) => text.to_owned(),
        Literal::Boolean(truth) => truth.to_string(),
        Literal::Integer(number) => number.to_string(),
    }
}
