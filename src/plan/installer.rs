//! The command that a person runs where the platform cannot: `mxpc-cli installer`.

use crate::model::{DeclaredValue, Desired, Reference, dig};

/// The variable that stands for a secret that no variable holds.
const PLACEHOLDER: &str = "NAMESPACE_SECRET";

/// The command that installs the operator of a namespace and opens its configuration, for a POSIX shell. The secret is
/// a reference to a variable of the shell, never its value: the one that the file names, where it names one.
///
/// Flags for the mode or type of a cluster are left out: the installer asks for what it needs. Only where the operator
/// goes is told, because it follows from the file: the main namespace of a global operator takes `--global`.
pub fn installer_command(namespace: &Desired) -> String {
    let global = if namespace.text(&["namespaceType"]) == Some("main") { " --global" } else { "" };
    let (name, id, secret) = (quoted(&namespace.name), namespace.identity.id(), secret_variable(namespace));
    format!("mxpc-cli installer{global} -n {name} -i {id} -s \"${secret}\"")
}

/// The variable of the shell that holds the secret of a namespace.
fn secret_variable(namespace: &Desired) -> &str {
    match dig(&namespace.fields, &["secret"]).map(|declared| &declared.value) {
        Some(DeclaredValue::Outside(outside)) => match &outside.reference {
            Reference::Env(name) if is_variable(name) => name,
            Reference::Env(_) | Reference::File(_) | Reference::Literal => PLACEHOLDER,
        },
        _ => PLACEHOLDER,
    }
}

/// Whether a shell takes this as the name of a variable; anything else would be run.
fn is_variable(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// A word of a shell command, in quotes where it has to be.
fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    match !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_a_file_is_run_by_a_shell() {
        assert_eq!(quoted("orders"), "orders");
        assert_eq!(quoted("or'; rm -rf ~ #"), r"'or'\''; rm -rf ~ #'");
        assert_eq!(quoted("$(id)"), "'$(id)'");
        assert_eq!(quoted("-x"), "'-x'");
        assert_eq!(quoted(""), "''");
        for (name, is) in
            [("A_1", true), ("_a", true), ("1a", false), ("a-b", false), ("a$(id)", false), ("", false)]
        {
            assert_eq!(is_variable(name), is, "{name}");
        }
    }
}
