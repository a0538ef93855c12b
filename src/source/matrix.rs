//! `matrix`: one document for several resources that differ in a few texts.
//!
//! Trees are filled in before anything else looks at them, so that an expanded document is like one that was written
//! out. Places stay those of the one document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::codes;
use super::diagnostic::Problem;
use super::file::{SourceFile, Span};
use super::outside::is_outside;
use super::part::Values;
use super::scalar::Meaning;
use super::suggest;
use super::yaml::{Entry, Mapping, Node, Scalar, Value};
use crate::model::field::{Field, Owner, Shape, find};

/// The key of the variables.
pub(super) const MATRIX: &str = "matrix";

/// How many resources one document may become. The largest known estates have some hundred sites.
const MAX_RESOURCES: usize = 1_000;
/// How many variables one document may have. Ten of two values each are more resources than that already.
const MAX_VARIABLES: usize = 16;
/// How many resources and values all documents of an estate may become, so that a small file cannot grow large.
const MAX_ALL_RESOURCES: usize = 20_000;
const MAX_ALL_VALUES: usize = 4_000_000;
/// How many bytes of text may be filled in, all told.
const MAX_TEXT: usize = 64 * 1024 * 1024;
/// How long a value may be; it becomes a part of names and URLs.
const MAX_VALUE: usize = 100;

/// What may still be expanded in this estate.
#[derive(Debug)]
pub(super) struct Budget {
    resources: usize,
    values: usize,
    text: usize,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { resources: MAX_ALL_RESOURCES, values: MAX_ALL_VALUES, text: MAX_TEXT }
    }
}

/// The variables of a document, ordered by name.
#[derive(Debug)]
pub(super) struct Matrix {
    variables: Vec<Variable>,
}

#[derive(Debug)]
struct Variable {
    name: Arc<str>,
    span: Span,
    values: Vec<Arc<str>>,
}

impl Variable {
    fn has(&self, text: &str) -> bool {
        self.values.iter().any(|value| &**value == text)
    }
}

/// Reads the variables; nothing when they cannot be used, which is reported.
pub(super) fn read(file: &SourceFile, entry: &Entry, problems: &mut Vec<Problem>) -> Option<Matrix> {
    let before = problems.len();
    let mut report = |span: Span, message: String, help: &str| {
        let span = if span.is_empty() { entry.key_span } else { span };
        let problem = Problem::new(&codes::SHAPE_020, file.origin(span), message).help(help);
        problems.push(problem.path_text(MATRIX.to_owned()));
    };
    const SHAPE: &str = "write the values of each variable: `matrix: {plant: [ams, bra]}`";
    let Some(mapping) = entry.node.mapping() else {
        if !matches!(&*entry.node.value, Value::Broken) {
            report(entry.node.span, format!("`matrix` wants a mapping, not {}", entry.node.words()), SHAPE);
        }
        return None;
    };
    if mapping.entries.is_empty() && mapping.complete {
        report(entry.node.span, "`matrix` has no variable".to_owned(), SHAPE);
    }
    if mapping.entries.len() > MAX_VARIABLES {
        let message =
            format!("`matrix` has {} variables; {MAX_VARIABLES} is the most", mapping.entries.len());
        report(entry.node.span, message, "write out what has one value only");
        return None;
    }
    let mut variables = Vec::new();
    let mut sound = mapping.complete;
    for variable in &mapping.entries {
        if !is_name(&variable.key) {
            let help = "names of variables have letters, digits and underscores, and start with a letter";
            report(variable.key_span, format!("`{}` cannot be the name of a variable", variable.key), help);
        }
        let Value::Sequence(nodes) = &*variable.node.value else {
            sound = false;
            if !matches!(&*variable.node.value, Value::Broken) {
                let message =
                    format!("`{}` wants a list of values, not {}", variable.key, variable.node.words());
                let span = if variable.node.span.is_empty() { variable.key_span } else { variable.node.span };
                report(span, message, SHAPE);
            }
            continue;
        };
        if nodes.is_empty() {
            report(variable.node.span, format!("`{}` has no values", variable.key), SHAPE);
        }
        if nodes.len() > MAX_RESOURCES {
            report(entry.key_span, too_many(nodes.len()), FEWER);
            return None;
        }
        let mut values: Vec<Arc<str>> = Vec::new();
        for node in nodes {
            let text = node.scalar().filter(|scalar| scalar.meaning == Meaning::Text);
            let Some(text) = text.map(|scalar| scalar.text.as_str()) else {
                sound = false;
                if !matches!(&*node.value, Value::Broken) {
                    let message =
                        format!("a value of `{}` has to be text, not {}", variable.key, node.words());
                    let span = if node.span.is_empty() { variable.key_span } else { node.span };
                    report(span, message, "quote it");
                }
                continue;
            };
            if text.trim().is_empty() || text.len() > MAX_VALUE || text.contains(char::is_control) {
                let help = "a value is a short text of one line, such as `ams`";
                report(node.span, format!("this cannot be a value of `{}`", variable.key), help);
            } else if values.iter().any(|value| &**value == text) {
                report(
                    node.span,
                    format!("`{text}` stands twice in `{}`", variable.key),
                    "remove one of the two",
                );
            } else {
                values.push(text.into());
            }
        }
        variables.push(Variable { name: variable.key.clone(), span: variable.key_span, values });
    }
    variables.sort_by(|a, b| a.name.cmp(&b.name));
    let sound = sound && !problems.iter().skip(before).any(Problem::is_error);
    sound.then_some(Matrix { variables })
}

