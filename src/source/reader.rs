//! Events of the parser → trees.
//!
//! Nothing here recurses: open collections stand on a stack of its own.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, ScalarStyle, ScanError, StructureStyle, Tag};

use super::codes;
use super::diagnostic::Problem;
use super::file::{SourceFile, Span};
use super::scalar::{Meaning, meaning};
use super::yaml::{Document, Entry, MOST_VALUES, Mapping, Node, Scalar, Value};
use crate::model::Origin;

/// How deep mappings and lists may be nested. Manifests need eight levels.
const MAX_DEPTH: usize = 64;

/// How many values the aliases of one document may stand for.
const MAX_ALIASED: usize = 100_000;

/// A collection that is not closed yet.
struct Frame {
    start: usize,
    anchor: usize,
    flow: bool,
    /// Whether its tag fits.
    sound: bool,
    height: usize,
    weight: usize,
    end: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, seen: HashMap<Arc<str>, Span>, complete: bool, key: Option<Key> },
}

enum Key {
    Good(Arc<str>, Span),
    /// It was reported; the value is dropped.
    Bad,
}

/// Builds the documents of one file.
pub(super) struct Reader<'f, 'p> {
    file: &'f SourceFile,
    problems: &'p mut Vec<Problem>,
    /// How many values there may still be in the estate.
    room: &'p mut usize,
    full: bool,
    base: usize,
    documents: Vec<Document>,
    start: Option<usize>,
    root: Option<Node>,
    stack: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    aliased: usize,
    /// How many collections below the deepest one that is read are open.
    skipped: usize,
    too_deep: bool,
    /// Whether a part of the document is not in its tree.
    dropped: bool,
}

impl<'f, 'p> Reader<'f, 'p> {
    pub(super) fn new(
        file: &'f SourceFile,
        room: &'p mut usize,
        problems: &'p mut Vec<Problem>,
        base: usize,
    ) -> Reader<'f, 'p> {
        Reader {
            file,
            problems,
            room,
            full: false,
            base,
            documents: Vec::new(),
            start: None,
            root: None,
            stack: Vec::new(),
            anchors: HashMap::new(),
            aliased: 0,
            skipped: 0,
            too_deep: false,
            dropped: false,
        }
    }

    pub(super) fn event(&mut self, event: Event<'_>, span: Span, tag_span: Option<Span>) {
        match event {
            Event::DocumentStart(..) => self.open_document(span.start),
            Event::DocumentEnd => self.close_document(),
            Event::Scalar(text, style, anchor, tag) if self.skipped == 0 => {
                let node = self.scalar(text, style, span, tag.as_deref(), tag_span);
                self.add(node, anchor);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let sound = self.collection_tag(tag.as_deref(), "seq", tag_span, span);
                let content = Content::Sequence(Vec::new());
                self.open(span, style, anchor, sound, content);
            }
            Event::MappingStart(style, anchor, tag) => {
                let sound = self.collection_tag(tag.as_deref(), "map", tag_span, span);
                let content =
                    Content::Mapping { entries: Vec::new(), seen: HashMap::new(), complete: true, key: None };
                self.open(span, style, anchor, sound, content);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(_) => self.unknown_alias(span),
            _ => {}
        }
    }

    /// Whether the estate has no room for further values, which was reported.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    /// Makes room for values. Where there is none, the document ends here, and the file with it.
    fn take_room(&mut self, values: usize, span: Span) {
        match self.room.checked_sub(values) {
            Some(rest) => *self.room = rest,
            None if self.full => {}
            None => {
                self.full = true;
                *self.room = 0;
                let message = format!("the estate has more than {MOST_VALUES} values up to here");
                let problem = Problem::new(&codes::YAML_012, self.file.origin(span), message);
                self.problems
                    .push(problem.help("remove what nobody needs; aliases count for what they repeat"));
                self.root = None;
                self.close_document();
                self.stack.clear();
            }
        }
    }

    fn open_document(&mut self, start: usize) {
        // Documents that hold nothing take room, too.
        self.take_room(1, Span::new(start, start));
        self.end_region(start);
        self.start = Some(start);
        self.root = None;
        self.stack.clear();
        self.anchors.clear();
        self.aliased = 0;
        self.skipped = 0;
        self.too_deep = false;
        self.dropped = false;
    }

    /// The last document reaches to where the next one starts.
    fn end_region(&mut self, end: usize) {
        if let Some(last) = self.documents.last_mut() {
            last.span.end = end.max(last.span.start);
        }
    }

    fn close_document(&mut self) {
        let start = self.start.take().unwrap_or(self.base);
        let root = self.root.take();
        let span = Span::new(start, self.file.text().len());
        self.documents.push(Document { root, span, whole: !self.dropped });
    }

    pub(super) fn syntax_error(&mut self, error: &ScanError) {
        let text = self.file.text();
        let mut at = (self.base + error.marker().byte_offset().unwrap_or_default()).min(text.len());
        // At the end of the text there is nothing to show; the last line with something on it is better.
        if text.get(at..).is_some_and(|rest| rest.trim().is_empty()) {
            at = text.trim_end().len().max(self.base);
        }
        let length = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let length =
            if text.get(at..).is_some_and(|rest| rest.starts_with(['\n', '\r'])) { 0 } else { length };
        let origin = self.file.origin(Span::new(at, at + length));
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            if !self.too_deep {
                self.problems.push(too_deep(origin));
            }
        } else {
            let (before, rest) = text.split_at_checked(at).unwrap_or_default();
            self.problems.push(syntax_problem(error.kind(), origin, before, rest));
        }
        if self.start.is_none() {
            let start = self.documents.last().map_or(self.base, |_| at);
            self.open_document(start);
        }
        self.root = None;
        self.close_document();
        self.stack.clear();
        self.skipped = 0;
    }

