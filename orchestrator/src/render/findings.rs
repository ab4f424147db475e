//! The report of `doctor`.

use std::fmt::Write as _;

use crate::doctor::{Finding, State};

/// The report for a person.
#[must_use]
pub fn findings_report(findings: &[Finding]) -> String {
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
            findings_report(&findings),
            "kernel\n  ok       version       6.1\n  warn     just-in-time  off\n                         -> turn it on\n\n\
             tools\n  missing  compiler      not found\n                         -> get it\n\n1 ok, 1 warn, 1 missing\n"
        );
    }
}