const FEWER: &str = "use fewer values, or several documents";

fn too_many(count: usize) -> String {
    format!("`matrix` would make {count} resources; {MAX_RESOURCES} is the most")
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A document that was filled in for one choice of values.
pub(super) struct Expanded {
    pub(super) values: Values,
    pub(super) entry: Entry,
    /// Identity fields that have no value for this choice, and the mapping that lacks it.
    pub(super) missing: Vec<Missing>,
    /// Keys that became equal to an earlier one of their mapping.
    pub(super) repeated: Vec<(Span, Span)>,
}

/// A value that a mapping from values lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Missing {
    pub(super) field: &'static str,
    pub(super) mapping: Span,
    /// The keys under which it should stand, outermost first.
    pub(super) keys: Vec<Arc<str>>,
}

impl Matrix {
    /// How many resources a document becomes.
    fn count(&self) -> usize {
        self.variables.iter().fold(1, |count: usize, variable| count.saturating_mul(variable.values.len()))
    }

    /// Every choice of values.
    fn choices(&self) -> Vec<Values> {
        let mut choices: Vec<Values> = vec![Values::new()];
        for variable in &self.variables {
            choices = choices
                .iter()
                .flat_map(|choice| {
                    variable.values.iter().map(|value| {
                        let mut choice = choice.clone();
                        choice.push((variable.name.clone(), value.clone()));
                        choice
                    })
                })
                .collect();
        }
        choices
    }

