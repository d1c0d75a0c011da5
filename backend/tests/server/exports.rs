//! Tables of an experiment from outside: those that `tunemask export` writes, to the last byte.

use crate::program::tunemask;
use crate::support::http::ask;
use crate::support::served::serving;
use crate::support::{Listener, open, small};
use std::fs;

#[test]
fn steps_and_evaluations_are_what_the_command_writes() {
    let train = |home: &std::path::Path| {
        let lab = open(home);
        let mut listener = Listener::new(&lab);
        listener.until_over(lab.submit(&small()).unwrap());
        lab.shut_down();
    };
    serving(
        |options| train(&options.home),
        |served| {
            let files = tempfile::tempdir().unwrap();
            for (what, rows) in [("points", 2 * 2 * 8), ("evaluations", 2 * 2 * 2)] {
                for format in ["csv", "jsonl", "parquet"] {
                    let path = format!("/api/v1/experiments/1/{what}?format={format}");
                    let answer = ask(served.address, "GET", &path, "");
                    assert_eq!(answer.status, 200, "{}", answer.text());
                    let file = files.path().join(format!("{what}.{format}"));
                    let (home, to) = (served.home.to_str().unwrap(), file.to_str().unwrap());
                    tunemask(&["export", "1", "--home", home, &format!("--{what}"), to]).success();
                    assert!(answer.body == fs::read(&file).unwrap(), "{path}: not the command's bytes");
                    if format == "jsonl" {
                        assert_eq!(answer.text().lines().count(), rows, "{what}");
                    }
                }
                let unknown = ask(served.address, "GET", &format!("/api/v1/experiments/7/{what}"), "");
                assert_eq!(unknown.status, 404);
                assert!(unknown.text().contains("there is no experiment `7`"), "{}", unknown.text());
                let path = format!("/api/v1/experiments/1/{what}?format=xlsx");
                let wrong = ask(served.address, "GET", &path, "");
                assert_eq!(wrong.status, 400);
                let words = "`xlsx` is not offered here; ask for jsonl, csv, parquet";
                assert!(wrong.text().contains(words), "{}", wrong.text());
            }
        },
    );
}
