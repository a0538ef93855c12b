//! Errors at the edge: what is wrong, what to do next, and the exit code. Help is added only here.

use std::path::Path;

use super::exit::ExitStatus;
use super::report;
use crate::api::{ApiError, SetupError, TokenError};
use crate::apply::outcome;
use crate::apply::plan_file::NotApproved;
use crate::plan::PlanError;
use crate::render::{Finding, FindingSeverity, Message, Name, Place, sanitise};
use crate::simulator::StartError;
use crate::source::{Diagnostic, RevisionError, Severity};

/// Why a command ended early.
#[derive(Debug)]
pub(super) struct CliError {
    /// The stable code, where it has one besides the exit code.
    pub(super) code: Option<&'static str>,
    /// The exit code.
    pub(super) status: ExitStatus,
    /// What is wrong.
    pub(super) message: String,
    /// What to do next.
    pub(super) help: Vec<String>,
    /// The places in the files, when the input is wrong.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Whether there was a result, and writing it is what failed.
    pub(super) after_result: bool,
}

impl CliError {
    /// An error with what to do next.
    pub(super) fn new(status: ExitStatus, message: impl Into<String>, help: &str) -> CliError {
        CliError {
            code: None,
            status,
            message: message.into(),
            help: vec![help.to_owned()],
            diagnostics: Vec::new(),
            after_result: false,
        }
    }

    /// The same for scripts: every diagnostic, or the error itself under the code of its exit.
    pub(super) fn findings(&self) -> Vec<Finding> {
        if !self.diagnostics.is_empty() {
            return self.diagnostics.iter().map(finding).collect();
        }
        vec![Finding {
            code: self.code.map_or_else(|| format!("EXIT-{}", self.status.code()), str::to_owned),
            severity: FindingSeverity::Error,
            message: Message::new(&self.message),
            help: self.help.first().map(|help| Message::new(help)),
            address: None,
            path: None,
            source: None,
        }]
    }

    /// A wrong command line.
    pub(super) fn usage(message: impl Into<String>, help: &str) -> CliError {
        CliError::new(ExitStatus::Usage, message, help)
    }

    /// A file that cannot be read or written.
    pub(super) fn file(what: &str, path: &Path, error: &std::io::Error) -> CliError {
        CliError::new(
            ExitStatus::Unexpected,
            format!("cannot {what} `{}`: {}", path.display(), reason(path, error)),
            "check that the path is right and that you may use it",
        )
    }

    /// A file of a token that cannot be read: the token is missing.
    pub(super) fn token_file(path: &Path, error: &std::io::Error) -> CliError {
        CliError::new(
            ExitStatus::NotAuthorised,
            format!("cannot read the token from `{}`: {}", path.display(), reason(path, error)),
            "--token-file has to name a file that holds the token alone",
        )
    }

    /// A file of `--plan` that cannot be read.
    pub(super) fn no_plan_file(path: &Path, error: &std::io::Error) -> CliError {
        let message = format!("cannot read the plan `{}`: {}", path.display(), reason(path, error));
        let help = "`--plan` takes what `mxkeep plan --out json=FILE` wrote";
        CliError {
            code: Some(outcome::NO_PLAN_FILE),
            ..CliError::new(ExitStatus::InvalidInput, message, help)
        }
    }

    /// A file of `--plan` that approves nothing.
    pub(super) fn not_approved(path: &Path, why: &NotApproved) -> CliError {
        let written = "`--plan` takes what `mxkeep plan --out json=FILE` wrote";
        let (code, status, help) = match why {
            NotApproved::TooLarge | NotApproved::NotJson { .. } | NotApproved::OtherFormat { .. } => {
                (outcome::NO_PLAN_FILE, ExitStatus::InvalidInput, written)
            }
            NotApproved::Truncated => (
                outcome::NO_PLAN_FILE,
                ExitStatus::InvalidInput,
                "it was not written or copied to its end: plan again",
            ),
            NotApproved::Incomplete => {
                (outcome::NO_PLAN_FILE, ExitStatus::InvalidInput, "plan again with this version of mxkeep")
            }
            NotApproved::Newer { .. } => (
                outcome::PLAN_NEWER,
                ExitStatus::Refused,
                "apply with the version of mxkeep that made the plan, or plan again with this one",
            ),
            NotApproved::Edited => (
                outcome::PLAN_EDITED,
                ExitStatus::Refused,
                "what was reviewed may be something else: plan again, and have that approved",
            ),
            NotApproved::Problems { .. } => (
                outcome::PLAN_PROBLEMS,
                ExitStatus::Refused,
                "solve them, plan again, and have that approved; `mxkeep plan` shows them",
            ),
            NotApproved::OtherEstate { .. } => {
                (outcome::PLAN_FOREIGN, ExitStatus::Refused, "apply the plan of this estate")
            }
            NotApproved::OtherApi { .. } => (
                outcome::PLAN_FOREIGN,
                ExitStatus::Refused,
                "name the same API as for the plan (`api` in mxkeep.yaml, variables, flags), or plan again",
            ),
            NotApproved::Expired { .. } => (
                outcome::PLAN_EXPIRED,
                ExitStatus::Refused,
                "plan again, and have that approved; `apply.planMaxAge` in mxkeep.yaml says how old a plan may be",
            ),
            NotApproved::Future { .. } => (
                outcome::PLAN_EXPIRED,
                ExitStatus::Refused,
                "set the clocks of both machines, then plan again",
            ),
        };
        // What the file says may be anything.
        let message = format!("cannot apply `{}`: {}", path.display(), sanitise(&why.to_string()));
        CliError { code: Some(code), ..CliError::new(status, message, help) }
    }

