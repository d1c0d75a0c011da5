use super::{Incoming, UploadError, is_kept, names, sweep};
use crate::data::{own, tasks_in};
use std::fs;
use std::path::{Path, PathBuf};
use tunemask_shared::dataset::{DatasetSettings, MAX_UPLOAD_BYTES, Uploaded};

const ROWS: &str = "text,label\nfine tea,good\npoor tea,bad\nfine bread,good\npoor bread,bad\n";

fn upload_within(home: &Path, most: u64, files: &[(&str, &[u8])]) -> Result<Uploaded, UploadError> {
    let mut incoming = Incoming::begin(home, most)?;
    for (name, bytes) in files {
        incoming.field(Some(name))?;
        // As a network gives them.
        for piece in bytes.chunks(7) {
            incoming.write(piece)?;
        }
    }
    incoming.finish()
}

fn upload(home: &Path, files: &[(&str, &[u8])]) -> Result<Uploaded, UploadError> {
    upload_within(home, 1 << 20, files)
}

/// What is in the home's data folder.
fn kept(home: &Path) -> Vec<PathBuf> {
    fs::read_dir(home.join("data")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn files_become_a_data_folder_that_is_kept_once() {
    let home = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8]); 2] =
        [("movie reviews_train.csv", ROWS.as_bytes()), ("dev.csv", b"text,label\nfine day,good\n")];
    let first = upload(home.path(), &files).unwrap();
    let folder = Path::new(&first.folder);
    assert!(is_kept(folder) && folder.starts_with(home.path().join("data")), "{first:?}");
    assert_eq!(first.files, ["movie reviews_train.csv", "dev.csv"]);
    assert_eq!(fs::read_to_string(folder.join("movie reviews_train.csv")).unwrap(), ROWS);
    let tasks = tasks_in(folder).unwrap().tasks;
    assert_eq!(tasks[0].name().as_str(), "own:movie-reviews");

    // In another order; what was said of them meanwhile stays.
    let said = DatasetSettings { name: Some("films".into()), ..DatasetSettings::default() };
    own::write_settings(folder, &said).unwrap();
    let second = upload(home.path(), &[files[1], files[0]]).unwrap();
    assert_eq!(second.folder, first.folder);
    assert_eq!(own::read_settings(folder).unwrap(), said);
    assert_eq!(kept(home.path()), [folder]);
    // The folder of all uploads is no data folder.
    assert!(tasks_in(&home.path().join("data")).is_err());

    // Another name is another set.
    let third = upload(home.path(), &[("train.csv", files[0].1), files[1]]).unwrap();
    assert_ne!(third.folder, first.folder);

    fs::write(folder.join("dev.csv"), "text,label\nother,good\n").unwrap();
    let error = upload(home.path(), &files).unwrap_err().to_string();
    assert!(error.contains("changed there since; delete that folder"), "{error}");
}

#[test]
fn a_dataset_toml_comes_with_its_files() {
    let home = tempfile::tempdir().unwrap();
    let toml: &[u8] = b"name = \"teas\"\nlabel = \"label\"\n";
    let stored = upload(home.path(), &[("a.csv", ROWS.as_bytes()), ("dataset.toml", toml)]).unwrap();
    assert_eq!(fs::read(Path::new(&stored.folder).join("dataset.toml")).unwrap(), toml);
    let wrong = upload(home.path(), &[("a.csv", ROWS.as_bytes()), ("dataset.toml", b"texts = 1")]);
    let error = wrong.unwrap_err().to_string();
    assert!(error.starts_with("dataset.toml: ") && error.contains("unknown field `texts`"), "{error}");
}

