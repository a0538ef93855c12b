//! JSON Schemas of the formats for scripts. Written by hand, and held against real documents by tests: a schema
//! derived from the code would agree with it even where the code is wrong.

mod doctor;
mod events;
mod journal;
mod packages;
mod status;

pub use doctor::{DOCTOR, doctor};
pub use events::{EVENTS, events};
pub use journal::{JOURNAL, journal};
pub use packages::{PACKAGES, packages};
pub use status::{STATUS, status};

use serde_json::{Value, json};

use crate::model::Kind;

/// The name of the format of plans. `/1`: the first.
pub const PLAN: &str = crate::apply::plan_file::FORMAT;
/// The name of the format of outcomes. `/1`: the first.
pub const OUTCOME: &str = "mxkeep.outcome/1";
/// The name of the format of drift reports. `/1`: the first.
pub const DRIFT: &str = "mxkeep.drift/1";
/// The name of the format of findings. `/1`: the first.
pub const VALIDATE: &str = "mxkeep.validate/1";

/// The name of the format of `why`. `/1`: the first.
pub const WHY: &str = "mxkeep.why/1";
/// The name of the format of the versions of mxpc-cli. `/1`: the first.
pub const MXPC: &str = "mxkeep.cli/1";

/// Every format with its schema.
pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        (VALIDATE, validate()),
        (PLAN, plan()),
        (OUTCOME, outcome()),
        (EVENTS, events()),
        (JOURNAL, journal()),
        (DRIFT, drift()),
        (STATUS, status()),
        (PACKAGES, packages()),
        (WHY, why()),
        (DOCTOR, doctor()),
        (MXPC, mxpc()),
    ]
}

/// The schema of `mxkeep.validate/1`.
pub fn validate() -> Value {
    document(
        VALIDATE,
        "What `mxkeep validate` found.",
        json!({
            "summary": counts(&["errors", "warnings", "infos", "waived"]),
            "findings": list(object(json!({
                "code": text("The stable code."),
                "severity": one_of(&["error", "warning", "info"]),
                "message": text("What is wrong."),
                "help": optional_text("What to do."),
                "address": optional_text("The resource, where it is about one."),
                "path": optional_text("The path of the field, where it is about one."),
                "source": source(),
            }))),
        }),
    )
}

/// The schema of `mxkeep.plan/1`.
pub fn plan() -> Value {
    let mut summary = counts(&[
        "create",
        "update",
        "delete",
        "restart",
        "scale",
        "unchanged",
        "blocked",
        "waiting",
        "unreadable",
        "unmanaged",
    ]);
    // Only of a plan with a base.
    add(&mut summary, "classes", counts(&["conflict", "change", "adopt", "drift"]), false);
    let mut plan = document(
        PLAN,
        "What is to be done, and why anything may not be.",
        json!({
            "estate": text("The name of the estate."),
            "api": object(json!({
                "privateCloud": optional_text("The base URL of the Private Cloud API, where the estate has something there; `simulator` for the built-in one."),
                "mendixCloud": optional_text("The same of the API of Mendix Cloud."),
                "name": text("Where that is, for people."),
            })),
            "created": text("When the plan was made (RFC 3339)."),
            "digest": text("Identifies the plan: equal inputs give equal digests."),
            "base": base(),
            "head": head(),
            "requests": object(json!({
                "made": count("How many requests were sent to make the plan."),
                "budget": count("How many there may be: parents and pages."),
            })),
            "summary": summary,
            "actions": list(with(action(), json!({}))),
            "unreadable": unreadable(),
            "unmanaged": unmanaged(),
            "notes": notes(),
            "checksum": text("`sha256:` and the SHA-256 of the rest of the document: as JSON without white space, keys sorted."),
        }),
    );
    // What `--drift report` leaves as it is.
    add(&mut plan, "drift", list(drifted()), false);
    plan
}

fn drifted() -> Value {
    object(json!({
        "address": text("The resource."),
        "state": one_of(&["drifted", "missing", "not-removed", "failed"]),
        "changes": list(change("The live value.", "The declared value.")),
        "source": source(),
    }))
}

