//! All implementations of the project, found by their manifests.

use std::fs;
use std::path::{Path, PathBuf};

use super::benchmarks::BenchmarkEntry;
use super::error::Error;
use super::manifest::{Manifest, Program};
use super::place::Place;
use super::reading::read_manifest;
use super::variant::{SEPARATOR, applied};
use super::yaml::{self, Step};
use crate::facts::nearest;
use crate::plan::spec::Benchmark;

/// The implementations of a project.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The project folder.
    pub root: PathBuf,
    /// The baseline first, then by name; variants as well.
    pub implementations: Vec<Implementation>,
}

/// A folder with a manifest, or a variant that the manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implementation {
    /// What it says of itself; of a variant, with what the variant has otherwise.
    pub manifest: Manifest,
    /// Its manifest file.
    pub path: PathBuf,
    /// The name of its folder, which its programs say in `hello`: a variant's is the implementation's.
    pub own_name: String,
    /// Whether it takes part where no implementation is named.
    pub default: bool,
}

impl Implementation {
    /// Its name, which is its folder's; of a variant, `FOLDER+VARIANT`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// Whether it is a variant of another.
    #[must_use]
    pub fn is_variant(&self) -> bool {
        self.name() != self.own_name
    }

    /// What a reader of its figures should know, beside `others`: a variant's implementation says what is true of both.
    #[must_use]
    pub fn notes_beside(&self, others: &[&Self]) -> Vec<String> {
        let own = others.iter().find(|other| self.is_variant() && other.name() == self.own_name);
        let is_said = |note: &&String| own.is_some_and(|own| own.manifest.notes.contains(*note));
        self.manifest.notes.iter().filter(|note| !is_said(note)).cloned().collect()
    }

    /// What the manifest describes: the implementation, then its variants.
    fn all_of(manifest: Manifest, path: &Path) -> impl Iterator<Item = Self> {
        let of = |manifest: Manifest, own_name: &str, default| {
            let own_name = own_name.to_owned();
            Self { manifest, path: path.to_owned(), own_name, default }
        };
        let variants: Vec<Self> = manifest
            .variants
            .iter()
            .map(|(name, variant)| of(applied(&manifest, name, variant), &manifest.name, variant.default))
            .collect();
        let own_name = manifest.name.clone();
        std::iter::once(of(manifest, &own_name, true)).chain(variants)
    }

    /// Where `orchestrator build` puts the executable of `program`.
    #[must_use]
    pub fn executable(&self, root: &Path, program: &str) -> PathBuf {
        root.join("build").join(self.name()).join(program)
    }

    /// The program that `benchmark` runs, or why its manifest says that it cannot.
    pub fn program_for(&self, benchmark: &Benchmark) -> Result<&Program, String> {
        let program = self
            .manifest
            .programs
            .get(&benchmark.program)
            .ok_or_else(|| format!("`{}` has no program `{}`", self.name(), benchmark.program))?;
        if !program.program_types.contains(&benchmark.program_type) {
            return Err(format!("`{}` has no {} program", self.name(), benchmark.program_type));
        }
        if !program.mechanisms.contains(&benchmark.mechanism) {
            return Err(format!("`{}` does not have this data mechanism", self.name()));
        }
        Ok(program)
    }
}

