//! What a program is made of once it runs: its file and the shared objects that it has mapped.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Files with code that a process tree has mapped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramFiles {
    /// How many, the program's own file included.
    pub files: u32,
    /// Their sizes on disk, bytes.
    pub bytes: u64,
}

/// Of these processes; none where nothing is known.
#[must_use]
pub fn program_files(proc_root: &Path, pids: &[u32]) -> Option<ProgramFiles> {
    let maps = pids.iter().filter_map(|pid| fs::read_to_string(proc_root.join(format!("{pid}/maps"))).ok());
    let files: BTreeSet<PathBuf> = maps.flat_map(|maps| with_code(&maps)).collect();
    if files.is_empty() {
        return None;
    }
    let sizes = files.iter().map(|file| fs::metadata(file).map_or(0, |found| found.len()));
    Some(ProgramFiles { files: u32::try_from(files.len()).ok()?, bytes: sizes.sum() })
}

/// The files of the executable mappings; what is no file has no path, or one in brackets.
fn with_code(maps: &str) -> Vec<PathBuf> {
    let file = |line: &str| {
        let mut fields = line.splitn(6, ' ');
        let permissions = fields.nth(1)?;
        let path = fields.nth(3)?.trim_start();
        (permissions.contains('x') && path.starts_with('/')).then(|| PathBuf::from(path))
    };
    maps.lines().filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_code_count_once_and_data_does_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str, bytes: usize| {
            let path = folder.path().join(name);
            fs::write(&path, vec![0; bytes]).expect("a file");
            path.display().to_string()
        };
        let (program, library, data) = (file("a program", 100), file("lib.so", 23), file("data", 7));
        fs::create_dir(folder.path().join("42")).expect("a folder");
        let maps = format!(
            "5500-5600 r--p 00000000 fe:00 1    {program}\n5600-5700 r-xp 00001000 fe:00 1    {program}\n\
             7f00-7f01 r-xp 00000000 fe:00 2    {library}\n7f01-7f02 r-xp 00002000 fe:00 2    {library}\n\
             7f02-7f03 r--p 00000000 fe:00 3    {data}\n7ffd-7ffe r-xp 00000000 00:00 0    [vdso]\n"
        );
        fs::write(folder.path().join("42/maps"), maps).expect("a file");
        let found = program_files(folder.path(), &[42, 43]);
        assert_eq!(found, Some(ProgramFiles { files: 2, bytes: 123 }));
        assert_eq!(program_files(folder.path(), &[43]), None);
    }
}