    /// Output that cannot be written.
    pub(super) fn output(error: &std::io::Error) -> CliError {
        CliError {
            code: None,
            status: ExitStatus::Unexpected,
            message: format!("cannot write the result: {error}"),
            help: Vec::new(),
            diagnostics: Vec::new(),
            after_result: false,
        }
    }
}

/// The reason without the path, which `fs_err` puts in front of it.
fn reason(path: &Path, error: &std::io::Error) -> String {
    let text = error.to_string();
    let path = format!("`{}`: ", path.display());
    text.split_once(&path).map_or_else(|| text.clone(), |(_, reason)| reason.to_owned())
}

impl From<ApiError> for CliError {
    fn from(error: ApiError) -> CliError {
        let status =
            if error.is_unauthorised() { ExitStatus::NotAuthorised } else { ExitStatus::Unreachable };
        let help = match &error {
            ApiError::NoToken { .. } => "set MXKEEP_TOKEN, or pass --token-file FILE; --simulate needs none",
            ApiError::TokenRejected { .. } => {
                "check MXKEEP_TOKEN: the token may be revoked or cut off; make a new one in the Developer Settings of your Mendix account"
            }
            ApiError::Forbidden { request, .. } if request.url.contains("/packages") => {
                "the token needs the scope `mx:privatecloud-build:read` to see packages, `mx:privatecloud-build:write` to upload or delete one, and `mx:modelrepository:write` as well to build one"
            }
            ApiError::Forbidden { .. } => {
                "the token needs the scope `mx:deployment:read` to plan and `mx:deployment:write` to apply, and its owner a role in the cluster, namespace and app"
            }
            ApiError::Unreachable { dns: true, .. } => {
                "check the host name of the API, and whether HTTPS_PROXY has to be set"
            }
            ApiError::Unreachable { .. } => "check that the API runs there, and the firewall on the way",
            ApiError::ConnectionLost { .. } | ApiError::Timeout { .. } | ApiError::Server { .. } => {
                "try again in a while; nothing was changed by reading"
            }
            ApiError::RateLimited { .. } => "try again in a while, or with a smaller --concurrency",
            ApiError::Tls { .. } => {
                "if a firewall inspects TLS here, put its certificate into a PEM file and set MXKEEP_CA_FILE to it"
            }
            ApiError::Proxy { .. } => "check HTTPS_PROXY and NO_PROXY",
            ApiError::NotTheApi { .. } => {
                "is the base URL right? it ends in `/api/v4`; a login page or a firewall may answer in its place"
            }
            ApiError::Redirect { .. } => {
                "mxkeep does not follow it, since the token would travel along; correct the base URL"
            }
            ApiError::NotFound { .. } | ApiError::Rejected { .. } | ApiError::Unaddressable { .. } => {
                "check the ids in the files, and the base URL of the API"
            }
            ApiError::Truncated { .. } | ApiError::TooLarge { .. } => {
                "something between here and the API spoils its answers; try again without the proxy"
            }
            ApiError::UploadBroken { .. } => "try again: nothing was taken",
            ApiError::UploadFile { .. } => "nothing was taken; try again when nobody writes the file",
            ApiError::Incomplete { .. } | ApiError::Paging { .. } => {
                "mxkeep does not plan on incomplete answers; try again, and report it if it stays so"
            }
        };
        CliError::new(status, error.to_string(), help)
    }
}

impl From<SetupError> for CliError {
    fn from(error: SetupError) -> CliError {
        let help = match &error {
            SetupError::Insecure { .. } => "use https",
            SetupError::BaseUrl { .. } => "write it as https://HOST/api/v4",
            SetupError::CaFile { .. } => "MXKEEP_CA_FILE has to name a PEM file with certificates",
            SetupError::Token(_) => return CliError::token(&error.to_string()),
            SetupError::Http { .. } => "check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY",
        };
        CliError::new(ExitStatus::Usage, error.to_string(), help)
    }
}

