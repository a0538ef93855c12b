//! The names of formats. Reports are read in many places, tables by people and scripts, graphs are drawn.

use std::fmt;
use std::str::FromStr;

/// A set of formats that a command writes its result in.
pub trait OutputFormat:
    Copy + Eq + fmt::Debug + fmt::Display + FromStr<Err = UnknownFormat> + Send + Sync + 'static
{
    /// What the command line says of the format of the result.
    const HELP: &str;

    /// The format where none is asked for.
    const DEFAULT: &str = "text";

    /// Whether what is written are orders to a build server, which would do nothing if they were taken apart.
    fn is_orders(self) -> bool {
        self.report() == Format::Github
    }

    /// The format of a report that says why there is no result.
    fn report(self) -> Format;
}

/// What a report is written as: a plan, what drifted, the outcome of a run, findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people, in a terminal.
    Text,
    /// For scripts, versioned and with a JSON Schema ([`super::schemas`]).
    Json,
    /// For a comment on a pull request, never longer than one may be.
    Markdown,
    /// One page that needs nothing else.
    Html,
    /// Annotations for GitHub Actions, to be written to the log of a step.
    Github,
    /// Code quality for GitLab.
    Gitlab,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
    /// OpenMetrics text.
    Openmetrics,
    /// JSON Lines: what happens in a run while it happens, and the report as the last line.
    Events,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 10] = [
        Format::Text,
        Format::Json,
        Format::Markdown,
        Format::Html,
        Format::Github,
        Format::Gitlab,
        Format::Junit,
        Format::Sarif,
        Format::Openmetrics,
        Format::Events,
    ];

    /// The name of the format on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Junit => "junit",
            Format::Sarif => "sarif",
            Format::Openmetrics => "openmetrics",
            Format::Events => "events",
        }
    }
}

impl OutputFormat for Format {
    const HELP: &str = "The format of the result on stdout: text, json, markdown, html, github, gitlab, junit, sarif, openmetrics or events";

    fn report(self) -> Format {
        self
    }
}

/// What a table is written as: status, packages, checks, why a field is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableFormat {
    /// For people, in a terminal.
    Text,
    /// For scripts, versioned and with a JSON Schema ([`super::schemas`]).
    Json,
}

impl TableFormat {
    /// Every format.
    pub const ALL: [TableFormat; 2] = [TableFormat::Text, TableFormat::Json];

    /// The name of the format on the command line.
    pub const fn name(self) -> &'static str {
        self.as_report().name()
    }

    const fn as_report(self) -> Format {
        match self {
            TableFormat::Text => Format::Text,
            TableFormat::Json => Format::Json,
        }
    }
}

impl OutputFormat for TableFormat {
    const HELP: &str = "The format of the result on stdout: text or json";

    fn report(self) -> Format {
        self.as_report()
    }
}

/// What a graph is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GraphFormat {
    /// Mermaid, which Markdown shows as a picture on GitHub, GitLab and Azure DevOps.
    Mermaid,
    /// DOT, for Graphviz.
    Dot,
    /// A picture.
    Svg,
}

impl GraphFormat {
    /// Every format.
    pub const ALL: [GraphFormat; 3] = [GraphFormat::Mermaid, GraphFormat::Dot, GraphFormat::Svg];

    /// The name of the format on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            GraphFormat::Mermaid => "mermaid",
            GraphFormat::Dot => "dot",
            GraphFormat::Svg => "svg",
        }
    }
}

impl OutputFormat for GraphFormat {
    const HELP: &str = "The format of the graph on stdout: mermaid, dot or svg";
    const DEFAULT: &str = "mermaid";

    fn report(self) -> Format {
        // No program draws why there is no graph; a person reads it on stderr.
        Format::Text
    }
}

/// A name that is none of a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a format; the formats are {known}")]
pub struct UnknownFormat {
    name: String,
    known: String,
}

/// The format of a name.
fn parse<F: fmt::Display + Copy>(name: &str, all: &[F]) -> Result<F, UnknownFormat> {
    let names: Vec<_> = all.iter().map(F::to_string).collect();
    let found = all.iter().zip(&names).find(|(_, known)| *known == name);
    let unknown = || UnknownFormat { name: name.to_owned(), known: names.join(", ") };
    found.map(|(format, _)| *format).ok_or_else(unknown)
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for TableFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for GraphFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for GraphFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<GraphFormat, UnknownFormat> {
        parse(name, &GraphFormat::ALL)
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Format, UnknownFormat> {
        parse(name, &Format::ALL)
    }
}

impl FromStr for TableFormat {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<TableFormat, UnknownFormat> {
        parse(name, &TableFormat::ALL)
    }
}
