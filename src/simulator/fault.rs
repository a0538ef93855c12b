//! Things that go wrong on purpose.
//!
//! Grammar: `NAME[=ARG][,key=value…]`. Names: `latency=200ms`, `stall=200ms` (the request takes effect at once, and only
//! its answer is late), `hold` and `hold=answer` (the same, until the faults in force are replaced), `429[=2s]`, `500`, `502`, `503[=2s]`,
//! `limit=5/s` (429 for each request beyond five in a second), `401`, `403`, `drop-before`, `drop-after`, `html`, `truncate`, `job-fails[=MESSAGE]`, `job-hangs`, `job-vanishes`,
//! `env-fails`, `drop-field=POINTER`, `clock=-90s` (the `Date` of the answer is off by so much), for packages `cut-upload[=BYTES]`, `no-package-id`, `no-package`, `build-log=LINES`. Selectors: `method=PUT`, `path=GLOB` (`*` is any text), `nth=3` (only the
//! third match), `times=2` (the first two), `every=5` (each fifth). Job faults match only requests that write.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    durations,
    faults::{Hold, Instead, Mishap},
};

const NAMES: &str = "latency, stall, hold, limit, 401, 403, 429, 500, 502, 503, drop-before, drop-after, html, truncate, job-fails, job-hangs, \
                     job-vanishes, env-fails, drop-field, clock, cut-upload, no-package-id, no-package, build-log";

/// A fault: what goes wrong, and for which requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    kind: Kind,
    method: Option<String>,
    path: Option<String>,
    nth: Option<u64>,
    times: Option<u64>,
    every: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Latency(Duration),
    Stall(Duration),
    Hold(Hold),
    Status(u16, Option<u64>),
    /// Requests a second.
    Limit(u64),
    DropBefore,
    DropAfter,
    Html,
    Truncate,
    JobFails(Option<String>),
    JobHangs,
    JobVanishes,
    EnvironmentFails,
    DropField(String),
    CutUpload(u64),
    NoPackageId,
    NoPackage,
    BuildLog(u64),
    /// Seconds ahead, or behind.
    Clock(i64),
}

impl Fault {
    /// Whether a request is one of those that the fault counts.
    pub(super) fn covers(&self, method: &str, path: &str) -> bool {
        let method_fits = match &self.method {
            Some(wanted) => wanted.eq_ignore_ascii_case(method),
            None => true,
        };
        // `path=/clusters*` is as good as `path=/api/v4/clusters*`.
        let short = match super::cloud::below(path) {
            Some((_, below)) => below,
            None => path.strip_prefix(super::routes::BASE).unwrap_or(path),
        };
        let path_fits = match &self.path {
            Some(pattern) => {
                glob(pattern.as_bytes(), path.as_bytes()) || glob(pattern.as_bytes(), short.as_bytes())
            }
            None => true,
        };
        method_fits && path_fits && (method != "GET" || !self.kind.concerns_jobs())
    }

    /// Does its harm to the request that is the `count`-th, and the `rate`-th of this second, if that is one it is
    /// meant for.
    pub(super) fn strike(&self, count: u64, rate: u64, mishap: &mut Mishap) {
        let is_within = matches!(self.kind, Kind::Limit(limit) if rate <= limit);
        if self.strikes_at(count) && !is_within {
            self.kind.strike(mishap);
        }
    }

    fn strikes_at(&self, count: u64) -> bool {
        self.nth.is_none_or(|nth| count == nth)
            && self.times.is_none_or(|times| count <= times)
            && self.every.is_none_or(|every| count.is_multiple_of(every))
    }
}

impl Kind {
    fn concerns_jobs(&self) -> bool {
        match self {
            Self::JobFails(_)
            | Self::JobHangs
            | Self::JobVanishes
            | Self::EnvironmentFails
            | Self::DropField(_)
            | Self::NoPackageId
            | Self::NoPackage
            | Self::BuildLog(_) => true,
            Self::Latency(_)
            | Self::Stall(_)
            | Self::Hold(_)
            | Self::Clock(_)
            | Self::Status(..)
            | Self::Limit(_)
            | Self::DropBefore
            | Self::DropAfter
            | Self::Html
            | Self::CutUpload(_)
            | Self::Truncate => false,
        }
    }

