//! A language server: what an editor shows while somebody writes an estate.
//!
//! ```text
//! workspace   open files over those on disk → diagnostics, as `validate` gives them
//! cursor      half-written text → the way to what is written, by marking it
//! schema      the way → keys, words, documentation
//! names       files → where each name is given and used
//! rename      the estate before and after → what speaks against it
//! ```
//!
//! It reads files and talks to nobody but the editor.

mod cursor;
mod names;
mod rename;
mod schema;
mod text;
mod workspace;

pub use workspace::Surroundings;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::ls_types as lsp;
use tower_lsp_server::{Client, LanguageServer, LspService, Server};

use self::cursor::cursor;
use self::names::{Use, wanted};
use self::text::{area, offset};
use self::workspace::{File, Open, Workspace, names_in};
use crate::source::outline::{Step, outline};
use crate::source::{Diagnostic, Severity, codes, schema as estate_schema};

/// Serves an editor until it says that it is done.
pub async fn serve(input: impl AsyncRead + Unpin, output: impl AsyncWrite, world: Surroundings) {
    let (service, socket) = LspService::new(|client| Editor {
        client,
        world,
        schema: estate_schema::schema(),
        workspace: Mutex::default(),
    });
    // One after the other: what is told of an old text must not come behind what is told of a new one.
    Server::new(input, output, socket).concurrency_level(1).serve(service).await;
}

/// The server of one editor.
struct Editor {
    client: Client,
    world: Surroundings,
    schema: Value,
    workspace: Mutex<Workspace>,
}

impl Editor {
    fn workspace(&self) -> MutexGuard<'_, Workspace> {
        self.workspace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the problems of the estate of a file.
    async fn check(&self, file: &Path) {
        let found = {
            let mut workspace = self.workspace();
            let Some(estate) = workspace.estate_of(file) else { return };
            let mut found = workspace.check(&estate, self.world);
            // The file itself comes last, and is told of in any case: with it everything is told.
            let own = found.remove(file).unwrap_or_default();
            let all = found.into_iter().chain([(file.to_owned(), own)]);
            let told = all.filter_map(|(file, found)| {
                let uri = lsp::Uri::from_file_path(&file)?;
                let (text, version) = match workspace.open.get(&file) {
                    Some(open) => (open.text.clone(), Some(open.version)),
                    None => (fs_err::read_to_string(&file).unwrap_or_default(), None),
                };
                Some((uri, found.iter().map(|it| told(it, &text)).collect::<Vec<_>>(), version))
            });
            told.collect::<Vec<_>>()
        };
        for (uri, found, version) in found {
            self.client.publish_diagnostics(uri, found, version).await;
        }
    }

    /// The file of a request, and the offset that it is about.
    fn place(&self, at: &lsp::TextDocumentPositionParams) -> Option<(PathBuf, String, usize)> {
        let path = at.text_document.uri.to_file_path()?.into_owned();
        let text = self.workspace().open.get(&path)?.text.clone();
        let offset = offset(&text, at.position);
        Some((path, text, offset))
    }

    /// Every file and name of the estate of a file.
    fn estate(&self, file: &Path) -> Option<(Vec<File>, Vec<Use>)> {
        let workspace = self.workspace();
        let (loaded, files) = workspace.files(&workspace.estate_of(file)?, self.world);
        let names = names_in(&files, loaded.desired.as_ref());
        Some((files, names))
    }

    /// The name at a place, with everything of its estate.
    fn named(&self, at: &lsp::TextDocumentPositionParams) -> Option<(Vec<File>, Vec<Use>, Use)> {
        let (path, _, offset) = self.place(at)?;
        let (files, names) = self.estate(&path)?;
        let is_here = |it: &&Use| {
            it.range.start <= offset
                && offset <= it.range.end
                && files.get(it.file).is_some_and(|file| file.path == path)
        };
        let here = names.iter().find(is_here)?.clone();
        Some((files, names, here))
    }

