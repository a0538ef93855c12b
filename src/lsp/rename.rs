//! What a rename must not do: an estate means the same afterwards, but for the name.

use crate::model::{AddressGlob, DesiredState, Settings};
use crate::source::{Diagnostic, Loaded, Severity};

/// Why a rename must not be made that turns one estate into the other; nothing when it may be.
pub(super) fn objection(before: &Loaded, after: &Loaded) -> Option<String> {
    let Some(before) = &before.desired else {
        let problem = first_error(before).map(place_and_message).unwrap_or_default();
        return Some(format!("the estate has errors, so that some use of the name may be missed: {problem}"));
    };
    let Some(after) = &after.desired else {
        let problem = first_error(after).map(place_and_message).unwrap_or_default();
        return Some(format!("the estate would not be valid any more: {problem}"));
    };
    if !before.resources.keys().eq(after.resources.keys()) {
        return Some("the estate would declare other resources".to_owned());
    }
    // A guard that names nothing is no mistake, and guards nothing.
    let globs = patterns(&before.settings).zip(patterns(&after.settings));
    let named = |estate: &DesiredState, glob: &str| {
        let glob = AddressGlob::new(glob).ok()?;
        let all = estate.resources.values().filter(|it| glob.matches(&it.address));
        Some(all.map(|it| it.identity.clone()).collect::<Vec<_>>())
    };
    for (old, new) in globs {
        if named(before, old) != named(after, new) {
            return Some(format!("`{new}` in mxkeep.yaml would name other resources than before"));
        }
    }
    None
}

/// The patterns over addresses of an estate.
fn patterns(settings: &Settings) -> impl Iterator<Item = &str> {
    let protect = settings.guards.protect.iter().map(|(glob, _)| glob.as_str());
    let freeze = settings.guards.freeze.iter().filter_map(|freeze| freeze.address.as_deref());
    let ignore = settings.ignore.iter().map(|rule| rule.address.as_str());
    let waivers = settings.waivers.iter().filter_map(|waiver| waiver.address.as_deref());
    protect.chain(freeze).chain(ignore).chain(waivers)
}

fn first_error(loaded: &Loaded) -> Option<&Diagnostic> {
    loaded.diagnostics.iter().find(|it| it.severity() == Severity::Error)
}

fn place_and_message(problem: &Diagnostic) -> String {
    let place =
        problem.origin().map(|origin| format!("{}:{}: ", origin.file, origin.line)).unwrap_or_default();
    format!("{place}{}", problem.message())
}