    fn strike(&self, mishap: &mut Mishap) {
        let instead = match self {
            Self::Latency(by) => {
                mishap.latency = mishap.latency.saturating_add(*by);
                return;
            }
            Self::Stall(by) => {
                mishap.stall = mishap.stall.saturating_add(*by);
                return;
            }
            Self::JobFails(message) => {
                let message = message.clone().unwrap_or_else(|| "The job failed".into());
                mishap.job.fails.get_or_insert(message);
                return;
            }
            Self::Hold(hold) => return mishap.hold = Some(*hold),
            Self::Clock(ahead) => return mishap.clock = Some(*ahead),
            Self::JobHangs => return mishap.job.hangs = true,
            Self::JobVanishes => return mishap.job.vanishes = true,
            Self::EnvironmentFails => return mishap.job.environment_fails = true,
            Self::DropField(path) => return mishap.job.dropped_fields.push(path.clone()),
            Self::NoPackageId => return mishap.job.hides_package = true,
            Self::NoPackage => return mishap.job.makes_nothing = true,
            Self::BuildLog(lines) => return mishap.job.log_lines = Some(*lines),
            Self::CutUpload(after) => Instead::CutUpload(*after),
            Self::Status(status, retry_after) => Instead::Status(*status, *retry_after),
            // The next second is at most one away.
            Self::Limit(_) => Instead::Status(429, Some(1)),
            Self::DropBefore => Instead::DropBefore,
            Self::DropAfter => Instead::DropAfter,
            Self::Html => Instead::Html,
            Self::Truncate => Instead::Truncate,
        };
        mishap.instead.get_or_insert(instead);
    }
}

/// `*` matches any text, also `/`; everything else matches itself. Linear in practice: one way back is enough.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back = None;
    while let Some(byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p, t));
                p += 1;
            }
            Some(wanted) if wanted == byte => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star, from)) = back else { return false };
                back = Some((star, from + 1));
                p = star + 1;
                t = from + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|byte| *byte == b'*')
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(',');
        let head = parts.next().unwrap_or_default().trim();
        let (name, argument) = match head.split_once('=') {
            Some((name, argument)) => (name.trim(), Some(argument.trim()).filter(|text| !text.is_empty())),
            None => (head, None),
        };
        let kind = parse_kind(name, argument).map_err(|error| format!("fault `{text}`: {error}"))?;
        let mut fault = Self { kind, method: None, path: None, nth: None, times: None, every: None };
        for part in parts {
            fault.select(part.trim()).map_err(|error| format!("fault `{text}`: {error}"))?;
        }
        Ok(fault)
    }
}

impl Fault {
    fn select(&mut self, part: &str) -> Result<(), String> {
        let known = "method=, path=, nth=, times= and every= can follow";
        let (key, value) =
            part.split_once('=').ok_or_else(|| format!("`{part}` is not a selector; {known}"))?;
        match key.trim() {
            "method" => self.method = Some(value.trim().to_ascii_uppercase()),
            "path" => self.path = Some(value.trim().to_owned()),
            "nth" => self.nth = Some(count(key, value)?),
            "times" => self.times = Some(count(key, value)?),
            "every" => self.every = Some(count(key, value)?),
            _ => return Err(format!("unknown selector `{key}`; {known}")),
        }
        Ok(())
    }
}

fn count(key: &str, value: &str) -> Result<u64, String> {
    value
        .trim()
        .parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| format!("`{key}` needs a whole number from 1, not `{value}`"))
}

