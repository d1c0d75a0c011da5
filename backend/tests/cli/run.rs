//! `tunemask run` and `table` as a user calls them: real training on the built-in model.

use crate::program;
use crate::program::{tunemask, tunemask_reading};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const EXPERIMENT: &str = r#"
name = "small"
tasks = ["sentiment"]
masks = ["layernorms", "frozen"]
learning_rates = [1e-3]
seeds = [1, 2]
epochs = 2
dropout = 0.1
train_limit = 64
eval_limit = 32
"#;

pub fn write(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("experiment.toml");
    fs::write(&path, text).unwrap();
    path
}

pub fn run(folder: &Path, home: &str, more: &[&str]) -> program::Run {
    let (file, home) = (folder.join("experiment.toml"), folder.join(home));
    let fixed = ["run", file.to_str().unwrap(), "--home", home.to_str().unwrap(), "--threads", "1"];
    tunemask(&[&fixed[..], more].concat())
}

pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
}

pub fn of<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|l| l["event"] == event).collect()
}

#[test]
fn an_experiment_trains_once_and_is_tabled() {
    let folder = tempfile::tempdir().unwrap();
    // With the byte-order mark that some editors put before a text.
    write(folder.path(), &format!("\u{feff}{EXPERIMENT}"));
    let events = lines(&run(folder.path(), "home", &["--json"]).success());
    assert_eq!(events[0]["event"], "created");
    assert_eq!((of(&events, "queued").len(), of(&events, "started").len()), (4, 4));
    assert_eq!(of(&events, "evaluated").len(), 8);
    let finished = of(&events, "finished");
    assert_eq!(finished.len(), 4);
    for line in &finished {
        assert_eq!(line["frozen_unchanged"], true, "{line}");
        assert_eq!((line["task"].as_str(), line["epochs"].as_u64()), (Some("sentiment"), Some(2)));
        let trainable = if line["mask"] == "frozen" { 0 } else { 2048 };
        assert_eq!(line["trainable"], trainable, "{line}");
        let (accuracy, loss) = (&line["metrics"]["accuracy"], &line["metrics"]["loss"]);
        assert!((0.0..=1.0).contains(&accuracy.as_f64().unwrap()) && loss.as_f64().unwrap() > 0.0, "{line}");
        assert!([1, 2].map(Value::from).contains(&line["best_epoch"]) && line["learning_rate"] == 1e-3);
    }
    assert_eq!(events.last().unwrap()["event"], "table");
    assert_eq!(events.last().unwrap()["table"]["rows"].as_array().unwrap().len(), 2);

    // A second time nothing is trained, and the same is printed.
    let again = lines(&run(folder.path(), "home", &["--json"]).success());
    assert!(of(&again, "started").is_empty());
    let hashes = |events: &[&Value]| events.iter().map(|e| e["trained_sha256"].clone()).collect::<Vec<_>>();
    assert_eq!(hashes(&of(&again, "finished")), hashes(&finished));

    let home = folder.path().join("home");
    let table = |name: &str, format: &str| {
        tunemask(&["table", name, "--home", home.to_str().unwrap(), "--format", format])
    };
    let markdown = table("1", "markdown").success();
    assert!(markdown.contains("| layernorms |     2,048 |"), "{markdown}");
    assert!(table("small", "latex").success().contains("\\toprule"));
    assert_eq!(table("small", "csv").success().lines().count(), 3);
    let others = folder.path().join("others.csv");
    std::fs::write(&others, "\u{feff}mask,task,percent\nlayernorms,sentiment,99.5\n").unwrap();
    let base = ["table", "small", "--home", home.to_str().unwrap()];
    let beside = ["--layout", "modules", "--reference", others.to_str().unwrap(), "--source", "Table 9"];
    let paper = tunemask(&[&base[..], &beside].concat()).success();
    assert!(paper.contains("[99.5]") && paper.contains("- In brackets: Table 9."), "{paper}");
    assert!(paper.contains("- layernorms on Sentiment: "), "{paper}");
    let sourceless = tunemask(&[&base[..], &beside[..4]].concat()).failure(1);
    assert!(sourceless.contains("others.csv: line 2, source: "), "{sourceless}");
    let empty = tunemask(&[&base[..], &["--layout", "outliers"]].concat()).failure(1);
    assert!(empty.contains("no mask of this layout"), "{empty}");
    let verdicts = lines(&tunemask(&[&base[..], &["--verdicts"]].concat()).success());
    assert_eq!(verdicts.len(), 10);
    assert!(verdicts.iter().all(|v| v["outcome"] == "undecided"), "{verdicts:?}");
    assert_eq!(verdicts[0]["reason"], "The study has no `mha`, `ffn`, `full`.");
    let rates = tunemask(&[&base[..], &["--rates"]].concat()).success();
    assert!(rates.contains("### Sentiment accuracy") && rates.contains("| picked |"), "{rates}");
    let pairs = lines(&tunemask(&[&base[..], &["--pairs", "--against", "frozen"]].concat()).success());
    assert_eq!(
        (pairs.len(), &pairs[0]["left"], &pairs[0]["right"]),
        (1, &"layernorms".into(), &"frozen".into())
    );
    assert_eq!(
        (&pairs[0]["speaks_for"], &pairs[0]["per_example"]["test"]),
        (&"trained_models".into(), &"wilcoxon".into())
    );
    let printed = tunemask(&[&base[..], &["--pairs", "--against", "full"]].concat()).failure(1);
    assert!(printed.contains("no mask `full`; it has `layernorms`, `frozen`"), "{printed}");
    let printed = table("none", "csv").failure(1);
    assert!(
        printed.contains("no experiment has the number or name `none`; the latest are 2 (small)"),
        "{printed}"
    );
}

