//! Nothing is deleted because something is missing: whatever is taken out of the examples, or is changed in them, no
//! delete is planned. Only a tombstone asks for one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mxkeep::model::{DesiredState, LiveState};
use mxkeep::plan::{PlanInput, Scope, Verb, plan};
use mxkeep::simulator::Options;
use mxkeep::source::{LoadOptions, Loaded, load, load_with};

use crate::support::driver::{TODAY, operators, plan_of};
use crate::support::{Mxkeep, World, copy_tree, example, project};

/// An example as it is live.
struct Applied {
    estate: tempfile::TempDir,
    live: LiveState,
}

fn environment(name: &str) -> Option<String> {
    Some(format!("value of {name}"))
}

const OPTIONS: LoadOptions<'static> = LoadOptions { environment: &environment, today: TODAY };

/// The variables that the files of an estate name.
fn variables(estate: &Path) -> BTreeMap<String, String> {
    let texts = texts(estate);
    let named = texts.values().flat_map(|text| text.split("fromEnv: ").skip(1));
    let names = named.map(|rest| rest.split([',', '}', '\n']).next().unwrap().trim().to_owned());
    names.map(|name| (name.clone(), environment(&name).unwrap())).collect()
}

impl Applied {
    fn new(name: &str) -> Applied {
        let estate = example(name);
        let apply = Mxkeep::new(["apply", "--simulate", "--yes"]).dir(estate.path());
        let _ = apply.envs(&variables(estate.path())).run().exits(0);
        let state = Some(estate.path().join(".mxkeep/simulator.json"));
        let world = World::new(Options { state, ..Options::default() });
        let Loaded { desired, diagnostics, .. } = load(estate.path(), &OPTIONS);
        let desired = desired.unwrap_or_else(|| panic!("{diagnostics:#?}"));
        let live = world.read(&desired);
        let plan = plan_of(&desired, &live);
        assert!(plan.actions.is_empty() && !live.resources.is_empty(), "{name}: {plan:#?}");
        Applied { estate, live }
    }

    /// The deletes of an estate that may be invalid, and whether it was planned at all.
    fn deletes(&self, loaded: &Loaded) -> (Vec<String>, bool) {
        let Some(desired) = &loaded.desired else { return (Vec::new(), false) };
        (self.planned(desired), true)
    }

    fn planned(&self, desired: &DesiredState) -> Vec<String> {
        let (scope, operators) = (Scope::default(), operators(desired));
        let input = PlanInput { operators: &operators, ..PlanInput::new(desired, &self.live, &scope, TODAY) };
        // A loop of needs is an error of its own, and no plan.
        let Ok(plan) = plan(&input) else { return Vec::new() };
        let deletes = plan.actions.iter().filter(|action| action.verb() == Verb::Delete);
        deletes.map(|action| action.id.clone()).collect()
    }
}

fn examples() -> Vec<String> {
    let entries = fs_err::read_dir(project().join("examples")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(names.len() >= 5, "{names:?}");
    names
}

/// Every file and folder below a directory, relative to it.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        for entry in fs_err::read_dir(directory.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            // The world of the simulator is no part of an estate.
            if entry.file_name() == ".mxkeep" {
                continue;
            }
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                open.push(path.clone());
            }
            all.push(path);
        }
    }
    all.sort();
    all
}

/// The texts of the YAML files of an estate.
fn texts(estate: &Path) -> BTreeMap<String, String> {
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    let files = entries(estate).into_iter().filter(is_yaml);
    files
        .map(|path| (path.to_str().unwrap().to_owned(), fs_err::read_to_string(estate.join(&path)).unwrap()))
        .collect()
}

/// Calls a function for every example, side by side.
fn for_each_example(check: impl Fn(&str, &Applied) + Sync) {
    std::thread::scope(|scope| {
        for name in examples() {
            let check = &check;
            scope.spawn(move || check(&name, &Applied::new(&name)));
        }
    });
}

#[test]
fn removing_any_file_or_folder_deletes_nothing() {
    for_each_example(|name, applied| {
        let all = entries(applied.estate.path());
        assert!(all.len() >= 2 || name == "solo-trial", "{name}: {all:?}");
        for entry in all {
            let copy = tempfile::tempdir().unwrap();
            copy_tree(applied.estate.path(), copy.path());
            let path = copy.path().join(&entry);
            if path.is_dir() {
                fs_err::remove_dir_all(&path).unwrap();
            } else {
                fs_err::remove_file(&path).unwrap();
            }
            let (deletes, _) = applied.deletes(&load(copy.path(), &OPTIONS));
            assert!(deletes.is_empty(), "{name} without {}: {deletes:?}", entry.display());
        }
    });
}

#[test]
fn no_edit_of_one_file_deletes_anything() {
    for_each_example(|name, applied| {
        let texts = texts(applied.estate.path());
        let (mut planned, mut all) = (0, 0);
        for (file, text) in &texts {
            for edited in edits(text) {
                let overlay = BTreeMap::from([(file.clone(), edited)]);
                let loaded = load_with(applied.estate.path(), &OPTIONS, &overlay);
                let (deletes, is_planned) = applied.deletes(&loaded);
                assert!(deletes.is_empty(), "{name}, {file}: {deletes:?}\n{}", overlay[file]);
                all += 1;
                planned += usize::from(is_planned);
            }
        }
        // Were all of them invalid, this would say nothing.
        assert!(planned * 8 > all, "{name}: {planned} of {all} edits can be planned");
    });
}