impl Catalogue {
    /// Reads every `impls/*/impl.yaml` below `root`.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let folder = root.join("impls");
        let unreadable = |source| Error::Unreadable { path: folder.clone(), source };
        let mut implementations = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path().join("impl.yaml");
            if path.is_file() {
                // Messages name files the way the user sees them: from the project folder.
                let manifest = read_manifest(&path).map_err(|error| shorten(error, root))?;
                implementations.extend(Implementation::all_of(manifest, &path));
            }
        }
        if implementations.is_empty() {
            return Err(Error::NoImplementations { folder });
        }
        implementations
            .sort_by(|a, b| (!a.manifest.baseline, a.name()).cmp(&(!b.manifest.baseline, b.name())));
        let catalogue = Self { root: root.to_owned(), implementations };
        catalogue.check_names().map_err(|error| shorten(error, root))?;
        Ok(catalogue)
    }

    /// The implementation that is called `name`, by its name or one of its aliases; upper and lower case are the same.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Implementation> {
        self.implementations.iter().find(|implementation| {
            names(&implementation.manifest).any(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// The implementations called so on the command line, in that order and each once; when there is no name, all but the
    /// variants that are to be named.
    pub fn select(&self, given: &[String]) -> Result<Vec<&Implementation>, Error> {
        if given.is_empty() {
            return Ok(self.implementations.iter().filter(|known| known.default).collect());
        }
        let mut selected: Vec<&Implementation> = Vec::new();
        for name in given {
            let found = self.find(name).ok_or_else(|| Error::UnknownImplementation {
                name: name.clone(),
                hint: self.suggest(name),
            })?;
            if !selected.contains(&found) {
                selected.push(found);
            }
        }
        Ok(selected)
    }

    /// The implementations that an entry of a configuration names; all of them, variants too, when it names none.
    pub fn languages(&self, entry: &BenchmarkEntry) -> Result<Vec<&Implementation>, Error> {
        let Some(languages) = &entry.languages else { return Ok(self.implementations.iter().collect()) };
        let mut selected: Vec<&Implementation> = Vec::new();
        for (item, name) in languages.iter().enumerate() {
            let found = self.find(name).ok_or_else(|| match &entry.origin {
                Some(origin) => Error::Invalid {
                    place: origin.place_of_item("languages", item),
                    message: format!("unknown implementation `{name}` in `languages`"),
                    hint: self.suggest(name),
                },
                None => Error::UnknownImplementation { name: name.clone(), hint: self.suggest(name) },
            })?;
            if !selected.contains(&found) {
                selected.push(found);
            }
        }
        Ok(selected)
    }

    /// The implementation that ratios refer to, if a manifest claims to be it.
    #[must_use]
    pub fn baseline(&self) -> Option<&Implementation> {
        self.implementations.iter().find(|implementation| implementation.manifest.baseline)
    }

    fn suggest(&self, name: &str) -> String {
        if let Some((own_name, _)) = name.split_once(SEPARATOR) {
            return self.suggest_variant(name, own_name);
        }
        let all: Vec<&str> =
            self.implementations.iter().filter(|known| known.default).map(Implementation::name).collect();
        let all = all.join(", ");
        let candidates =
            self.implementations.iter().flat_map(|implementation| names(&implementation.manifest));
        nearest(name, candidates).map_or_else(
            || format!("there are {all}; `orchestrator list` shows more"),
            |meant| format!("did you mean `{meant}`? there are {all}"),
        )
    }

    fn suggest_variant(&self, name: &str, own_name: &str) -> String {
        let variants = || self.implementations.iter().filter(|known| known.is_variant());
        if let Some(meant) = nearest(name, variants().map(Implementation::name)) {
            return format!("did you mean `{meant}`? `orchestrator list` shows all");
        }
        let of =
            variants().filter(|known| known.own_name == own_name).map(|known| format!("`{}`", known.name()));
        let of: Vec<String> = of.collect();
        if of.is_empty() {
            return format!("`{own_name}` has no variants; `orchestrator list` shows all there are");
        }
        format!("the variants of `{own_name}` are {}", of.join(", "))
    }

    /// No two implementations may answer to one name, and ratios can refer to one only.
    fn check_names(&self) -> Result<(), Error> {
        for (index, later) in self.implementations.iter().enumerate() {
            for earlier in &self.implementations[..index] {
                if later.manifest.baseline && earlier.manifest.baseline {
                    let message = format!("`{}` is the baseline already", earlier.name());
                    return Err(later.invalid(
                        &[Step::Key("baseline")],
                        message,
                        "only one manifest may say `baseline: true`",
                    ));
                }
            }
            let before = self.implementations[..index]
                .iter()
                .flat_map(|earlier| names(&earlier.manifest).map(move |name| (name, earlier.name())));
            let taken: Vec<_> = before.collect();
            for (position, name) in names(&later.manifest).enumerate() {
                let own = names(&later.manifest).take(position).map(|own| (own, later.name()));
                if let Some((_, owner)) =
                    taken.iter().copied().chain(own).find(|(known, _)| known.eq_ignore_ascii_case(name))
                {
                    let alias = position.checked_sub(1);
                    let steps = [Step::Key("aliases"), Step::Index(alias.unwrap_or_default())];
                    let steps: &[Step<'_>] = if alias.is_some() { &steps } else { &[Step::Key("name")] };
                    let message = format!("the name `{name}` belongs to `{owner}` already");
                    return Err(later.invalid(steps, message, "every name and alias must be unique"));
                }
            }
        }
        Ok(())
    }
}

impl Implementation {
    fn invalid(&self, steps: &[Step<'_>], message: String, hint: &str) -> Error {
        let line = fs::read_to_string(&self.path).ok().and_then(|text| yaml::line_of(&text, steps));
        Error::Invalid { place: Place { path: self.path.clone(), line }, message, hint: hint.to_owned() }
    }
}

fn names(manifest: &Manifest) -> impl Iterator<Item = &str> {
    std::iter::once(manifest.name.as_str()).chain(manifest.aliases.iter().map(String::as_str))
}

fn shorten(mut error: Error, root: &Path) -> Error {
    match &mut error {
        Error::Invalid { place: Place { path, .. }, .. }
        | Error::Empty { path, .. }
        | Error::NotText { path }
        | Error::Unreadable { path, .. } => {
            if let Ok(short) = path.strip_prefix(root) {
                *path = short.to_owned();
            }
        }
        _ => {}
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_true_of_an_implementation_and_its_variant_is_said_once() {
        let text = "{name: a, title: A, language: L, framework: F, notes: [of both], programs: {}, \
                    variants: {b: {title: B, notes: [of it]}}}";
        let manifest: Manifest = serde_yaml::from_str(text).expect("a manifest");
        let all: Vec<Implementation> = Implementation::all_of(manifest, Path::new("impl.yaml")).collect();
        assert_eq!(all[1].notes_beside(&[&all[1]]), ["of it", "of both"]);
        assert_eq!(all[1].notes_beside(&[&all[0], &all[1]]), ["of it"]);
        assert_eq!(all[0].notes_beside(&[&all[0], &all[1]]), ["of both"]);
    }
}