#[test]
fn the_same_experiment_gives_the_same_events_but_for_times() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), EXPERIMENT);
    let timeless = |home: &str| {
        let mut events = lines(&run(folder.path(), home, &["--json"]).success());
        // A clock decides when what runs have become is saved.
        events.retain(|event| event["event"] != "checkpointed");
        for event in events.iter_mut().filter_map(Value::as_object_mut) {
            for time in ["at_ms", "seq", "elapsed_secs", "tokens_per_s"] {
                event.remove(time);
            }
            let gangs = event.get_mut("plan").and_then(|plan| plan["gangs"].as_array_mut());
            for gang in gangs.into_iter().flatten().filter_map(Value::as_object_mut) {
                assert!(gang.remove("expected_secs").is_some());
            }
        }
        events
    };
    let (a, b) = (timeless("a"), timeless("b"));
    assert!(a.len() > 20 && !of(&a, "points").is_empty());
    assert_eq!(a, b);
}

#[test]
fn without_a_terminal_progress_is_plain_lines_and_the_table_is_all_of_the_output() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &EXPERIMENT.replace("[1, 2]", "[3]"));
    let run = run(folder.path(), "home", &[]);
    let table = run.success();
    assert!(table.starts_with("### small (experiment 1, builtin:tiny)"), "{table}");
    let printed = run.errors();
    assert!(printed.contains("Sentiment frozen 1e-3 seed 3: accuracy "), "{printed}");
    assert!(printed.contains("frozen scalars unchanged (2 of 2 runs)"), "{printed}");
    assert!(!printed.contains("uncased"), "{printed}");
    write(folder.path(), &EXPERIMENT.replace("sentiment", "entities").replace("[1, 2]", "[3]"));
    let printed = self::run(folder.path(), "home", &[]).errors();
    assert!(
        printed.contains("tunemask: builtin:tiny is uncased: Entities will lack capital letters"),
        "{printed}"
    );
}

#[test]
fn scores_of_every_kind_of_task_are_read_back_from_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let tasks = "tasks = [\"acceptability\", \"similarity\", \"questions\", \"tags\", \"entities\"]";
    write(folder.path(), &EXPERIMENT.replace("tasks = [\"sentiment\"]", tasks));
    run(folder.path(), "home", &[]).success();
    let table = tunemask(&["table", "1", "--home", folder.path().join("home").to_str().unwrap()]).success();
    for column in ["Matthews", "Spearman", "Questions F1", "Tags accuracy", "entity F1", "entity recall"] {
        assert!(table.contains(column), "{column} is not in {table}");
    }
}

#[test]
fn every_error_of_a_file_comes_at_once_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "tasks = [\"rte\"]\nmasks = [\n \"ful\",\n \"frozen\",\n]\nseeds = []\nepochs = 0\n",
    );
    let printed = run(folder.path(), "home", &[]).failure(1);
    for part in [
        "experiment.toml cannot be run:",
        "  data: name the folder",
        "  line 3: masks[0]: `ful` is not a mask",
        "  line 6: seeds: give at least one",
        "  line 7: epochs: 1 to 10000",
    ] {
        assert!(printed.contains(part), "{part} is not in {printed}");
    }
    write(folder.path(), "name = \"x\"\nlearning_rate = [1e-3]\n");
    let printed = run(folder.path(), "home", &[]).failure(1);
    let unknown = "experiment.toml: line 2: learning_rate: unknown field `learning_rate`, expected one of";
    assert!(printed.contains(unknown), "{printed}");
    assert!(!folder.path().join("home").exists());
}

