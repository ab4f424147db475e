//! Asks git about the checkout, without trusting what the checkout says that git should do.

use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::prepare::Owner;

/// Runs git in the project folder.
///
/// As the owner of the folder, for a repository's configuration names programs that git runs. Without its hooks and monitors,
/// without the caller's `GIT_…` variables, and without looking above the folder: a checkout inside another repository, without
/// one of its own, has no revision.
pub fn git(root: &Path, arguments: &[&str]) -> io::Result<Output> {
    let root = root.canonicalize()?;
    // Its owner cannot be changed to by others than root; then git itself refuses what belongs to another.
    let owner = Owner::of(&root);
    let safe = format!("safe.directory={}", root.display());
    let mut command = Command::new("git");
    command
        .args(["-c", &safe, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .args(["-c", "core.pager=cat", "-c", "core.quotePath=false"])
        .args(arguments)
        .current_dir(&root)
        .stdin(Stdio::null())
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .envs(std::env::var_os("HOME").map(|home| ("HOME", home)))
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0");
    if let Some(above) = root.parent() {
        command.env("GIT_CEILING_DIRECTORIES", above);
    }
    if let Some(owner) = owner {
        owner.apply(&mut command);
    }
    command.output()
}

/// What git says in one line, or null where it says nothing good, as outside of a repository.
#[must_use]
pub fn git_answer(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = git(root, arguments).ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn run(folder: &Path, arguments: &[&str]) {
        let status = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"])
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("git");
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    }

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), &["init", "-q"]);
        run(folder.path(), &["commit", "-q", "--allow-empty", "-m", "one"]);
        folder
    }

    #[test]
    fn the_revision_is_that_of_the_checkout_itself() {
        let outer = repository();
        assert_eq!(git_answer(outer.path(), &["rev-parse", "HEAD"]).map(|text| text.len()), Some(40));
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).expect("a folder");
        assert_eq!(git_answer(&inner, &["rev-parse", "HEAD"]), None);
    }

    #[test]
    fn no_program_that_the_checkout_names_is_run() {
        let folder = repository();
        let trap = folder.path().join("trap.sh");
        fs::write(&trap, format!("#!/bin/sh\ntouch '{}/sprung'\n", folder.path().display()))
            .expect("written");
        fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).expect("executable");
        run(folder.path(), &["config", "core.fsmonitor", &trap.display().to_string()]);
        assert!(git_answer(folder.path(), &["status", "--porcelain"]).is_some());
        assert!(!folder.path().join("sprung").exists());
    }
}