    /// Fills in the body of a document for every choice of values; nothing when that would be too much.
    pub(super) fn expand(
        &self,
        file: &SourceFile,
        at: &Entry,
        body: &Entry,
        table: &'static [Field],
        budget: &mut Budget,
        problems: &mut Vec<Problem>,
    ) -> Option<Vec<Expanded>> {
        let count = self.count();
        let problem = |message: String, help: &str| {
            let problem = Problem::new(&codes::SHAPE_020, file.origin(at.key_span), message).help(help);
            problem.path_text(MATRIX.to_owned())
        };
        if count > MAX_RESOURCES {
            problems.push(problem(too_many(count), FEWER));
            return None;
        }
        let mut check = Check { matrix: self, file, problems: &mut *problems, used: BTreeSet::new() };
        check.fields(&body.node, table);
        let used = check.used;
        for variable in self.variables.iter().filter(|variable| !used.contains(&variable.name)) {
            let name = &variable.name;
            let message = format!("the document does not use the variable `{name}`");
            let problem = Problem::new(&codes::SHAPE_022, file.origin(variable.span), message);
            let help = format!("write `${{{name}}}` in a text, or remove the variable");
            problems.push(problem.help(help).path_text(format!("{MATRIX}.{name}")));
        }
        let values = body.node.weight.saturating_mul(count);
        if budget.resources < count || budget.values < values {
            problems.push(problem(
                "the matrices of this estate stand for too much".to_owned(),
                "use fewer values",
            ));
            return None;
        }
        budget.resources -= count;
        budget.values -= values;
        let mut expanded = Vec::with_capacity(count);
        for values in self.choices() {
            let mut fill = Fill {
                matrix: self,
                values: &values,
                text: &mut budget.text,
                missing: Vec::new(),
                repeated: Vec::new(),
            };
            let node = fill.fields(&body.node, table);
            let Fill { missing, repeated, .. } = fill;
            let entry = Entry { key: body.key.clone(), key_span: body.key_span, node };
            expanded.push(Expanded { values, entry, missing, repeated });
        }
        if budget.text == 0 {
            problems.push(problem(
                "the matrices of this estate stand for too much".to_owned(),
                "use shorter texts",
            ));
            return None;
        }
        Some(expanded)
    }

    /// The variable whose values are the keys of a mapping. Values that two variables share are those of the first
    /// by name.
    fn level<'m>(&'m self, mapping: &Mapping, open: &[&'m Variable]) -> Option<&'m Variable> {
        let shared = self.variables.iter().enumerate().any(|(at, variable)| {
            let others = self.variables.get(at + 1..).unwrap_or_default();
            others.iter().any(|other| variable.values.iter().any(|value| other.has(value)))
        });
        if shared {
            return open.first().copied();
        }
        let names_one = |variable: &&&Variable| mapping.entries.iter().any(|entry| variable.has(&entry.key));
        open.iter().find(names_one).or(open.first()).copied()
    }

    fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| &*variable.name == name)
    }
}

/// Whether a value of a field is a mapping from values of the matrix.
fn is_per_value(field: &Field, node: &Node) -> bool {
    field.owner == Owner::Identity
        && matches!(field.shape, Shape::Text(_))
        && node.mapping().is_some_and(|mapping| !is_outside(mapping))
}

/// A piece of a text.
enum Piece<'t> {
    Text(&'t str),
    Variable(&'t str),
    /// `${` without its end.
    Open,
}

/// Cuts a text at its variables. `$${` stands for `${`.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, behind) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            pieces.push(Piece::Text(before));
            pieces.push(Piece::Text("${"));
            rest = behind.get(2..).unwrap_or_default();
            continue;
        }
        pieces.push(Piece::Text(before));
        let inside = behind.get(2..).unwrap_or_default();
        match inside.split_once('}') {
            Some((name, behind)) => {
                pieces.push(Piece::Variable(name));
                rest = behind;
            }
            None => {
                pieces.push(Piece::Open);
                rest = "";
            }
        }
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// Looks at the document before it is filled in, so that a mistake in it is reported once.
struct Check<'a> {
    matrix: &'a Matrix,
    file: &'a SourceFile,
    problems: &'a mut Vec<Problem>,
    used: BTreeSet<Arc<str>>,
}

