//! What is downloaded, and what is not.

use super::{MODEL, Place, said, unfinished, weights};
use std::fs;
use std::sync::Barrier;
use tunemask::hub::{Freshness, Requests, Update, Wanted, cached};
use tunemask_shared::hub::RepositoryKind;

#[test]
fn a_cold_start_brings_what_is_needed_and_a_warm_one_asks_nothing() {
    let place = Place::new();
    let commit = place.put_model(&weights(50_000));
    let (fetched, heard) = place.hear(MODEL, &Wanted::Model, Freshness::AsItIs);
    let fetched = fetched.unwrap();
    assert_eq!(fetched.downloaded, 4);
    assert_eq!(fetched.snapshot.name.to_string(), format!("{MODEL}@{commit}"));
    // One listing, then each file once; the same weights for other libraries stay where they are.
    let asked: Vec<String> = place.hub.take_log().iter().map(|a| a.path.clone()).collect();
    assert_eq!(asked[0], "/api/models/acme/tiny/revision/main");
    assert_eq!(asked.iter().filter(|path| path.contains("/resolve/")).count(), 4, "{asked:?}");
    assert!(!asked.iter().any(|path| path.contains("pytorch") || path.contains("README")), "{asked:?}");
    // One progress over all files.
    let total = 50_000 + 22 + 6 + 2;
    assert_eq!(heard[0], Update::Begins { files: 4, bytes: total });
    let bytes: Vec<u64> = heard
        .iter()
        .filter_map(|u| if let Update::Comes { bytes } = u { Some(*bytes) } else { None })
        .collect();
    assert!(bytes.is_sorted() && bytes.last() == Some(&total), "{bytes:?}");

    let folder = &fetched.snapshot.folder;
    assert_eq!(fs::read(folder.join("model.safetensors")).unwrap(), weights(50_000));
    assert!(unfinished(&place.repository()).is_empty());
    assert_eq!(fs::read_to_string(place.repository().join("refs/main")).unwrap(), commit);
    #[cfg(unix)]
    {
        let link = fs::read_link(folder.join("config.json")).unwrap();
        assert!(
            link.starts_with("../../blobs") && link.file_name().unwrap().len() == 40,
            "{}",
            link.display()
        );
        assert_eq!(fs::read_link(folder.join("model.safetensors")).unwrap().file_name().unwrap().len(), 64);
    }

    let again = place.model().unwrap();
    assert_eq!((again.downloaded, again.snapshot), (0, fetched.snapshot));
    assert!(place.hub.take_log().is_empty());
    let here = cached(&place.environment, RepositoryKind::Model).unwrap();
    assert_eq!((here.len(), here[0].name.to_string(), here[0].bytes), (1, MODEL.to_owned(), total));
}

/// A repository that has no more than it has is known to have no more.
#[test]
fn what_a_repository_lacks_is_not_asked_for_again() {
    let place = Place::with_model(&weights(5000));
    let folder = place.model().unwrap().snapshot.folder;
    let commit = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let marks = place.repository().join(".no_exist").join(&commit);
    assert!(marks.join("tokenizer.json").exists() && !marks.join("vocab.txt").exists());
    // A cache of another program, which says nothing of that: one listing, no file.
    fs::remove_dir_all(marks).unwrap();
    place.hub.take_log();
    assert_eq!(place.model().unwrap().downloaded, 0);
    assert_eq!(place.hub.take_log().len(), 1);
    assert_eq!(place.model().unwrap().downloaded, 0);
    assert!(place.hub.take_log().is_empty());
}

#[test]
fn a_branch_that_moves_is_followed_only_when_asked_to() {
    let mut place = Place::new();
    let old = place.put_model(&weights(50_000));
    place.model().unwrap();
    let new = place.put_model(&weights(60_000));
    place.hub.take_log();
    let commit = |fetched: tunemask::hub::Fetched| fetched.snapshot.name.commit().unwrap().to_owned();
    assert_eq!(commit(place.model().unwrap()), old);
    assert!(place.hub.take_log().is_empty());
    let newest = place.hear(MODEL, &Wanted::Model, Freshness::Newest).0.unwrap();
    // What both have is not downloaded twice.
    assert_eq!((newest.downloaded, commit(newest)), (1, new.clone()));
    assert_eq!(commit(place.model().unwrap()), new);
    // The older one is still there by its commit.
    place.environment.requests = Requests::Forbidden("--offline");
    let pinned = place.fetch(&format!("{MODEL}@{old}"), &Wanted::Model).unwrap();
    assert_eq!(fs::read(pinned.snapshot.folder.join("model.safetensors")).unwrap().len(), 50_000);
}

