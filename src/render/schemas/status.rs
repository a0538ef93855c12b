//! The schema of the live picture.

use serde_json::{Value, json};

use super::{counts, document, list, notes, object, one_of, optional_text, source, text, with};

/// The name of the format of live pictures. `/1`: the first.
pub const STATUS: &str = "mxkeep.status/1";

/// The schema of `mxkeep.status/1`.
pub fn status() -> Value {
    let counted = [
        "inSync",
        "drifted",
        "missing",
        "notRemoved",
        "unmanaged",
        "unreadable",
        "environments",
        "ready",
        "stopped",
        "processing",
        "failed",
    ];
    let package = object(json!({
        "id": text("The id of the package."),
        "version": optional_text("The version of the model; null where the packages of the app could not be read."),
        "createdOn": optional_text("When it was built or uploaded, likewise."),
    }));
    let plans = object(json!({
        "live": number("How many plans there are."),
        "active": number("How many of them are active."),
    }));
    document(
        STATUS,
        "What is live, and whether it is as declared.",
        json!({
            "estate": text("The name of the estate."),
            "takenAt": time("When the picture was taken."),
            "summary": counts(&counted),
            "environments": list(with(standing(), json!({
                "production": {"type": "boolean", "description": "Whether it is in production mode; as declared where it is not live."},
                "namespace": optional_text("The address of its namespace."),
                "state": optional_text("What the platform reports: Ready, Processing, Failed, Unknown."),
                "instances": optional_number("How many instances it is to have; 0 is stopped."),
                "lastRunningInstances": optional_number("How many it had before it was stopped; null while it runs."),
                "package": {"anyOf": [{"type": "null"}, package]},
                "url": optional_text("Where the app is reached."),
                "runtimeVersion": optional_text("The version of the Mendix runtime."),
            }))),
            "namespaces": list(with(standing(), json!({
                "operatorVersion": optional_text("The version of its operator."),
                "plans": {"anyOf": [{"type": "null"}, plans]},
                "members": optional_number("How many members it has."),
                "environments": optional_number("How many environments are in it, whoever declares them."),
            }))),
            "clusters": list(with(standing(), json!({
                "clusterType": optional_text("Its type."),
                "operatorType": optional_text("Which operator it runs."),
                "managers": optional_number("How many managers it has."),
                "namespaces": optional_number("How many namespaces are in it."),
            }))),
            "others": list(standing()),
            "notes": notes(),
        }),
    )
}

fn standing() -> Value {
    object(json!({
        "address": text("The address: the declared one, or one that is made of live names."),
        "id": text("The id, as the manifest spells it."),
        "sync": one_of(&["in-sync", "drifted", "missing", "not-removed", "unmanaged", "unreadable"]),
        "driftedFields": number("How many fields are not as declared."),
        "driftedSince": optional_time("When a picture first showed it as drifted, missing or not removed, for as long as that lasts; only with `--since`."),
        "lastInSync": optional_time("When a picture last showed it as declared; only with `--since`, or now."),
        "source": source(),
    }))
}

fn number(description: &str) -> Value {
    json!({"type": "integer", "minimum": 0, "description": description})
}

fn optional_number(description: &str) -> Value {
    json!({"type": ["integer", "null"], "minimum": 0, "description": description})
}

fn time(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

fn optional_time(description: &str) -> Value {
    json!({"type": ["string", "null"], "format": "date-time", "description": description})
}
