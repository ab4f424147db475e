//! Which file of a crate uses which: paths by `crate::`, `self::`, `super::` and by names that were brought in, followed through
//! re-exports to the file that defines what is used. A file that only declares and re-exports is used by nobody in that sense.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::source::{Module, Segments, Source, read};

/// The files of one crate.
#[derive(Debug)]
pub(crate) struct Crate {
    modules: BTreeMap<Segments, Module>,
    /// The words of each file's code: see [`Source::words`].
    pub(crate) words: BTreeMap<Segments, Vec<String>>,
}

/// One use of something of the same crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    /// The file that uses it.
    pub(crate) by: Segments,
    /// The path in full, as from the root of the crate, before re-exports are followed.
    pub(crate) path: Segments,
    /// The file that defines it.
    pub(crate) of: Segments,
}

/// The Rust files below `folder`, by their place in the crate: `lib.rs` and `main.rs` are the root.
fn files(folder: &Path) -> Vec<(Segments, PathBuf)> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("`{}`: {error}", folder.display()));
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(mut place, path)| {
                place.insert(0, stem.clone());
                (place, path)
            }));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((vec![stem], path));
        }
    }
    found
}

impl Crate {
    /// Reads every file below `folder` except those that only tests compile; `with_tests` also those, and the tests of each file.
    pub(crate) fn open(folder: &Path, with_tests: bool) -> Self {
        let texts = files(folder).into_iter().map(|(place, path)| {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()));
            (place, text)
        });
        Self::new(texts, with_tests)
    }

    /// The same from texts, by their place. The root is `["lib"]` where there is one, else `["main"]`.
    pub(crate) fn new(texts: impl IntoIterator<Item = (Segments, String)>, with_tests: bool) -> Self {
        let texts: BTreeMap<Segments, String> = texts.into_iter().collect();
        let root = if texts.contains_key(&["lib".to_owned()][..]) { "lib" } else { "main" };
        let mut sources: Vec<Source> = texts
            .iter()
            .map(|(file, text)| read(if file == &[root] { &[] } else { file }, text, with_tests))
            .collect();
        if !with_tests {
            let only_tests: Vec<Segments> =
                sources.iter_mut().flat_map(|source| std::mem::take(&mut source.tests)).collect();
            sources.retain(|source| {
                !only_tests.iter().any(|module| source.modules[0].place.starts_with(module))
            });
        }
        let mut words = BTreeMap::new();
        let mut modules = BTreeMap::new();
        for source in sources {
            words.insert(source.modules[0].file.clone(), source.words);
            for module in source.modules {
                modules.insert(module.place.clone(), module);
            }
        }
        Self { modules, words }
    }

    /// Every use of something of the crate by another file of it.
    pub(crate) fn uses(&self) -> BTreeSet<Use> {
        let mut uses = BTreeSet::new();
        for module in self.modules.values() {
            for path in &module.paths {
                self.follow(module, path, &mut uses);
            }
            for glob in &module.globs {
                self.follow(module, glob, &mut uses);
                // Whatever the other module has, its own imports among it, can be meant.
                let Some(place) = self.place(&module.place, glob) else { continue };
                if let Some(other) = self.modules.get(&place) {
                    for name in other.names.keys().chain(&other.defines) {
                        self.follow(module, &[glob.clone(), vec![name.clone()]].concat(), &mut uses);
                    }
                }
            }
            for child in &module.files {
                let place = [module.place.clone(), vec![child.clone()]].concat();
                if let Some(child) = self.modules.get(&place) {
                    uses.insert(Use { by: module.file.clone(), path: place, of: child.file.clone() });
                }
            }
        }
        uses.retain(|one| one.by != one.of);
        uses
    }

    fn follow(&self, module: &Module, path: &[String], uses: &mut BTreeSet<Use>) {
        let Some(path) = self.place(&module.place, path) else { return };
        if let Some(of) = self.definition(&path, 0) {
            uses.insert(Use { by: module.file.clone(), path, of });
        }
    }

    /// The path as from the root of the crate; none for another crate's.
    fn place(&self, within: &[String], path: &[String]) -> Option<Segments> {
        let (first, rest) = path.split_first()?;
        let module = self.modules.get(within)?;
        let start = match first.as_str() {
            "crate" => Vec::new(),
            "self" if rest.first().is_some_and(|word| word == "super") => return self.place(within, rest),
            "self" => within.to_vec(),
            "super" => {
                let mut up = within.to_vec();
                up.pop()?;
                let above = rest.iter().take_while(|word| *word == "super").count();
                up.truncate(up.len().checked_sub(above)?);
                return Some([up, rest[above..].to_vec()].concat());
            }
            name if module.children.contains(name) => [within.to_vec(), vec![name.to_owned()]].concat(),
            name => {
                let stands_for = module.names.get(name)?;
                // `use serde::Serialize` brings in a name of another crate, and begins with one that is not its own.
                if stands_for.first() == Some(first) {
                    return None;
                }
                self.place(within, stands_for)?
            }
        };
        Some([start, rest.to_vec()].concat())
    }

    /// The file that defines what a path from the root leads to, through modules and re-exports.
    fn definition(&self, path: &[String], depth: usize) -> Option<Segments> {
        assert!(depth < 50, "re-exports in a circle: `{}`", path.join("::"));
        let length = (0..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
        let module = &self.modules[&path[..length]];
        let Some(name) = path.get(length) else { return Some(module.file.clone()) };
        if module.defines.contains(name) {
            return Some(module.file.clone());
        }
        if let Some(stands_for) = module.names.get(name) {
            let place = self.place(&module.place, stands_for)?;
            return self.definition(&[&place, &path[length + 1..]].concat(), depth + 1);
        }
        for glob in &module.globs {
            let Some(place) = self.place(&module.place, glob) else { continue };
            let Some(other) = self.modules.get(&place) else { continue };
            if other.defines.contains(name) || other.names.contains_key(name) || other.children.contains(name)
            {
                return self.definition(&[&place, &path[length..]].concat(), depth + 1);
            }
        }
        Some(module.file.clone())
    }

    /// Whether only a module is named, by another than the one that declares it, in which nothing is defined.
    fn is_facade(&self, one: &Use) -> bool {
        let is_declared = one.path.split_last().is_some_and(|(_, parent)| parent == one.by);
        !is_declared && self.modules.get(&one.path).is_some_and(|module| module.defines.is_empty())
    }

    /// Files that use each other, directly or by way of others: each circle with the uses within it.
    pub(crate) fn circles(&self) -> Vec<String> {
        let mut edges: BTreeMap<Segments, BTreeMap<Segments, Segments>> = BTreeMap::new();
        for one in self.uses() {
            if self.is_facade(&one) {
                continue;
            }
            edges.entry(one.by).or_default().entry(one.of).or_insert(one.path);
        }
        let reach: BTreeMap<&Segments, BTreeSet<&Segments>> =
            edges.keys().map(|from| (from, reachable(from, &edges))).collect();
        let together = |one: &Segments, other: &Segments| {
            reach.get(one).is_some_and(|files| files.contains(other))
                && reach.get(other).is_some_and(|files| files.contains(one))
        };
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for file in edges.keys().filter(|file| together(file, file)) {
            if !seen.insert(file) {
                continue;
            }
            let mut circle: Vec<&Segments> = edges.keys().filter(|other| together(file, other)).collect();
            circle.sort();
            seen.extend(&circle);
            let lines = circle.iter().flat_map(|from| {
                edges[*from].iter().filter(|(to, _)| circle.contains(to)).map(move |(to, path)| {
                    format!("  {} uses {} ({})", from.join("::"), to.join("::"), path.join("::"))
                })
            });
            circles.push(lines.collect::<Vec<_>>().join("\n"));
        }
        circles
    }
}

/// Everything that can be come to from a file, itself only by way of others.
fn reachable<'e>(
    from: &Segments,
    edges: &'e BTreeMap<Segments, BTreeMap<Segments, Segments>>,
) -> BTreeSet<&'e Segments> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Segments> = edges.get(from).into_iter().flat_map(BTreeMap::keys).collect();
    while let Some(file) = open.pop() {
        if found.insert(file) {
            open.extend(edges.get(file).into_iter().flat_map(BTreeMap::keys));
        }
    }
    found
}
