//! One line of the doctor's report.

use std::fmt::Write as _;

use serde::Serialize;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// Good.
    Ok,
    /// Works, but figures suffer or something optional cannot be done.
    Warn,
    /// Something that is needed is not there.
    Missing,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What it belongs to.
    pub(super) area: &'static str,
    /// What was looked at.
    pub(super) name: String,
    /// How it is.
    pub(super) state: State,
    /// What was found.
    pub(super) detail: String,
    /// What to do, unless all is well.
    pub(super) advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(area: &'static str, name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { area, name: name.into(), state: State::Ok, detail: detail.into(), advice: None }
    }

    pub(super) fn warn(
        area: &'static str,
        name: impl Into<String>,
        detail: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { state: State::Warn, advice: Some(advice.into()), ..Self::ok(area, name, detail) }
    }

    pub(super) fn missing(
        area: &'static str,
        name: impl Into<String>,
        detail: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { state: State::Missing, advice: Some(advice.into()), ..Self::ok(area, name, detail) }
    }
}

/// The report for a person.
pub(super) fn render(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    let mut area = "";
    for finding in findings {
        if finding.area != area {
            area = finding.area;
            let gap = if text.is_empty() { "" } else { "\n" };
            // Writing to a string cannot fail, here and below.
            writeln!(text, "{gap}{area}").ok();
        }
        let state = match finding.state {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Missing => "missing",
        };
        writeln!(text, "  {state:<8} {:<width$}  {}", finding.name, finding.detail).ok();
        if let Some(advice) = &finding.advice {
            writeln!(text, "  {:<8} {:<width$}  -> {advice}", "", "").ok();
        }
    }
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (ok, warn, missing) = (count(State::Ok), count(State::Warn), count(State::Missing));
    writeln!(text, "\n{ok} ok, {warn} warn, {missing} missing").ok();
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_is_not_good_says_what_to_do() {
        let findings = [
            Finding::ok("kernel", "version", "6.1"),
            Finding::warn("kernel", "just-in-time", "off", "turn it on"),
            Finding::missing("tools", "compiler", "not found", "get it"),
        ];
        assert_eq!(
            render(&findings),
            "kernel\n  ok       version       6.1\n  warn     just-in-time  off\n                         -> turn it on\n\n\
             tools\n  missing  compiler      not found\n                         -> get it\n\n1 ok, 1 warn, 1 missing\n"
        );
    }
}