impl CliError {
    fn token(message: &str) -> CliError {
        CliError::new(
            ExitStatus::NotAuthorised,
            format!("cannot use the token: {message}"),
            "set MXKEEP_TOKEN to the token alone, or pass --token-file FILE",
        )
    }
}

impl From<TokenError> for CliError {
    fn from(error: TokenError) -> CliError {
        CliError::token(&error.to_string())
    }
}

impl From<PlanError> for CliError {
    fn from(error: PlanError) -> CliError {
        CliError::new(ExitStatus::InvalidInput, error.to_string(), "remove one `dependsOn` of the loop")
    }
}

impl From<RevisionError> for CliError {
    fn from(error: RevisionError) -> CliError {
        let message = error.to_string();
        let (status, help) = match error {
            RevisionError::NoRepository { .. } => {
                (ExitStatus::Usage, "run `git init`, or leave out --base".to_owned())
            }
            RevisionError::NotTrusted { .. } => (
                ExitStatus::Usage,
                "--base reads what `git clone` and `git worktree add` make: use it in such a directory".to_owned(),
            ),
            RevisionError::Borrows { .. } => (
                ExitStatus::Usage,
                "run `git repack -a -d` and remove that file, or clone with `--dissociate`".to_owned(),
            ),
            RevisionError::Unknown { reference, near, shallow } => {
                let help = unknown_revision(&reference, near.as_deref(), shallow);
                return CliError { help, ..CliError::new(ExitStatus::Usage, message, "") };
            }
            RevisionError::NoCommit { .. } => {
                (ExitStatus::Usage, "name a branch, a tag or a commit: `--base origin/main`".to_owned())
            }
            RevisionError::Shallow { reference } => (ExitStatus::Usage, fetch(&reference)),
            RevisionError::Partial { .. } => {
                (ExitStatus::Usage, "clone without `--filter`, or run `git fetch --refetch --no-filter`".to_owned())
            }
            RevisionError::Broken { .. } | RevisionError::Missing { .. } => {
                (ExitStatus::Unexpected, "run `git fsck`, or clone the repository anew".to_owned())
            }
            RevisionError::NoEstate { .. } => (
                ExitStatus::Usage,
                "name the directory as it was then, relative to the top of the repository: `--base main:estates/prod`"
                    .to_owned(),
            ),
            RevisionError::Moved { reference, directories } => {
                let first = directories.first().map(String::as_str).unwrap_or_default();
                (ExitStatus::Usage, format!("say which: `--base {reference}:{first}`"))
            }
            RevisionError::TooLarge { .. } => {
                (ExitStatus::InvalidInput, "keep the estate in a directory of its own".to_owned())
            }
            RevisionError::Invalid { diagnostics, reference } => {
                let counts = report::counts(&diagnostics);
                let message = format!("the estate in `{reference}` is invalid: {counts}");
                let help = "choose a base that is valid, such as an earlier commit, or plan without --base";
                return CliError { diagnostics, ..CliError::new(ExitStatus::InvalidInput, message, help) };
            }
        };
        CliError::new(status, message, &help)
    }
}

/// What to do about a name that the repository does not have. What build servers check out is often one branch only.
fn unknown_revision(reference: &str, near: Option<&str>, shallow: bool) -> Vec<String> {
    let near = near.map(|near| format!("did you mean `{near}`?"));
    let fetch = (shallow || reference.starts_with("origin/")).then(|| fetch(reference));
    let mut help: Vec<String> = near.into_iter().chain(fetch).collect();
    if help.is_empty() {
        help.push("name a branch, a tag or a commit: `--base origin/main`".to_owned());
    }
    help
}

/// How to get what a clone has left out.
fn fetch(reference: &str) -> String {
    let branch = match reference.strip_prefix("origin/") {
        Some(branch) => format!("git fetch origin {branch}"),
        None => "git fetch --unshallow".to_owned(),
    };
    format!("fetch it with `{branch}`; in GitHub Actions, check out with `fetch-depth: 0`")
}

impl From<StartError> for CliError {
    fn from(error: StartError) -> CliError {
        CliError::new(
            ExitStatus::Unexpected,
            format!("cannot start the simulator: {error}"),
            "choose another address or state file",
        )
    }
}

/// The same diagnostic for scripts.
pub(super) fn finding(diagnostic: &Diagnostic) -> Finding {
    Finding {
        code: diagnostic.code().to_owned(),
        severity: match diagnostic.severity() {
            Severity::Error => FindingSeverity::Error,
            Severity::Warning => FindingSeverity::Warning,
            Severity::Info => FindingSeverity::Info,
        },
        message: Message::new(diagnostic.message()),
        help: diagnostic.help().map(Message::new),
        address: diagnostic.address().map(Name::new),
        path: diagnostic.path().map(Name::new),
        source: diagnostic.origin().map(Place::from),
    }
}
