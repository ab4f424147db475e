//! Looks for the tools that a build needs, so that the message about a missing one is clear.

use std::time::Duration;

use regex::Regex;

use super::{Error, Workplace, capture};
use crate::config::Tool;

/// Most probes only print a version; one may have to build something small before it knows.
const PROBE_LIMIT: Duration = Duration::from_secs(300);

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// It is there and good enough.
    Good {
        /// Its version, if the manifest says how to find it.
        version: Option<String>,
    },
    /// It is there but too old, or its version cannot be found.
    TooOld {
        /// The version found, or what stands in its place.
        found: String,
    },
    /// It is not there.
    Missing {
        /// Why the probe failed.
        reason: String,
    },
}

/// Looks for one tool.
#[must_use]
pub fn probe_tool(tool: &Tool, place: Workplace<'_>) -> Probed {
    match capture(&tool.probe, place, PROBE_LIMIT) {
        Err(error) => Probed::Missing { reason: error.to_string() },
        Ok((status, output)) if !status.success() => {
            let line = output.lines().map(str::trim).find(|line| !line.is_empty());
            let line = line.map(|line| line.strip_prefix("error: ").unwrap_or(line));
            Probed::Missing { reason: line.map_or_else(|| status.to_string(), str::to_owned) }
        }
        Ok((_, output)) => judge(tool, &output),
    }
}

fn judge(tool: &Tool, output: &str) -> Probed {
    let Some(pattern) = &tool.version else { return Probed::Good { version: None } };
    let version =
        Regex::new(pattern).ok().and_then(|regex| Some(regex.captures(output)?.get(1)?.as_str().to_owned()));
    match (&tool.at_least, version) {
        (Some(_), None) => Probed::TooOld { found: "a version that cannot be read".into() },
        (Some(wanted), Some(found)) if numbers(&found) < numbers(wanted) => Probed::TooOld { found },
        (_, version) => Probed::Good { version },
    }
}

/// The parts of a version, for comparison: 1.9 comes before 1.10.
fn numbers(version: &str) -> Vec<u64> {
    version.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

/// Its version, if the manifest says how to find it. Fails unless the tool is there and good enough.
pub(super) fn require(
    implementation: &str,
    tool: &Tool,
    place: Workplace<'_>,
) -> Result<Option<String>, Error> {
    match probe_tool(tool, place) {
        Probed::Good { version } => Ok(version),
        Probed::TooOld { found } => Err(Error::ToolTooOld {
            implementation: implementation.to_owned(),
            tool: tool.name.clone(),
            found,
            wanted: tool.at_least.clone().unwrap_or_default(),
            hint: tool.hint.clone(),
        }),
        Probed::Missing { reason } => Err(Error::ToolMissing {
            implementation: implementation.to_owned(),
            tool: tool.name.clone(),
            reason: format!("`{}`: {reason}", tool.probe.join(" ")),
            hint: tool.hint.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rstest::rstest;

    use super::*;

    fn tool(at_least: Option<&str>) -> Tool {
        Tool {
            name: "tool".into(),
            probe: vec!["sh".into(), "-c".into(), "echo tool version 1.10.3".into()],
            version: Some(r"version (\d+\.\d+)".into()),
            at_least: at_least.map(str::to_owned),
            hint: "get it".into(),
        }
    }

    #[rstest]
    #[case(None, Probed::Good { version: Some("1.10".into()) })]
    #[case(Some("1.9"), Probed::Good { version: Some("1.10".into()) })]
    #[case(Some("1.10"), Probed::Good { version: Some("1.10".into()) })]
    #[case(Some("1.11"), Probed::TooOld { found: "1.10".into() })]
    #[case(Some("2"), Probed::TooOld { found: "1.10".into() })]
    fn versions_are_compared_as_numbers(#[case] at_least: Option<&str>, #[case] expected: Probed) {
        assert_eq!(probe_tool(&tool(at_least), Workplace::plain(Path::new("/"))), expected);
    }

    #[test]
    fn a_missing_tool_names_itself_and_the_way_to_get_it() {
        let tool = Tool { probe: vec!["no-such-tool-here".into()], ..tool(None) };
        let error = require("some", &tool, Workplace::plain(Path::new("/"))).expect_err("missing");
        assert!(
            error.to_string().starts_with("cannot build `some`: `tool` is not ready (`no-such-tool-here`: "),
            "{error}"
        );
        assert_eq!(error.hint(), "get it");
    }
}