/// Whole files of one example in the place of those of another.
#[test]
fn the_files_of_another_estate_delete_nothing() {
    let others: Vec<BTreeMap<String, String>> =
        examples().iter().map(|name| texts(&project().join("examples").join(name))).collect();
    for_each_example(|name, applied| {
        for other in &others {
            let mut overlay: BTreeMap<String, String> =
                texts(applied.estate.path()).into_keys().map(|file| (file, String::new())).collect();
            overlay.extend(other.clone());
            let (deletes, _) = applied.deletes(&load_with(applied.estate.path(), &OPTIONS, &overlay));
            assert!(deletes.is_empty(), "{name}: {deletes:?}");
        }
    });
}

/// The same machinery sees the delete that a tombstone asks for.
#[test]
fn a_tombstone_deletes() {
    let applied = Applied::new("quickstart");
    let web_shop = &texts(applied.estate.path())["web-shop.yaml"];
    let (test, production) = web_shop.split_once("---\n").unwrap();
    assert!(test.contains("id: shoptst1"), "{test}");
    let tombstone =
        "---\nremove: [{address: environment/web-shop/test, id: shoptst1, reason: no longer needed}]\n";
    let overlay = BTreeMap::from([("web-shop.yaml".to_owned(), format!("{production}{tombstone}"))]);
    let loaded = load_with(applied.estate.path(), &OPTIONS, &overlay);
    assert!(loaded.desired.is_some(), "{:#?}", loaded.diagnostics);
    assert_eq!(applied.deletes(&loaded).0, ["delete:environment/web-shop/test"]);
}

/// Every edit of a text that this test knows; each of them once.
fn edits(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let mut edits = BTreeSet::new();
    for at in 0..lines.len() {
        let (before, rest) = lines.split_at(at);
        let (line, behind) = rest.split_first().unwrap();
        // Cut off here, also in the middle of the line.
        edits.insert(joined(before));
        let middle = line.char_indices().nth(line.chars().count() / 2).map_or(0, |(at, _)| at);
        edits.insert(joined(before) + &line[..middle]);
        // Without the line, or all that is below it.
        edits.insert(joined(&[before, behind].concat()));
        let depth = |line: &str| line.len() - line.trim_start().len();
        let below = behind.iter().take_while(|it| depth(it) > depth(line)).count();
        edits.insert(joined(&[before, &behind[below..]].concat()));
        // Twice, moved, or out of its place.
        edits.insert(joined(&[before, &[line, line], behind].concat()));
        if let Some((next, behind)) = behind.split_first() {
            edits.insert(joined(&[before, &[next, line], behind].concat()));
        }
        for other in other_lines(line) {
            edits.insert(joined(&[before, &[&*other], behind].concat()));
        }
    }
    edits.extend(whole(text));
    edits.remove(text);
    edits
}

/// Other lines in the place of one: another key, another value of every sort.
fn other_lines(line: &str) -> Vec<String> {
    let Some((key, value)) = line.split_once(':') else {
        return vec![format!("{line}x"), format!("# {line}"), format!("  {line}")];
    };
    let value = value.trim();
    let mut other: Vec<String> = [
        "",
        "null",
        "0",
        "\"\"",
        "[]",
        "{}",
        "other",
        "true",
        "false",
        "{absent: true}",
        "{exact: []}",
        "{exact: {}}",
    ]
    .iter()
    .map(|value| format!("{key}: {value}"))
    .collect();
    other.push(format!("{key}: {value}x"));
    other.push(format!("{key}x: {value}"));
    other.push(format!("# {line}"));
    other.push(format!("  {line}"));
    other.push(line.trim_start().to_owned());
    // Another id of the same form.
    let changed = |from: char, to: char| line.replacen(from, &to.to_string(), 1);
    other.extend([('0', '1'), ('a', 'b'), ('e', 'f'), ('1', '2')].map(|(from, to)| changed(from, to)));
    // One item of a list in one line.
    for (start, end) in [('{', '}'), ('[', ']')] {
        let inner = value.strip_prefix(start).and_then(|value| value.strip_suffix(end));
        for item in inner.into_iter().flat_map(|inner| inner.split(", ")) {
            other.push(line.replacen(&format!("{item}, "), "", 1));
            other.push(line.replacen(&format!(", {item}"), "", 1));
        }
    }
    other
}

/// Edits of whole documents.
fn whole(text: &str) -> Vec<String> {
    let documents: Vec<&str> = text.split("---\n").collect();
    let joined = |documents: &[&str]| documents.join("---\n");
    let mut edits = vec![
        String::new(),
        "# nothing\n".to_owned(),
        text.replace("---\n", ""),
        format!("{text}---\n{text}"),
    ];
    for at in 0..documents.len() {
        let (before, rest) = documents.split_at(at);
        let (document, behind) = rest.split_first().unwrap();
        edits.push(joined(&[before, behind].concat()));
        edits.push(joined(&[before, &[document, document], behind].concat()));
        edits.push(joined(&[behind, &[document], before].concat()));
        edits.push((*document).to_owned());
        // All names and ids of the document at once.
        for (from, to) in [("name: ", "name: x"), ("Id: ", "Id: 0"), (" id: ", " id: x"), ("app: ", "app: x")]
        {
            edits.push(joined(&[before, &[&*document.replace(from, to)], behind].concat()));
        }
    }
    edits
}