    /// What speaks against these texts in the place of those of the estate.
    fn objection(&self, files: &[File], here: &Use, texts: &BTreeMap<&Path, String>) -> Option<String> {
        let workspace = self.workspace();
        let estate = workspace.estate_of(&files.get(here.file)?.path)?;
        let (before, _) = workspace.files(&estate, self.world);
        let after = workspace.load_with(&estate, self.world, texts);
        rename::objection(&before, &after)
    }

    fn complete(&self, at: &lsp::TextDocumentPositionParams) -> Option<Vec<lsp::CompletionItem>> {
        let (path, text, offset) = self.place(at)?;
        let cursor = cursor(&text, offset)?;
        let word = area(&text, &cursor.word);
        let alternatives = schema::alternatives(&self.schema, &cursor.path);
        let item = |label: &str, new: String, kind, schema: Option<&Value>| lsp::CompletionItem {
            label: label.to_owned(),
            kind: Some(kind),
            documentation: schema.and_then(documentation).map(markdown),
            text_edit: Some(lsp::CompletionTextEdit::Edit(lsp::TextEdit::new(word, new))),
            ..lsp::CompletionItem::default()
        };
        let mut items = Vec::new();
        for (name, schema) in schema::keys(&alternatives) {
            let is_offered = schema["readOnly"] != true && !cursor.siblings.iter().any(|it| it == name);
            if is_offered {
                let new = match (cursor.is_key, cursor.has_colon) {
                    (true, true) => name.to_owned(),
                    (true, false) => format!("{name}: "),
                    // Behind a key, on its line.
                    (false, _) => format!("{{{name}: }}"),
                };
                items.push(item(name, new, lsp::CompletionItemKind::PROPERTY, Some(schema)));
            }
        }
        if !cursor.is_key {
            for word in schema::words(&alternatives) {
                items.push(item(&word, word.clone(), lsp::CompletionItemKind::ENUM_MEMBER, None));
            }
            let (_, names) = self.estate(&path)?;
            for name in wanted(&cursor.path, &cursor.document, &names) {
                items.push(item(name, spelt(name), lsp::CompletionItemKind::REFERENCE, None));
            }
            if is_code(&cursor.path) {
                for code in codes::all().filter(|code| code.may_be_waived()) {
                    let mut offered =
                        item(code.id, code.id.to_owned(), lsp::CompletionItemKind::CONSTANT, None);
                    offered.documentation = Some(markdown(code.title.to_owned()));
                    items.push(offered);
                }
            }
        }
        Some(items)
    }

    fn hover(&self, at: &lsp::TextDocumentPositionParams) -> Option<lsp::Hover> {
        let (_, text, offset) = self.place(at)?;
        let entries = outline(&text);
        let is_here = |range: &std::ops::Range<usize>| range.start <= offset && offset <= range.end;
        let at_key = entries.iter().find(|entry| entry.key.as_ref().is_some_and(is_here));
        // The smallest value is the last one that holds the place.
        let (entry, range) = match at_key {
            Some(entry) => (entry, entry.key.clone()?),
            None => {
                let entry = entries.iter().rev().find(|entry| is_here(&entry.value))?;
                (entry, entry.value.clone())
            }
        };
        if is_code(&entry.path)
            && let Some(code) = entry.text.as_deref().and_then(codes::find)
        {
            let told = format!("**{}**: {}", code.id, code.title);
            return Some(lsp::Hover {
                contents: lsp::HoverContents::Markup(as_markdown(told)),
                range: Some(area(&text, &range)),
            });
        }
        let told = documentation(schema::field(&self.schema, &entry.path)?)?;
        let contents = lsp::HoverContents::Markup(as_markdown(told));
        Some(lsp::Hover { contents, range: Some(area(&text, &range)) })
    }
}

