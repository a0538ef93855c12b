//! A plan that somebody approved, as far as it counts: which actions, of which estate, at which API, and when.
//!
//! ```text
//! plan file ──▶ ApprovedPlan: digests ──┐
//! files + live ──plan──▶ Plan: actions ─┴─▶ these run, those are refused, the rest is done already
//! ```
//!
//! Nothing of a plan file but this gets any further, and nothing here can say what a change is. So no value of a plan
//! file, redacted or not, can end up in a request. What is sent is planned anew; the file only says whether that was
//! approved.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::approval::{Approval, digests_of};
use crate::plan::Plan;

/// The name of the format of plans. `/1`: the first.
pub const FORMAT: &str = "mxkeep.plan/1";

/// The largest plan file that is read, in bytes. A plan for 1,000 environments with all of their fields is smaller.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// How long an approval lasts unless `apply.planMaxAge` says otherwise: a review and the merge after it.
pub const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// By how much the clock of the machine that made a plan may be ahead.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// The member of the document that holds its checksum.
const CHECKSUM: &str = "checksum";

/// Where the APIs are, without credentials; nothing for one at which the estate has nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiPlaces {
    /// The base URL of the Private Cloud API.
    pub private_cloud: Option<String>,
    /// The base URL of the API of Mendix Cloud.
    pub mendix_cloud: Option<String>,
}

/// What somebody approved. There is no way from here to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedPlan {
    estate: String,
    api: ApiPlaces,
    created: Timestamp,
    /// The digests of the actions that were ready, or waited for a person, by the id of the action.
    digests: BTreeMap<String, String>,
}

/// The run that a plan is to be good for.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    /// The estate.
    pub estate: &'a str,
    /// Where its APIs are.
    pub api: &'a ApiPlaces,
    /// The time.
    pub now: Timestamp,
    /// How old a plan may be.
    pub max_age: Duration,
}

/// Why a plan file approves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    /// Larger than any plan.
    #[error("it is larger than {} MiB", LARGEST / 1024 / 1024)]
    TooLarge,
    /// It ends in the middle.
    #[error("it ends in the middle")]
    Truncated,
    /// Something else than JSON.
    #[error("it is not JSON (line {line}, column {column})")]
    NotJson {
        /// Where it stops being JSON, from 1.
        line: usize,
        /// The same.
        column: usize,
    },
    /// Some other document.
    #[error("it is no plan, but {}", .found.as_deref().map_or("something else".to_owned(), |it| format!("in the format `{it}`")))]
    OtherFormat {
        /// The format that it names.
        found: Option<String>,
    },
    /// A plan of a version that is not known here.
    #[error("it is in the format `{found}`, and this mxkeep knows `{FORMAT}`")]
    Newer {
        /// The format that it names.
        found: String,
    },
    /// A plan whose members are not those of a plan.
    #[error("it lacks what makes a plan")]
    Incomplete,
    /// What is written does not have the checksum that was written.
    #[error("it was edited after it was written: its checksum is not that of its content")]
    Edited,
    /// A plan that cannot be applied at all.
    #[error("it is a plan with problems ({count}), and such a plan is never applied")]
    Problems {
        /// How many.
        count: usize,
    },
    /// Of another estate.
    #[error("it is a plan of the estate `{planned}`, and this is `{here}`")]
    OtherEstate {
        /// The estate that it is for.
        planned: String,
        /// This estate.
        here: String,
    },
    /// For another API.
    #[error("it was made at {planned}, and this is {here}")]
    OtherApi {
        /// Where it was made.
        planned: String,
        /// Where this run is.
        here: String,
    },
    /// Too old.
    #[error("it was made at {created}, and is good for {} only", hours(*.max_age))]
    Expired {
        /// When it was made.
        created: Timestamp,
        /// How old it may be.
        max_age: Duration,
    },
    /// Made at a time that is still to come.
    #[error("it was made at {created}, and it is {now} only")]
    Future {
        /// When it says that it was made.
        created: Timestamp,
        /// The time here.
        now: Timestamp,
    },
}

/// The members of a plan that count.
#[derive(Deserialize)]
struct Document {
    estate: String,
    api: ApiPlaces,
    created: Timestamp,
    actions: Vec<Planned>,
    notes: Vec<Noted>,
}