#[test]
fn an_experiment_comes_through_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let fixed = ["run", "-", "--home", home.to_str().unwrap(), "--threads", "1", "--json"];
    let wrong = tunemask_reading("seeds = [1,\n 1]\nepochs = 0\n", &fixed).failure(1);
    for part in
        ["standard input cannot be run:", "  line 2: seeds[1]: 1 is listed twice", "  line 3: epochs: "]
    {
        assert!(wrong.contains(part), "{part} is not in {wrong}");
    }
    let unread = tunemask_reading("masks = full\n", &fixed).failure(1);
    assert!(unread.contains("standard input: line 1: "), "{unread}");
    assert!(!home.exists());
    let events = lines(&tunemask_reading(EXPERIMENT, &fixed).success());
    assert_eq!(of(&events, "finished").len(), 4);
}

#[test]
fn what_a_killed_program_left_is_trained_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    // Long enough to be killed in its middle on any machine.
    let path = write(folder.path(), &EXPERIMENT.replace("epochs = 2", "epochs = 60"));
    let home = folder.path().join("home");
    let mut killed = Command::new(env!("CARGO_BIN_EXE_tunemask"))
        .args(["run", path.to_str().unwrap(), "--home", home.to_str().unwrap(), "--threads", "1", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(killed.stdout.take().unwrap()).lines();
    let seen: Vec<Value> = output
        .by_ref()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .take_while(|event: &Value| event["event"] != "evaluated")
        .collect();
    killed.kill().unwrap();
    killed.wait().unwrap();
    let events = lines(&run(folder.path(), "home", &["--json"]).success());
    assert_eq!(of(&events, "finished").len(), 4);
    // What was shown before is not written again.
    assert!(!of(&events, "continued").is_empty() && of(&events, "queued").is_empty());
    let steps = |events: &[&Value]| -> Vec<(String, u64)> {
        let of_run = |e: &&Value| {
            let steps = e["step"].as_array().unwrap().iter();
            let run = e["run"].as_str().unwrap().to_owned();
            steps.map(|step| (run.clone(), step.as_u64().unwrap())).collect::<Vec<_>>()
        };
        events.iter().flat_map(of_run).collect()
    };
    let before = steps(&of(&seen, "points"));
    let after = steps(&of(&events, "points"));
    assert!(!before.is_empty() && before.iter().all(|step| !after.contains(step)));
}

#[test]
fn nothing_that_a_user_wrote_moves_the_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let name = "a\\u001b[2J\\nb\\u009b31m\\u202e";
    let text = EXPERIMENT.replace("name = \"small\"", &format!("name = \"{name}\""));
    write(folder.path(), &text.replace("seeds = [1, 2]", "seeds = [1]"));
    let ran = run(folder.path(), "home", &[]);
    let home = folder.path().join("home");
    let table = |more: &[&str]| tunemask(&[&["table", "1", "--home", home.to_str().unwrap()], more].concat());
    let shown = "a\\u{1b}[2J\\nb\\u{9b}31m\\u{202e}";
    assert!(ran.errors().contains(&format!("experiment 1, {shown}: 2 runs")), "{}", ran.errors());
    assert!(ran.success().contains(&format!("### {shown} (experiment 1, ")));
    let wrong = tunemask(&["table", "no\u{1b}[31m", "--home", home.to_str().unwrap()]);
    let mut all = vec![ran.success(), ran.errors(), wrong.failure(1)];
    let forms: [&[&str]; 7] = [
        &[],
        &["--format", "latex"],
        &["--format", "csv"],
        &["--layout", "modules"],
        &["--rates"],
        &["--pairs"],
        &["--verdicts"],
    ];
    all.extend(forms.map(|form| table(form).success()));
    let again = run(folder.path(), "home", &["--json"]);
    all.extend([again.success(), again.errors()]);
    for text in all {
        let obeyed = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.contains(obeyed), "{text:?}");
    }
    // Read back, JSON has the name as it was written.
    let created = &lines(&again.success())[0];
    assert_eq!(created["experiment"]["name"], "a\u{1b}[2J\nb\u{9b}31m\u{202e}", "{created}");
}

#[test]
fn a_pair_that_cannot_be_tested_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let similarity =
        EXPERIMENT.replace("sentiment", "similarity").replace("eval_limit = 32", "eval_limit = 1");
    write(folder.path(), &similarity.replace("epochs = 2", "epochs = 1"));
    let table = run(folder.path(), "home", &[]).success();
    assert!(table.contains(" – (2 undefined) |"), "{table}");
    assert!(table.contains("of 2 runs 2 have no Spearman correlation and no Pearson correlation"), "{table}");
    assert!(table.contains("correlations with it are undefined"), "{table}");
    let home = folder.path().join("home");
    let pairs = tunemask(&["table", "1", "--home", home.to_str().unwrap(), "--pairs"]).success();
    let pairs = lines(&pairs);
    assert_eq!(
        (pairs.len(), &pairs[0]["left"], &pairs[0]["right"]),
        (1, &"layernorms".into(), &"frozen".into())
    );
    let why =
        "layernorms on Similarity: of 2 seeds 2 undefined; frozen on Similarity: of 2 seeds 2 undefined";
    assert_eq!(pairs[0]["untested"], why);
}

