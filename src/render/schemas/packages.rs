//! The schema of the list of packages.

use serde_json::{Value, json};

use super::{document, list, object, optional_text, text};

/// The name of the format of lists of packages. `/1`: the first.
pub const PACKAGES: &str = "mxkeep.packages/1";

/// The schema of `mxkeep.packages/1`.
pub fn packages() -> Value {
    document(
        PACKAGES,
        "The packages of apps.",
        json!({
            "estate": text("The name of the estate."),
            "packages": list(object(json!({
                "app": text("The name of the app in the estate; its id where the estate does not declare it."),
                "id": text("The id of the package."),
                "name": text("The name that its declaration has or had; that of its file where none made it."),
                "address": optional_text("The address under which the estate declares it."),
                "modelVersion": optional_text("The version of the model."),
                "runtimeVersion": optional_text("The version of the Mendix runtime."),
                "createdOn": optional_text("When it was built or uploaded."),
                "description": optional_text("Its description."),
                "fileName": optional_text("The name of its file."),
                "fileSize": {"type": ["integer", "null"], "minimum": 0, "description": "How many bytes its file has."},
                "expiryDate": optional_text("When the platform removes it."),
                "environments": list(text("The address of an environment that runs it.")),
            }))),
        }),
    )
}
