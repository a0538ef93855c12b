//! `container` of environments: what an instance may use and is promised (DOMAIN 2.4).

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Spot, Subject};
use crate::model::Kind;

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        decimals(environment, problems);
        requests_within_limits(environment, problems);
        floor(environment, problems);
        heap(environment, problems);
    }
}

/// Names of the amounts.
const AMOUNTS: [&str; 3] = ["cpu", "memory", "ephemeralStorage"];

/// A decimal number, compared without rounding.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Amount<'a> {
    /// So that longer numbers are larger.
    digits: usize,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Amount<'a> {
    fn new(text: &'a str) -> Amount<'a> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = whole.trim_start_matches('0');
        Amount { digits: whole.len(), whole, fraction: fraction.trim_end_matches('0') }
    }

    fn of(spot: &Spot<'a>) -> Option<Amount<'a>> {
        spot.text().map(Amount::new)
    }
}

fn amount<'a>(environment: Subject<'a>, bound: &'static str, name: &'static str) -> Option<Spot<'a>> {
    environment.find(&["container", "coreResources", bound, name])
}

/// RES-03: Kubernetes counts cores in thousandths.
fn decimals(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    for bound in ["limits", "requests"] {
        let Some(cpu) = amount(environment, bound, "cpu") else { continue };
        if Amount::of(&cpu).is_some_and(|amount| amount.fraction.len() > 3) {
            let message = "a number of cores has up to three decimals";
            let rounded: f64 = cpu.text().and_then(|text| text.parse().ok()).unwrap_or_default();
            let help = format!("round it to thousandths: `\"{rounded:.3}\"`");
            problems.push(cpu.breaks(&codes::RES_03, message).help(help));
        }
    }
}

/// RES-04: no request above its limit. RES-06: for memory they are equal.
fn requests_within_limits(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    for name in AMOUNTS {
        let (Some(limit), Some(request)) =
            (amount(environment, "limits", name), amount(environment, "requests", name))
        else {
            continue;
        };
        let (Some(most), Some(promised)) = (Amount::of(&limit), Amount::of(&request)) else { continue };
        let written = |spot: &Spot<'_>| spot.text().unwrap_or_default().to_owned();
        let (message, code, help) = if promised > most {
            let message =
                format!("`{name}` requests {} and is limited to {}", written(&request), written(&limit));
            (message, &codes::RES_04, "lower the request, or raise the limit")
        } else if name == "memory" && promised < most {
            let message = format!(
                "an instance may use {} Gb of memory and is promised {}",
                written(&limit),
                written(&request)
            );
            (message, &codes::RES_06, "let request and limit of memory be equal")
        } else {
            continue;
        };
        let problem = request.breaks(code, message).related(limit.origin().clone(), "the limit");
        problems.push(problem.help(help));
    }
}

/// RES-05: the least that the platform names for custom sizes.
fn floor(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let floors = [("limits", "memory", "0.5"), ("requests", "memory", "0.5"), ("requests", "cpu", "0.1")];
    for (bound, name, least) in floors {
        let Some(spot) = amount(environment, bound, name) else { continue };
        if Amount::of(&spot).is_some_and(|amount| amount < Amount::new(least)) {
            let message = format!("`{name}` is less than a Mendix app needs");
            problems.push(spot.breaks(&codes::RES_05, message).help(format!("write `\"{least}\"` or more")));
        }
    }
}

/// RES-08: Java needs memory besides its heap.
fn heap(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let variables = environment.items(&["runtime", "environmentVariables"]);
    let options = variables.iter().find(|variable| variable.name() == Some("JAVA_TOOL_OPTIONS"));
    let Some(options) = options.and_then(|variable| variable.field("value")) else { return };
    let Some(limit) = amount(environment, "limits", "memory") else { return };
    let memory: Option<f64> = limit.text().and_then(|text| text.parse().ok());
    let heap = options.known().and_then(largest_heap);
    if let (Some(memory), Some(heap)) = (memory, heap)
        && heap >= memory
    {
        let message = "the heap (`-Xmx`) may become as large as the memory of the container";
        let problem = options.breaks(&codes::RES_08, message);
        problems.push(
            problem
                .related(limit.origin().clone(), "the memory of the container")
                .help("leave a quarter of the memory to the rest of Java, or leave `-Xmx` out"),
        );
    }
}

/// What the last `-Xmx` allows, in Gb.
fn largest_heap(options: &str) -> Option<f64> {
    const GB: f64 = 1024.0 * 1024.0 * 1024.0;
    let text = options.split_whitespace().rev().find_map(|option| option.strip_prefix("-Xmx"))?;
    let number = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let factor = match text.strip_prefix(number)?.to_ascii_lowercase().as_str() {
        "" => 1.0,
        "k" => 1024.0,
        "m" => 1024.0 * 1024.0,
        "g" => GB,
        "t" => 1024.0 * GB,
        _ => return None,
    };
    number.parse::<u64>().ok().map(|number| number as f64 * factor / GB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_compared_as_numbers() {
        let ascending = ["0.001", "0.1", "0.25", "0.5", "1", "1.5", "2", "10", "10.25", "100"];
        for pair in ascending.windows(2) {
            assert!(Amount::new(pair[0]) < Amount::new(pair[1]), "{pair:?}");
        }
        for (one, other) in [("1", "1.0"), ("01", "1"), ("0.50", "0.5"), ("1.000", "01")] {
            assert_eq!(Amount::new(one), Amount::new(other));
        }
    }

    #[test]
    fn the_last_heap_counts() {
        for (options, gb) in [
            ("-Xmx3g", Some(3.0)),
            ("-Xms1g -Xmx512m -Dx=y", Some(0.5)),
            ("-Xmx1g -Xmx2048M", Some(2.0)),
            ("-Xmx1073741824", Some(1.0)),
            ("-Xmx1T", Some(1024.0)),
            ("-Xms4g", None),
            ("-Xmxlarge", None),
            ("-Xmx", None),
            ("-Xmx1gb", None),
            ("", None),
        ] {
            assert_eq!(largest_heap(options), gb, "{options}");
        }
    }
}