#[derive(Deserialize)]
struct Planned {
    id: String,
    digest: String,
    status: PlannedStatus,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum PlannedStatus {
    Ready,
    Waiting,
    Blocked,
}

#[derive(Deserialize)]
struct Noted {
    severity: String,
}

impl ApprovedPlan {
    /// Reads a plan file.
    ///
    /// # Errors
    ///
    /// When it is none, was edited, or holds problems.
    pub fn parse(bytes: &[u8]) -> Result<ApprovedPlan, NotApproved> {
        let document = parse_document(bytes)?;
        check_format(&document)?;
        let stated = document.get(CHECKSUM).and_then(Value::as_str).ok_or(NotApproved::Incomplete)?;
        if *stated != checksum(&document) {
            return Err(NotApproved::Edited);
        }
        let Document { estate, api, created, actions, notes } =
            serde_json::from_value(document).map_err(|_| NotApproved::Incomplete)?;
        let count = notes.iter().filter(|note| note.severity == "error").count();
        if count > 0 {
            return Err(NotApproved::Problems { count });
        }
        let approved = actions.into_iter().filter(|action| action.status != PlannedStatus::Blocked);
        let digests = approved.map(|action| (action.id, action.digest)).collect();
        Ok(ApprovedPlan { estate, api, created, digests })
    }

    /// Whether the approval is good for this run.
    ///
    /// # Errors
    ///
    /// When it is for another estate or API, or not for this time.
    pub fn check(&self, here: &Here<'_>) -> Result<(), NotApproved> {
        let Here { estate, api, now, max_age } = *here;
        if self.estate != estate {
            return Err(NotApproved::OtherEstate { planned: short(&self.estate), here: estate.to_owned() });
        }
        if self.api != *api {
            return Err(NotApproved::OtherApi { planned: short(&self.api.told()), here: api.told() });
        }
        let age = now.duration_since(self.created);
        if age > signed(max_age) {
            return Err(NotApproved::Expired { created: self.created, max_age });
        }
        if age < -signed(SKEW) {
            return Err(NotApproved::Future { created: self.created, now: whole_seconds(now) });
        }
        Ok(())
    }

    /// When the plan was made.
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    /// What may run.
    pub fn approval(&self) -> Approval {
        Approval::Digests(self.digests.values().cloned().collect())
    }

    /// The ids of approved actions that are not to be done any more, by a plan that was made just now. Texts of the file:
    /// to be shown, and nothing else.
    pub fn gone(&self, fresh: &Plan) -> Vec<&str> {
        let ids: BTreeSet<&str> = fresh.actions.iter().map(|action| action.id.as_str()).collect();
        let found: BTreeSet<String> =
            fresh.actions.iter().flat_map(|action| digests_of(action, fresh)).collect();
        let gone =
            self.digests.iter().filter(|(id, digest)| !found.contains(*digest) && !ids.contains(id.as_str()));
        gone.map(|(id, _)| id.as_str()).collect()
    }
}

impl ApiPlaces {
    fn told(&self) -> String {
        let ApiPlaces { private_cloud, mendix_cloud } = self;
        let places: Vec<_> = private_cloud.iter().chain(mendix_cloud).map(|it| format!("`{it}`")).collect();
        if places.is_empty() { "no API".to_owned() } else { places.join(" and ") }
    }
}

/// Reads a file that mxkeep wrote, as JSON.
///
/// # Errors
///
/// When it is too large, or no JSON.
pub fn parse_document(bytes: &[u8]) -> Result<Value, NotApproved> {
    if bytes.len() as u64 > LARGEST {
        return Err(NotApproved::TooLarge);
    }
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => NotApproved::Truncated,
        _ => NotApproved::NotJson { line: error.line(), column: error.column() },
    })
}

/// Whether a document has the checksum that was written into it.
pub fn is_as_written(document: &Value) -> bool {
    document.get(CHECKSUM).and_then(Value::as_str).is_some_and(|stated| stated == checksum(document))
}

fn check_format(document: &Value) -> Result<(), NotApproved> {
    let found = document.get("format").and_then(Value::as_str);
    let (kind, _) = FORMAT.split_at(FORMAT.len() - 1);
    match found {
        Some(FORMAT) => Ok(()),
        Some(found) if found.starts_with(kind) => Err(NotApproved::Newer { found: short(found) }),
        _ => Err(NotApproved::OtherFormat { found: found.map(short) }),
    }
}

/// The checksum of a document: of its JSON without white space, keys sorted, without the member that holds it.
pub fn checksum(document: &Value) -> String {
    let mut document = document.clone();
    if let Some(members) = document.as_object_mut() {
        members.shift_remove(CHECKSUM);
    }
    let bytes = Sha256::digest(sorted(document).to_string().as_bytes());
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// The same value with its keys sorted. Recursion is bounded by the parser, and by what mxkeep writes.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> = members.into_iter().collect();
            Value::Object(members.into_iter().map(|(key, value)| (key, sorted(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        scalar => scalar,
    }
}

/// A text of a file as far as an error repeats it.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// A moment without what nobody reads.
pub fn whole_seconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

fn signed(duration: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(duration).unwrap_or(jiff::SignedDuration::MAX)
}

fn hours(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} minutes"),
        (1, 0) => "an hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