impl Check<'_> {
    fn fields(&mut self, node: &Node, table: &'static [Field]) {
        let Some(mapping) = node.mapping() else { return self.below(node) };
        for entry in &mapping.entries {
            self.text(&entry.key, entry.key_span, entry.key_span);
            match find(table, &entry.key) {
                Some(field) if is_per_value(field, &entry.node) => {
                    let open: Vec<&Variable> = self.matrix.variables.iter().collect();
                    self.per_value(field, &entry.node, &open);
                }
                Some(Field { shape: Shape::Object(table), .. }) => self.fields(&entry.node, table),
                _ => self.below(&entry.node),
            }
        }
    }

    fn below(&mut self, node: &Node) {
        match &*node.value {
            Value::Scalar(scalar) if scalar.meaning == Meaning::Text => {
                self.text(&scalar.text, node.span, node.text);
            }
            Value::Scalar(_) | Value::Broken => {}
            Value::Sequence(nodes) => nodes.iter().for_each(|node| self.below(node)),
            Value::Mapping(mapping) => {
                for entry in &mapping.entries {
                    self.text(&entry.key, entry.key_span, entry.key_span);
                    self.below(&entry.node);
                }
            }
        }
    }

    fn text(&mut self, text: &str, span: Span, text_span: Span) {
        if !text.contains("${") {
            return;
        }
        let hidden = self.file.is_masked(text_span);
        for piece in pieces(text) {
            let (message, help) = match piece {
                Piece::Text(_) => continue,
                Piece::Variable(name) if self.matrix.variable(name).is_some() => {
                    self.used.insert(name.into());
                    continue;
                }
                Piece::Variable(_) if hidden => ("the matrix has no such variable".to_owned(), String::new()),
                Piece::Variable(name) => {
                    let names = self.matrix.variables.iter().map(|variable| &*variable.name);
                    let help = suggest::did_you_mean(name, names, "the variables are").unwrap_or_default();
                    let is_plain = |character: &char| !character.is_control();
                    let shown: String = name.chars().filter(is_plain).take(MAX_VALUE).collect();
                    let help = format!("{help} (a text that is to have `${{` is written with `$${{`)");
                    (format!("the matrix has no variable `{shown}`"), help)
                }
                Piece::Open => (
                    "`${` has no `}`".to_owned(),
                    "write `${NAME}`; a text that is to have `${` is written with `$${`".to_owned(),
                ),
            };
            let problem = Problem::new(&codes::SHAPE_021, self.file.origin(span), message);
            self.problems.push(if help.is_empty() { problem } else { problem.help(help) });
        }
    }

    fn per_value(&mut self, field: &'static Field, node: &Node, open: &[&Variable]) {
        let Some(mapping) = node.mapping() else { return self.below(node) };
        let Some(variable) = self.matrix.level(mapping, open) else {
            let message = format!("`{}` is chosen by all variables already", field.name);
            let problem = Problem::new(&codes::SHAPE_024, self.file.origin(node.span), message);
            self.problems.push(problem.help("write the value").path_text(field.name.to_owned()));
            return;
        };
        self.used.insert(variable.name.clone());
        let rest: Vec<&Variable> = open.iter().copied().filter(|other| other.name != variable.name).collect();
        for entry in &mapping.entries {
            if !variable.has(&entry.key) {
                let message = format!("`{}` is no value of `{}`", entry.key, variable.name);
                let problem = Problem::new(&codes::SHAPE_024, self.file.origin(entry.key_span), message);
                let values = variable.values.iter().map(|value| &**value);
                let help = suggest::did_you_mean(&entry.key, values, "its values are");
                self.problems.push(problem.help(help.unwrap_or_default()).path_text(field.name.to_owned()));
            }
            self.per_value(field, &entry.node, &rest);
        }
    }
}

/// Fills in one choice of values.
struct Fill<'a> {
    matrix: &'a Matrix,
    values: &'a Values,
    /// How many bytes may still be written; nothing is written once they are used up.
    text: &'a mut usize,
    missing: Vec<Missing>,
    repeated: Vec<(Span, Span)>,
}

