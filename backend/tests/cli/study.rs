//! `tunemask study` as a user calls it: a small quick study, stopped, gone on with and enlarged.

use crate::program::tunemask;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Table 3 on one task, small enough for a test.
const SMALL: [&str; 13] = [
    "study",
    "table3",
    "--quick",
    "--tasks",
    "sentiment",
    "--learning-rates",
    "1e-3",
    "--epochs",
    "2",
    "--train-limit",
    "64",
    "--eval-limit",
    "32",
];

/// Its runs of one seed: full, frozen, layernorms and each of four blocks'.
const SEED_RUNS: u64 = 7;

fn arguments<'a>(home: &'a Path, seeds: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let fixed = ["--seeds", seeds, "--home", home.to_str().unwrap(), "--threads", "1"];
    [&SMALL[..], &fixed, more].concat()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
}

fn of<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|l| l["event"] == event).collect()
}

fn planned(lines: &[Value]) -> (u64, u64) {
    let plan = of(lines, "study_planned")[0];
    (plan["runs"].as_u64().unwrap(), plan["to_train"].as_u64().unwrap())
}

/// What a command prints until a line of which `stop` says so, with that line; then it is killed.
fn killed_at(arguments: &[&str], mut stop: impl FnMut(&Value) -> bool) -> Vec<Value> {
    let program = env!("CARGO_BIN_EXE_tunemask");
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut before = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let event = serde_json::from_str(&line.unwrap()).unwrap();
        let over = stop(&event);
        before.push(event);
        if over {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    before
}

#[test]
fn a_study_that_was_stopped_goes_on_and_one_that_is_enlarged_trains_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let before = killed_at(&arguments(&home, "1", &["--json"]), |event| event["event"] == "finished");
    let (runs, to_train) = planned(&before);
    assert_eq!((runs, to_train), (SEED_RUNS, SEED_RUNS));

    let rest = lines(&tunemask(&arguments(&home, "1", &["--json"])).success());
    assert!(planned(&rest).1 < SEED_RUNS, "what had finished is not trained again");
    assert_eq!(of(&rest, "finished").len(), SEED_RUNS as usize);

    // One seed more: only its runs are new, and the others keep their weights to the bit.
    let larger = lines(&tunemask(&arguments(&home, "1,2", &["--json"])).success());
    assert_eq!(planned(&larger), (2 * SEED_RUNS, SEED_RUNS));
    assert_eq!(of(&larger, "started").len(), SEED_RUNS as usize);
    let hash = |lines: &[Value], seed: u64| -> Vec<(String, String)> {
        let mine = of(lines, "finished").into_iter().filter(|l| l["seed"] == seed);
        let mut all: Vec<_> = mine
            .map(|l| {
                (l["mask"].as_str().unwrap().to_owned(), l["trained_sha256"].as_str().unwrap().to_owned())
            })
            .collect();
        all.sort();
        all
    };
    assert_eq!((hash(&larger, 1).len(), hash(&larger, 1)), (SEED_RUNS as usize, hash(&rest, 1)));
    let found = of(&larger, "study")[0];
    assert_eq!(found["table"]["rows"].as_array().unwrap().len(), SEED_RUNS as usize);
    // Of the paper's claims these masks speak of four, of the first by one module of its three.
    let claims: Vec<&Value> = found["verdicts"].as_array().unwrap().iter().map(|v| &v["claim"]).collect();
    assert_eq!(claims, ["every_module", "best_of_their_size", "one_block", "middle_layers"]);

    // All is there: the table in the paper's layout, and its files.
    let out = folder.path().join("out");
    let printed = tunemask(&arguments(&home, "1,2", &["--out", out.to_str().unwrap()])).success();
    assert!(printed.starts_with("### Table 3: one block's LayerNorms, quick (experiment "), "{printed}");
    assert!(printed.contains("| 1 ") && printed.contains("Runs, a seed each:"), "{printed}");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(read("table3.tex").contains("\\toprule") && read("table3.md").starts_with("### Table 3"));
    assert_eq!(read("table3-learning-rates.csv").lines().count(), 1 + 2 * SEED_RUNS as usize);
    assert_eq!(read("table3.csv").lines().count(), 1 + SEED_RUNS as usize);
}

#[test]
fn figures_are_written_with_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let (home, out) = (folder.path().join("home"), folder.path().join("out"));
    let small = &SMALL[3..];
    let fixed = ["study", "figure1", "figure2", "--quick", "--seeds", "1", "--out", out.to_str().unwrap()];
    let home = ["--home", home.to_str().unwrap(), "--threads", "1"];
    let printed = tunemask(&[&fixed[..], small, &home].concat()).success();
    assert!(printed.contains("### Figure 1: weights before and after full fine-tuning, quick"), "{printed}");
    assert!(printed.contains("### Figure 2: the same on two other tasks, quick"), "{printed}");
    for name in ["figure1", "figure2", "figure1-change-sentiment", "figure2-change-sentiment"] {
        let read = |ending: &str| std::fs::read_to_string(out.join(format!("{name}.{ending}"))).unwrap();
        assert!(read("svg").contains("</svg>") && read("csv").lines().count() > 60, "{name}");
    }
}

