//! Runtime metrics (DOMAIN 2.10).

use super::{Code, Elsewhere, family};

family! {
    MET_01 = Code::error("MET-01", "The metrics mode is unknown.")
        .why("Modes are `default`, `native` and `compatibility`.");

    MET_02 = Code::error("MET-02", "The metrics interval is not an ISO 8601 duration.")
        .why("The interval is a duration of days, hours, minutes and seconds, longer than nothing. An empty text means one minute.")
        .example("runtimeMetricsConfiguration: {mode: native, interval: PT1M30S}");

    MET_03 = Code::warning("MET-03", "A setting of native metrics stands beside another mode.")
        .why("Only `native` metrics have an interval and an agent.")
        .instead("Write `mode: native`, or remove the setting.");

    MET_04 = Code::error("MET-04", "Instrumentation is given without an agent.")
        .why("`mxAgentInstrumentationConfig` adds to `mxAgentConfig` and means nothing by itself.");

    MET_05 = Code::error("MET-05", "The configuration of the agent is not JSON.")
        .why("`mxAgentConfig` and `mxAgentInstrumentationConfig` are JSON in a text. A file holds it best.")
        .example("runtimeMetricsConfiguration: {mode: native, mxAgentConfig: {fromFile: agent.json, sensitive: false}}");

    MET_06 = Code::warning("MET-06", "Compatibility metrics are on their way out.")
        .why("`compatibility` is for Mendix 9.6 and older, and deprecated from operator 2.27 on.")
        .instead("Write `mode: native` once the app runs Mendix 9.7 or newer.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
