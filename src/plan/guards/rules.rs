//! Which guards count: those of the files, and those of the earlier state of the files.

use jiff::Timestamp;

use crate::model::{AddressGlob, Freeze, Guards, Origin, Settings};
use crate::plan::PlanInput;
use crate::plan::action::Block;
use crate::plan::note::{self, Note, Severity};

/// The guards that count.
pub(super) struct Rules<'a> {
    pub(super) protect: Vec<Rule<'a, AddressGlob>>,
    /// Windows, with their globs.
    pub(super) freeze: Vec<Rule<'a, (&'a Freeze, Option<AddressGlob>)>>,
    pub(super) max_deletes: Option<Rule<'a, usize>>,
    pub(super) max_restarts: Option<Rule<'a, usize>>,
    /// Whose the token may be.
    pub(super) users: Vec<String>,
}

/// One of them.
pub(super) struct Rule<'a, T> {
    /// What it says.
    pub(super) what: T,
    /// Where.
    origin: &'a Origin,
    /// Whether it stands in the earlier state of the files only.
    is_of_base: bool,
}

impl<'a> Rules<'a> {
    /// Those of the files first: what stands in both is told of the files.
    pub(super) fn of(input: &PlanInput<'a>) -> Rules<'a> {
        let head = (&input.desired.settings, false);
        let base = input.base.map(|base| (&base.settings, true));
        let mut rules = Rules {
            protect: Vec::new(),
            freeze: Vec::new(),
            max_deletes: None,
            max_restarts: None,
            users: Vec::new(),
        };
        for (settings, is_of_base) in [Some(head), base].into_iter().flatten() {
            rules.add(settings, is_of_base);
        }
        rules
    }

    fn add(&mut self, settings: &'a Settings, is_of_base: bool) {
        let Guards { protect, freeze, max_deletes, max_restarts } = &settings.guards;
        for (glob, origin) in protect {
            // The loader refuses what is no glob.
            let Ok(what) = AddressGlob::new(glob) else { continue };
            if !self.protect.iter().any(|rule| rule.what.as_str() == glob) {
                self.protect.push(Rule { what, origin, is_of_base });
            }
        }
        for window in freeze {
            let glob = window.address.as_deref().map(AddressGlob::new).transpose();
            let Ok(glob) = glob else { continue };
            if !self.freeze.iter().any(|rule| rule.what.0.is_same(window)) {
                self.freeze.push(Rule { what: (window, glob), origin: &window.origin, is_of_base });
            }
        }
        smaller(&mut self.max_deletes, max_deletes.as_ref(), is_of_base);
        smaller(&mut self.max_restarts, max_restarts.as_ref(), is_of_base);
        self.users.extend(settings.user.as_ref().map(|user| user.trim().to_lowercase()));
    }

    /// Notes on windows of the files that will never hold again.
    pub(super) fn over(&self, now: Timestamp) -> impl Iterator<Item = Note> {
        let over = self.freeze.iter().filter(move |rule| !rule.is_of_base && rule.what.0.is_over(now));
        over.map(|rule| Note {
            severity: Severity::Info,
            code: note::FREEZE_OVER,
            address: None,
            message: format!("the freeze window `{}` is over, and can go", rule.what.0.window),
            origin: Some(rule.origin.clone()),
        })
    }
}

/// Of two numbers the smaller one counts.
fn smaller<'a>(rule: &mut Option<Rule<'a, usize>>, other: Option<&'a (usize, Origin)>, is_of_base: bool) {
    let Some((what, origin)) = other else { return };
    if rule.as_ref().is_none_or(|rule| *what < rule.what) {
        *rule = Some(Rule { what: *what, origin, is_of_base });
    }
}

impl<T> Rule<'_, T> {
    /// What the guard says of an action. The place of one that stands in the base only is no place in the files, so that
    /// it is told with the reason.
    pub(super) fn block(&self, code: &'static str, guard: &str, says: &str, help: &str) -> Block {
        let base = match (self.is_of_base, self.origin) {
            (true, Origin { file, line, column, .. }) => format!(" of the base (`{file}:{line}:{column}`)"),
            (false, _) => String::new(),
        };
        Block {
            code,
            reason: format!("the guard `{guard}`{base} {says}"),
            help: Some(help.to_owned()),
            origin: (!self.is_of_base).then(|| self.origin.clone()),
            is_guard: true,
        }
    }
}