#[test]
fn clipping_is_a_switch_and_makes_another_run() {
    let folder = tempfile::tempdir().unwrap();
    let similarity = EXPERIMENT.replace("sentiment", "similarity").replace("epochs = 2", "epochs = 1");
    let ids = |text: &str| {
        write(folder.path(), text);
        let events = lines(&run(folder.path(), "home", &["--json"]).success());
        let ids: Vec<Value> = of(&events, "queued").iter().map(|line| line["run"].clone()).collect();
        (ids, events.last().unwrap()["table"]["remarks"].to_string())
    };
    let (plain, printed) = ids(&similarity);
    assert!(plain.len() == 4 && !printed.contains("clipped"), "{printed}");
    let (clipped, printed) = ids(&format!("{similarity}clip_predictions = true\n"));
    assert!(clipped.len() == 4 && clipped.iter().all(|id| !plain.contains(id)));
    assert!(printed.contains("Correlations are of predictions clipped"), "{printed}");
    // Where nothing is correlated the switch changes nothing.
    let sentiment = EXPERIMENT.replace("epochs = 2", "epochs = 1");
    let (first, _) = ids(&sentiment);
    let (again, _) = ids(&format!("{sentiment}clip_predictions = true\n"));
    assert_eq!((first.len(), again.len()), (4, 0));
}

#[test]
fn both_engines_train_the_same_run() {
    let folder = tempfile::tempdir().unwrap();
    let small = "name = \"engines\"\ntasks = [\"sentiment\"]\nmasks = [\"layernorms\", \"full\"]\n\
                 learning_rates = [1e-4]\nseeds = [1]\nepochs = 1\ntrain_limit = 80\nbatch_size = 4\n\
                 eval_limit = 24\n";
    write(folder.path(), small);
    let fast = lines(&run(folder.path(), "home", &["--json"]).success());
    let overridden = lines(&run(folder.path(), "home", &["--engine", "candle", "--json"]).success());
    let losses = |events: &[Value], run: &Value| -> Vec<f64> {
        let own = of(events, "points").into_iter().filter(|line| line["run"] == *run);
        own.flat_map(|line| line["loss"].as_array().unwrap()).map(|x| x.as_f64().unwrap()).collect()
    };
    let (own, theirs) = (of(&fast, "finished"), of(&overridden, "finished"));
    assert_eq!((own.len(), theirs.len()), (2, 2));
    for (own, theirs) in own.iter().zip(&theirs) {
        assert_eq!(own["mask"], theirs["mask"]);
        // The engine is part of what a run is.
        assert_ne!(own["run"], theirs["run"]);
        let (got, want) = (losses(&fast, &own["run"]), losses(&overridden, &theirs["run"]));
        assert_eq!((got.len(), want.len()), (20, 20));
        for (got, want) in got.iter().zip(&want) {
            assert!((got - want).abs() < 1e-4, "{}: {got} is not {want}", own["mask"]);
        }
        assert_eq!(own["metrics"]["accuracy"], theirs["metrics"]["accuracy"]);
        let loss = |line: &Value| line["metrics"]["loss"].as_f64().unwrap();
        assert!((loss(own) - loss(theirs)).abs() < 1e-4, "{own} {theirs}");
        assert_eq!(theirs["frozen_unchanged"], true);
    }
    let started = of(&overridden, "started");
    assert!(started.iter().all(|line| line["device"] == "cpu, candle" && line["together"] == 1));

    // Written in the file it is the same run; ours needs no writing.
    write(folder.path(), &format!("{small}engine = \"candle\"\n"));
    assert!(of(&lines(&run(folder.path(), "home", &["--json"]).success()), "started").is_empty());
    let table = run(folder.path(), "home", &[]).success();
    assert!(table.contains("Trained by the reference engine"), "{table}");
    write(folder.path(), &format!("{small}engine = \"tunemask\"\n"));
    assert!(of(&lines(&run(folder.path(), "home", &["--json"]).success()), "started").is_empty());
    write(folder.path(), &format!("{small}engine = \"torch\"\n"));
    assert!(run(folder.path(), "home", &[]).failure(1).contains("torch"));
    write(folder.path(), small);
    let refused = run(folder.path(), "home", &["--engine", "candle", "--dtype", "bf16"]).failure(1);
    assert!(refused.contains("f32 on the processor"), "{refused}");
}