#[test]
fn offline_uses_what_is_here_and_says_what_is_not() {
    let mut place = Place::with_model(&weights(5000));
    place.environment.requests = Requests::Forbidden("HF_HUB_OFFLINE");
    let sentence = said(place.model());
    assert!(sentence.contains(MODEL) && sentence.contains("HF_HUB_OFFLINE forbids requests"), "{sentence}");
    assert!(place.hub.take_log().is_empty());
    place.environment.requests = Requests::Allowed;
    place.model().unwrap();
    place.environment.requests = Requests::Forbidden("HF_HUB_OFFLINE");
    place.hub.take_log();
    assert_eq!(place.model().unwrap().downloaded, 0);
    assert!(place.hub.take_log().is_empty());
}

#[test]
fn data_come_by_task_and_without_their_test_sets() {
    let place = Place::new();
    let sets = |task| match task {
        "mnli" => &["train", "validation_matched", "validation_mismatched", "test_matched"][..],
        _ => &["train", "validation", "test"],
    };
    let of_task = |task| sets(task).iter().map(move |set| format!("{task}/{set}-00000-of-00001.parquet"));
    let parquet = ["cola", "mnli", "rte"].into_iter().flat_map(of_task);
    let paths: Vec<String> = parquet.chain(["README.md".into(), "dataset_infos.json".into()]).collect();
    // Files of the same bytes would be one blob.
    let files: Vec<(&str, &[u8])> = paths.iter().map(|path| (path.as_str(), path.as_bytes())).collect();
    place.hub.put("datasets", "acme/glue", "main", &files);
    let rte = place.data("hf:acme/glue", &["rte"]).unwrap();
    let folder = rte.snapshot.folder;
    assert_eq!(rte.downloaded, 2);
    assert!(folder.join("rte/validation-00000-of-00001.parquet").is_file());
    assert!(!folder.join("rte/test-00000-of-00001.parquet").exists() && !folder.join("cola").exists());
    place.hub.take_log();
    assert_eq!(place.data("hf:acme/glue", &["rte"]).unwrap().downloaded, 0);
    assert!(place.hub.take_log().is_empty());
    // Another task of the same commit, and both sets of MNLI.
    assert_eq!(place.data("hf:acme/glue", &["rte", "mnli"]).unwrap().downloaded, 3);
    // All that there is.
    assert_eq!(place.data("hf:acme/glue", &[]).unwrap().downloaded, 2);
    let here = cached(&place.environment, RepositoryKind::Dataset).unwrap();
    assert_eq!(here[0].name.to_string(), "hf:acme/glue");
}

/// As conll2003 is: a script at main, which nobody should run, and what the hub has made of it on a branch.
#[test]
fn a_data_set_that_is_a_script_comes_as_the_hub_has_converted_it() {
    let mut place = Place::new();
    place.hub.put(
        "datasets",
        "acme/conll2003",
        "main",
        &[("conll2003.py", b"import os"), ("README.md", b"#")],
    );
    let file = weights(5000);
    let paths =
        ["conll2003/train/0000.parquet", "conll2003/validation/0000.parquet", "conll2003/test/0000.parquet"];
    let files: Vec<(&str, Vec<u8>)> = paths.iter().map(|p| (*p, [p.as_bytes(), &file].concat())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, &bytes[..])).collect();
    let commit = place.hub.put("datasets", "acme/conll2003", "refs/convert/parquet", &files);
    let fetched = place.data("hf:acme/conll2003", &["ner"]).unwrap();
    assert_eq!((fetched.downloaded, fetched.snapshot.name.commit()), (2, Some(commit.as_str())));
    let asked: Vec<String> = place.hub.take_log().iter().map(|a| a.path.clone()).collect();
    assert_eq!(asked[1], "/api/datasets/acme/conll2003/revision/refs%2Fconvert%2Fparquet");
    let branch = place.environment.cache.join("datasets--acme--conll2003/refs/refs/convert/parquet");
    assert_eq!(fs::read_to_string(branch).unwrap(), commit);
    #[cfg(unix)]
    assert!(fs::read_link(fetched.snapshot.folder.join(paths[0])).unwrap().starts_with("../../../../blobs"));
    place.environment.requests = Requests::Forbidden("--offline");
    assert_eq!(place.data("hf:acme/conll2003", &["ner"]).unwrap().snapshot, fetched.snapshot);
}

