//! Every environment variable that mxkeep reads, and the one place that reads them.

/// An environment variable, with what it is for.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
}

/// The token of the API.
pub const TOKEN: Variable =
    Variable { name: "MXKEEP_TOKEN", doc: "The personal access token that is sent to the API." };
/// The base URL of the Private Cloud API.
pub const API_URL: Variable = Variable {
    name: "MXKEEP_API_URL",
    doc: "The base URL of the Private Cloud API, instead of the estate's.",
};
/// The base URL of the API of Mendix Cloud.
pub const CLOUD_API_URL: Variable = Variable {
    name: "MXKEEP_CLOUD_API_URL",
    doc: "The base URL of the API of Mendix Cloud, instead of the estate's; `/v3` or `/v4` at its end says which version.",
};
/// Set by shells while they complete.
pub const COMPLETE: Variable = Variable {
    name: "MXKEEP_COMPLETE",
    doc: "Set by a shell that asks what it may complete ([`mxkeep completions`](commands.md#mxkeep-completions)); nobody else sets it.",
};
/// Whose token it is.
pub const USER: Variable = Variable {
    name: "MXKEEP_USER",
    doc: "The mail address of the owner of the token, for rules that ask who acts (MC-03, MC-04).",
};
/// Hosts that may receive the token.
pub const ALLOW_HOSTS: Variable = Variable {
    name: "MXKEEP_ALLOW_HOSTS",
    doc: "Further hosts, with commas between them, that may receive the token when the estate names them.",
};
/// Variables that may be shown.
pub const PUBLIC_ENV: Variable = Variable {
    name: crate::source::PUBLIC_ENV,
    doc: "Variables, with commas between them, whose values may be shown where the estate says `sensitive: false`; those of others are kept secret.",
};
/// A file with further certificates to trust.
pub const CA_FILE: Variable = Variable {
    name: "MXKEEP_CA_FILE",
    doc: "A PEM file with certificates to trust besides those of the system.",
};
/// No colours.
pub const NO_COLOR: Variable =
    Variable { name: "NO_COLOR", doc: "When set to anything, output has no colours." };
/// The kind of terminal.
pub const TERM: Variable = Variable { name: "TERM", doc: "`dumb` means: no colours and no live lines." };
/// Whether this is a pipeline.
pub const CI: Variable = Variable { name: "CI", doc: "When set, progress is one line per event." };
/// The width of output.
pub const COLUMNS: Variable =
    Variable { name: "COLUMNS", doc: "The width of output where no terminal tells it." };
/// Where GitHub is.
pub const GITHUB_SERVER_URL: Variable = Variable {
    name: "GITHUB_SERVER_URL",
    doc: "Set by GitHub Actions, with the three below: reports link to the files of the estate.",
};
/// The repository on GitHub.
pub const GITHUB_REPOSITORY: Variable =
    Variable { name: "GITHUB_REPOSITORY", doc: "The repository, as `OWNER/NAME`." };
/// The commit on GitHub.
pub const GITHUB_SHA: Variable = Variable { name: "GITHUB_SHA", doc: "The commit that is checked out." };
/// Where it is checked out.
pub const GITHUB_WORKSPACE: Variable =
    Variable { name: "GITHUB_WORKSPACE", doc: "The directory in which it is checked out." };
/// The project on GitLab.
pub const CI_PROJECT_URL: Variable = Variable {
    name: "CI_PROJECT_URL",
    doc: "Set by GitLab CI, with the two below: reports link to the files of the estate.",
};
/// The commit on GitLab.
pub const CI_COMMIT_SHA: Variable =
    Variable { name: "CI_COMMIT_SHA", doc: "The commit that is checked out." };
/// Where it is checked out.
pub const CI_PROJECT_DIR: Variable =
    Variable { name: "CI_PROJECT_DIR", doc: "The directory in which it is checked out." };
/// Read by the HTTP client.
pub const PROXIES: Variable = Variable {
    name: "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
    doc: "The proxy between here and the API, and the hosts that are reached without it.",
};
/// Read by the TLS library.
pub const SYSTEM_ROOTS: Variable = Variable {
    name: "SSL_CERT_FILE, SSL_CERT_DIR",
    doc: "Where the certificates of the system are, when not in their usual place.",
};

/// All of them; the reference page is made from this list.
pub const ALL: [Variable; 21] = [
    TOKEN,
    API_URL,
    CLOUD_API_URL,
    COMPLETE,
    USER,
    ALLOW_HOSTS,
    PUBLIC_ENV,
    CA_FILE,
    NO_COLOR,
    TERM,
    CI,
    COLUMNS,
    GITHUB_SERVER_URL,
    GITHUB_REPOSITORY,
    GITHUB_SHA,
    GITHUB_WORKSPACE,
    CI_PROJECT_URL,
    CI_COMMIT_SHA,
    CI_PROJECT_DIR,
    PROXIES,
    SYSTEM_ROOTS,
];

/// The value of a variable that an estate names. The token is none: whoever edits a file could have it shown in a
/// plan, or sent somewhere as a constant.
pub fn read_for_estate(name: &str) -> Option<String> {
    if name.eq_ignore_ascii_case(TOKEN.name) { None } else { read(name) }
}

/// The value of a variable that is set to something. Values that are no text count as not set.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
