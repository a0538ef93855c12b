//! Diagnostics: problems of the input, each with its code and exact place.
//!
//! While an estate is read, a problem is a plain [`Problem`]. Only when every file is read and every secret in them
//! is masked do problems become [`Diagnostic`]s with excerpts.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use miette::LabeledSpan;

use super::codes::Code;
use super::documents::several;
use super::file::SourceFile;
use crate::model::{FieldPath, Origin, sanitise};

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The estate cannot be used.
    Error,
    /// Probably not what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The word for it in output.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// A problem of the input.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    code: String,
    severity: Severity,
    message: String,
    help: Option<String>,
    address: Option<String>,
    path: Option<String>,
    origin: Option<Origin>,
    label: Option<String>,
    source: Option<Arc<SourceFile>>,
    /// Further places in the same file.
    near: Vec<(Origin, String)>,
    /// Further places in other files.
    far: Vec<Place>,
}

/// A second place that a diagnostic shows, in another file.
#[derive(Debug, Clone)]
struct Place {
    label: String,
    origin: Origin,
    source: Option<Arc<SourceFile>>,
}

impl Diagnostic {
    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// How bad it is.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The address of the resource that it is about.
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The field that it is about.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The place in the files.
    pub const fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// Other places that belong to it, with what they are.
    pub fn related(&self) -> impl Iterator<Item = (&Origin, &str)> {
        let near = self.near.iter().map(|(origin, label)| (origin, label.as_str()));
        near.chain(self.far.iter().map(|place| (&place.origin, place.label.as_str())))
    }

    /// The file that it is about, as excerpts show it.
    pub fn source(&self) -> Option<&Arc<SourceFile>> {
        self.source.as_ref()
    }
}

/// As a terminal may show it.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitise(&self.message))
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(sanitise(help)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_deref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let origin = self.origin.as_ref()?;
        let own = LabeledSpan::new_primary_with_span(
            self.label.as_deref().map(sanitise),
            first_line(self.source.as_deref(), origin),
        );
        let near = self.near.iter().map(|(origin, label)| {
            LabeledSpan::new_with_span(Some(sanitise(label)), first_line(self.source.as_deref(), origin))
        });
        Some(Box::new(std::iter::once(own).chain(near)))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.far.is_empty() {
            return None;
        }
        Some(Box::new(self.far.iter().map(|place| place as &dyn miette::Diagnostic)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitise(&self.label))
    }
}

impl std::error::Error for Place {}

impl miette::Diagnostic for Place {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_deref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = first_line(self.source.as_deref(), &self.origin);
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, span))))
    }
}

/// The part of a place that an excerpt underlines: a mapping of a thousand lines is shown by its first.
fn first_line(source: Option<&SourceFile>, origin: &Origin) -> (usize, usize) {
    let length = origin.end.saturating_sub(origin.start);
    if origin.line == origin.end_line {
        return (origin.start, length);
    }
    let text = source.and_then(|source| source.text().get(origin.start..origin.end)).unwrap_or_default();
    (origin.start, text.find(['\n', '\r']).unwrap_or(text.len()))
}

/// The files of an estate, for excerpts later in a run. Literals in secret fields are masked.
#[derive(Debug, Clone, Default)]
pub struct Files {
    files: BTreeMap<Arc<str>, Arc<SourceFile>>,
}

impl Files {
    pub(super) fn new(files: Vec<SourceFile>) -> Files {
        let named = files.into_iter().map(|mut file| {
            file.conceal();
            (Arc::from(file.name()), Arc::new(file))
        });
        Files { files: named.collect() }
    }

    /// The names of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(AsRef::as_ref)
    }

    /// The file that a place is in.
    pub fn source_of(&self, origin: &Origin) -> Option<Arc<SourceFile>> {
        self.files.get(&origin.file).cloned()
    }

    /// A diagnostic about a place in the files, found later than by reading them.
    #[expect(clippy::too_many_arguments, reason = "one argument for each part of a finding")]
    pub fn diagnostic(
        &self,
        code: impl Into<String>,
        severity: Severity,
        message: impl Into<String>,
        help: Option<String>,
        address: Option<String>,
        path: Option<String>,
        origin: Option<Origin>,
    ) -> Diagnostic {
        let source = origin.as_ref().and_then(|origin| self.source_of(origin));
        Diagnostic {
            code: code.into(),
            severity,
            message: message.into(),
            help,
            address,
            path,
            origin,
            label: None,
            source,
            near: Vec::new(),
            far: Vec::new(),
        }
    }

    pub(super) fn finish(&self, problem: Problem) -> Diagnostic {
        let Problem {
            code,
            severity,
            mut message,
            help,
            label,
            address,
            resource: _,
            path,
            origin,
            related,
            values,
        } = problem;
        if !values.is_empty() {
            message = format!("{message} (for {})", choices(&values));
        }
        let (near, far): (Vec<_>, Vec<_>) = related
            .into_iter()
            .partition(|(place, _)| origin.as_ref().is_some_and(|origin| origin.file == place.file));
        let far = far.into_iter().map(|(origin, label)| {
            let source = self.source_of(&origin);
            Place { label, origin, source }
        });
        let far = far.collect();
        Diagnostic {
            label,
            near,
            far,
            ..self.diagnostic(code.id, severity, message, help, address, path, origin)
        }
    }
}