impl Fill<'_> {
    fn fields(&mut self, node: &Node, table: &'static [Field]) -> Node {
        let Some(mapping) = node.mapping() else { return self.below(node) };
        self.mapping(node, mapping, |fill, entry| match find(table, &entry.key) {
            Some(field) if is_per_value(field, &entry.node) => fill.chosen(field, &entry.node),
            Some(Field { shape: Shape::Object(table), .. }) => fill.fields(&entry.node, table),
            _ => fill.below(&entry.node),
        })
    }

    fn mapping(
        &mut self,
        node: &Node,
        mapping: &Mapping,
        mut value: impl FnMut(&mut Self, &Entry) -> Node,
    ) -> Node {
        let mut complete = mapping.complete;
        let mut entries: Vec<Entry> = Vec::with_capacity(mapping.entries.len());
        let mut seen: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        for entry in &mapping.entries {
            let key = match self.filled(&entry.key) {
                Some(Ok(text)) => Arc::from(text),
                Some(Err(())) => {
                    complete = false;
                    continue;
                }
                None => entry.key.clone(),
            };
            if let Some(first) = seen.get(&key) {
                self.repeated.push((*first, entry.key_span));
                complete = false;
                continue;
            }
            seen.insert(key.clone(), entry.key_span);
            let node = value(self, entry);
            entries.push(Entry { key, key_span: entry.key_span, node });
        }
        Node { value: Arc::new(Value::Mapping(Mapping { entries, complete })), ..node.clone() }
    }

    fn below(&mut self, node: &Node) -> Node {
        match &*node.value {
            Value::Scalar(scalar) if scalar.meaning == Meaning::Text => match self.filled(&scalar.text) {
                None => node.clone(),
                Some(Ok(text)) => {
                    let filled = Scalar { text, meaning: Meaning::Text, plain: false, filled: true };
                    Node { value: Arc::new(Value::Scalar(filled)), ..node.clone() }
                }
                Some(Err(())) => broken(node),
            },
            Value::Scalar(_) | Value::Broken => node.clone(),
            Value::Sequence(nodes) => {
                let nodes = nodes.iter().map(|node| self.below(node)).collect();
                Node { value: Arc::new(Value::Sequence(nodes)), ..node.clone() }
            }
            Value::Mapping(mapping) => self.mapping(node, mapping, |fill, entry| fill.below(&entry.node)),
        }
    }

    /// The text with its variables filled in; nothing when it has none.
    fn filled(&mut self, text: &str) -> Option<Result<String, ()>> {
        if !text.contains("${") {
            return None;
        }
        let mut filled = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Variable(name) => match self.values.iter().find(|(of, _)| &**of == name) {
                    Some((_, value)) => filled.push_str(value),
                    None => return Some(Err(())),
                },
                Piece::Open => return Some(Err(())),
            }
            if filled.len() > *self.text {
                *self.text = 0;
                return Some(Err(()));
            }
        }
        *self.text -= filled.len();
        Some(Ok(filled))
    }

    /// The value that a mapping has for this choice.
    fn chosen(&mut self, field: &'static Field, node: &Node) -> Node {
        let mut open: Vec<&Variable> = self.matrix.variables.iter().collect();
        let (outermost, mut node) = (node, node.clone());
        let mut keys = Vec::new();
        while let Some(mapping) = node.mapping() {
            let Some(variable) = self.matrix.level(mapping, &open) else { return broken(&node) };
            let value = self.values.iter().find(|(of, _)| *of == variable.name).map(|(_, value)| value);
            let Some(value) = value else { return broken(&node) };
            keys.push(value.clone());
            open.retain(|other| other.name != variable.name);
            let Some(entry) = mapping.get(value).filter(|entry| !entry.node.is_null()) else {
                if mapping.complete {
                    keys.extend(open.iter().filter_map(|variable| {
                        let (_, value) = self.values.iter().find(|(of, _)| *of == variable.name)?;
                        Some(value.clone())
                    }));
                    self.missing.push(Missing { field: field.name, mapping: outermost.span, keys });
                }
                return broken(&node);
            };
            node = entry.node.clone();
        }
        self.below(&node)
    }
}

fn broken(node: &Node) -> Node {
    Node { value: Arc::new(Value::Broken), ..node.clone() }
}