/// The schema of `mxkeep.outcome/1`.
pub fn outcome() -> Value {
    let outcomes =
        ["done", "failed", "skipped", "refused", "cancelled", "not-started", "blocked", "waiting", "unknown"];
    let keys = [
        "done",
        "failed",
        "skipped",
        "refused",
        "cancelled",
        "notStarted",
        "blocked",
        "waiting",
        "unknown",
        "total",
    ];
    document(
        OUTCOME,
        "What became of every action of a plan.",
        json!({
            "estate": text("The name of the estate."),
            "digest": text("The digest of the plan that was applied."),
            "base": base(),
            "head": head(),
            "interrupted": {"type": "boolean", "description": "Whether a signal ended the run early."},
            "unchanged": {"type": "integer", "minimum": 0, "description": "How many resources needed nothing."},
            "duration": seconds("How long the run took, in seconds."),
            "summary": counts(&keys),
            "actions": list(with(with_log(action()), json!({
                "outcome": one_of(&outcomes),
                "job": optional_text("The last job that was started for it."),
                "verified": {"type": "boolean", "description": "Whether every managed field was read back as declared."},
                "duration": seconds("How long it took, in seconds."),
                "error": {"anyOf": [{"type": "null"}, failure()]},
                "warnings": list(text("What to know although it succeeded.")),
            }))),
            "unreadable": unreadable(),
            "openJobs": list(object(json!({
                "action": text("The id of the action."),
                "address": text("The resource."),
                "job": text("The job, whose end nobody has seen."),
            }))),
            "journal": optional_text("The file with the journal of the run, where it is still there."),
            "resume": optional_text("The command that goes on with the run, where something is left of it."),
        }),
    )
}

fn with_log(mut action: Value) -> Value {
    let lines = list(text("The last lines of the log of a build that failed."));
    let package = text("The id of the package that was built or uploaded.");
    extend(&mut action, json!({ "log": lines, "packageId": package }), false);
    action
}

/// The schema of `mxkeep.drift/1`.
pub fn drift() -> Value {
    let counted = ["drifted", "missing", "failed", "notRemoved", "unreadable", "unmanaged", "managed"];
    let mut summary = counts(&counted);
    let share = json!({"type": "number", "minimum": 0, "maximum": 1, "description": "managed / (managed + unmanaged)"});
    add(&mut summary, "coverage", share, true);
    add(
        &mut summary,
        "notApplied",
        count("How many changes of the files, compared with the base, are not applied yet."),
        false,
    );
    document(
        DRIFT,
        "Where live state is not as declared.",
        json!({
            "estate": text("The name of the estate."),
            "created": optional_text("When the live side was read (RFC 3339)."),
            "base": base(),
            "head": head(),
            "summary": summary,
            "resources": list(drifted()),
            "unreadable": unreadable(),
            "unmanaged": unmanaged(),
            "notes": notes(),
        }),
    )
}

/// The schema of `mxkeep.cli/1`.
pub fn mxpc() -> Value {
    document(
        MXPC,
        "The versions of mxpc-cli that can be downloaded, the newest first.",
        json!({
            "versions": list(object(json!({
                "version": text("The version."),
                "operatorVersion": optional_text("The version of the operator that it installs."),
                "operatingSystems": list(text("An operating system: windows, linux, macos.")),
                "architectures": list(text("An architecture: x86, arm.")),
            }))),
        }),
    )
}

fn document(format: &str, title: &str, properties: Value) -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format,
        "description": title,
        "type": "object",
        "properties": {"format": {"const": format}},
        "required": ["format"],
        "additionalProperties": false,
    });
    extend(&mut schema, properties, true);
    schema
}

