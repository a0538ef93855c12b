//! Names of files and folders for resources, whatever these are called.
//!
//! Safe on every system: nothing but letters, digits, `.`, `_` and `-`, none that Windows keeps for itself, none that is
//! hidden, and none that differs from another in case alone. Where two resources would get one name, both carry their id,
//! so that a name does not depend on who came first.

use std::collections::{BTreeMap, BTreeSet};

/// The longest name; with an id behind it still short of what file systems allow.
const LONGEST: usize = 60;

/// Names that Windows keeps for itself, with any extension.
const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];

/// What a file would like to be called.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    folders: Vec<String>,
    name: String,
    /// What tells it from others of the same name.
    id: String,
}

impl Wish {
    /// In these folders, under this name, or else its id.
    pub(super) fn new(folders: &[&str], name: Option<&str>, id: &str) -> Wish {
        let folders = folders.iter().map(|folder| safe(folder)).collect();
        let name = name.map(safe).filter(|name| !name.is_empty()).unwrap_or_else(|| safe(id));
        Wish { folders, name, id: safe(id) }
    }

    fn path(&self, name: &str) -> String {
        let mut path: Vec<&str> = self.folders.iter().map(String::as_str).collect();
        path.push(name);
        format!("{}.yaml", path.join("/"))
    }
}

/// The name of a file that is no wish of a resource.
pub(super) fn beside(folders: &[&str], name: &str) -> String {
    Wish::new(folders, Some(name), name).path(name)
}

/// The names, in the order of the wishes; none is taken.
pub(super) fn assign(wishes: &[Wish], taken: &BTreeSet<String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in taken {
        *counts.entry(name.to_lowercase()).or_default() += 1;
    }
    for wish in wishes {
        *counts.entry(wish.path(&wish.name).to_lowercase()).or_default() += 1;
    }
    let mut used: BTreeSet<String> = taken.iter().map(|name| name.to_lowercase()).collect();
    let mut names = Vec::new();
    for wish in wishes {
        let plain = wish.path(&wish.name);
        let is_alone = counts.get(&plain.to_lowercase()) == Some(&1) && !used.contains(&plain.to_lowercase());
        let mut name = if is_alone { plain } else { wish.path(&format!("{}-{}", wish.name, wish.id)) };
        let mut count = 1;
        while !used.insert(name.to_lowercase()) {
            count += 1;
            name = wish.path(&format!("{}-{}-{count}", wish.name, wish.id));
        }
        names.push(name);
    }
    names
}

/// A name that every file system takes. Empty when nothing is left of it.
fn safe(name: &str) -> String {
    let mut safe = String::new();
    for character in name.chars() {
        let fits = character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
        match fits {
            true => safe.push(character),
            false if safe.ends_with('-') => {}
            false => safe.push('-'),
        }
    }
    let safe: String = safe.trim_matches(['-', '.']).chars().take(LONGEST).collect();
    let safe = safe.trim_end_matches(['-', '.']);
    let stem = safe.split('.').next().unwrap_or_default().to_lowercase();
    let is_port = stem.len() == 4
        && (stem.starts_with("com") || stem.starts_with("lpt"))
        && stem.ends_with(|last: char| last.is_ascii_digit());
    if RESERVED.contains(&stem.as_str()) || is_port { format!("{safe}_") } else { safe.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_harmless() {
        for (name, expected) in [
            ("order-desk", "order-desk"),
            ("../../etc/passwd", "etc-passwd"),
            ("/", ""),
            ("..", ""),
            (".hidden", "hidden"),
            ("a\0b\nc", "a-b-c"),
            ("C:\\x", "C-x"),
            ("NUL", "NUL_"),
            ("com1.x", "com1.x_"),
            ("Zürich ☂ 1", "Z-rich-1"),
            ("x.", "x"),
            ("-rf", "rf"),
        ] {
            assert_eq!(safe(name), expected, "{name}");
        }
        assert_eq!(safe(&"x".repeat(500)).len(), LONGEST);
    }

    #[test]
    fn no_two_files_have_one_name_whatever_the_file_system() {
        let wish = |name: &str, id: &str| Wish::new(&["apps", "a"], Some(name), id);
        let wishes = [
            wish("Test", "1"),
            wish("test", "2"),
            wish("prod", "3"),
            wish("☂", "4"),
            wish("app", "5"),
            wish("x", "6"),
            wish("x", "6"),
        ];
        let taken = BTreeSet::from(["apps/a/APP.yaml".to_owned()]);
        assert_eq!(
            assign(&wishes, &taken),
            [
                "apps/a/Test-1.yaml",
                "apps/a/test-2.yaml",
                "apps/a/prod.yaml",
                "apps/a/4.yaml",
                "apps/a/app-5.yaml",
                "apps/a/x-6.yaml",
                "apps/a/x-6-2.yaml"
            ]
        );
    }
}