/// Choices of values of a matrix, in words: `plant = ams, bra`.
fn choices(values: &BTreeSet<Vec<(String, String)>>) -> String {
    let first = values.first().and_then(|choice| choice.first()).map(|(name, _)| name);
    let single: Option<Vec<String>> = values
        .iter()
        .map(|choice| match choice.as_slice() {
            [(name, value)] if Some(name) == first => Some(value.clone()),
            _ => None,
        })
        .collect();
    if let (Some(name), Some(single)) = (first, single) {
        return format!("{name} = {}", several(&single, ", "));
    }
    let told: Vec<String> = values
        .iter()
        .map(|choice| {
            let parts: Vec<String> = choice.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            parts.join(", ")
        })
        .collect();
    several(&told, "; ")
}

/// A problem that was found while reading; it becomes a [`Diagnostic`] when all files are read.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    code: &'static Code,
    severity: Severity,
    message: String,
    help: Option<String>,
    label: Option<String>,
    address: Option<String>,
    /// The resource that it is about, whose address is not known yet.
    resource: Option<usize>,
    path: Option<String>,
    origin: Option<Origin>,
    related: Vec<(Origin, String)>,
    /// The choices of values of a matrix that it is about.
    values: BTreeSet<Vec<(String, String)>>,
}

impl Problem {
    pub(super) fn new(code: &'static Code, origin: Origin, message: impl Into<String>) -> Problem {
        Problem { origin: Some(origin), ..Problem::nowhere(code, message) }
    }

    /// A problem that has no place in a file.
    pub(super) fn nowhere(code: &'static Code, message: impl Into<String>) -> Problem {
        Problem {
            code,
            severity: code.severity,
            message: message.into(),
            help: None,
            label: None,
            address: None,
            resource: None,
            path: None,
            origin: None,
            related: Vec::new(),
            values: BTreeSet::new(),
        }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Problem {
        Problem { help: Some(help.into()), ..self }
    }

    pub(super) fn label(self, label: impl Into<String>) -> Problem {
        Problem { label: Some(label.into()), ..self }
    }

    pub(super) fn path(self, path: &FieldPath) -> Problem {
        self.path_text(path.to_string())
    }

    /// A path that is no path of the tables, such as that of an unknown key.
    pub(super) fn path_text(self, path: String) -> Problem {
        Problem { path: Some(path).filter(|path| !path.is_empty()), ..self }
    }

    pub(super) fn resource(self, resource: Option<usize>) -> Problem {
        Problem { resource, ..self }
    }

    pub(super) fn severity(self, severity: Severity) -> Problem {
        Problem { severity, ..self }
    }

    /// The milder form of a rule that has one.
    pub(super) fn milder(self) -> Problem {
        let severity = self.code.milder.unwrap_or(self.severity);
        self.severity(severity)
    }

    pub(super) fn related(mut self, origin: Origin, label: impl Into<String>) -> Problem {
        self.related.push((origin, label.into()));
        self
    }

    pub(super) const fn code(&self) -> &'static Code {
        self.code
    }

    /// The address and the field that it is about, as far as they are known.
    pub(super) fn subject(&self) -> (Option<&str>, Option<&str>) {
        (self.address.as_deref(), self.path.as_deref())
    }

    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    pub(super) const fn resource_index(&self) -> Option<usize> {
        self.resource
    }

    pub(super) const fn set_resource(&mut self, resource: Option<usize>) {
        self.resource = resource;
    }

    pub(super) const fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    pub(super) fn add_values(&mut self, values: Vec<(String, String)>) {
        self.values.insert(values);
    }

    /// Makes one problem of those that differ only in the resource that they are about: all of them are one mistake.
    pub(super) fn fold(problems: Vec<Problem>) -> Vec<Problem> {
        let mut folded: Vec<Problem> = Vec::with_capacity(problems.len());
        let mut known: HashMap<(Option<Origin>, &'static str, String), Vec<usize>> = HashMap::new();
        for problem in problems {
            let key = (problem.origin.clone(), problem.code.id, problem.message.clone());
            let alike = known.entry(key).or_default();
            let same = alike.iter().copied().find(|at| {
                folded.get(*at).is_some_and(|other| problem.origin.is_some() && other.says_the_same(&problem))
            });
            match same.and_then(|at| folded.get_mut(at)) {
                Some(other) => {
                    if other.address != problem.address {
                        other.address = None;
                    }
                    other.values.extend(problem.values);
                }
                None => {
                    alike.push(folded.len());
                    folded.push(problem);
                }
            }
        }
        folded
    }

    fn says_the_same(&self, other: &Problem) -> bool {
        self.help == other.help
            && self.path == other.path
            && self.severity == other.severity
            && self.related == other.related
            && self.values.is_empty() == other.values.is_empty()
    }

    pub(super) fn set_address(&mut self, address: Option<String>) {
        self.address = address;
    }

    /// The order of diagnostics: by file, place and code.
    pub(super) fn compare(&self, other: &Problem) -> Ordering {
        let place = |problem: &Problem| {
            problem.origin.as_ref().map(|origin| (origin.file.clone(), origin.start, origin.end))
        };
        (place(self), self.code.id, &self.message).cmp(&(place(other), other.code.id, &other.message))
    }
}
