//! JUnit XML, as every build server reads it: an action, a drifted resource or a finding is a test case.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::results::{Found, of};
use crate::apply::ActionOutcome;
use crate::render::findings::FindingSeverity;
use crate::render::plural::RESOURCE;
use crate::render::report::Report;
use crate::render::sanitise::sanitise;
use crate::render::view::{ActionView, StatusView};

/// Writes JUnit.
pub(in crate::render) fn junit(report: &Report) -> String {
    let (name, cases) = match report {
        Report::Findings(_) => ("validate", findings(report)),
        Report::Plan(view) => {
            let mut cases: Vec<_> = view.actions.iter().map(planned).collect();
            // What else went wrong is no action.
            let problems =
                view.notes.iter().filter(|note| note.severity == crate::render::NoteSeverity::Error);
            cases.extend(problems.map(|note| {
                let help = note.help.as_ref().map(ToString::to_string);
                failed(&note.code, note.message.as_str(), help.as_deref(), &note.code)
            }));
            ("plan", cases)
        }
        Report::Drift(view) => {
            let mut cases: Vec<_> = of(report)
                .iter()
                .filter(|found| found.severity != FindingSeverity::Info)
                .map(|found| failed(&title(found), &found.message, found.help.as_deref(), &found.code))
                .collect();
            if view.resources.is_empty() {
                let told = format!("{} as declared", RESOURCE.count(view.summary.managed));
                cases.push(TestCase::new(told.as_str(), TestCaseStatus::success()));
            }
            ("drift", cases)
        }
        Report::Outcome(view) => {
            let cases = view.actions.iter().map(|report| {
                let mut case = ended(report);
                case.set_time(report.duration);
                case
            });
            ("apply", cases.collect())
        }
    };
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(cases);
    let mut junit = Junit::new("mxkeep");
    junit.add_test_suite(suite);
    let text = junit.to_string().unwrap_or_default();
    if text.ends_with('\n') { text } else { format!("{text}\n") }
}

fn findings(report: &Report) -> Vec<TestCase> {
    let found = of(report);
    if found.is_empty() {
        return vec![TestCase::new("the estate is valid", TestCaseStatus::success())];
    }
    let case = |found: &Found| {
        if found.severity == FindingSeverity::Error {
            return failed(&title(found), &found.message, found.help.as_deref(), &found.code);
        }
        let mut case = TestCase::new(title(found).as_str(), TestCaseStatus::success());
        case.set_system_out(clean(&found.message).as_str());
        case
    };
    found.iter().map(case).collect()
}

/// The name of a test case: what it is about, and where.
fn title(found: &Found) -> String {
    let place = found.place.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
    let subject = found.subject.as_ref().map(|subject| format!(" {subject}")).unwrap_or_default();
    clean(&format!("{}{subject}{place}", found.code))
}

fn named(action: &ActionView) -> String {
    clean(&format!("{} {}", action.verb.name(), action.address))
}

fn planned(action: &ActionView) -> TestCase {
    match &action.status {
        StatusView::Ready => TestCase::new(named(action).as_str(), TestCaseStatus::success()),
        StatusView::Blocked { code, reason, help, .. } => {
            let help = help.as_ref().map(ToString::to_string);
            failed(&named(action), reason.as_str(), help.as_deref(), code)
        }
        StatusView::Waiting { reason, .. } => skipped(&named(action), reason.as_str()),
    }
}

fn ended(report: &crate::render::ReportView) -> TestCase {
    let name = named(&report.action);
    let says = report.error.as_ref().map_or("", |error| error.message.as_str());
    let help = report.error.as_ref().and_then(|error| error.help.as_ref()).map(ToString::to_string);
    let code = report.error.as_ref().map_or(report.outcome.name(), |error| error.code.as_str());
    match report.outcome {
        ActionOutcome::Done => TestCase::new(name.as_str(), TestCaseStatus::success()),
        ActionOutcome::Failed | ActionOutcome::Unknown | ActionOutcome::Refused | ActionOutcome::Blocked => {
            failed(&name, says, help.as_deref(), code)
        }
        ActionOutcome::Waiting
        | ActionOutcome::Skipped
        | ActionOutcome::Cancelled
        | ActionOutcome::NotStarted => {
            skipped(&name, if says.is_empty() { report.outcome.name() } else { says })
        }
    }
}

fn failed(name: &str, message: &str, help: Option<&str>, code: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(clean(message).as_str()).set_type(clean(code).as_str());
    if let Some(help) = help {
        status.set_description(clean(&format!("help: {help}")).as_str());
    }
    TestCase::new(clean(name).as_str(), status)
}

fn skipped(name: &str, message: &str) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(clean(message).as_str());
    TestCase::new(clean(name).as_str(), status)
}

/// What a reader of XML takes.
fn clean(text: &str) -> String {
    sanitise(text).replace(['\u{fffe}', '\u{ffff}'], "")
}
