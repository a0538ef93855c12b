//! References from one resource to another, and to files.

use super::{Code, family};

family! {
    REF_001 = Code::error("REF-001", "The name refers to nothing in this estate.")
        .why("References name a resource that is declared in the estate, by its name or its id.");

    REF_002 = Code::error("REF-002", "The name refers to several resources.")
        .why("More than one declared resource has this name. Name the cluster too, or use the id.");

    REF_003 = Code::error("REF-003", "A file that the estate names cannot be read.")
        .why("`fromFile`, and `file` of a package, name a file inside the estate directory, relative to that directory; symbolic links must not lead out of it. A file of `fromFile` may have 4 MiB.");

    REF_004 = Code::error("REF-004", "`dependsOn` does not name a declared resource.")
        .why("`dependsOn` takes addresses of resources of this estate, such as `environment/order-desk/test`.");

    REF_005 = Code::error("REF-005", "A tombstone does not say what is to be deleted.")
        .why("A tombstone has the address of the resource and its id. Clusters, namespaces, packages and environments can be deleted; the tombstone of a package names its app as well; apps belong to the platform.");

    REF_006 = Code::error("REF-006", "A resource is declared and removed at once.")
        .why("A tombstone deletes a resource that no document declares any more. Remove the document or the tombstone.");

    REF_007 = Code::error("REF-007", "Resources depend on each other in a loop.")
        .why("`dependsOn` orders resources, so following it must come to an end. Remove one of the entries that make up the loop.");

    REF_008 = Code::error("REF-008", "The package belongs to another app than the environment.")
        .why("An environment runs packages of its own app, and the platform refuses any other. Name a package of the same app, or correct the `app` of one of the two.");
}
