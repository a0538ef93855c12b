//! What `doctor` found: one line for each check, and what that means for the commands.

use serde_json::{Value, json};

use super::json::{finish, name};
use super::layout::Page;
use super::sanitise::{Message, Name};
use super::style::{Label, Style};
use super::{TableFormat, schemas};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Something to act on, or something that cannot be told.
    Warning,
    /// Something is missing.
    Failed,
    /// Not looked at, because something before it is missing or not declared.
    Skipped,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 4] = [Verdict::Ok, Verdict::Warning, Verdict::Failed, Verdict::Skipped];

    /// The verdict in JSON and text.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Failed => "failed",
            Verdict::Skipped => "skipped",
        }
    }

    const fn label(self) -> Label {
        match self {
            Verdict::Ok => Label::Create,
            Verdict::Warning => Label::Warning,
            Verdict::Failed => Label::Danger,
            Verdict::Skipped => Label::Dim,
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its stable name.
    pub check: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found.
    pub message: Message,
    /// What to do.
    pub help: Option<Message>,
}

/// Whether a command can do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Able {
    /// It can.
    Yes,
    /// It can do a part of it.
    Partly,
    /// Nothing tells, short of trying.
    Unknown,
    /// It cannot.
    No,
}

impl Able {
    /// The word in JSON and text.
    pub const fn name(self) -> &'static str {
        match self {
            Able::Yes => "yes",
            Able::Partly => "partly",
            Able::Unknown => "unknown",
            Able::No => "no",
        }
    }

    const fn label(self) -> Label {
        match self {
            Able::Yes => Label::Create,
            Able::Partly | Able::Unknown => Label::Warning,
            Able::No => Label::Danger,
        }
    }
}

/// What the checks mean for some commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commands {
    /// Their names.
    pub commands: Vec<&'static str>,
    /// Whether they can do their work.
    pub able: Able,
    /// Why not, or not all of it.
    pub because: Option<Message>,
}

/// What `doctor` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorView {
    /// The name of the estate, where there is one.
    pub estate: Option<Name>,
    /// The checks, in the order in which they were made.
    pub checks: Vec<Check>,
    /// What they mean.
    pub commands: Vec<Commands>,
}

/// Writes what `doctor` found.
pub fn render_doctor(view: &DoctorView, format: TableFormat, style: &Style) -> String {
    match format {
        TableFormat::Text => text(view, style),
        TableFormat::Json => json(view),
    }
}

fn text(view: &DoctorView, style: &Style) -> String {
    let DoctorView { estate: _, checks, commands } = view;
    let mut page = Page::new(style);
    let verdicts = Verdict::ALL.map(|verdict| verdict.name().len()).into_iter().max().unwrap_or(0);
    let names = checks.iter().map(|it| it.check.len()).max().unwrap_or(0);
    for Check { check, verdict, message, help } in checks {
        let word = format!("{:verdicts$}  ", verdict.name());
        let said = format!("{check:names$}  ");
        page.hanging(&[(verdict.label(), &word), (Label::Address, &said)], message.as_str());
        if let Some(help) = help {
            page.prose(verdicts + names + 4, (Label::Help, "help: "), Label::Plain, help.as_str());
        }
    }
    page.blank();
    for Commands { commands, able, because } in commands {
        let head = format!("{}: ", commands.join(", "));
        let because = because.as_ref().map(|because| format!(": {because}")).unwrap_or_default();
        page.hanging(&[(Label::Heading, &head), (able.label(), able.name())], &because);
    }
    page.finish()
}

fn json(view: &DoctorView) -> String {
    let DoctorView { estate, checks, commands } = view;
    let count = |verdict| checks.iter().filter(|it| it.verdict == verdict).count();
    let summary: serde_json::Map<String, Value> =
        Verdict::ALL.iter().map(|verdict| (verdict.name().to_owned(), count(*verdict).into())).collect();
    let commands = commands.iter().flat_map(|Commands { commands, able, because }| {
        commands.iter().map(
            move |command| json!({"command": command, "able": able.name(), "because": because.as_ref().map(Message::as_str)}),
        )
    });
    finish(&json!({
        "format": schemas::DOCTOR,
        "estate": name(estate.as_ref()),
        "summary": summary,
        "checks": checks.iter().map(check).collect::<Vec<_>>(),
        "commands": commands.collect::<Vec<_>>(),
    }))
}

fn check(view: &Check) -> Value {
    let Check { check, verdict, message, help } = view;
    json!({
        "check": check,
        "verdict": verdict.name(),
        "message": message.as_str(),
        "help": help.as_ref().map(Message::as_str),
    })
}
