//! Every code that reading an estate can emit.
//!
//! A rule of the domain has its own id (`CNT-01`); everything else is `YAML-` (the text), `SHAPE-` (keys and types),
//! `REF-` (references) or `EST-` (the estate as a whole) with a number. A problem can only be made from a [`Code`],
//! so no code exists outside this list.

use super::diagnostic::Severity;

/// A code: what it is called and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable id.
    pub id: &'static str,
    /// How bad it is, unless the estate says otherwise.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why it matters and what to do.
    pub explanation: &'static str,
}

/// The code with this id.
pub fn find(id: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|code| code.id == id)
}

macro_rules! codes {
    ($($name:ident $id:literal $severity:ident $title:literal $explanation:literal)*) => {
        $(
            #[doc = $title]
            pub static $name: Code =
                Code { id: $id, severity: Severity::$severity, title: $title, explanation: $explanation };
        )*

        /// All codes.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    YAML_001 "YAML-001" Error "The text is not valid YAML."
        "The parser could not make sense of the text at this place; often the cause stands a little before it: a missing quote, a closing bracket, a tab, or wrong indentation. Other documents of the file are read all the same."
    YAML_002 "YAML-002" Error "The file is not UTF-8."
        "Estate files are read as UTF-8, with or without a byte order mark. Save the file as UTF-8."
    YAML_003 "YAML-003" Error "The file is too large."
        "A file of an estate may have 16 MiB. Split it: documents of one file may stand in any number of files."
    YAML_004 "YAML-004" Error "A key stands twice in one mapping."
        "YAML wants the keys of a mapping to be unique, and tools differ in which of the two values they take. Remove one of them."
    YAML_005 "YAML-005" Error "The text is nested too deeply."
        "Mappings and lists may be nested 64 levels deep, aliases included. No manifest comes near."
    YAML_006 "YAML-006" Error "Aliases repeat too much."
        "Aliases (`*name`) repeat the value of an anchor (`&name`). Taken together, the aliases of one document may stand for 100,000 values, so that a small file cannot grow beyond all bounds."
    YAML_007 "YAML-007" Error "An alias names no anchor before it."
        "An alias (`*name`) repeats the value that an anchor (`&name`) marks earlier in the same document. A value cannot contain itself. A text that starts with `*` has to be quoted."
    YAML_008 "YAML-008" Error "A tag is not supported."
        "Estates use the types of the YAML core schema only; `!!str` is understood, tags of other tools are not."
    YAML_009 "YAML-009" Error "A key is not text."
        "Keys are names. A number, a boolean, null, a list or a mapping cannot be one; quote the key if it is meant to be a name."
    YAML_010 "YAML-010" Error "Merge keys are not supported."
        "`<<` is an extension of YAML 1.1. Repeat the keys, or use an alias (`*name`) for a whole value."
    YAML_011 "YAML-011" Warning "Other YAML tools do not read this as text."
        "YAML 1.2 reads the value as text, as the field wants it. YAML 1.1, which many tools still speak, reads a boolean, a date or a number. With quotes all of them agree."
    SHAPE_001 "SHAPE-001" Error "A key is unknown."
        "No field has this name here. Names are spelt as the API spells them, capitals included."
    SHAPE_002 "SHAPE-002" Error "A value has the wrong type."
        "The field takes another type of value. A number or boolean in a text field has to be quoted, so that `1.10` stays `1.10`."
    SHAPE_003 "SHAPE-003" Error "A value is not one of the words that the field takes."
        "The field takes a fixed set of words, capitals included."
    SHAPE_004 "SHAPE-004" Error "A number is out of bounds."
        "The field takes whole numbers between two bounds."
    SHAPE_005 "SHAPE-005" Error "A text does not have the form that the field wants."
        "The field takes text of a certain form, such as a URL or a name that is not empty."
    SHAPE_006 "SHAPE-006" Error "A field is missing."
        "Without this field the resource cannot be told from others."
    SHAPE_007 "SHAPE-007" Error "The field cannot be cleared."
        "An explicit `null` clears a field, where the API can clear it. Leave the key out to keep the field as it is."
    SHAPE_008 "SHAPE-008" Warning "The platform decides the value of this field."
        "The field stands in manifests that were read from the API, and cannot be set. It is ignored; remove it."
    SHAPE_009 "SHAPE-009" Error "A document does not declare exactly one thing."
        "Each document has one of the keys `cluster`, `namespace`, `environment`, `app` or `remove`, and may have `manifestVersion`. Documents are separated by a line `---`."
    SHAPE_010 "SHAPE-010" Error "Two items of a list have the same key."
        "Items of this list are known by their key, so each key may stand once."
    SHAPE_011 "SHAPE-011" Error "`absent` is out of place."
        "`absent: true` removes one item of a list whose undeclared items stay. An exact list removes what it does not name, and an absent item has nothing but its key."
    SHAPE_012 "SHAPE-012" Error "A value from outside is described wrongly."
        "A value from outside is `{fromEnv: NAME}` or `{fromFile: path}`, and may have `version`, `encoding: base64` (for fields that the API wants in base64) and `sensitive: false` (for fields that are not secret)."
    SHAPE_013 "SHAPE-013" Error "The value has to stand in the file."
        "Names, ids, keys of lists and settings say what an estate is about; they cannot come from outside. Only text can."
    SHAPE_014 "SHAPE-014" Error "The key of an item stands twice."
        "Where a list is written as a mapping, the keys of the mapping are the keys of its items, and are not repeated inside."
    SHAPE_015 "SHAPE-015" Error "Both `size` and `coreResources` are given."
        "`size` is short for `coreResources`. Keep one of them."
    REF_001 "REF-001" Error "The name refers to nothing in this estate."
        "References name a resource that is declared in the estate, by its name or its id."
    REF_002 "REF-002" Error "The name refers to several resources."
        "More than one declared resource has this name. Name the cluster too, or use the id."
    REF_003 "REF-003" Error "A file that a value is taken from cannot be read."
        "`fromFile` names a file inside the estate directory, relative to that directory; symbolic links must not lead out of it, and it may have 4 MiB."
    REF_004 "REF-004" Error "`dependsOn` does not name a declared resource."
        "`dependsOn` takes addresses of resources of this estate, such as `environment/order-desk/test`."
    REF_005 "REF-005" Error "A tombstone does not say what is to be deleted."
        "A tombstone has the address of the resource and its id. Clusters, namespaces and environments can be deleted; apps belong to the platform."
    REF_006 "REF-006" Error "A resource is declared and removed at once."
        "A tombstone deletes a resource that no document declares any more. Remove the document or the tombstone."
    REF_007 "REF-007" Error "Resources depend on each other in a loop."
        "`dependsOn` orders resources, so following it must come to an end. Remove one of the entries that make up the loop."
    EST_001 "EST-001" Error "The directory has no `mxkeep.yaml`."
        "An estate is a directory with a file `mxkeep.yaml` at its root, whose first document has at least `estate: NAME`."
    EST_002 "EST-002" Error "A directory or file cannot be read."
        "The operating system refused to open it."
    EST_003 "EST-003" Error "A setting in `mxkeep.yaml` cannot be understood."
        "Durations are written `30m` or `1h30m`, days `2027-06-30`, globs over addresses `environment/*/production`, and fields as in plans, `container.instances`."
    EST_004 "EST-004" Error "A setting stands outside `mxkeep.yaml`."
        "Settings of the estate stand in the first document of `mxkeep.yaml` at its root, and nowhere else."
    EST_005 "EST-005" Error "Two resources have the same name."
        "Addresses are made of names: an app needs a name of its own in the estate, and a namespace in its cluster."
    EST_006 "EST-006" Warning "A symbolic link was not followed."
        "Files and folders behind symbolic links are not read, so that an estate is what its directory holds."
    EST_007 "EST-007" Info "The estate declares nothing."
        "There is no document that declares or removes anything. Unmanaged resources stay as they are."
    ENV_01 "ENV-01" Error "`manifestVersion` is not 2.0.0."
        "The API knows one version of its manifests. The key may be left out."
    ID_01 "ID-01" Error "An id is not a UUID."
        "Clusters, namespaces and apps are known by a UUID of any version, spelt with hyphens."
    ID_02 "ID-02" Error "Two documents declare the same id."
        "You choose the ids of clusters and namespaces, and the platform refuses one that exists only when its job fails. Give one of them another id, or remove a copy."
    ID_03 "ID-03" Error "The id of an environment is too long."
        "An environment's id has 1 to 32 characters."
    ID_04 "ID-04" Error "The id of an environment has characters that it cannot have."
        "The id becomes the name of Kubernetes objects: lower-case letters, digits and hyphens, with a letter or digit at both ends."
    ID_07 "ID-07" Error "Two environments of one namespace have the same id."
        "The id of an environment names Kubernetes objects in its namespace, so it is unique there, across all apps. Equal ids in two namespaces are fine."
    PROP_02 "PROP-02" Error "Two environments of one app in one namespace have the same name."
        "People, scripts and addresses pick environments by app and name, and where that is not enough by namespace. Two environments that agree in all of them cannot be told apart; rename one."
    PROP_11 "PROP-11" Warning "`environmentPurpose` is set in the portal."
        "Only the technical contact can set the purpose of an environment, in the portal. The API ignores it, so it would never be as declared. It is ignored; remove it."
    URL_01 "URL-01" Error "The URL of an app is not an absolute http or https URL."
        "Write the URL with its scheme: `https://orders.acme.example`."
    PKG_01 "PKG-01" Error "`packageId` is empty or not text."
        "An environment cannot exist without a deployment package."
    CON_02 "CON-02" Error "A constant is declared twice."
        "Constants are known by their name, `Module.Constant`."
    CON_03 "CON-03" Error "The value of a constant is not text."
        "Values of constants are text in the API. YAML would turn `true`, `1.10` or `0123` into something else; quote them."
    SCH_01 "SCH-01" Error "A scheduled event is declared twice."
        "Scheduled events are known by their name, `Module.Event`."
    LOG_01 "LOG-01" Error "A log level is unknown."
        "Levels are CRITICAL, ERROR, WARNING, INFO, DEBUG, TRACE and NONE."
    LOG_03 "LOG-03" Error "A log node is declared twice."
        "Log levels are known by the name of their log node."
    CNT_01 "CNT-01" Error "`instances` is not a whole number from 0 to 10."
        "The platform runs up to 10 instances; 0 stops the app."
    CNT_02 "CNT-02" Warning "The platform reports this; it cannot be set."
        "`state` and `lastRunningInstanceCount` are what the platform says about a running environment. They are ignored; remove them."
    RES_01 "RES-01" Error "An amount of resources is not a plain decimal number in quotes."
        "The platform adds the units: cores for cpu, Gb for memory and storage. Write `\"0.5\"`, not `500m`."
    RES_02 "RES-02" Error "An amount of resources is zero."
        "An instance needs more than nothing."
    TLS_01 "TLS-01" Error "The type of a certificate is unknown."
        "Outgoing certificates are of type `Client`. Certificate authorities are not set here."
    TLS_02 "TLS-02" Error "A certificate or its password is not base64."
        "Values from outside are encoded for you. With `encoding: base64`, and in literals, they have to be base64 already."
    TLS_05 "TLS-05" Error "A certificate is declared twice."
        "Certificates are known by their content."
    SECR_01 "SECR-01" Error "A runtime secret is not base64."
        "Values from outside are encoded for you. With `encoding: base64`, and in literals, they have to be base64 already."
    SECR_04 "SECR-04" Error "A secret stands in the file."
        "Files of an estate are kept in Git, where a secret stays for ever. Take it from a variable: `{fromEnv: NAME}`. Change the secret if it was committed. `allowLiteralSecrets: true` in `mxkeep.yaml` makes this a warning, for simulators and demonstrations."
    RT_01 "RT-01" Warning "`runtimeVersion` comes from the package."
        "Operators read the version of the runtime from the deployment package. It is ignored; remove it."
    VAR_02 "VAR-02" Error "An environment variable is declared twice."
        "Environment variables are known by their name."
    VAR_03 "VAR-03" Error "The value of a variable or setting is not text."
        "Values of environment variables and custom runtime settings are text in the API. YAML would turn `true`, `1.10` or `0123` into something else; quote them."
    CRS_01 "CRS-01" Error "A custom runtime setting is declared twice."
        "Custom runtime settings are known by their name."
    ANN_01 "ANN-01" Error "The type of an annotation is unknown."
        "Annotations are put on a `Pod`, a `Service` or an `Ingress`."
    ANN_03 "ANN-03" Error "An annotation is declared twice."
        "Annotations are known by their type and key."
    ANN_04 "ANN-04" Error "The value of an annotation is not text."
        "Kubernetes wants text. Quote numbers and booleans: `\"8900\"`."
    SVC_01 "SVC-01" Error "A service is declared twice."
        "An environment has one database and one storage plan, each known by its name."
    MET_01 "MET-01" Error "The metrics mode is unknown."
        "Modes are `default`, `native` and `compatibility`."
    MET_02 "MET-02" Error "The metrics interval is not text."
        "The interval is an ISO 8601 duration, such as `PT1M`."
    PRV_01 "PRV-01" Error "Parts of `provider` contradict each other."
        "The cluster and the namespace of an environment can be given by name, by id, or both; together they have to mean one declared namespace."
    STR_01 "STR-01" Error "A percentage is not a whole number within its bounds."
        "Percentages of the deployment strategy are whole numbers from 0 to 100; `maxSurge` may be larger."
    NS_07 "NS-07" Error "The secret of a namespace is not base64."
        "Values from outside are encoded for you. With `encoding: base64`, and in literals, they have to be base64 already."
    NS_09 "NS-09" Error "A member or manager is declared twice, or has no usable mail address or role."
        "Members of a namespace and managers of a cluster are known by their mail address, compared without regard to case."
    NS_12 "NS-12" Error "An operational link is not an absolute URL."
        "Links to metrics, alerts, logs and backups are absolute http or https URLs."
    CL_01 "CL-01" Error "The type of a cluster is unknown."
        "Cluster types are `os`, `k8s`, `eks`, `aks` and `stackit`."
    CL_02 "CL-02" Error "Two clusters have the same name."
        "Addresses are made of names, and scripts find clusters by name."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use crate::model::field::{Shape, walk};

    #[test]
    fn every_rule_that_a_table_names_has_a_code() {
        for kind in Kind::ALL {
            walk(kind.fields(), &mut |path, field| {
                let list = match field.shape {
                    Shape::List(list) => Some(list.duplicate),
                    _ => None,
                };
                for rule in field.rule.into_iter().chain(list) {
                    assert!(find(rule).is_some(), "{kind}: {path} names {rule}");
                }
            });
        }
    }

    #[test]
    fn ids_are_unique_and_texts_are_complete() {
        let mut ids: Vec<_> = ALL.iter().map(|code| code.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
        for code in ALL {
            assert!(code.title.ends_with('.') && code.explanation.ends_with('.'), "{}", code.id);
        }
    }
}
