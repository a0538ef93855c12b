//! Reads the journal of an earlier run. Only half a line at its end is forgiven: that is how a run that is killed leaves
//! it. Everything else that does not fit is told, and nothing is run.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::{Approval, Entry, Header, JOURNAL, Line};
use crate::apply::outcome::ActionOutcome;

/// The largest journal that is read: that of 10,000 resources has some 30 MiB.
const MOST_BYTES: u64 = 128 * 1024 * 1024;

/// The journal of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    header: Header,
    /// The jobs that are not known to be over, in the order of their actions' ids.
    open: Vec<OpenJob>,
    /// How many bytes belong to whole lines.
    length: u64,
    ends_with_a_line: bool,
}

/// A job that is not known to be over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenJob {
    /// The action that it is of.
    pub action: String,
    /// The job.
    pub job: String,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read.
    #[error("cannot read it: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is larger than any journal.
    #[error("has more than {} MiB", MOST_BYTES / 1024 / 1024)]
    TooLarge,
    /// It does not begin as a journal does.
    #[error("is no journal of mxkeep")]
    NoJournal,
    /// A newer mxkeep has written it.
    #[error("has the format `{format}`; this mxkeep reads `{JOURNAL}`")]
    OtherFormat {
        /// The format.
        format: String,
    },
    /// A line in it does not say anything.
    #[error("line {line} is damaged")]
    Damaged {
        /// The line, from 1.
        line: usize,
    },
    /// It is of another estate.
    #[error("is of the estate `{theirs}`, not of `{ours}`")]
    OtherEstate {
        /// The estate that it is of.
        theirs: String,
        /// The estate at hand.
        ours: String,
    },
    /// It is of a run against another API.
    #[error("is of a run against {theirs}, not {ours}")]
    OtherApi {
        /// The API that it is of.
        theirs: String,
        /// The API at hand.
        ours: String,
    },
}

impl Recorded {
    /// Reads the journal in a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or holds no journal that this version can go on with.
    pub fn read(path: &Path) -> Result<Recorded, JournalError> {
        let mut bytes = Vec::new();
        fs_err::File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(JournalError::TooLarge);
        }
        Recorded::parse(&bytes)
    }

    /// Reads a journal. Pure.
    ///
    /// # Errors
    ///
    /// When it is none that this version can go on with.
    pub fn parse(bytes: &[u8]) -> Result<Recorded, JournalError> {
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let first = lines.next().ok_or(JournalError::NoJournal)?;
        let header = header(first)?;
        let mut open = BTreeMap::new();
        let mut length = first.len();
        let mut ends_with_a_line = first.ends_with(b"\n");
        for (index, text) in lines.enumerate() {
            let is_whole = text.ends_with(b"\n");
            match serde_json::from_slice::<Line>(text) {
                Ok(line) => {
                    follow(&mut open, line.entry).ok_or(JournalError::Damaged { line: index + 2 })?;
                }
                Err(_) if is_whole => return Err(JournalError::Damaged { line: index + 2 }),
                // Cut off by whatever ended the run.
                Err(_) => break,
            }
            length += text.len();
            ends_with_a_line = is_whole;
        }
        let open = open.into_iter().map(|(action, job)| OpenJob { action, job }).collect();
        Ok(Recorded { header, open, length: length as u64, ends_with_a_line })
    }

    /// Whether it belongs to a run of this estate against these APIs.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn check(&self, estate: &str, apis: &[String]) -> Result<(), JournalError> {
        if self.header.estate != estate {
            let (theirs, ours) = (self.header.estate.clone(), estate.to_owned());
            return Err(JournalError::OtherEstate { theirs, ours });
        }
        if self.header.apis != apis {
            let (theirs, ours) = (self.header.apis.join(" and "), apis.join(" and "));
            return Err(JournalError::OtherApi { theirs, ours });
        }
        Ok(())
    }

    /// The jobs that are not known to be over.
    pub fn open_jobs(&self) -> &[OpenJob] {
        &self.open
    }

    /// The digests of the actions whose guards were waived.
    pub fn waived(&self) -> impl Iterator<Item = String> {
        self.header.waived()
    }

    /// What may run of a plan that is made now.
    pub fn approval(&self) -> Approval {
        self.header.approval()
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    pub(super) const fn ends_with_a_line(&self) -> bool {
        self.ends_with_a_line
    }
}

fn header(first: &[u8]) -> Result<Header, JournalError> {
    // The format comes before the rest: another one may look different in everything else.
    let Ok(value) = serde_json::from_slice::<Value>(first) else { return Err(JournalError::NoJournal) };
    match value.get("format").and_then(Value::as_str) {
        Some(JOURNAL) => serde_json::from_value(value).map_err(|_| JournalError::Damaged { line: 1 }),
        Some(format) if format.starts_with("mxkeep.journal/") => {
            Err(JournalError::OtherFormat { format: format.to_owned() })
        }
        _ => Err(JournalError::NoJournal),
    }
}

