//! Fields that something else owns, such as the number of instances under an autoscaler.

use super::drift::Drifted;
use super::note::{self, Note, Severity};
use crate::diff::{After, Change, overlap};
use crate::model::{Address, AddressGlob, FieldPath, IgnoreRule, lies_in};

/// The `ignore` rules of an estate, on a certain day.
#[derive(Debug, Clone, Default)]
pub struct Ignores {
    /// Each rule, its glob if it is one, and whether it holds.
    rules: Vec<(IgnoreRule, Option<AddressGlob>, bool)>,
    /// Fields that this run leaves alone.
    left: Vec<(Address, FieldPath)>,
}

impl Ignores {
    /// The rules that hold on this day, and those that do not any more. A rule holds through its last day.
    pub fn new(rules: &[IgnoreRule], today: jiff::civil::Date) -> Ignores {
        let read = |rule: &IgnoreRule| {
            let holds = rule.until.is_none_or(|until| today <= until);
            (rule.clone(), AddressGlob::new(&rule.address).ok(), holds)
        };
        Ignores { rules: rules.iter().map(read).collect(), left: Vec::new() }
    }

    /// These rules, and what a plan leaves as it is.
    #[must_use]
    pub fn and_left(mut self, drift: &[Drifted]) -> Ignores {
        let paths = |drifted: &Drifted| {
            let address = drifted.address.clone();
            drifted
                .changes
                .iter()
                .map(move |change| (address.clone(), change.path.clone()))
                .collect::<Vec<_>>()
        };
        self.left.extend(drift.iter().flat_map(paths));
        self
    }

    /// Whether a field of a resource is left alone.
    pub fn covers(&self, address: &Address, path: &FieldPath) -> bool {
        let is_left = |(of, left): &(Address, FieldPath)| of == address && overlap(left, path);
        self.rule_of(address, path).is_some() || self.left.iter().any(is_left)
    }

    /// The rule that has a field of a resource left alone.
    pub fn rule_of(&self, address: &Address, path: &FieldPath) -> Option<&IgnoreRule> {
        self.rule_for(address, |ignored| lies_in(&path.to_string(), ignored))
    }

    /// Takes the ignored changes out, with a note for each.
    pub fn apply(&self, address: &Address, changes: &mut Vec<Change>) -> Vec<Note> {
        let mut notes = Vec::new();
        changes.retain(|change| {
            let path = change.path.to_string();
            // What is cleared as a whole takes along what is ignored below it.
            let takes_along = matches!(change.after, After::ClearTo(_) | After::Omit | After::Remove);
            let rule = self.rule_for(address, |ignored| {
                lies_in(&path, ignored) || takes_along && lies_in(ignored, &path)
            });
            let Some(rule) = rule else { return true };
            let reason = rule.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            notes.push(Note {
                severity: Severity::Info,
                code: note::IGNORED,
                address: Some(address.clone()),
                message: format!("`{}` differs and is left alone{reason}", change.path),
                origin: Some(rule.origin.clone()),
            });
            false
        });
        notes
    }

    fn rule_for(&self, address: &Address, is_meant: impl Fn(&str) -> bool) -> Option<&IgnoreRule> {
        self.rules.iter().find_map(|(rule, glob, holds)| {
            let matches =
                *holds && glob.as_ref().is_some_and(|glob| glob.matches(address)) && is_meant(&rule.field);
            matches.then_some(rule)
        })
    }

    pub(super) fn expired(&self) -> impl Iterator<Item = Note> {
        self.rules.iter().filter(|(_, _, holds)| !*holds).map(|(rule, _, _)| Note {
            severity: Severity::Warning,
            code: note::IGNORE_EXPIRED,
            address: None,
            message: format!("the rule to ignore `{}` of `{}` has expired", rule.field, rule.address),
            origin: Some(rule.origin.clone()),
        })
    }
}
