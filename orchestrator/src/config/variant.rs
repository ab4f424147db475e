//! An implementation under other flags, environment or build, as an implementation of its own.

use std::collections::BTreeMap;

use super::manifest::{Manifest, Variant};

/// Stands between the name of an implementation and that of its variant; neither can hold it.
pub(super) const SEPARATOR: char = '+';

/// The manifest of `name`, a variant of `own`: what the variant does not say is as there, but for what only one can have.
pub(super) fn applied(own: &Manifest, name: &str, variant: &Variant) -> Manifest {
    let mut manifest = own.clone();
    manifest.name = format!("{}{SEPARATOR}{name}", own.name);
    manifest.title.clone_from(&variant.title);
    manifest.baseline = false;
    manifest.aliases = Vec::new();
    manifest.variants = BTreeMap::new();
    // Its products are the implementation's, which would miss them.
    manifest.clean = Vec::new();
    if let Some(build) = &variant.build {
        manifest.build.clone_from(build);
    }
    manifest.environment.extend(variant.environment.clone());
    for program in manifest.programs.values_mut() {
        program.args.extend(variant.args.iter().cloned());
        if let Some(from) = &variant.from {
            program.from.clone_from(from);
        }
    }
    manifest.notes = variant.notes.iter().chain(&own.notes).cloned().collect();
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "\
name: a
title: A
language: C
framework: f
aliases: [b]
baseline: true
build: [[make]]
clean: [[make, clean]]
environment: {KEPT: '1', CHANGED: '1'}
notes: [of all]
programs:
  p: {from: made/p, program_types: [kprobe], mechanisms: [ring_buffer], args: [--one]}
";

    fn manifest(variant: &str) -> Manifest {
        let variant: Variant = serde_yaml::from_str(variant).expect("a variant");
        applied(&serde_yaml::from_str(OWN).expect("a manifest"), "other", &variant)
    }

    #[test]
    fn what_it_says_is_added_or_replaces() {
        let all = "{title: T, args: [--two], environment: {CHANGED: '2'}, build: [[cc]], from: made/q, notes: [of it]}";
        let manifest = manifest(all);
        assert_eq!((manifest.name.as_str(), manifest.title.as_str()), ("a+other", "T"));
        assert_eq!(manifest.programs["p"].args, ["--one", "--two"]);
        assert_eq!(manifest.programs["p"].from, "made/q");
        assert_eq!(manifest.build, [["cc"]]);
        assert_eq!(manifest.environment.values().collect::<Vec<_>>(), ["2", "1"]);
        assert_eq!(manifest.notes, ["of it", "of all"]);
    }

    #[test]
    fn what_it_does_not_say_is_as_it_is_but_for_what_only_one_can_have() {
        let manifest = manifest("{title: T}");
        assert_eq!(
            (manifest.build, manifest.programs["p"].from.as_str()),
            (vec![vec!["make".to_owned()]], "made/p")
        );
        assert!(!manifest.baseline && manifest.aliases.is_empty() && manifest.clean.is_empty());
    }
}