/// Keeps track of which job is open for which action. Nothing when a line names an outcome that there is not.
fn follow(open: &mut BTreeMap<String, String>, entry: Entry) -> Option<()> {
    match entry {
        Entry::Sending { .. } | Entry::Resumed => {}
        Entry::Job { action, job } => {
            open.insert(action, job);
        }
        Entry::JobEnded { action, job } => {
            if open.get(&action) == Some(&job) {
                open.remove(&action);
            }
        }
        Entry::Ended { action, outcome } => {
            let outcome = ActionOutcome::ALL.into_iter().find(|known| known.name() == outcome)?;
            // Of an end that nobody saw, the job may go on.
            if outcome != ActionOutcome::Unknown {
                open.remove(&action);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = concat!(
        r#"{"format":"mxkeep.journal/1","estate":"acme","apis":["https://api.example/api/v4"],"plan":"4f0c","created":"2026-11-24T08:15:02Z","#,
        r#""actions":[{"id":"update:cluster/one","address":"cluster/one","identity":"c1","verb":"update","digest":"d","changes":{"description":"h"}}]}"#,
        "\n",
        r#"{"at":"2026-11-24T08:15:03Z","event":"sending","action":"update:cluster/one","verb":"update"}"#,
        "\n",
        r#"{"at":"2026-11-24T08:15:04Z","event":"job","action":"update:cluster/one","job":"7"}"#,
        "\n",
        r#"{"at":"2026-11-24T08:15:05Z","event":"job","action":"create:cluster/two","job":"8"}"#,
        "\n",
        r#"{"at":"2026-11-24T08:15:06Z","event":"ended","action":"update:cluster/one","outcome":"done"}"#,
        "\n",
    );

    fn open(text: &str) -> Vec<String> {
        let recorded = Recorded::parse(text.as_bytes()).unwrap();
        recorded.open_jobs().iter().map(|open| open.job.clone()).collect()
    }

    #[test]
    fn a_job_is_open_until_its_end_is_seen() {
        assert_eq!(open(GOOD), ["8"]);
        let unknown = GOOD.replace("\"done\"", "\"unknown\"");
        assert_eq!(open(&unknown), ["8", "7"], "nobody has seen the end");
        let seen = |job: &str| {
            let line = r#"{"at":"2026-11-24T08:15:07Z","event":"job-ended","action":"create:cluster/two","job":"JOB"}"#;
            format!("{GOOD}{}\n", line.replace("JOB", job))
        };
        assert_eq!(open(&seen("8")), [""; 0]);
        assert_eq!(open(&seen("6")), ["8"], "the end of an earlier job is none of this one");
        let again = format!("{GOOD}{}", GOOD.lines().nth(2).unwrap());
        assert_eq!(open(&again), ["8", "7"], "a last line without an end is whole when it can be read");
    }

    /// However a run is killed, what it has left can be gone on with, or had sent nothing.
    #[test]
    fn every_cut_is_forgiven() {
        let first = GOOD.find('\n').unwrap();
        for cut in 0..GOOD.len() {
            match Recorded::parse(&GOOD.as_bytes()[..cut]) {
                Ok(recorded) => {
                    assert!(cut >= first, "{cut}");
                    let whole = &GOOD[..usize::try_from(recorded.length()).unwrap()];
                    assert_eq!(whole.ends_with('\n'), recorded.ends_with_a_line(), "{cut}");
                    assert!(Recorded::parse(whole.as_bytes()).is_ok());
                }
                Err(error) => assert!(matches!(error, JournalError::NoJournal) && cut < first, "{cut}"),
            }
        }
    }

    #[test]
    fn anything_else_is_told() {
        let error = |from: &str, to: &str| {
            assert!(GOOD.contains(from));
            Recorded::parse(GOOD.replacen(from, to, 1).as_bytes()).unwrap_err().to_string()
        };
        assert_eq!(error("\"sending\"", "\"sanding\""), "line 2 is damaged");
        assert_eq!(error("\"done\"", "\"dine\""), "line 5 is damaged");
        assert_eq!(
            error("\"verb\":\"update\",\"digest\"", "\"verb\":\"updite\",\"digest\""),
            "line 1 is damaged"
        );
        assert_eq!(
            error("journal/1", "journal/9"),
            "has the format `mxkeep.journal/9`; this mxkeep reads `mxkeep.journal/1`"
        );
        assert_eq!(error("mxkeep.journal/1", "mxkeep.plan/1"), "is no journal of mxkeep");
        let recorded = Recorded::parse(GOOD.as_bytes()).unwrap();
        let here = ["https://api.example/api/v4".to_owned()];
        assert!(recorded.check("acme", &here).is_ok());
        assert!(matches!(recorded.check("other", &here), Err(JournalError::OtherEstate { .. })));
        assert!(matches!(recorded.check("acme", &[]), Err(JournalError::OtherApi { .. })));
    }

    proptest! {
        /// Whatever is in the file, reading it comes to an end, and only whole lines count.
        #[test]
        fn any_bytes(cut in 0..GOOD.len(), rest in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut bytes = GOOD.as_bytes()[..cut].to_vec();
            bytes.extend(&rest);
            if let Ok(recorded) = Recorded::parse(&bytes) {
                prop_assert!(recorded.length() as usize <= bytes.len());
            }
        }
    }
}
