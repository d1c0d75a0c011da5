//! The command writes an experiment's tables, and refuses what makes no sense before it writes anything.

use crate::program::tunemask;
use crate::reading::train;
use crate::support::small;
use std::fs;
use tunemask_shared::state::LabState;

/// The lines of a CSV file, each with its fields by name.
fn rows(text: &str) -> Vec<std::collections::HashMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_command_writes_what_the_log_has() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = home.path().to_str().unwrap().to_owned();
    let (state, runs): (LabState, _) = train(home.path(), &small());
    let path = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    let export = |more: &[&str]| tunemask(&[&["export", "small", "--home", &folder][..], more].concat());

    let (a, b, c) = (path("runs.csv"), path("points.jsonl"), path("evaluations.parquet"));
    let printed = export(&["--runs", &a, "--points", &b, "--evaluations", &c]).success();
    assert!(
        printed.starts_with("experiment 1: runs written to ") && printed.contains(", 2 rows\n"),
        "{printed}"
    );
    let table = rows(&fs::read_to_string(&a).unwrap());
    assert_eq!(table.iter().map(|row| row["run"].clone()).collect::<Vec<_>>(), runs);
    for (row, run) in table.iter().zip(&runs) {
        let known = &state.runs[&tunemask_shared::run::RunId(run.clone())];
        let outcome = known.outcome.as_ref().unwrap();
        assert_eq!(row["mask"], known.spec.mask.to_string());
        assert_eq!(row["best_epoch"], outcome.best_epoch.to_string());
        assert_eq!(row["best_accuracy"].parse(), Ok(outcome.metrics[0].value));
        assert_eq!(row["last_loss"].parse(), Ok(known.evaluations[1].scores.last().unwrap().value));
        assert_eq!(
            (&*row["status"], &*row["train_limit"], &*row["frozen_unchanged"]),
            ("finished", "60", "true")
        );
    }
    // 60 examples in batches of 8, twice.
    let points = fs::read_to_string(&b).unwrap();
    assert_eq!(points.lines().count(), 2 * 16);
    let first: serde_json::Value = serde_json::from_str(points.lines().next().unwrap()).unwrap();
    assert_eq!((first["run"].as_str(), first["step"].as_u64()), (Some(&*runs[0]), Some(1)));
    assert!(first["loss"].as_f64().unwrap() > 0.0 && first["gradient_norm"].as_f64().unwrap() > 0.0);
    assert!(fs::read(&c).unwrap().starts_with(b"PAR1"));

    let before = fs::read(&a).unwrap();
    let printed = export(&["--points", &path("new.csv"), "--runs", &a]).failure(1);
    assert!(printed.contains("runs.csv: already there; replace it with --force"), "{printed}");
    let printed = export(&["--points", &path("new.csv"), "--runs", &path("runs.xlsx")]).failure(1);
    assert!(
        printed.contains("no table is written as `.xlsx`; end it in .csv, .jsonl or .parquet"),
        "{printed}"
    );
    let printed = export(&["--points", &path("new.csv"), "--runs", &path("new.csv")]).failure(1);
    assert!(printed.contains("--runs and --points name the same place"), "{printed}");
    for model in [&["--delta"][..], &["--out", "x"], &["--epoch", "last"], &["--seed", "1"]] {
        let printed = export(&[&["--runs", &path("new.csv")], model].concat()).failure(2);
        assert!(printed.contains("cannot be used with"), "{printed}");
    }
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 3, "nothing was written");
    assert_eq!(fs::read(&a).unwrap(), before);
    export(&["--runs", &a, "--force"]).success();
    assert_eq!(fs::read(&a).unwrap(), before, "the same log gives the same table");

    let call = |what: &str| tunemask(&["export", what, "--home", &folder, "--runs", &path("new.csv")]);
    let printed = call("none").failure(1);
    assert!(
        printed.contains("no experiment has the number or name `none`; the latest are 1 (small)"),
        "{printed}"
    );
    call("1").success();
}
