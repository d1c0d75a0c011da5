//! `tunemask predict` as a user calls it.

use crate::program::{tunemask, tunemask_reading};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_text_through_all_masks_of_an_experiment() {
    let folder = tempfile::tempdir().unwrap();
    let (file, home) = (folder.path().join("e.toml"), folder.path().join("home"));
    let text = "name = \"both\"\ntasks = [\"sentiment\", \"inference\", \"tags\"]\nmasks = [\"layernorms\", \"full\"]\n\
                learning_rates = [1e-3]\nseeds = [1, 2]\nepochs = 1\ntrain_limit = 32\neval_limit = 16\n";
    fs::write(&file, text).unwrap();
    let home = home.to_str().unwrap();
    tunemask(&["run", file.to_str().unwrap(), "--home", home]).success();
    let predict = |more: &[&str]| tunemask(&[&["predict", "both", "--home", home][..], more].concat());

    let printed = predict(&["the food was good"]).success();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "Sentiment: the food was good");
    assert!(lines[1].starts_with("mask") && lines[1].ends_with("says"), "{printed}");
    assert!(lines[2].starts_with("layernorms  1e-3    1 2"), "{printed}");
    assert!(printed.contains("were computed once") || printed.contains("was computed once"), "{printed}");

    let json = |text: &str| -> Value { serde_json::from_str(text.trim()).unwrap() };
    let one = json(&predict(&["the food was good", "--json", "--mask", "full", "--seed", "2"]).success());
    assert_eq!((&one["text"], &one["task"]), (&"the food was good".into(), &"sentiment".into()));
    assert_eq!(one["rows"].as_array().unwrap().len(), 1);
    assert_eq!(one["rows"][0]["seeds"][0]["seed"], 2);

    // A line a text, the second one of a pair behind a tab; what is read is what one text alone gives.
    let lines = "the cat sleeps\tthe cat is awake\n\nthe dog eats\tthe dog eats\n";
    let of_lines = ["predict", "1", "--home", home, "--task", "inference", "--json", "-"];
    let read = tunemask_reading(lines, &of_lines).success();
    let read: Vec<Value> = read.lines().map(json).collect();
    assert_eq!((read.len(), &read[1]["pair"]), (2, &"the dog eats".into()));
    let alone = predict(&["the dog eats\tthe dog eats", "--task", "inference", "--json"]).success();
    assert_eq!(json(&alone)["rows"], read[1]["rows"]);

    // A line is answered before the next is written.
    let mut child = Command::new(env!("CARGO_BIN_EXE_tunemask"))
        .args(of_lines)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let (send, answers) = channel();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || output.try_for_each(|line| send.send(line.unwrap())));
    for pair in lines.lines().filter(|line| !line.is_empty()) {
        writeln!(input, "{pair}").unwrap();
        let answer = answers.recv_timeout(PATIENCE).expect("an answer before the next line");
        assert_eq!(json(&answer)["text"], pair.split_once('\t').unwrap().0);
    }
    drop(input);
    assert!(child.wait().unwrap().success());

    // A line that cannot be read is named.
    let broken = "the cat sleeps\tthe cat is awake\n\nthe dog eats\n";
    let refused = tunemask_reading(broken, &of_lines).failure(1);
    let named = refused.contains("standard input, line 3");
    assert!(named && refused.contains("write the second text"), "{refused}");

    let tagged = predict(&["the cat sleeps", "--task", "tags"]).success();
    let words: Vec<&str> = tagged.lines().skip(2).take(3).map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!(words, ["the", "cat", "sleeps"], "{tagged}");

    assert!(predict(&["a", "--task", "inference"]).failure(1).contains("write the second text"));
    assert!(predict(&["a", "--mask", "mha"]).failure(1).contains("it has layernorms, full"));
    assert!(tunemask(&["predict", "9", "a", "--home", home]).failure(1).contains("number or name `9`"));
}
