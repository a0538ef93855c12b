//! What the README shows is what the binary prints.

use crate::support::{Mxkeep, edit, example, project};

/// The block behind `<!-- sample: NAME -->`, without its command.
fn sample(name: &str) -> String {
    let readme = fs_err::read_to_string(project().join("README.md")).unwrap();
    let marker = format!("<!-- sample: {name} -->\n```console\n");
    let (_, rest) = readme.split_once(&marker).unwrap_or_else(|| panic!("the README has no sample `{name}`"));
    let block = rest.split("```").next().unwrap();
    let (command, output) = block.split_once('\n').unwrap();
    assert!(command.starts_with("$ mxkeep "), "{command}");
    output.to_owned()
}

#[test]
fn the_plan_is_real() {
    let estate = example("quickstart");
    let _ = Mxkeep::new(["apply", "--simulate", "--yes", "-q"]).dir(estate.path()).run().exits(0);
    let file = estate.path().join("web-shop.yaml");
    edit(&file, "TimeoutSeconds: \"10\"", "TimeoutSeconds: \"15\"");
    edit(&file, "8ed5bcd3-5354-53be-85f6-ed5b05b374ca", "a2bfe37b-2013-5351-b32b-967f18b2b007");
    let plan = Mxkeep::new(["plan", "--simulate"]).dir(estate.path()).run().exits(0);
    assert_eq!(plan.stdout, sample("plan"));
}

#[test]
fn the_mistake_is_real() {
    let estate = example("quickstart");
    edit(&estate.path().join("web-shop.yaml"), "instances: 2", "instnces: 2");
    let found = Mxkeep::new(["validate"]).dir(estate.path()).run().exits(9);
    assert_eq!(found.stderr.trim_end(), sample("mistake").trim_end());
}