/// The schema of `mxkeep.why/1`.
pub fn why() -> Value {
    let said = || {
        let mut said = object(json!({
            "path": text("The path of the field."),
            "sensitive": {"type": "boolean", "description": "Whether values are left out."},
            "reference": optional_text("Where the value comes from, when it does not stand in the file."),
            "source": source(),
            "layer": {"type": ["integer", "null"], "minimum": 0, "description": "The layer that says so, counted from 0."},
        }));
        let desired = json!({"desired": {"description": "What the files ask for; null to clear or remove, or when it is not known."}});
        extend(&mut said, desired, false);
        said
    };
    let ignored = object(json!({"reason": optional_text("Why."), "source": source()}));
    let mut field = with(
        said(),
        json!({
            "declared": {"type": "boolean", "description": "Whether the files mention the field."},
            "verdict": one_of(&["unknown", "same", "differs", "not-compared", "unmanaged"]),
            "over": list(said()),
            "owner": one_of(&["managed", "identity", "immutable", "create-only", "write-only", "command", "server-owned", "reference", "shorthand"]),
            "effect": one_of(&["none", "restart", "stop", "scale"]),
            "mode": {"anyOf": [{"type": "null"}, one_of(&["merge", "exact"])], "description": "The mode of the list that it is an item of."},
            "doc": text("What the field is."),
            "ignored": {"anyOf": [{"type": "null"}, ignored]},
        }),
    );
    extend(&mut field, json!({"live": {"description": "The live value; null where there is none."}}), false);
    let base = json!({"anyOf": [{"type": "null"}, said()], "description": "What the base says of the field; null where it does not mention it, absent without a base."});
    extend(&mut field, json!({ "base": base }), false);
    let values = json!({"type": "object", "additionalProperties": {"type": "string"}, "description": "The values of the matrix that made the resource."});
    document(
        WHY,
        "Where the fields of one resource come from.",
        json!({
            "address": text("The resource."),
            "live": one_of(&["read", "not-read", "missing", "refused"]),
            "layers": list(object(json!({
                "role": one_of(&["document", "fragment", "defaults"]),
                "values": values,
                "source": source(),
            }))),
            "fields": list(field),
        }),
    )
}

fn action() -> Value {
    let mut action = object(json!({
        "id": text("The id of the action in its plan."),
        "address": text("The resource."),
        "kind": one_of(&Kind::ALL.map(Kind::name)),
        "verb": one_of(&["create", "update", "delete", "restart", "scale"]),
        "class": one_of(&["conflict", "change", "adopt", "drift"]),
        "effect": one_of(&["none", "rolling", "restart", "stop", "data-loss"]),
        "production": {"type": "boolean", "description": "Whether it touches an environment in production mode."},
        "destructive": {"type": "boolean", "description": "Whether it takes something away from users."},
        "needs": list(text("The id of an action that has to succeed first.")),
        "digest": text("Identifies what the action will do and what it found."),
        "status": one_of(&["ready", "blocked", "waiting"]),
        "reason": text("Why it is in the plan; why it may not run, when it is blocked or waiting."),
        "changes": list(change("The live value; null where there is none.", "The wanted value; null to clear or remove.")),
        "source": source(),
    }));
    extend(
        &mut action,
        json!({
            "because": text("Why a blocked or waiting action is in the plan."),
            "help": optional_text("What to do about a block or a wait."),
            "code": text("The stable code of a block or a wait."),
            "guard": {"type": "boolean", "description": "Whether what blocks it is a guard, which `--waive` with the digest lets through."},
            "blockedBy": source(),
            "waitsFor": text("The resource that is not ready for a waiting action."),
            "command": text("The command that a person has to run; secrets are references to shell variables."),
            "waived": list(object(json!({
                "code": text("The stable code of the guard."),
                "reason": text("What the guard said."),
                "source": source(),
            }))),
        }),
        false,
    );
    action
}

fn change(before: &str, after: &str) -> Value {
    let mut change = object(json!({
        "path": text("The path of the field."),
        "class": one_of(&["conflict", "change", "adopt", "drift"]),
        "live": {"type": "boolean", "description": "Whether the live manifest has a value, shown or not."},
        "intent": {
            "enum": ["value", "secret", "unset-secret", "unset", "later", "clear", "remove"],
            "description": "What is wanted: the value in `after`; a secret, whose value is known or not; a value that is not known here; one that is known later; no value; that the item goes.",
        },
        "sensitive": {"type": "boolean", "description": "Whether `before` and `after` are left out."},
        "source": source(),
    }));
    extend(
        &mut change,
        json!({"reference": text("Where a secret or an unknown value comes from, as files spell it.")}),
        false,
    );
    extend(&mut change, json!({"before": {"description": before}, "after": {"description": after}}), false);
    let later =
        "The address of the resource after whose creation the wanted value is known; `after` is null then.";
    extend(&mut change, json!({"knownAfter": text(later)}), false);
    if let Some(change) = change.as_object_mut() {
        change.insert("if".to_owned(), json!({"properties": {"sensitive": {"const": true}}}));
        change.insert("then".to_owned(), json!({"properties": {"before": false, "after": false}}));
        change.insert("else".to_owned(), json!({"required": ["before", "after"]}));
    }
    change
}