    pub(super) fn finish(self) -> Vec<Document> {
        self.documents
    }

    fn open(&mut self, span: Span, style: StructureStyle, anchor: usize, sound: bool, content: Content) {
        if self.skipped > 0 {
            self.skipped += 1;
            return;
        }
        if self.stack.len() >= MAX_DEPTH {
            self.skipped = 1;
            self.report_depth(span);
            return;
        }
        self.stack.push(Frame {
            start: span.start,
            anchor,
            flow: matches!(style, StructureStyle::Flow),
            sound,
            height: 0,
            weight: 1,
            end: span.start,
            content,
        });
    }

    fn close(&mut self, span: Span) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                self.add(broken(span), 0);
            }
            return;
        }
        let Some(frame) = self.stack.pop() else { return };
        // A block collection ends with its last item, not where the parser notices.
        let end = if frame.flow { span.end } else { frame.end };
        let place = Span::new(frame.start, end.max(frame.start));
        let value = match frame.content {
            _ if !frame.sound => Value::Broken,
            Content::Sequence(nodes) => Value::Sequence(nodes),
            Content::Mapping { entries, complete, .. } => Value::Mapping(Mapping { entries, complete }),
        };
        let node = Node {
            span: place,
            text: place,
            height: frame.height + 1,
            weight: frame.weight,
            value: Arc::new(value),
        };
        self.add(node, frame.anchor);
    }

    fn alias(&mut self, anchor: usize, span: Span) {
        if self.skipped > 0 {
            return;
        }
        let Some(target) = self.anchors.get(&anchor).cloned() else {
            let problem = Problem::new(
                &codes::YAML_007,
                self.file.origin(span),
                "the alias refers to the value that holds it",
            );
            self.problems.push(problem.help("a value cannot contain itself; write the inner value out"));
            return self.add(broken(span), 0);
        };
        if self.stack.len() + target.height > MAX_DEPTH {
            self.report_depth(span);
            return self.add(broken(span), 0);
        }
        let within = self.aliased <= MAX_ALIASED;
        self.aliased = self.aliased.saturating_add(target.weight);
        if self.aliased > MAX_ALIASED {
            if within {
                let message =
                    format!("the aliases of this document stand for more than {MAX_ALIASED} values");
                let problem = Problem::new(&codes::YAML_006, self.file.origin(span), message);
                self.problems.push(problem.help("write out what is meant, or repeat less with aliases"));
            }
            return self.add(broken(span), 0);
        }
        self.add(Node { span, ..target }, 0);
    }

    fn unknown_alias(&mut self, span: Span) {
        if self.skipped > 0 {
            return;
        }
        // Its name is not repeated: a password may start with `*`.
        let help =
            "mark the value to repeat with `&name` before it; a text that starts with `*` has to be quoted";
        let problem =
            Problem::new(&codes::YAML_007, self.file.origin(span), "the alias names no anchor before it");
        self.problems.push(problem.help(help));
        self.add(broken(span), 0);
    }

    fn report_depth(&mut self, span: Span) {
        self.dropped = true;
        if !self.too_deep {
            self.too_deep = true;
            let first = Span::new(span.start, span.start + usize::from(!span.is_empty()));
            self.problems.push(too_deep(self.file.origin(first)));
        }
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, node: Node, anchor: usize) {
        // A collection has brought its content along, which took its room; only an alias has not.
        let is_alias = node.span != node.text;
        self.take_room(if is_alias { node.weight } else { 1 }, node.span);
        if self.full {
            return;
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.height = frame.height.max(node.height);
        frame.weight = frame.weight.saturating_add(node.weight);
        frame.end = frame.end.max(node.span.end);
        match &mut frame.content {
            Content::Sequence(nodes) => nodes.push(node),
            Content::Mapping { entries, complete, key, .. } => match key.take() {
                Some(Key::Good(key, key_span)) => entries.push(Entry { key, key_span, node }),
                Some(Key::Bad) => {
                    *complete = false;
                    self.dropped = true;
                }
                None => self.key(&node),
            },
        }
    }

    fn key(&mut self, node: &Node) {
        let key = self.check_key(node);
        if let Some(Frame { content: Content::Mapping { seen, key: slot, .. }, .. }) = self.stack.last_mut() {
            *slot = Some(match key {
                Some(key) => {
                    seen.entry(key.clone()).or_insert(node.span);
                    Key::Good(key, node.span)
                }
                None => Key::Bad,
            });
        }
    }

    fn check_key(&mut self, node: &Node) -> Option<Arc<str>> {
        let origin = self.file.origin(node.span);
        let Value::Scalar(scalar) = &*node.value else {
            if !matches!(&*node.value, Value::Broken) {
                let message = format!("a key has to be text, not {}", node.words());
                let help = "write `key: value`, and quote a key or value that starts with `[`, `{` or `?`";
                self.problems.push(Problem::new(&codes::YAML_009, origin, message).help(help));
            }
            return None;
        };
        let text = scalar.text.as_str();
        if scalar.plain && text == "<<" {
            let problem = Problem::new(&codes::YAML_010, origin, "merge keys (`<<`) are not supported");
            self.problems.push(problem.help("repeat the keys, or use an alias (`*name`) for a whole value"));
            return None;
        }
        if scalar.meaning != Meaning::Text {
            let message = format!("a key has to be text, not {}", scalar.meaning.words());
            let help = if node.span.is_empty() {
                "write a name before the colon".to_owned()
            } else {
                format!("quote it: `\"{text}\"`")
            };
            self.problems.push(Problem::new(&codes::YAML_009, origin, message).help(help));
            return None;
        }
        let Some(Frame { content: Content::Mapping { seen, .. }, .. }) = self.stack.last() else {
            return None;
        };
        if let Some(first) = seen.get(text) {
            let problem = Problem::new(
                &codes::YAML_004,
                origin,
                format!("the key `{text}` stands twice in this mapping"),
            )
            .label("here again")
            .related(self.file.origin(*first), "first here")
            .help("remove one of the two");
            self.problems.push(problem);
            return None;
        }
        Some(Arc::from(text))
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        span: Span,
        tag: Option<&Tag>,
        tag_span: Option<Span>,
    ) -> Node {
        let written = self.file.slice(span).trim_end();
        let place = Span::new(span.start, span.start + written.len());
        let plain = matches!(style, ScalarStyle::Plain);
        let meaning = match tag {
            None if plain => meaning(&text),
            None => Meaning::Text,
            Some(tag) => match tag.core_suffix() {
                Some("str") => Meaning::Text,
                Some("null" | "bool" | "int" | "float") => meaning(&text),
                _ if tag.original() == "!" => Meaning::Text,
                _ => {
                    self.report_tag(tag_span, place);
                    return broken(place);
                }
            },
        };
        let value = Value::Scalar(Scalar {
            text: text.into_owned(),
            meaning,
            plain: plain && tag.is_none(),
            filled: false,
        });
        Node { span: place, text: place, height: 0, weight: 1, value: Arc::new(value) }
    }

    /// Whether the tag of a collection is the one that it has anyway.
    fn collection_tag(&mut self, tag: Option<&Tag>, own: &str, tag_span: Option<Span>, span: Span) -> bool {
        let Some(tag) = tag else { return true };
        let fits = tag.core_suffix() == Some(own) || tag.original() == "!";
        if !fits && self.skipped == 0 {
            self.report_tag(tag_span, Span::new(span.start, span.start));
        }
        fits
    }

    fn report_tag(&mut self, tag_span: Option<Span>, place: Span) {
        // Its name is not repeated: a password may start with `!`.
        self.dropped = true;
        let help = "remove the tag; a text that starts with `!` has to be quoted";
        let origin = self.file.origin(tag_span.unwrap_or(place));
        self.problems
            .push(Problem::new(&codes::YAML_008, origin, "the tag is not supported here").help(help));
    }
}

fn broken(span: Span) -> Node {
    Node { span, text: span, height: 0, weight: 1, value: Arc::new(Value::Broken) }
}

fn too_deep(origin: Origin) -> Problem {
    Problem::new(&codes::YAML_005, origin, format!("the text is nested more than {MAX_DEPTH} levels deep"))
        .help("no manifest is nested this deeply; look for brackets or dashes that do not belong here")
}

fn syntax_problem(kind: &ErrorKind, origin: Origin, before: &str, rest: &str) -> Problem {
    let indentation = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let help = if rest.starts_with('\t') || (indentation.trim().is_empty() && indentation.contains('\t')) {
        "indent with spaces; YAML allows no tabs here"
    } else if rest.starts_with('@') || rest.starts_with('`') {
        "a text must not start with `@` or a backtick; quote it"
    } else if rest.starts_with('{') && before.ends_with('$') {
        "inside `{…}` and `[…]` a text with a variable has to be quoted: `\"${plant}\"`"
    } else {
        "look at the quotes, brackets and indentation here and just above"
    };
    Problem::new(&codes::YAML_001, origin, format!("this is not valid YAML: {kind}")).help(help)
}