fn parse_kind(name: &str, argument: Option<&str>) -> Result<Kind, String> {
    let kind = match (name, argument) {
        ("latency", Some(argument)) => Kind::Latency(durations::parse(argument)?),
        ("stall", Some(argument)) => Kind::Stall(durations::parse(argument)?),
        ("hold", None) => Kind::Hold(Hold::Request),
        ("hold", Some("answer")) => Kind::Hold(Hold::Answer),
        ("hold", Some(other)) => {
            return Err(format!("`hold` holds a request, or its `answer`, not `{other}`"));
        }
        ("429" | "503", argument) => {
            let status = if name == "429" { 429 } else { 503 };
            // Retry-After is in whole seconds (RFC 9110); rounding up keeps the promise.
            let seconds = argument.map(durations::parse).transpose()?;
            Kind::Status(status, seconds.map(|wait| wait.as_secs_f64().ceil() as u64))
        }
        ("limit", argument) => {
            let limit = argument.and_then(|limit| limit.strip_suffix("/s"));
            let limit = limit.ok_or("needs a number of requests in a second: limit=5/s")?;
            Kind::Limit(count("limit", limit)?)
        }
        ("401", None) => Kind::Status(401, None),
        ("403", None) => Kind::Status(403, None),
        ("500", None) => Kind::Status(500, None),
        ("502", None) => Kind::Status(502, None),
        ("drop-before", None) => Kind::DropBefore,
        ("drop-after", None) => Kind::DropAfter,
        ("html", None) => Kind::Html,
        ("truncate", None) => Kind::Truncate,
        ("job-fails", message) => Kind::JobFails(message.map(str::to_owned)),
        ("job-hangs", None) => Kind::JobHangs,
        ("job-vanishes", None) => Kind::JobVanishes,
        ("env-fails", None) => Kind::EnvironmentFails,
        ("no-package-id", None) => Kind::NoPackageId,
        ("no-package", None) => Kind::NoPackage,
        ("build-log", Some(lines)) => Kind::BuildLog(count("build-log", lines)?),
        ("build-log", None) => return Err("needs a number of lines: build-log=1000".into()),
        ("cut-upload", None) => Kind::CutUpload(1),
        ("cut-upload", Some(bytes)) => Kind::CutUpload(count("cut-upload", bytes)?),
        ("drop-field", Some(path)) if path.starts_with('/') => Kind::DropField(path.to_owned()),
        ("drop-field", _) => return Err("needs a JSON pointer: drop-field=/container/instances".into()),
        ("stall", None) => return Err("needs a duration: stall=200ms".into()),
        ("clock", Some(argument)) => {
            let (sign, size) = match argument.strip_prefix('-') {
                Some(size) => (-1, size),
                None => (1, argument.trim_start_matches('+')),
            };
            Kind::Clock(sign * i64::try_from(durations::parse(size)?.as_secs()).unwrap_or(i64::MAX))
        }
        ("clock", None) => return Err("needs a duration: clock=90s or clock=-90s".into()),
        ("latency", None) => return Err("needs a duration: latency=200ms".into()),
        (
            "401" | "403" | "500" | "502" | "drop-before" | "drop-after" | "html" | "truncate" | "job-hangs"
            | "job-vanishes" | "env-fails" | "no-package-id" | "no-package",
            Some(argument),
        ) => return Err(format!("`{name}` takes no argument, but got `{argument}`")),
        _ => return Err(format!("unknown name `{name}`; known: {NAMES}")),
    };
    Ok(kind)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, method, path, nth, times, every } = self;
        write!(f, "{kind}")?;
        if let Some(method) = method {
            write!(f, ",method={method}")?;
        }
        if let Some(path) = path {
            write!(f, ",path={path}")?;
        }
        for (key, value) in [("nth", nth), ("times", times), ("every", every)] {
            if let Some(value) = value {
                write!(f, ",{key}={value}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(by) => write!(f, "latency={}", durations::show(*by)),
            Self::Stall(by) => write!(f, "stall={}", durations::show(*by)),
            Self::Hold(Hold::Request) => f.write_str("hold"),
            Self::Hold(Hold::Answer) => f.write_str("hold=answer"),
            Self::Clock(ahead) => write!(f, "clock={ahead}s"),
            Self::Status(status, Some(seconds)) => write!(f, "{status}={seconds}s"),
            Self::Status(status, None) => write!(f, "{status}"),
            Self::Limit(limit) => write!(f, "limit={limit}/s"),
            Self::DropBefore => f.write_str("drop-before"),
            Self::DropAfter => f.write_str("drop-after"),
            Self::Html => f.write_str("html"),
            Self::Truncate => f.write_str("truncate"),
            Self::JobFails(Some(message)) => write!(f, "job-fails={message}"),
            Self::JobFails(None) => f.write_str("job-fails"),
            Self::JobHangs => f.write_str("job-hangs"),
            Self::JobVanishes => f.write_str("job-vanishes"),
            Self::EnvironmentFails => f.write_str("env-fails"),
            Self::DropField(path) => write!(f, "drop-field={path}"),
            Self::CutUpload(bytes) => write!(f, "cut-upload={bytes}"),
            Self::NoPackageId => f.write_str("no-package-id"),
            Self::NoPackage => f.write_str("no-package"),
            Self::BuildLog(lines) => write!(f, "build-log={lines}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in [
            "latency=200ms",
            "stall=2s,nth=3",
            "hold,nth=7",
            "hold=answer,method=PUT",
            "429=2s,method=PUT,path=/api/v4/apps/*,nth=3",
            "401",
            "403,path=/apps/1*",
            "429",
            "500,times=2",
            "limit=5/s,method=GET",
            "502",
            "503=1s,every=5",
            "drop-before",
            "drop-after",
            "html",
            "truncate",
            "job-fails=No capacity",
            "job-fails",
            "job-hangs",
            "job-vanishes",
            "env-fails",
            "drop-field=/container/instances",
            "cut-upload=1000000",
            "no-package-id",
            "no-package",
            "build-log=100000,path=*/build",
            "clock=-90s",
            "clock=3600s",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, part) in [
            ("", "unknown name ``"),
            ("429=soon", "not a duration"),
            ("limit", "limit=5/s"),
            ("limit=5", "limit=5/s"),
            ("limit=0/s", "whole number from 1"),
            ("html=yes", "takes no argument"),
            ("drop-field=container", "JSON pointer"),
            ("500,nth=0", "whole number from 1"),
            ("500,color=red", "unknown selector `color`"),
            ("500,red", "not a selector"),
            ("latency", "latency=200ms"),
            ("hold=all", "not `all`"),
            ("clock", "clock=-90s"),
            ("clock=soon", "not a duration"),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("/a/*/c", "/a/b/b/c", true),
            ("/a/*/c", "/a/b/d", false),
            ("*b*b", "abxb", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), fits, "{pattern} {text}");
        }
    }
}
