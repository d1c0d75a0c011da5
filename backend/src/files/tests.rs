//! What is opened, and what is not.

use super::*;
use std::fs;
use std::path::PathBuf;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn refused(path: &Path) -> String {
    bytes(path, SETTINGS).unwrap_err().to_string()
}

#[test]
fn texts_come_without_their_mark() {
    let dir = folder();
    let path = dir.path().join("x.json");
    fs::write(&path, b"\xef\xbb\xbf{}\n").unwrap();
    assert_eq!(text(&path, SETTINGS).unwrap(), "{}\n");
    fs::write(&path, b"{}\n").unwrap();
    assert_eq!(text(&path, 3).unwrap(), "{}\n");
    fs::write(&path, b"a\nb\xff\n").unwrap();
    assert!(
        text(&path, SETTINGS)
            .unwrap_err()
            .to_string()
            .ends_with("x.json, line 2: not UTF-8; save the file as UTF-8")
    );
}

#[test]
fn what_is_not_a_file_is_not_opened() {
    let dir = folder();
    assert!(refused(&dir.path().join("none")).ends_with("none: there is no such file"));
    assert!(refused(dir.path()).ends_with("is a folder; a file is needed"));
    let pipe = dir.path().join("config.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(refused(&pipe).ends_with("config.json: is a pipe; a file is needed"));
    let zero = dir.path().join("zero");
    std::os::unix::fs::symlink("/dev/zero", &zero).unwrap();
    assert!(refused(&zero).ends_with("zero: is a device; a file is needed"));
}

#[test]
fn sizes_are_bounded_before_anything_is_read() {
    let dir = folder();
    let path = dir.path().join("large");
    // A file of holes: 1 TiB by its size, nothing on the disk.
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    assert!(refused(&path).ends_with("large: larger than 16 MiB, the most that is read of such a file"));
    fs::write(&path, "1234").unwrap();
    assert!(bytes(&path, 3).is_err() && bytes(&path, 4).is_ok());
}

#[test]
fn stand_ins_are_named() {
    let dir = folder();
    let path = dir.path().join("model.safetensors");
    fs::write(&path, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n").unwrap();
    assert!(
        refused(&path).contains("model.safetensors: a Git LFS pointer")
            && refused(&path).contains("git lfs pull")
    );
    for page in ["\n<!DOCTYPE html>\n<html>", "<HTML lang=en>", "\u{feff}<!doctype HTML>"] {
        fs::write(&path, page).unwrap();
        assert!(refused(&path).contains("a web page was saved"), "{page}");
    }
    fs::write(&path, "<htm").unwrap();
    assert!(bytes(&path, SETTINGS).is_ok());
}

/// Gives a link or a file to another user; `false`, said in print, where this one may not.
fn given(path: &Path, uid: u32) -> bool {
    match std::os::unix::fs::lchown(path, Some(uid), None) {
        Ok(()) => true,
        Err(e) => {
            tunemask_shared::fixtures::Requirement::Root
                .skip(format_args!("only root can give files away: {e}"));
            false
        }
    }
}

#[test]
fn a_link_of_another_user_is_followed_only_where_that_gives_them_nothing() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let mode = |path: &Path, bits| fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
    let dir = folder();
    mode(dir.path(), 0o755);
    let [secret, link]: [PathBuf; 2] = ["secret", "train.tsv"].map(|name| dir.path().join(name));
    fs::write(&secret, "a secret\n").unwrap();
    mode(&secret, 0o600);
    symlink(&secret, &link).unwrap();
    // One's own link, as into a store of data.
    assert!(bytes(&link, DATA).is_ok());
    if !given(&link, 12345) {
        return;
    }
    let error = refused(&link);
    assert!(error.contains("train.tsv: a link by another user") && !error.contains("a secret"), "{error}");
    // The same through a folder that is a link.
    let [inner, linked] = ["inner", "linked"].map(|name| dir.path().join(name));
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("x"), "a secret\n").unwrap();
    mode(&inner, 0o755);
    mode(&inner.join("x"), 0o600);
    symlink(&inner, &linked).unwrap();
    assert!(given(&linked, 12345));
    assert!(matches!(bytes(&linked.join("x"), DATA), Err(FileError::Link(_))));
    // Who owns the file may read it; so may everybody, once it is open to all.
    mode(&secret, 0o644);
    assert!(bytes(&link, DATA).is_ok());
    mode(&secret, 0o600);
    assert!(given(&secret, 12345));
    assert!(bytes(&link, DATA).is_ok());
}
