//! What goes wrong at one request.

use serde_json::json;

use super::scene::Scene;

/// What goes wrong at one request, before the run is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    NoAnswerBefore,
    NoAnswerAfter,
    TooMany,
    ServerError,
    BadGateway,
    Unavailable,
    ResetBefore,
    LostAfter,
    Html,
    Truncated,
    JobFails,
    JobHangs,
    JobVanishes,
    FieldDropped,
    Respelled,
    UnrelatedEdit,
    RelatedEdit,
}

impl Fault {
    pub const ALL: [Fault; 17] = [
        Fault::NoAnswerBefore,
        Fault::NoAnswerAfter,
        Fault::TooMany,
        Fault::ServerError,
        Fault::BadGateway,
        Fault::Unavailable,
        Fault::ResetBefore,
        Fault::LostAfter,
        Fault::Html,
        Fault::Truncated,
        Fault::JobFails,
        Fault::JobHangs,
        Fault::JobVanishes,
        Fault::FieldDropped,
        Fault::Respelled,
        Fault::UnrelatedEdit,
        Fault::RelatedEdit,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Fault::NoAnswerBefore => "timeout-before",
            Fault::NoAnswerAfter => "timeout-after",
            Fault::TooMany => "429",
            Fault::ServerError => "500",
            Fault::BadGateway => "502",
            Fault::Unavailable => "503",
            Fault::ResetBefore => "reset-before",
            Fault::LostAfter => "lost-after",
            Fault::Html => "html",
            Fault::Truncated => "truncated",
            Fault::JobFails => "job-fails",
            Fault::JobHangs => "job-hangs",
            Fault::JobVanishes => "job-vanishes",
            Fault::FieldDropped => "field-dropped",
            Fault::Respelled => "re-spelled",
            Fault::UnrelatedEdit => "unrelated-edit",
            Fault::RelatedEdit => "related-edit",
        }
    }

    pub const fn meaning(self) -> &'static str {
        match self {
            Fault::NoAnswerBefore => "the request is not answered and has no effect",
            Fault::NoAnswerAfter => "the request takes effect and is not answered",
            Fault::TooMany => "429",
            Fault::ServerError => "500",
            Fault::BadGateway => "502",
            Fault::Unavailable => "503",
            Fault::ResetBefore => "the connection is reset before the request takes effect",
            Fault::LostAfter => "the connection is reset after the request took effect",
            Fault::Html => "a page of HTML with status 200",
            Fault::Truncated => "the request takes effect, its JSON ends in the middle",
            Fault::JobFails => "the job of a write fails",
            Fault::JobHangs => "the job of a write hangs, and is over before the next run",
            Fault::JobVanishes => "the job of a write is not known any more",
            Fault::FieldDropped => "a write is accepted, and some of its fields are ignored",
            Fault::Respelled => "every answer spells values in another way",
            Fault::UnrelatedEdit => "somebody edits a field in the console that no file manages",
            Fault::RelatedEdit => "somebody edits a field in the console that a file manages",
        }
    }

    /// Whether only writes can meet it.
    pub const fn strikes_writes(self) -> bool {
        matches!(self, Fault::JobFails | Fault::JobHangs | Fault::JobVanishes | Fault::FieldDropped)
    }

    /// Whether the run is killed at the very request that it strikes: nothing comes after it.
    pub const fn is_silence(self) -> bool {
        matches!(self, Fault::NoAnswerBefore | Fault::NoAnswerAfter)
    }

    /// How many writes of one object may be more than those of a run in which nothing goes wrong: one that turns out to be
    /// redundant, and one in place of each that was accepted in vain.
    pub const fn spare_writes(self) -> usize {
        match self {
            Fault::JobFails
            | Fault::JobHangs
            | Fault::JobVanishes
            | Fault::FieldDropped
            | Fault::RelatedEdit => 2,
            _ => 1,
        }
    }

    /// The faults of the simulator, for the request with this number, of all requests or of the writes.
    pub fn faults(self, at: usize) -> Vec<String> {
        let one = |fault: &str| vec![format!("{fault},nth={at}")];
        match self {
            Fault::NoAnswerBefore => one("hold"),
            Fault::NoAnswerAfter => one("hold=answer"),
            Fault::TooMany => one("429"),
            Fault::ServerError => one("500"),
            Fault::BadGateway => one("502"),
            Fault::Unavailable => one("503"),
            Fault::ResetBefore => one("drop-before"),
            Fault::LostAfter => one("drop-after"),
            Fault::Html => one("html"),
            Fault::Truncated => one("truncate"),
            Fault::JobFails => one("job-fails"),
            Fault::JobHangs => one("job-hangs"),
            Fault::JobVanishes => one("job-vanishes"),
            Fault::FieldDropped => {
                ["/description", "/membership", "/deployment/constants", "/container/instances"]
                    .iter()
                    .flat_map(|field| one(&format!("drop-field={field}")))
                    .collect()
            }
            // The request waits while somebody edits.
            Fault::UnrelatedEdit | Fault::RelatedEdit => one("hold"),
            Fault::Respelled => Vec::new(),
        }
    }

    /// What happens in the console while the request waits. Where there is nothing to edit yet, or no more, nothing does.
    pub fn edit(self, scene: &Scene) {
        let edits = match self {
            Fault::UnrelatedEdit => {
                scene.unmanaged.iter().map(|(what, at)| (what, *at, json!("kept"))).collect()
            }
            Fault::RelatedEdit => {
                scene.managed.iter().map(|(what, at, to)| (what, *at, to.clone())).collect()
            }
            _ => Vec::new(),
        };
        for (what, at, to) in edits {
            drop(scene.world.get().edit(what, at, to));
        }
    }
}