#[test]
fn what_cannot_be_read_is_one_sentence_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let png: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    type Files<'a> = &'a [(&'a str, &'a [u8])];
    let cases: [(Files<'_>, &str); 9] = [
        (&[], "no file of rows came; choose one at least"),
        (&[("dataset.toml", b"")], "no file of rows came"),
        (&[("table.xlsx", b"PK")], "table.xlsx: a spreadsheet; save it as CSV"),
        (&[("picture.png", png)], "picture.png: not a file of rows that can be read; expected .csv"),
        (&[("picture.csv", png)], "picture.csv, line 1: column 1, behind ``: the byte 0x89 is not UTF-8"),
        (&[("a.csv", b"")], "a.csv: "),
        (&[("a.csv", b"text,label\nfine,good\n\"poor, bad\n")], "a.csv, line 3: 1 column; the header has 2"),
        (
            &[("a.csv", b"text,label\nfine,good\nb\xe4d,bad\n")],
            "a.csv, line 3: column 1, behind `b`: the byte 0xe4",
        ),
        (&[("a.csv", b"x\n1\n"), ("A.CSV", b"x\n1\n")], "two of the files are called A.CSV"),
    ];
    for (files, sentence) in cases {
        let error = upload(home.path(), files).unwrap_err().to_string();
        assert!(error.starts_with(sentence), "{error}\nis not\n{sentence}");
        assert!(!error.contains(home.path().to_str().unwrap()), "{error}");
        assert_eq!(kept(home.path()), <[PathBuf; 0]>::default(), "{error}");
    }
    let many: Vec<(String, &[u8])> = (0..65).map(|n| (format!("{n}.csv"), &b"x\n1\n"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert!(matches!(upload(home.path(), &many), Err(UploadError::Many)));
    let large = upload_within(home.path(), 20, &[("a.csv", ROWS.as_bytes())]).unwrap_err();
    assert!(large.to_string().starts_with("the files have more than 1 KiB, the most"), "{large}");
    let most = UploadError::Large { most: MAX_UPLOAD_BYTES }.to_string();
    assert!(most.starts_with("the files have more than 1 GiB, the most"), "{most}");
    assert_eq!(kept(home.path()), <[PathBuf; 0]>::default());
}

#[test]
fn what_breaks_off_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut incoming = Incoming::begin(home.path(), 1 << 20).unwrap();
    incoming.field(Some("a.csv")).unwrap();
    incoming.write(ROWS.as_bytes()).unwrap();
    assert_eq!(kept(home.path()).len(), 1);
    drop(incoming);
    assert_eq!(kept(home.path()).len(), 0);
    // What a program left that was killed, its next start removes.
    let mut incoming = Incoming::begin(home.path(), 1 << 20).unwrap();
    incoming.field(Some("a.csv")).unwrap();
    std::mem::forget(incoming);
    let whole = upload(home.path(), &[("a.csv", ROWS.as_bytes())]).unwrap();
    assert_eq!(kept(home.path()).len(), 2);
    sweep(home.path());
    assert_eq!(kept(home.path()), [PathBuf::from(whole.folder)]);
}

#[test]
fn a_home_that_cannot_be_written_to_is_said() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("data"), "a file where the folder should be").unwrap();
    let error = upload(home.path(), &[("a.csv", ROWS.as_bytes())]).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: ", home.path().join("data").display())), "{error}");
}

#[test]
fn only_the_plain_part_of_a_name_is_kept() {
    for (claimed, name) in [
        ("reviews.csv", "reviews.csv"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\me\\reviews.csv", "reviews.csv"),
        ("/etc/cron.d/x.csv", "x.csv"),
        (".hidden.csv", "hidden.csv"),
        ("..", "data"),
        ("", "data"),
        ("a\0b\n\"c\"<d>.csv", "a_b__c__d_.csv"),
        ("-rf.csv", "rf.csv"),
        ("Kritiken – März.csv", "Kritiken _ März.csv"),
        ("a.csv. ", "a.csv"),
    ] {
        assert_eq!(names::plain(claimed), name, "{claimed:?}");
    }
    for long in ["ä".repeat(300) + ".csv", "a".repeat(300), "a.".to_owned() + &"b".repeat(300)] {
        let name = names::plain(&long);
        assert!(name.len() <= 120 && !name.is_empty(), "{name}");
    }
    assert!(names::plain(&("ä".repeat(300) + ".csv")).ends_with(".csv"));
}

#[test]
fn a_task_is_named_after_its_file() {
    for (file, name) in [
        ("reviews.csv", "reviews"),
        ("train-00000-of-00001.parquet", "uploaded"),
        ("train.csv", "uploaded"),
        ("Movie Reviews (train).csv", "Movie-Reviews"),
        ("2024.csv", "uploaded"),
        ("data.v2.jsonl", "v2"),
    ] {
        assert_eq!(names::task(file), name);
    }
}