#[test]
fn weights_in_parts_come_with_all_of_them() {
    let place = Place::new();
    let index = br#"{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"#;
    let (first, second) = (weights(5000), weights(6000));
    let files: [(&str, &[u8]); 5] = [
        ("config.json", b"{}"),
        ("tokenizer.json", b"{}"),
        ("model.safetensors.index.json", index),
        ("model-00001-of-00002.safetensors", &first),
        ("model-00002-of-00002.safetensors", &second),
    ];
    place.hub.put("models", "acme/tiny", "main", &files);
    let folder = place.model().unwrap().snapshot.folder;
    place.hub.take_log();
    assert_eq!(place.model().unwrap().downloaded, 0);
    assert!(place.hub.take_log().is_empty());
    // One that went missing is fetched again.
    fs::remove_file(folder.join("model-00002-of-00002.safetensors").canonicalize().unwrap()).unwrap();
    assert_eq!(place.model().unwrap().downloaded, 1);
    assert_eq!(fs::read(folder.join("model-00002-of-00002.safetensors")).unwrap(), second);
}

/// Two at once, in this process or in two: the lock is on the file.
#[test]
fn two_at_once_download_each_file_once() {
    let place = Place::with_model(&weights(3_000_000));
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                place.model().unwrap();
            });
        }
    });
    let log = place.hub.take_log();
    for file in ["config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors"] {
        let asked = log.iter().filter(|asked| asked.path.ends_with(&format!("/{file}"))).count();
        assert_eq!(asked, 1, "{file}: {log:#?}");
    }
    assert!(unfinished(&place.repository()).is_empty());
}

/// A mirror that lists names alone: sizes and checksums are then in each file's headers.
#[test]
fn a_mirror_without_checksums_in_its_listing_is_asked_for_them() {
    let place = Place::with_model(&weights(50_000));
    place.hub.fault(|faults| faults.bare = true);
    let fetched = place.model().unwrap();
    assert_eq!(fetched.downloaded, 4);
    assert_eq!(place.hub.take_log().iter().filter(|asked| asked.method == "HEAD").count(), 4);
    assert_eq!(fs::read(fetched.snapshot.folder.join("model.safetensors")).unwrap(), weights(50_000));
}

/// An administrator's cache that users may read alone.
#[cfg(unix)]
#[test]
fn a_cache_that_cannot_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_model(&weights(5000));
    place.model().unwrap();
    place.hub.take_log();
    let all = |mode: u32| {
        let mut open = vec![place.environment.cache.clone()];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
                open.extend(
                    fs::read_dir(&path)
                        .unwrap()
                        .map(|entry| entry.unwrap().path())
                        .filter(|p| !p.is_symlink()),
                );
                fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            }
        }
    };
    all(0o555);
    let read = place.model().map(|fetched| fetched.downloaded);
    let asked = place.hub.take_log().len();
    let other = place.fetch("hf:acme/other", &Wanted::Model);
    place.hub.put(
        "models",
        "acme/other",
        "main",
        &[("config.json", b"{}"), ("vocab.txt", b"x"), ("model.safetensors", b"y")],
    );
    let written = place.fetch("hf:acme/other", &Wanted::Model);
    let forbidden = fs::write(place.environment.cache.join("x"), "x").is_err();
    all(0o755);
    assert_eq!((read.unwrap(), asked), (0, 0));
    assert!(said(other).contains("has no model acme/other"));
    if forbidden {
        let sentence = said(written);
        assert!(
            sentence
                .contains("this user may not write here; name a folder that can be written to with HF_HOME"),
            "{sentence}"
        );
    } else {
        tunemask_shared::fixtures::Requirement::OrdinaryUser.skip("this user may write everywhere");
    }
}
