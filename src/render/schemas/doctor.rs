//! The schema of what `doctor` finds.

use serde_json::{Value, json};

use super::{counts, document, list, object, one_of, optional_text, text};

/// The name of the format of what `doctor` finds. `/1`: the first.
pub const DOCTOR: &str = "mxkeep.doctor/1";

/// The schema of `mxkeep.doctor/1`.
pub fn doctor() -> Value {
    document(
        DOCTOR,
        "What is missing, and for which command.",
        json!({
            "estate": optional_text("The name of the estate; null where there is none, or none that is valid."),
            "summary": counts(&["ok", "warning", "failed", "skipped"]),
            "checks": list(object(json!({
                "check": text("The stable name of the check."),
                "verdict": one_of(&["ok", "warning", "failed", "skipped"]),
                "message": text("What was found."),
                "help": optional_text("What to do."),
            }))),
            "commands": list(object(json!({
                "command": text("The command."),
                "able": one_of(&["yes", "partly", "unknown", "no"]),
                "because": optional_text("Why not, or not all of it."),
            }))),
        }),
    )
}
