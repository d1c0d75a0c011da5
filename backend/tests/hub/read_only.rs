//! A cache of another user's that can only be read: an administrator's, for all users of a machine.
#![cfg(target_os = "linux")]

use super::commands::{command, put_bert};
use super::fake::Hub;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;
use tunemask_shared::fixtures::Requirement;

/// Somebody who is neither root nor the cache's owner.
const OTHER: u32 = 65533;

/// The program as that user runs it. It is its own standard input, because the folder that it lies in need not be open to them.
fn as_other(hub: &Hub, cache: &Path, home: &Path, arguments: &[&str]) -> Option<Output> {
    let plain = command(hub, cache, arguments);
    let mut other = Command::new("setpriv");
    other.args([&format!("--reuid={OTHER}"), "--clear-groups", "/proc/self/fd/0"]).args(arguments);
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    other.env("HOME", home).env_remove("XDG_CACHE_HOME").current_dir(home);
    other.stdin(File::open(plain.get_program()).unwrap()).output().ok()
}

/// Everything below a folder, with what changes when it is written.
fn state(folder: &Path) -> Vec<(PathBuf, u64, SystemTime, i64)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let meta = path.symlink_metadata().unwrap();
        if meta.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        found.push((path, meta.len(), meta.modified().unwrap(), meta.ctime()));
    }
    found.sort();
    found
}

fn let_in(folder: &Path) {
    fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn another_users_cache_is_used_without_a_write_and_without_a_request() {
    if !rustix::process::geteuid().is_root() {
        return Requirement::Root.skip("only root can be another user");
    }
    let (hub, folder) = (Hub::start(), tempfile::tempdir().unwrap());
    let_in(folder.path());
    put_bert(&hub, "acme/bert");
    let rte = ["rte/train-00000-of-00001.parquet", "rte/validation-00000-of-00001.parquet"];
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/hub");
    let files = rte.map(|path| (path, fs::read(fixtures.join(path)).unwrap()));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, &bytes[..])).collect();
    hub.put("datasets", "acme/glue", "main", &files);
    let (cache, home) = (folder.path().join("hf"), folder.path().join("home"));
    let fetch = ["fetch", "--model", "hf:acme/bert", "--data", "hf:acme/glue", "--tasks", "rte"];
    assert!(command(&hub, &cache, &fetch).status().unwrap().success());
    // Of another program, which says nothing of what the model lacks.
    fs::remove_dir_all(cache.join("hub/models--acme--bert/.no_exist")).unwrap();
    fs::create_dir(&home).unwrap();
    chown(&home, Some(OTHER), None).unwrap();
    let text = "name = \"hub\"\nmodel = \"hf:acme/bert\"\ndata = \"hf:acme/glue\"\ntasks = [\"rte\"]\n\
                masks = [\"layernorms\"]\nlearning_rates = [1e-3]\nseeds = [1]\nepochs = 1\n";
    fs::write(home.join("e.toml"), text).unwrap();

    let before = state(&cache);
    hub.take_log();
    let run = ["run", "e.toml", "--home", "runs", "--threads", "1", "--json"];
    let Some(ran) = as_other(&hub, &cache, &home, &run) else {
        return Requirement::Root.skip("only root can be another user, with setpriv");
    };
    let printed = [&ran.stdout[..], &ran.stderr].map(String::from_utf8_lossy).concat();
    assert!(ran.status.success() && printed.contains("\"event\":\"finished\""), "{printed}");
    assert_eq!(fs::metadata(home.join("runs")).unwrap().uid(), OTHER, "it ran as another user");
    assert!(hub.take_log().is_empty());
    assert_eq!(state(&cache), before);

    // What is missing there is said, and where it could be put.
    put_bert(&hub, "acme/other");
    let fetched = as_other(&hub, &cache, &home, &["fetch", "--model", "hf:acme/other"]).unwrap();
    let told = String::from_utf8_lossy(&fetched.stderr).into_owned();
    assert!(!fetched.status.success() && told.contains("this user may not write here"), "{told}");
    assert!(told.contains("HF_HOME"), "{told}");
    assert_eq!(state(&cache), before);
}
