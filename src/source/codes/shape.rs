//! Keys and types: what the field tables decide and no rule of the platform names.

use super::{Code, family};

family! {
    SHAPE_001 = Code::error("SHAPE-001", "A key is unknown.")
        .why("No field has this name here. Names are spelt as the API spells them, capitals included.");

    SHAPE_002 = Code::error("SHAPE-002", "A value has the wrong type.")
        .why("The field takes another type of value. A number or boolean in a text field has to be quoted, so that `1.10` stays `1.10`.");

    SHAPE_003 = Code::error("SHAPE-003", "A value is not one of the words that the field takes.")
        .why("The field takes a fixed set of words, capitals included.");

    SHAPE_004 = Code::error("SHAPE-004", "A number is out of bounds.")
        .why("The field takes whole numbers between two bounds.");

    SHAPE_005 = Code::error("SHAPE-005", "A text does not have the form that the field wants.")
        .why("The field takes text of a certain form, such as a URL or a name that is not empty.");

    SHAPE_006 = Code::error("SHAPE-006", "A field is missing.")
        .why("Without this field the resource cannot be told from others.");

    SHAPE_007 = Code::error("SHAPE-007", "The field cannot be cleared.")
        .why("An explicit `null` clears a field, where the API can clear it. Leave the key out to keep the field as it is.");

    SHAPE_008 = Code::warning("SHAPE-008", "The platform decides the value of this field.")
        .why("The field stands in manifests that were read from the API, and cannot be set. It is ignored; remove it.");

    SHAPE_009 = Code::error("SHAPE-009", "A document does not declare exactly one thing.")
        .why("Each document has one of the keys `cluster`, `namespace`, `app`, `package`, `environment` or `remove`, and may have `manifestVersion`. Documents are separated by a line `---`.");

    SHAPE_010 = Code::error("SHAPE-010", "Two items of a list have the same key.")
        .why("Items of this list are known by their key, so each key may stand once.");

    SHAPE_011 = Code::error("SHAPE-011", "`absent` is out of place.")
        .why("`absent: true` removes one item of a list whose undeclared items stay. An exact list removes what it does not name, and an absent item has nothing but its key.");

    SHAPE_012 = Code::error("SHAPE-012", "A value from outside is described wrongly.")
        .why("A value from outside is `{fromEnv: NAME}` or `{fromFile: path}`, and may have `version`, `encoding: base64` (for fields that the API wants in base64) and `sensitive: false` (for fields that are not secret).");

    SHAPE_013 = Code::error("SHAPE-013", "The value has to stand in the file.")
        .why("Names, ids, keys of lists and settings say what an estate is about; they cannot come from outside. Only text can.");

    SHAPE_014 = Code::error("SHAPE-014", "The key of an item stands twice.")
        .why("Where a list is written as a mapping, the keys of the mapping are the keys of its items, and are not repeated inside.");

    SHAPE_015 = Code::error("SHAPE-015", "Two fields that stand for the same are both given.")
        .why("`size` is short for `coreResources`, and `package` stands for `packageId`. Keep one of them.");

    SHAPE_016 = Code::error("SHAPE-016", "A package does not say in exactly one way where it comes from.")
        .why("A package exists (`packageId`), is built (`branch` and `revision`, with `version` and `description`), or is uploaded (`file`).");
}
