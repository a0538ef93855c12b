//! The text of a file: YAML and its encoding.

use super::{Code, family};

family! {
    YAML_001 = Code::error("YAML-001", "The text is not valid YAML.")
        .why("The parser could not make sense of the text at this place; often the cause stands a little before it: a missing quote, a closing bracket, a tab, or wrong indentation. Other documents of the file are read all the same.");

    YAML_002 = Code::error("YAML-002", "The file is not UTF-8.")
        .why("Estate files are read as UTF-8, with or without a byte order mark. Save the file as UTF-8.");

    YAML_003 = Code::error("YAML-003", "The file is too large.")
        .why("A file of an estate may have 16 MiB, all of them together 64 MiB. Split a file that is larger: its documents may stand in any number of files.");

    YAML_004 = Code::error("YAML-004", "A key stands twice in one mapping.")
        .why("YAML wants the keys of a mapping to be unique, and tools differ in which of the two values they take. Remove one of them.");

    YAML_005 = Code::error("YAML-005", "The text is nested too deeply.")
        .why("Mappings and lists may be nested 64 levels deep, aliases included. No manifest comes near.");

    YAML_006 = Code::error("YAML-006", "Aliases repeat too much.")
        .why("Aliases (`*name`) repeat the value of an anchor (`&name`). Taken together, the aliases of one document may stand for 100,000 values, so that a small file cannot grow beyond all bounds.");

    YAML_007 = Code::error("YAML-007", "An alias names no anchor before it.")
        .why("An alias (`*name`) repeats the value that an anchor (`&name`) marks earlier in the same document. A value cannot contain itself. A text that starts with `*` has to be quoted.");

    YAML_008 = Code::error("YAML-008", "A tag is not supported.")
        .why("Estates use the types of the YAML core schema only; `!!str` is understood, tags of other tools are not.");

    YAML_009 = Code::error("YAML-009", "A key is not text.")
        .why("Keys are names. A number, a boolean, null, a list or a mapping cannot be one; quote the key if it is meant to be a name.");

    YAML_010 = Code::error("YAML-010", "Merge keys are not supported.")
        .why("`<<` is an extension of YAML 1.1. Repeat the keys, or use an alias (`*name`) for a whole value.");

    YAML_011 = Code::warning("YAML-011", "Other YAML tools do not read this as text.")
        .why("YAML 1.2 reads the value as text, as the field wants it. YAML 1.1, which many tools still speak, reads a boolean, a date or a number. With quotes all of them agree.");

    YAML_012 = Code::error("YAML-012", "The estate has too many values.")
        .why("The files of an estate may have 1,000,000 values together: keys, values and documents, aliases counted for what they repeat. What comes behind is not read. An estate of 1,000 environments has some 150,000.");
}
