//! The estate as a whole: its directory, its settings, its names.

use super::{Code, family};

family! {
    EST_001 = Code::error("EST-001", "The directory has no `mxkeep.yaml`.")
        .why("An estate is a directory with a file `mxkeep.yaml` at its root, whose first document has at least `estate: NAME`.");

    EST_002 = Code::error("EST-002", "A directory or file cannot be read.")
        .why("The operating system refused to open it.");

    EST_003 = Code::error("EST-003", "A setting in `mxkeep.yaml` cannot be understood.")
        .why("Durations are written `30m` or `1h30m`, days `2027-06-30`, globs over addresses `environment/*/production`, and fields as in plans, `container.instances`.");

    EST_004 = Code::error("EST-004", "A setting stands outside `mxkeep.yaml`.")
        .why("Settings of the estate stand in the first document of `mxkeep.yaml` at its root, and nowhere else.");

    EST_005 = Code::error("EST-005", "Two resources have the same name.")
        .why("Addresses are made of names: an app needs a name of its own in the estate, and a namespace in its cluster.");

    EST_006 = Code::warning("EST-006", "A symbolic link was not followed.")
        .why("Files and folders behind symbolic links are not read, so that an estate is what its directory holds.");

    EST_007 = Code::info("EST-007", "The estate declares nothing.")
        .why("There is no document that declares or removes anything. Unmanaged resources stay as they are.");

    EST_008 = Code::error("EST-008", "A waiver names a rule whose violations are errors.")
        .why("A waiver says that somebody looked at a warning and accepted it. The platform refuses what an error is about, so there is nothing to accept.")
        .instead("Remove the waiver, and repair what breaks the rule.");

    EST_009 = Code::warning("EST-009", "A waiver has ended.")
        .why("Its last day is over, so that what it waived is reported again.")
        .instead("Remove the waiver together with what it waived, or look at the reason again and move `until`.")
        .example("waivers:\n  - {rule: ID-05, address: \"environment/*/legacy\", reason: the id is older than the rule, until: 2027-06-30}");

    EST_010 = Code::warning("EST-010", "Nothing needs a waiver.")
        .why("It matches no warning of this estate: what it was for is gone, or its `address` or `field` is not what was meant. It would hide the next warning of its kind.")
        .instead("Remove the waiver, or correct what it is about.");

    EST_030 = Code::warning("EST-030", "A value is kept secret although its file calls it not secret.")
        .why("`sensitive: false` would show a value in plans and messages, and whoever proposes a change of the files could name any variable of the pipeline, or any file that the pipeline made. So a variable is shown only where `MXKEEP_PUBLIC_ENV` names it, and a file only with the content that is committed. Any other value is used, and kept secret.")
        .instead("Name the variable in `MXKEEP_PUBLIC_ENV`, with commas between names; commit the file; or remove `sensitive: false`.");
}
