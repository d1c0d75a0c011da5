//! Files that a user names, as the commands read and write them.

use crate::program;
use crate::program::tunemask;
use std::fs;
use std::path::Path;
use std::process::Command;

const PROBE: [&str; 9] =
    ["probe", "--model", "builtin:tiny", "--kind", "classification", "--labels", "2", "--mask", "frozen"];

fn probe(examples: &Path, more: &[&str]) -> program::Run {
    tunemask(&[&PROBE[..], &["--examples", examples.to_str().unwrap()], more].concat())
}

#[test]
fn examples_may_have_a_byte_order_mark() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, marked) = (folder.path().join("plain.jsonl"), folder.path().join("marked.jsonl"));
    let examples = "{\"text\": \"a word\", \"label\": 1}\n";
    fs::write(&plain, examples).unwrap();
    fs::write(&marked, format!("\u{feff}{examples}")).unwrap();
    let out = folder.path().join("out.safetensors");
    let written = [plain, marked].map(|examples| {
        probe(&examples, &["--out", out.to_str().unwrap()]).success();
        fs::read(&out).unwrap()
    });
    assert!(written[0] == written[1]);
}

#[test]
fn what_the_system_says_is_said_once_and_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let examples = folder.path().join("examples.jsonl");
    fs::write(&examples, "{\"text\": \"a word\", \"label\": 1}\n").unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    // Below a file nothing can be made, whoever asks.
    let below = path("examples.jsonl/x");
    let (none, empty, pipe, out) = (path("none"), path("empty"), path("pipe"), path("out.safetensors"));
    let run = |arguments: &[&str]| tunemask(arguments).failure(1);
    let printed = [
        (run(&["masks", "--model", &empty]), "empty: no config.json; is this a model's folder?"),
        (run(&["run", &none]), "none: there is no such file"),
        (run(&["run", &empty]), "empty: is a folder; a file is needed"),
        (run(&["run", &pipe]), "pipe: is a pipe; a file is needed"),
        (run(&["weights", "--model", &empty]), "empty: no config.json"),
        (
            run(&["pretrain", "--model", "builtin:tiny", "--text", &none, "--out", &out]),
            "none: there is no such file",
        ),
        (run(&["table", "1", "--home", &below]), "x"),
        (run(&["serve", "--port", "0", "--home", &below]), "Not a directory (os error 20)"),
        (probe(Path::new(&none), &["--out", &out]).failure(1), "none: there is no such file"),
        (probe(&examples, &["--out", &below]).failure(1), "examples.jsonl"),
        (probe(&examples, &["--out", &out, "--head", &none]).failure(1), "none: there is no such file"),
        (
            probe(&examples, &["--out", &out, "--delta", &empty]).failure(1),
            "empty: is a folder; a file is needed",
        ),
    ];
    for (printed, expected) in printed {
        assert!(printed.contains(expected), "{printed}");
        for cause in ["os error", "no such file", "No such file", "Not a directory", "File exists"] {
            assert!(printed.matches(cause).count() <= 1, "{printed}");
        }
        assert!(!printed.contains("No such file or directory (os error 2)"), "{printed}");
    }
}
