//! What the privileged helper starts: it decides by itself, whatever the caller asks for.
//!
//! The caller names the programs of its run once; the helper holds each against the file system before every start. A program, and
//! every folder above it, must belong to root, to the user behind sudo or to the owner of the helper's own executable, and nobody else
//! may be able to write there. So no third person can put a program in place that root then starts. It cannot restrain the user
//! behind sudo, who could replace the program, or the helper (docs/ARCHITECTURE.md, "Who has which privileges").

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User, geteuid};

/// May be written by anybody, but what is in it only by its owners (`/tmp`).
const STICKY: u32 = 0o1000;
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const ANYBODY_RUNS: u32 = 0o111;

/// The programs of a run, and whom they may belong to.
#[derive(Debug)]
pub(super) struct Permitted {
    programs: Vec<PathBuf>,
    /// None: the helper has no privileges, so that there is nothing to guard.
    owners: Option<Vec<u32>>,
}

impl Permitted {
    /// Those that the caller asks for.
    pub(super) fn of_run(programs: Vec<String>) -> Self {
        let owners = geteuid().is_root().then(|| {
            let behind_sudo = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
            let own = fs::metadata("/proc/self/exe").ok().map(|metadata| metadata.uid());
            [Some(0), behind_sudo, own].into_iter().flatten().collect()
        });
        Self { programs: programs.into_iter().map(PathBuf::from).collect(), owners }
    }

    /// Why a program is not started; none when it is.
    pub(super) fn refusal(&self, program: &Path) -> Option<String> {
        if !self.programs.iter().any(|known| known == program) || !is_plain(program) {
            return Some(format!("`{}` is not a program of this run", program.display()));
        }
        let owners = self.owners.as_deref()?;
        // Of what is not there the start itself will tell.
        let real = fs::canonicalize(program).ok()?;
        // Both ways that lead to it: the one that was named, with its links, and the real one.
        let ways = program.ancestors().chain(real.ancestors());
        let fault =
            |path: &Path| Some(format!("`{}` {}", path.display(), fault(path, path == real, owners)?));
        ways.into_iter().find_map(fault)
    }
}

/// An absolute path without detours.
fn is_plain(path: &Path) -> bool {
    path.is_absolute()
        && path.components().all(|component| matches!(component, Component::RootDir | Component::Normal(_)))
}

/// What is wrong with a program or a folder above it.
fn fault(path: &Path, is_program: bool, owners: &[u32]) -> Option<String> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if !owners.contains(&metadata.uid()) {
        return Some(format!("belongs to {}", name(metadata.uid())));
    }
    if metadata.file_type().is_symlink() {
        return None;
    }
    if is_program && (!metadata.is_file() || metadata.mode() & ANYBODY_RUNS == 0) {
        return Some("is not an executable file".into());
    }
    let guarded = metadata.is_dir() && metadata.mode() & STICKY != 0;
    if guarded {
        return None;
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Some("can be written by everybody".into());
    }
    (metadata.mode() & GROUP_WRITES != 0 && !only_owner_in_group(&metadata))
        .then(|| format!("can be written by the group {}", metadata.gid()))
}

/// Whether the group is the owner's alone, as distributions make one for each user.
fn only_owner_in_group(metadata: &Metadata) -> bool {
    let user = User::from_uid(Uid::from_raw(metadata.uid())).ok().flatten();
    let group = Group::from_gid(Gid::from_raw(metadata.gid())).ok().flatten();
    let (Some(user), Some(group)) = (user, group) else { return metadata.gid() == 0 && metadata.uid() == 0 };
    user.gid == group.gid && group.name == user.name && group.mem.iter().all(|member| *member == user.name)
}

fn name(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| format!("user {uid}"), |user| format!("`{}`", user.name))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use nix::unistd::chown;

    use super::*;

    /// A folder with a program, and the guard of a root without sudo.
    fn program() -> (tempfile::TempDir, PathBuf, Permitted) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("set");
        let build = folder.path().join("build");
        fs::create_dir(&build).expect("a folder");
        let program = build.join("program");
        fs::write(&program, "#!/bin/sh\n").expect("written");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("set");
        let own = fs::metadata(&program).expect("there").uid();
        let permitted = Permitted { programs: vec![program.clone()], owners: Some(vec![0, own]) };
        (folder, program, permitted)
    }

    #[test]
    fn programs_of_the_run_are_started_and_others_are_not() {
        let (_folder, program, permitted) = program();
        assert_eq!(permitted.refusal(&program), None);
        let detour = program.join("../program");
        for other in [Path::new("/bin/sh"), Path::new("build/program"), detour.as_path()] {
            let refusal = permitted.refusal(other).expect("refused");
            assert!(refusal.ends_with("is not a program of this run"), "{refusal}");
        }
    }

    #[test]
    fn what_others_can_write_is_not_started() {
        for (what, mode, why) in [
            ("build/program", 0o757, "can be written by everybody"),
            ("build", 0o777, "can be written by everybody"),
            ("build/program", 0o644, "is not an executable file"),
        ] {
            let (folder, program, permitted) = program();
            fs::set_permissions(folder.path().join(what), Permissions::from_mode(mode)).expect("set");
            let refusal = permitted.refusal(&program).expect("refused");
            assert!(refusal.contains(why), "{what} {mode:o}: {refusal}");
        }
    }

    #[test]
    fn what_belongs_to_a_third_person_is_not_started_be_it_behind_a_link() {
        if !geteuid().is_root() {
            return;
        }
        let third = Some(Uid::from_raw(54_321));
        let (_folder, program, permitted) = program();
        chown(&program, third, None).expect("given");
        assert!(permitted.refusal(&program).expect("refused").contains("belongs to user 54321"));
        // The guard of a user behind sudo.
        let theirs = Permitted { owners: Some(vec![0, 54_321]), programs: vec![program.clone()] };
        assert_eq!(theirs.refusal(&program), None);

        let (folder, program, permitted) = self::program();
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&program, &elsewhere).expect("moved");
        chown(&elsewhere, third, None).expect("given");
        symlink(&elsewhere, &program).expect("a link");
        assert!(permitted.refusal(&program).expect("refused").contains("elsewhere` belongs to user 54321"));
    }

    #[test]
    fn a_group_of_several_is_others() {
        if !geteuid().is_root() {
            return;
        }
        let (folder, program, permitted) = program();
        chown(&folder.path().join("build"), None, Some(Gid::from_raw(54_321))).expect("given");
        fs::set_permissions(folder.path().join("build"), Permissions::from_mode(0o775)).expect("set");
        assert!(permitted.refusal(&program).expect("refused").contains("written by the group 54321"));
    }

    #[test]
    fn without_privileges_there_is_nothing_to_guard() {
        let permitted = Permitted { programs: vec!["/tmp/x".into()], owners: None };
        assert_eq!(permitted.refusal(Path::new("/tmp/x")), None);
        assert!(permitted.refusal(Path::new("/tmp/y")).is_some());
    }
}
