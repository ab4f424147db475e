//! What the manifests say they need to build and to run.

use std::time::Duration;

use super::finding::Finding;
use crate::config::{Catalogue, Check, Implementation, Tool};
use crate::prepare::{Owner, Probed, Workplace, capture, probe_tool};

const BUILD_AREA: &str = "tools to build";
const RUN_AREA: &str = "needed to run";
const CHECK_LIMIT: Duration = Duration::from_secs(30);

pub(super) fn look(catalogue: &Catalogue) -> Vec<Finding> {
    let owner = Owner::behind_sudo();
    let mut findings = Vec::new();
    // As a build of the first of them would find it.
    let place = |users: &[&str]| {
        let first = users.first().and_then(|name| catalogue.find(name));
        let variables = first.map_or(&[][..], |found| &found.manifest.build_environment);
        Workplace { root: &catalogue.root, owner: owner.as_ref(), variables, added: None }
    };
    for (tool, users) in shared(catalogue, |implementation| implementation.manifest.tools.as_slice()) {
        findings.push(look_for(tool, &users, place(&users)));
    }
    for (check, users) in shared(catalogue, |implementation| implementation.manifest.checks.as_slice()) {
        // As its programs will run.
        let first = users.first().and_then(|name| catalogue.find(name));
        let added = first.map(|found| &found.manifest.environment);
        findings.push(try_check(check, &users, Workplace { owner: None, added, ..place(&users) }));
    }
    findings
}

/// Each thing once, with the names of the implementations that need it.
fn shared<'a, T: PartialEq>(
    catalogue: &'a Catalogue,
    needs: impl Fn(&'a Implementation) -> &'a [T],
) -> Vec<(&'a T, Vec<&'a str>)> {
    let mut all: Vec<(&T, Vec<&str>)> = Vec::new();
    // A variant needs what its implementation needs.
    for implementation in catalogue.implementations.iter().filter(|known| !known.is_variant()) {
        for need in needs(implementation) {
            match all.iter_mut().find(|(known, _)| *known == need) {
                Some((_, users)) => users.push(implementation.name()),
                None => all.push((need, vec![implementation.name()])),
            }
        }
    }
    all
}

fn look_for(tool: &Tool, users: &[&str], place: Workplace<'_>) -> Finding {
    let users = users.join(", ");
    let wanted =
        tool.at_least.as_ref().map(|version| format!(", {version} or newer needed")).unwrap_or_default();
    match probe_tool(tool, place) {
        Probed::Good { version } => {
            let version = version.unwrap_or_else(|| "found".to_owned());
            Finding::ok(BUILD_AREA, &tool.name, format!("{version} (for {users}{wanted})"))
        }
        Probed::TooOld { found } => {
            Finding::missing(BUILD_AREA, &tool.name, format!("{found} (for {users}{wanted})"), &tool.hint)
        }
        Probed::Missing { reason } => {
            Finding::missing(BUILD_AREA, &tool.name, format!("not good: {reason} (for {users})"), &tool.hint)
        }
    }
}

fn try_check(check: &Check, users: &[&str], place: Workplace<'_>) -> Finding {
    let users = users.join(", ");
    let first_line = |output: &str| {
        let line = output.lines().next().unwrap_or_default().trim();
        line.strip_prefix("error: ").unwrap_or(line).to_owned()
    };
    match capture(&check.probe, place, CHECK_LIMIT) {
        Ok((status, output)) if status.success() => {
            Finding::ok(RUN_AREA, &check.name, format!("{} (for {users})", first_line(&output)))
        }
        Ok((status, output)) => {
            let line = first_line(&output);
            let reason = if line.is_empty() { status.to_string() } else { line };
            Finding::missing(RUN_AREA, &check.name, format!("{reason} (for {users})"), &check.hint)
        }
        Err(error) => Finding::missing(RUN_AREA, &check.name, format!("{error} (for {users})"), &check.hint),
    }
}
