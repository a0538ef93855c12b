//! Waivers: warnings that somebody looked at and accepted, with the reason and perhaps a last day.
//!
//! A waiver is itself looked at: one that has expired, one that nothing needs any more, and one for an error are
//! reported, so that the list never says more than is true.

use jiff::civil::Date;

use super::codes::{self, Code};
use super::diagnostic::{Problem, Severity};
use super::settings::{self, Reader};
use super::suggest;
use crate::model::field::{Field, Format, ListKey, ListShape, Literal, Need};
use crate::model::{Address, Declared, Fields, Kind, Origin, Waiver};

/// The list of waivers in the settings.
pub(super) const SHAPE: ListShape = ListShape::exact(WAIVER, ListKey::Natural(&["rule", "address", "field"]));

static WAIVER: &[Field] = &[
    Field::text("rule", Format::NonEmpty, "The code of a warning.")
        .need(Need::Always)
        .example(Literal::Text("LOG-02")),
    Field::text("address", Format::NonEmpty, "Which resources: a glob over addresses; all when left out.")
        .example(Literal::Text("environment/*/production")),
    Field::text("field", Format::NonEmpty, "Which field, everything below it included; any when left out.")
        .example(Literal::Text("container.coreResources")),
    Field::text("reason", Format::NonEmpty, "Why the warning is accepted.")
        .need(Need::Always)
        .example(Literal::Text("our operator knows the level")),
    Field::text("until", Format::NonEmpty, "The last day on which the waiver holds.")
        .example(Literal::Text("2027-06-30")),
];

impl Reader<'_> {
    /// Reads the waivers; each says what it is about in words that exist.
    pub(super) fn waivers(&mut self, fields: &Fields) -> Vec<Waiver> {
        let Some(list) = fields.get("waivers").and_then(Declared::as_list) else { return Vec::new() };
        let known = settings::paths(Kind::ALL, |_| true);
        let waivers = list.items.values().filter_map(|item| {
            let text = |name| item.fields.get(name).and_then(|field| Some((field.as_text()?, &field.origin)));
            let (rule, origin) = text("rule")?;
            let (reason, _) = text("reason")?;
            self.rule(rule, origin);
            let address = text("address");
            if let Some((address, origin)) = address {
                self.glob(address, origin, PATH);
            }
            let field = text("field");
            if let Some((field, origin)) = field {
                self.field(field, origin, PATH, &known);
            }
            Some(Waiver {
                rule: rule.to_owned(),
                address: address.map(|(address, _)| address.to_owned()),
                field: field.map(|(field, _)| field.to_owned()),
                reason: reason.to_owned(),
                until: text("until").and_then(|(until, origin)| self.date(until, origin, PATH)),
                origin: origin.clone(),
            })
        });
        waivers.collect()
    }

    /// A waiver is for a warning: a code that exists and that may be less than an error.
    fn rule(&mut self, rule: &str, origin: &Origin) {
        if codes::elsewhere(rule).is_some() {
            return;
        }
        let Some(code) = codes::find(rule) else {
            let ids = codes::all().filter(|code| code.may_be_waived()).map(|code| code.id);
            let help = suggest::nearest(rule, ids).map_or_else(
                || "mxkeep validate shows the code of each warning".to_owned(),
                |nearest| format!("did you mean `{nearest}`?"),
            );
            return self.wrong(origin, PATH, format!("no rule has the id `{rule}`"), help);
        };
        if !code.may_be_waived() {
            let message = format!("`{rule}` is an error, and errors cannot be waived");
            let problem = Problem::new(&codes::EST_008, origin.clone(), message).label("this rule");
            let help = format!(
                "remove the waiver and what breaks the rule; `mxkeep validate --explain {rule}` says how"
            );
            self.problems.push(problem.help(help).path_text(PATH.to_owned()));
        }
    }
}

/// The setting.
const PATH: &str = "waivers";

impl Code {
    /// Whether it is ever less than an error. The waivers' own warnings end when the waiver goes.
    pub fn may_be_waived(&self) -> bool {
        let is_mild = self.severity != Severity::Error || self.milder.is_some();
        is_mild && ![codes::EST_009.id, codes::EST_010.id].contains(&self.id)
    }
}

/// Takes what is waived out of the problems, and adds what is to be said about the waivers.
pub(super) fn apply(waivers: &[Waiver], today: Date, problems: &mut Vec<Problem>) -> Vec<Problem> {
    let mut used = vec![false; waivers.len()];
    let (mut kept, mut waived) = (Vec::new(), Vec::new());
    for problem in problems.drain(..) {
        match waivers.iter().position(|waiver| waiver.holds(today) && is_waived(&problem, waiver)) {
            Some(index) => {
                used.get_mut(index).into_iter().for_each(|used| *used = true);
                let reason = waivers.get(index).map(|waiver| waiver.reason.as_str());
                waived.push(problem.help(format!("waived: {}", reason.unwrap_or_default())));
            }
            None => kept.push(problem),
        }
    }
    // Where something could not be read, nobody knows what it would break.
    let is_complete = !kept.iter().any(Problem::is_error);
    for (waiver, used) in waivers.iter().zip(used) {
        if !waiver.holds(today) {
            kept.push(expired(waiver));
        } else if !used && is_complete && codes::elsewhere(&waiver.rule).is_none() {
            kept.push(unused(waiver));
        }
    }
    *problems = kept;
    waived
}

fn is_waived(problem: &Problem, waiver: &Waiver) -> bool {
    let (address, path) = problem.subject();
    let address: Option<Address> = address.and_then(|address| address.parse().ok());
    !problem.is_error() && waiver.covers(problem.code().id, address.as_ref(), path)
}

fn expired(waiver: &Waiver) -> Problem {
    let until = waiver.until.map(|until| until.to_string()).unwrap_or_default();
    let message = format!("the waiver of `{}` ended on {until}", waiver.rule);
    Problem::new(&codes::EST_009, waiver.origin.clone(), message)
        .help("remove it with what it waived, or look at the reason again and move `until`")
        .path_text(PATH.to_owned())
}

fn unused(waiver: &Waiver) -> Problem {
    let message = format!("nothing needs the waiver of `{}`", waiver.rule);
    Problem::new(&codes::EST_010, waiver.origin.clone(), message)
        .help("remove it, or correct its `address` and `field`")
        .path_text(PATH.to_owned())
}