impl LanguageServer for Editor {
    async fn initialize(&self, _: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let synchronised = lsp::TextDocumentSyncKind::FULL;
        Ok(lsp::InitializeResult {
            server_info: Some(lsp::ServerInfo {
                name: "mxkeep".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            capabilities: lsp::ServerCapabilities {
                text_document_sync: Some(lsp::TextDocumentSyncCapability::Kind(synchronised)),
                completion_provider: Some(lsp::CompletionOptions {
                    trigger_characters: Some([" ", "{", "[", "/"].map(str::to_owned).to_vec()),
                    ..lsp::CompletionOptions::default()
                }),
                hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
                definition_provider: Some(lsp::OneOf::Left(true)),
                references_provider: Some(lsp::OneOf::Left(true)),
                rename_provider: Some(lsp::OneOf::Right(lsp::RenameOptions {
                    prepare_provider: Some(true),
                    work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
                })),
                ..lsp::ServerCapabilities::default()
            },
            ..lsp::InitializeResult::default()
        })
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, opened: lsp::DidOpenTextDocumentParams) {
        let Some(path) = opened.text_document.uri.to_file_path().map(Cow::into_owned) else { return };
        let lsp::TextDocumentItem { text, version, .. } = opened.text_document;
        self.workspace().open.insert(path.clone(), Open { text, version });
        self.check(&path).await;
    }

    async fn did_change(&self, changed: lsp::DidChangeTextDocumentParams) {
        let Some(path) = changed.text_document.uri.to_file_path() else { return };
        let Some(change) = changed.content_changes.into_iter().next_back() else { return };
        let (text, version) = (change.text, changed.text_document.version);
        self.workspace().open.insert(path.to_path_buf(), Open { text, version });
        self.check(&path).await;
    }

    async fn did_save(&self, saved: lsp::DidSaveTextDocumentParams) {
        let Some(path) = saved.text_document.uri.to_file_path() else { return };
        self.check(&path).await;
    }

    async fn did_close(&self, closed: lsp::DidCloseTextDocumentParams) {
        let Some(path) = closed.text_document.uri.to_file_path() else { return };
        self.workspace().open.remove(path.as_ref());
        self.check(&path).await;
    }

    async fn completion(&self, at: lsp::CompletionParams) -> Result<Option<lsp::CompletionResponse>> {
        Ok(self.complete(&at.text_document_position).map(lsp::CompletionResponse::Array))
    }

    async fn hover(&self, at: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        Ok(Editor::hover(self, &at.text_document_position_params))
    }

    async fn goto_definition(
        &self,
        at: lsp::GotoDefinitionParams,
    ) -> Result<Option<lsp::GotoDefinitionResponse>> {
        let Some((files, names, here)) = self.named(&at.text_document_position_params) else {
            return Ok(None);
        };
        let given = names.iter().filter(|it| it.is_given && it.named.is(&here.named));
        let places = given.filter_map(|it| location(&files, it)).collect();
        Ok(Some(lsp::GotoDefinitionResponse::Array(places)))
    }

    async fn references(&self, at: lsp::ReferenceParams) -> Result<Option<Vec<lsp::Location>>> {
        let Some((files, names, here)) = self.named(&at.text_document_position) else { return Ok(None) };
        let with_given = at.context.include_declaration;
        let used = names.iter().filter(|it| it.named.is(&here.named) && (with_given || !it.is_given));
        Ok(Some(used.filter_map(|it| location(&files, it)).collect()))
    }

    async fn prepare_rename(
        &self,
        at: lsp::TextDocumentPositionParams,
    ) -> Result<Option<lsp::PrepareRenameResponse>> {
        let Some((files, _, here)) = self.named(&at) else { return Ok(None) };
        let Some(file) = files.get(here.file) else { return Ok(None) };
        let range = area(&file.text, &here.range);
        let placeholder = here.named.name().to_owned();
        Ok(Some(lsp::PrepareRenameResponse::RangeWithPlaceholder { range, placeholder }))
    }

    async fn rename(&self, asked: lsp::RenameParams) -> Result<Option<lsp::WorkspaceEdit>> {
        let Some((files, names, here)) = self.named(&asked.text_document_position) else { return Ok(None) };
        let new = asked.new_name;
        if new.is_empty() || new.contains(['/', '@', '"', '\'', '\\', '\n']) || new.trim() != new {
            let mut error = Error::invalid_params("a name has none of `/ @ \" ' \\` and no blanks around it");
            error.data = Some(Value::String(new));
            return Err(error);
        }
        let taken = names.iter().any(|it| it.is_given && it.named.name() == new && is_like(it, &here));
        if taken {
            return Err(Error::invalid_params(format!("`{new}` is the name of another one already")));
        }
        let mut changes: HashMap<lsp::Uri, Vec<lsp::TextEdit>> = HashMap::new();
        let mut texts: BTreeMap<&Path, String> = BTreeMap::new();
        let mut uses: Vec<_> = names.iter().filter(|it| it.named.is(&here.named)).collect();
        // From the end, so that what is still to be replaced stays where it is.
        uses.sort_by_key(|it| std::cmp::Reverse((it.file, it.range.start)));
        uses.dedup_by_key(|it| (it.file, it.range.start));
        for it in uses {
            let Some(file) = files.get(it.file) else { continue };
            let Some(uri) = lsp::Uri::from_file_path(&file.path) else { continue };
            let text = if it.is_plain { spelt(&new) } else { new.clone() };
            let edited = texts.entry(&file.path).or_insert_with(|| file.text.clone());
            edited.replace_range(it.range.clone(), &text);
            changes.entry(uri).or_default().push(lsp::TextEdit::new(area(&file.text, &it.range), text));
        }
        if let Some(objection) = self.objection(&files, &here, &texts) {
            return Err(Error::invalid_params(format!("not renamed: {objection}")));
        }
        Ok(Some(lsp::WorkspaceEdit::new(changes)))
    }
}

/// Whether two names are of the same sort, so that they may not be equal.
fn is_like(one: &Use, other: &Use) -> bool {
    let mut renamed = other.named.clone();
    match &mut renamed {
        names::Named::Cluster(name)
        | names::Named::Namespace(_, name)
        | names::Named::App(name)
        | names::Named::Package(name)
        | names::Named::Environment(_, name)
        | names::Named::CloudApp(name)
        | names::Named::Role(_, _, name) => one.named.name().clone_into(name),
    }
    one.named.is(&renamed)
}

fn location(files: &[File], it: &Use) -> Option<lsp::Location> {
    let file = files.get(it.file)?;
    Some(lsp::Location::new(lsp::Uri::from_file_path(&file.path)?, area(&file.text, &it.range)))
}

/// A problem as editors know it.
fn told(diagnostic: &Diagnostic, text: &str) -> lsp::Diagnostic {
    let range = diagnostic.origin().map(|origin| area(text, &(origin.start..origin.end))).unwrap_or_default();
    let severity = match diagnostic.severity() {
        Severity::Error => lsp::DiagnosticSeverity::ERROR,
        Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        Severity::Info => lsp::DiagnosticSeverity::INFORMATION,
    };
    let help = diagnostic.help().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    lsp::Diagnostic {
        range,
        severity: Some(severity),
        code: Some(lsp::NumberOrString::String(diagnostic.code().to_owned())),
        source: Some("mxkeep".to_owned()),
        message: format!("{}{help}", diagnostic.message()),
        ..lsp::Diagnostic::default()
    }
}

/// Whether a value is the code of a waiver.
fn is_code(path: &[Step]) -> bool {
    let path: Vec<&str> = path.iter().map(|step| step.key().unwrap_or("#")).collect();
    path == ["waivers", "#", "rule"]
}

/// What the schema tells of a field, for people.
fn documentation(schema: &Value) -> Option<String> {
    let mut told = schema["description"].as_str()?.to_owned();
    let mut add = |what: &str, value: &Value| {
        if !value.is_null() {
            told.push_str(&format!("\n\n{what}: `{value}`"));
        }
    };
    add("Default", &schema["default"]);
    add("Example", schema.pointer("/examples/0").unwrap_or(&Value::Null));
    let words = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    if !words.is_empty() {
        told.push_str(&format!("\n\nOne of {}", words.join(", ")));
    }
    Some(told)
}

fn markdown(text: String) -> lsp::Documentation {
    lsp::Documentation::MarkupContent(as_markdown(text))
}

fn as_markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}

/// A text as YAML, with quotes where it would be something else without.
fn spelt(text: &str) -> String {
    let is_simple = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if is_simple { text.to_owned() } else { Value::from(text).to_string() }
}