fn failure() -> Value {
    object(json!({
        "code": text("The stable code."),
        "message": text("What is wrong."),
        "help": optional_text("What to do next."),
        "source": source(),
    }))
}

fn unmanaged() -> Value {
    list(object(json!({
        "address": text("The address, made of live names."),
        "id": text("The id, as the manifest spells it."),
    })))
}

fn unreadable() -> Value {
    list(object(json!({
        "address": text("A declared resource, or a tombstone, of which the API does not tell this token whether it exists."),
        "because": text("Whose reading was refused: the app of an environment, the cluster of a namespace, or the resource itself."),
        "reason": text("What the API said."),
        "source": source(),
    })))
}

fn notes() -> Value {
    let mut note = object(json!({
        "severity": one_of(&["error", "warning", "info"]),
        "code": text("The stable code."),
        "address": optional_text("The resource, where it is about one."),
        "message": text("What to know."),
        "source": source(),
    }));
    extend(&mut note, json!({"help": text("What to do about an error.")}), false);
    list(note)
}

/// A place, from 1, the end just behind the last character; null where there is none.
fn source() -> Value {
    let position = |description: &str| json!({"type": "integer", "minimum": 1, "description": description});
    let place = object(json!({
        "file": text("The file, relative to the estate."),
        "line": position("The first line."),
        "column": position("The first column, in characters."),
        "endLine": position("The last line."),
        "endColumn": position("The column just behind the last character."),
    }));
    json!({"anyOf": [{"type": "null"}, place]})
}

/// An object with these properties, all of them required.
fn object(properties: Value) -> Value {
    let mut object =
        json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false});
    extend(&mut object, properties, true);
    object
}

fn with(mut object: Value, properties: Value) -> Value {
    extend(&mut object, properties, true);
    object
}

fn extend(object: &mut Value, properties: Value, required: bool) {
    let Value::Object(properties) = properties else { return };
    for (name, schema) in properties {
        add(object, &name, schema, required);
    }
}

fn add(object: &mut Value, name: &str, schema: Value, required: bool) {
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(name.to_owned(), schema);
    }
    if let Some(names) = object.get_mut("required").and_then(Value::as_array_mut).filter(|_| required) {
        names.push(name.into());
    }
}

fn counts(names: &[&str]) -> Value {
    let properties = names.iter().map(|name| ((*name).to_owned(), json!({"type": "integer", "minimum": 0})));
    object(Value::Object(properties.collect()))
}

#[expect(clippy::needless_pass_by_value, reason = "schemas are put together from schemas, all by value")]
fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn optional_text(description: &str) -> Value {
    json!({"type": ["string", "null"], "description": description})
}

/// What the files were compared with.
fn base() -> Value {
    let base = object(json!({
        "ref": text("What `--base` named."),
        "commit": commit(),
    }));
    json!({"anyOf": [{"type": "null"}, base], "description": "What the files are compared with; null without `--base`."})
}

/// What the files were checked out from.
fn head() -> Value {
    let head = object(json!({
        "commit": commit(),
        "clean": {"type": "boolean", "description": "Whether the files of the estate are as they were committed."},
    }));
    json!({"anyOf": [{"type": "null"}, head], "description": "What is checked out; null without `--base`, and before the first commit."})
}

fn commit() -> Value {
    json!({"type": "string", "pattern": "^[0-9a-f]{40}([0-9a-f]{24})?$", "description": "The id of the commit."})
}

fn one_of(words: &[&str]) -> Value {
    json!({"enum": words})
}

fn count(description: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": description})
}

fn seconds(description: &str) -> Value {
    json!({"type": "number", "minimum": 0, "description": description})
}
