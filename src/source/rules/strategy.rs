//! `deploymentStrategy` of environments (DOMAIN 2.11).

use super::super::codes;
use super::super::diagnostic::{Problem, Severity};
use super::subject::{Estate, Spot, Subject};
use crate::model::Kind;

/// The percentages that the default type does not use.
const ROLLING: [&str; 3] = ["switchOverthreshold", "maxSurge", "maxUnavailable"];

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        let Some(strategy) = environment.find(&["deploymentStrategy"]) else { continue };
        surge(&strategy, problems);
        standstill(&strategy, problems);
        disruption(&strategy, problems);
        threshold(&strategy, problems);
        drains(environment, &strategy, problems);
        unused(&strategy, problems);
    }
}

/// A declared percentage.
fn percent<'a>(strategy: &Spot<'a>, name: &'static str) -> Option<(Spot<'a>, i64)> {
    let spot = strategy.find(&[name])?;
    let number = spot.number()?;
    Some((spot, number))
}

/// STR-01, as a warning: more than all is legal for a surge, and seldom meant.
fn surge(strategy: &Spot<'_>, problems: &mut Vec<Problem>) {
    if let Some((spot, number)) = percent(strategy, "maxSurge").filter(|(_, number)| *number > 100) {
        let message = format!("`maxSurge: {number}` more than doubles the instances during an update");
        let problem = spot.breaks(&codes::STR_01, message).severity(Severity::Warning);
        problems.push(problem.help("write a percentage from 0 to 100, if that was not meant"));
    }
}

/// STR-02: something has to give.
fn standstill(strategy: &Spot<'_>, problems: &mut Vec<Problem>) {
    let (Some((surge, 0)), Some((missing, 0))) =
        (percent(strategy, "maxSurge"), percent(strategy, "maxUnavailable"))
    else {
        return;
    };
    let message = "no instance may be missing and none may be added, so nothing can be replaced";
    let problem =
        missing.breaks(&codes::STR_02, message).related(surge.origin().clone(), "none may be added");
    problems.push(problem.help("set one of `maxSurge` and `maxUnavailable` above 0"));
}

/// STR-03: Kubernetes takes one limit for disruptions. The documentation names one pair all the same.
fn disruption(strategy: &Spot<'_>, problems: &mut Vec<Problem>) {
    let (Some((least, min)), Some((most, max))) =
        (percent(strategy, "podDisruptionMinAvailable"), percent(strategy, "podDisruptionMaxUnavailable"))
    else {
        return;
    };
    let is_recipe = (min, max) == (0, 100);
    let message = "Kubernetes takes only one of the two limits for disruptions";
    let help = if is_recipe {
        "the documentation of the portal gives this pair; for Kubernetes, `podDisruptionMaxUnavailable: 100` is enough"
    } else {
        "keep one of `podDisruptionMinAvailable` and `podDisruptionMaxUnavailable`"
    };
    let severity = if is_recipe { Severity::Warning } else { Severity::Error };
    let problem = most.breaks(&codes::STR_03, message).severity(severity);
    problems.push(problem.related(least.origin().clone(), "the other").help(help));
}

/// STR-04: traffic moves to nobody.
fn threshold(strategy: &Spot<'_>, problems: &mut Vec<Problem>) {
    if let Some((spot, 0)) = percent(strategy, "switchOverthreshold") {
        let message = "traffic moves to the new instances before one of them is ready";
        problems
            .push(spot.breaks(&codes::STR_04, message).help("write `switchOverthreshold: 50`, the default"));
    }
}

/// STR-05: the only instance may never be moved, so that its node cannot be drained.
fn drains(environment: Subject<'_>, strategy: &Spot<'_>, problems: &mut Vec<Problem>) {
    let Some(instances) = environment.find(&["container", "instances"]).filter(|it| it.number() == Some(1))
    else {
        return;
    };
    let least = percent(strategy, "podDisruptionMinAvailable").filter(|(_, number)| *number >= 1);
    let most = percent(strategy, "podDisruptionMaxUnavailable").filter(|(_, number)| *number == 0);
    if let Some((spot, _)) = least.or(most) {
        let message = "the only instance may never be moved, so nodes cannot be drained";
        let problem =
            spot.breaks(&codes::STR_05, message).related(instances.origin().clone(), "one instance");
        problems.push(
            problem.help(
                "run two instances, or let this one be moved: `podDisruptionMaxUnavailable: 100` alone",
            ),
        );
    }
}

/// STR-06: percentages of a strategy that is not used.
fn unused(strategy: &Spot<'_>, problems: &mut Vec<Problem>) {
    let Some(kind) =
        strategy.find(&["runtimeDeploymentStrategyType"]).filter(|kind| kind.text() == Some("Default"))
    else {
        return;
    };
    if let Some((spot, _)) = ROLLING.into_iter().find_map(|name| percent(strategy, name)) {
        let message = "the strategy `Default` ignores percentages";
        let problem = spot.breaks(&codes::STR_06, message).related(kind.origin().clone(), "the strategy");
        problems.push(problem.help("remove the percentages, or write `Reduced App Downtime`"));
    }
}