#[test]
fn a_plan_says_what_studies_take_and_trains_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let all = ["study", "all", "--quick", "--plan", "--json", "--home", home.to_str().unwrap()];
    let plans = lines(&tunemask(&all).success());
    let names: Vec<&str> = plans.iter().map(|p| p["study"].as_str().unwrap()).collect();
    assert_eq!(names, ["table1", "table2", "table3", "table4", "figure1", "figure2"]);
    for plan in &plans {
        let number = |field: &str| plan[field].as_f64().unwrap();
        assert!(number("to_train") <= number("runs"), "{plan}");
        assert_eq!(number("to_train") > 0.0, number("gangs") > 0.0, "{plan}");
    }
    // Every run of the figures stands in table 1.
    for figure in &plans[4..] {
        assert!(figure["runs"].as_u64().unwrap() > 0 && figure["to_train"] == 0, "{figure}");
    }
    let said =
        tunemask(&["study", "table1", "table2", "--quick", "--plan", "--home", home.to_str().unwrap()]);
    assert!(said.success().is_empty());
    assert!(
        said.errors().contains("together") && said.errors().contains("computed once"),
        "{}",
        said.errors()
    );
}

#[test]
fn a_study_that_cannot_be_run_says_why() {
    let said = tunemask(&["study", "table1"]).failure(1);
    assert!(said.contains("--model and --data") && said.contains("--quick"), "{said}");
    let said = tunemask(&["study", "table5", "--quick"]).failure(2);
    assert!(said.contains("known are table1, table2"), "{said}");
    let said = tunemask(&["study", "table2", "--quick", "--tasks", "acceptability"]).failure(1);
    assert!(said.contains("`acceptability` is a sentence task, which table2 cannot have"), "{said}");
    let said = tunemask(&["study", "table1", "--quick", "--tasks", "tags"]).failure(1);
    assert!(said.contains("`tags` is a tagging task, which table1 cannot have"), "{said}");
    let said = tunemask(&["study", "table1", "table2", "--quick", "--tasks", "sentiment"]).failure(1);
    assert!(said.contains("table2 has no others"), "{said}");
    let said = tunemask(&["study", "table1", "--quick", "--outlier-pool", "gama"]).failure(2);
    assert!(said.contains("[possible values: both, gamma, each]"), "{said}");
    let said = tunemask(&["study", "all", "--model", "/no/model", "--data", "/no/data"]).failure(1);
    assert!(said.contains("table1 cannot be run:") && said.contains("table4 cannot be run:"), "{said}");
}

/// A grid that ends far below the best rates: nearly every cell is extended.
#[test]
fn a_grid_is_extended_where_its_best_rate_lies_on_an_edge_and_kills_cost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let low = [
        "study",
        "table3",
        "--quick",
        "--tasks",
        "sentiment",
        "--learning-rates",
        "1e-6,5e-6",
        "--seeds",
        "1",
    ];
    let small = ["--epochs", "1", "--train-limit", "64", "--eval-limit", "32", "--extend-edges=2", "--json"];
    let small = [&low[..], &small, &["--home", home.to_str().unwrap(), "--threads", "1"]].concat();
    let plan = lines(&tunemask(&[&small[..], &["--plan"]].concat()).success());
    assert_eq!((planned(&plan).0, &plan[0]["extends_edges_by"]), (2 * SEED_RUNS, &2.into()));

    let is_extended = |event: &Value| event["event"] == "study_extended";
    let before = killed_at(&small, is_extended);
    let hashes = |lines: &[Value]| -> std::collections::BTreeMap<String, String> {
        let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
        of(lines, "finished").into_iter().map(|l| (text(l, "run"), text(l, "trained_sha256"))).collect()
    };
    assert_eq!(hashes(&before).len(), 2 * SEED_RUNS as usize);

    // Killed again, where a run of the further rates has just finished.
    let within = killed_at(&small, |event| {
        event["event"] == "finished" && !hashes(&before).contains_key(event["run"].as_str().unwrap())
    });
    let started = |lines: &[Value]| -> Vec<String> {
        of(lines, "started").into_iter().map(|l| l["run"].as_str().unwrap().to_owned()).collect()
    };
    assert!(within.iter().any(is_extended) && hashes(&within).len() > hashes(&before).len());
    assert!(started(&within).iter().all(|run| !hashes(&before).contains_key(run)));

    let all = lines(&tunemask(&small).success());
    assert!(started(&all).iter().all(|run| !hashes(&within).contains_key(run)));
    assert!(hashes(&within).iter().all(|(run, hash)| hashes(&all).get(run) == Some(hash)));
    assert!(hashes(&before).iter().all(|(run, hash)| hashes(&all).get(run) == Some(hash)));
    let rounds = of(&all, "study_extended");
    assert!((1..=2).contains(&rounds.len()), "{rounds:?}");
    let added = rounds.iter().flat_map(|round| round["added"].as_array().unwrap());
    let new: usize = added.map(|cell| cell["learning_rates"].as_array().unwrap().len()).sum();
    assert_eq!(hashes(&all).len(), 2 * SEED_RUNS as usize + new);
    let table = &of(&all, "study")[0]["table"];
    for row in table["rows"].as_array().unwrap() {
        let cell = &row["cells"][0];
        let further = cell["further"].as_array().unwrap().len();
        assert_eq!(cell["rates"].as_array().unwrap().len(), 2 + further, "{cell}");
        assert!(cell["edge"].is_null() || further == 2, "an edge is extended as far as it may be: {cell}");
    }

    // Called again, it comes to the same rounds and trains nothing.
    let again = lines(&tunemask(&small).success());
    assert_eq!((of(&again, "started").len(), of(&again, "study_extended").len()), (0, rounds.len()));
    assert_eq!(of(&again, "study")[0]["table"]["rows"], table["rows"]);
}
