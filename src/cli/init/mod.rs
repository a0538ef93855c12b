//! What `mxkeep init` writes: a small estate, what editors need, and pipelines. Pure: the ids come in as an argument.
//!
//! The shell steps of the pipelines are run by `tests/it/gitops/`, as they stand here.

use std::collections::BTreeMap;

use crate::model::Kind;
use crate::source::{fresh_id, schema};

/// The build server that a pipeline is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Pipeline {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
    /// Azure DevOps
    Azure,
}

impl Pipeline {
    /// The build server, as it is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Pipeline::Github => "GitHub Actions",
            Pipeline::Gitlab => "GitLab CI",
            Pipeline::Azure => "Azure DevOps",
        }
    }
}

/// Where the schema of estates stands in an estate.
const SCHEMA: &str = ".vscode/mxkeep.schema.json";

/// The files of a small estate that is valid as it stands, by their names in it.
pub(super) fn estate(name: &str, random: &mut dyn FnMut() -> [u8; 16]) -> BTreeMap<String, String> {
    let mut id = |kind| fresh_id(kind, random());
    let values = [
        // What a name may hold is checked where it is read; YAML reads JSON texts.
        ("@NAME@", serde_json::Value::from(name).to_string()),
        ("@CLUSTER_ID@", id(Kind::Cluster)),
        ("@NAMESPACE_ID@", id(Kind::Namespace)),
        ("@APP_ID@", id(Kind::App)),
        ("@PACKAGE_ID@", id(Kind::Package)),
        ("@ENVIRONMENT_ID@", id(Kind::Environment)),
    ];
    let files = [
        ("mxkeep.yaml", include_str!("templates/estate/mxkeep.yaml")),
        ("platform.yaml", include_str!("templates/estate/platform.yaml")),
        ("hello.yaml", include_str!("templates/estate/hello.yaml")),
    ];
    files.into_iter().map(|(file, text)| (file.to_owned(), filled(text, &values))).collect()
}

/// What editors need to complete and check the files of an estate, by their names in it.
pub(super) fn editor() -> BTreeMap<String, String> {
    BTreeMap::from([
        // On one line: it is for programs, and a third as large.
        (SCHEMA.to_owned(), format!("{}\n", schema::schema())),
        (".vscode/settings.json".to_owned(), include_str!("templates/estate/settings.json").to_owned()),
    ])
}

/// The files of a pipeline, by their names in the repository that holds the estate at this place in it: `.`, or a
/// directory without a slash at its end. With `is_named`, whatever belongs to the whole repository has the estate in its
/// name, so that pipelines of several estates never touch each other's files, groups, artefacts and issues.
pub(super) fn pipeline(pipeline: Pipeline, place: &str, is_named: bool) -> BTreeMap<String, String> {
    let prefix = if place == "." { String::new() } else { format!("{place}/") };
    let word = if place == "." { "root" } else { place };
    let name = |before: &str, word: &str| if is_named { format!("{before}{word}") } else { String::new() };
    let values = [
        ("@ESTATE@", place.to_owned()),
        ("@PREFIX@", prefix),
        ("@VERSION@", env!("CARGO_PKG_VERSION").to_owned()),
        ("@SUFFIX@", name("-", &word.replace('/', "-"))),
        ("@NAMED@", name(" ", word)),
        ("@IN@", name(" in ", word)),
        // A comment of HTML holds no `--`. With the place in it also where there is one pipeline, for one more may come.
        ("@MARK@", place.replace("--", "-%2D")),
    ];
    let files: &[(&str, &str)] = match pipeline {
        Pipeline::Github => &[
            (".github/workflows/mxkeep-check@SUFFIX@.yml", include_str!("templates/github/mxkeep-check.yml")),
            (".github/workflows/mxkeep-apply@SUFFIX@.yml", include_str!("templates/github/mxkeep-apply.yml")),
            (".github/workflows/mxkeep-drift@SUFFIX@.yml", include_str!("templates/github/mxkeep-drift.yml")),
        ],
        Pipeline::Gitlab => {
            &[(".gitlab/mxkeep@SUFFIX@.gitlab-ci.yml", include_str!("templates/gitlab/mxkeep.gitlab-ci.yml"))]
        }
        Pipeline::Azure => &[(
            ".azure/mxkeep@SUFFIX@.azure-pipelines.yml",
            include_str!("templates/azure/mxkeep.azure-pipelines.yml"),
        )],
    };
    files.iter().map(|(file, text)| (filled(file, &values), filled(text, &values))).collect()
}

/// The place of the estate that a file of a pipeline is for; nothing of a file that is not one of these.
pub(super) fn place_in(text: &str) -> Option<&str> {
    let marks = ["ESTATE: \"", "- name: ESTATE\n    value: \""];
    marks.iter().find_map(|mark| text.split_once(mark)?.1.split('"').next())
}

fn filled(text: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}
