use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};

use nix::sys::stat::Mode;
use nix::unistd::{chown, mkfifo};

use super::*;

fn name(text: &str) -> &OsStr {
    OsStr::new(text)
}

fn folder() -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = Folder::open(folder.path()).expect("opens");
    (folder, opened)
}

#[test]
fn files_are_not_opened_through_links_nor_are_pipes() {
    let (path, folder) = folder();
    fs::write(path.path().join("secret"), "s").expect("written");
    symlink("secret", path.path().join("link")).expect("a link");
    mkfifo(&path.path().join("pipe"), Mode::S_IRWXU).expect("a pipe");
    for (what, why) in [("link", "`link` is a symbolic link"), ("pipe", "`pipe` is not a regular file")] {
        assert_eq!(folder.append(name(what)).expect_err(what).to_string(), why);
        assert_eq!(folder.create_new(name(what)).expect_err(what).kind(), io::ErrorKind::AlreadyExists);
    }
    assert!(folder.append(name("secret")).is_ok());
    assert_eq!(read_plain(&path.path().join("link")).expect("named by the user"), b"s");
    assert!(
        read_plain(&path.path().join("pipe")).expect_err("a pipe").to_string().contains("not a regular file")
    );
}

#[test]
fn writing_replaces_links_and_does_not_follow_them() {
    let (path, folder) = folder();
    fs::write(path.path().join("victim"), "untouched").expect("written");
    for planted in ["run.json", "run.json.partial"] {
        symlink("victim", path.path().join(planted)).expect("a link");
    }
    folder.write(name("run.json"), b"new").expect("writes");
    assert_eq!(fs::read(path.path().join("run.json")).expect("reads"), b"new");
    assert_eq!(fs::read(path.path().join("victim")).expect("reads"), b"untouched");
    assert!(!path.path().join("run.json.partial").exists());
}

#[test]
fn missing_folders_are_made_and_own_links_followed() {
    let (path, _) = folder();
    Folder::make(&path.path().join("a/b/../c"), None).expect("creates");
    assert!(path.path().join("a/b").is_dir() && path.path().join("a/c").is_dir());
    symlink("a/c", path.path().join("mine")).expect("a link");
    Folder::open(&path.path().join("mine")).expect("follows").create_new(name("x")).expect("creates");
    assert!(path.path().join("a/c/x").exists());
    let missing = Folder::open(&path.path().join("no/such")).expect_err("not there");
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_name_that_stands_for_another_file_is_noticed() {
    let (path, folder) = folder();
    let file = folder.create_new(name("events")).expect("creates");
    assert!(folder.holds(name("events"), &file).expect("looks"));
    fs::rename(path.path().join("events"), path.path().join("elsewhere")).expect("renames");
    assert!(!folder.holds(name("events"), &file).expect("looks"));
    fs::write(path.path().join("events"), "another").expect("written");
    assert!(!folder.holds(name("events"), &file).expect("looks"));
}

/// What root does in a folder of somebody else.
#[test]
fn root_follows_no_link_to_what_its_owner_could_not_reach_and_gives_nothing_foreign_away() {
    if !geteuid().is_root() {
        return;
    }
    let user = (Uid::from_raw(12_345), Gid::from_raw(12_345));
    let (path, _) = folder();
    let at = |name: &str| path.path().join(name);
    for place in ["foreign", "theirs", "results"] {
        fs::create_dir(at(place)).expect("a folder");
    }
    chown(&at("theirs"), Some(user.0), Some(user.1)).expect("given");
    // Links that the user has planted: to a place of root's, and to a place of their own.
    for (link, target) in [("to-foreign", "foreign"), ("to-theirs", "theirs")] {
        symlink(target, at(link)).expect("a link");
        nix::unistd::fchownat(AT_FDCWD, &at(link), Some(user.0), Some(user.1), AtFlags::AT_SYMLINK_NOFOLLOW)
            .expect("given");
    }
    let refused = Folder::make(&at("to-foreign/run"), Some(user)).expect_err("refused");
    assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{refused}");
    assert_eq!(fs::read_dir(at("foreign")).expect("lists").count(), 0);
    Folder::make(&at("to-theirs/run"), Some(user)).expect("allowed");
    fs::write(at("foreign/key"), "root's").expect("written");
    symlink("../foreign/key", at("theirs/product")).expect("a link");
    let product = Path::new("theirs/product");
    nix::unistd::fchownat(
        AT_FDCWD,
        &path.path().join(product),
        Some(user.0),
        None,
        AtFlags::AT_SYMLINK_NOFOLLOW,
    )
    .expect("given");
    assert!(
        Folder::open(&at("theirs")).expect("opens").read(name("product")).is_err(),
        "not to be copied for them"
    );
    assert_eq!(fs::metadata(at("theirs/run")).expect("made").uid(), 12_345);

    fs::write(at("shadow"), "root's").expect("written");
    fs::write(at("results/ours"), "").expect("written");
    fs::write(at("results/other"), "").expect("written");
    chown(&at("results/other"), Some(Uid::from_raw(4_321)), None).expect("given");
    symlink(at("shadow"), at("results/link")).expect("a link");
    symlink(at("foreign"), at("results/deep")).expect("a link");
    fs::hard_link(at("shadow"), at("results/second-name")).expect("a second name");
    Folder::open(&at("results")).expect("opens").give_all(user).expect("gives");
    let owner = |name: &str| fs::symlink_metadata(at(name)).expect("there").uid();
    assert_eq!((owner("results"), owner("results/ours")), (12_345, 12_345));
    assert_eq!((owner("shadow"), owner("foreign"), owner("results/other")), (0, 0, 4_321));
    assert_eq!((owner("results/link"), owner("results/second-name")), (0, 0));
}
