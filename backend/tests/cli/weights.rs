//! `tunemask weights` as a user calls it.

use crate::program::tunemask;
use serde_json::Value;
use std::fs;

#[test]
fn weights_of_a_model_and_of_a_run_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let (file, home) = (folder.path().join("e.toml"), folder.path().join("home"));
    let text = "tasks = [\"sentiment\"]\nmasks = [\"layernorm_a\", \"ffn\"]\nlearning_rates = [1e-3]\nseeds = [1]\n\
                epochs = 3\ntrain_limit = 64\neval_limit = 32\n";
    fs::write(&file, text).unwrap();
    let home = home.to_str().unwrap();
    let events = tunemask(&["run", file.to_str().unwrap(), "--home", home, "--json"]).success();
    let runs: Vec<Value> = events.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let run = |mask: &str| {
        let found = runs.iter().find(|e| e["event"] == "finished" && e["mask"] == mask).unwrap();
        found["run"].as_str().unwrap().to_owned()
    };
    let (norms, ffn) = (run("layernorm_a"), run("ffn"));
    let of_run =
        |run: &str, more: &[&str]| tunemask(&[&["weights", "--run", run, "--home", home][..], more].concat());
    let of_model = |more: &[&str]| tunemask(&[&["weights", "--model", "builtin:tiny"][..], more].concat());
    let json =
        |text: String| -> Vec<Value> { text.lines().map(|l| serde_json::from_str(l).unwrap()).collect() };

    let rows = json(of_model(&["--json"]).success());
    assert_eq!((rows.len() % 8, &rows[0]["group"], &rows[0]["block"]), (0, &"mha".into(), &Value::Null));
    assert_eq!(rows[0]["tuned"], Value::Null);
    let tuned = json(of_run(&norms, &["--json"]).success());
    assert_eq!(tuned.len(), rows.len());
    for row in &tuned {
        // What is frozen has not moved, and what trained has.
        let moved = row["difference"]["std"].as_f64().unwrap() > 0.0;
        assert_eq!(moved, row["group"].as_str().unwrap().starts_with("layernorm_a"), "{row}");
    }
    assert_eq!(of_model(&["--format", "csv"]).success().lines().count(), 1 + rows.len());
    let printed = of_run(&ffn, &[]).success();
    assert!(printed.contains("all blocks, Feed-forward") && printed.contains("  difference"), "{printed}");

    // Figures: the first of a model, the second of a run.
    let svg = of_model(&["--format", "svg"]).success();
    assert!(svg.starts_with("<svg") && svg.contains("Weights of builtin:tiny by module"), "{svg}");
    let svg = of_run(&norms, &["--format", "svg"]).success();
    assert!(svg.contains(&format!("layernorm_a on Sentiment, run {norms}")), "{svg}");
    assert!(of_run(&norms, &["--format", "bins"]).success().contains("\nlayernorm_a_gamma,all,"));

    let csv = of_run(&norms, &["--outliers", "4"]).success();
    let listed = tunemask(&["masks", "--model", "builtin:tiny", "--list", "outliers:4"]).success();
    let first_four = |text: &str| -> Vec<String> {
        text.lines().map(|l| l.split(',').take(4).collect::<Vec<_>>().join(",")).collect()
    };
    assert_eq!(first_four(&csv), first_four(&listed));
    assert!(csv.lines().nth(1).unwrap().split(',').nth(4).is_some_and(|tuned| !tuned.is_empty()));

    // γ and β of the LayerNorms that trained: as pretrained, then after each of three epochs.
    let epochs = of_run(&norms, &["--epochs"]).success();
    let lines: Vec<Vec<&str>> = epochs.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let scalars = lines.iter().filter(|l| l[0] == "0").count();
    assert!(scalars > 0 && lines.len() == 4 * scalars);
    assert!(lines.iter().all(|l| l[1].contains(".attention.output.LayerNorm.")));
    let of_epoch = |epoch: &str| -> Vec<f64> {
        lines.iter().filter(|l| l[0] == epoch).map(|l| l[3].parse().unwrap()).collect()
    };
    let (first, last) = (of_epoch("0"), of_epoch("3"));
    assert!(of_epoch("1") != first && of_epoch("1") != last && first.iter().all(|v| v.is_finite()));
    // The last of them is what the run's last epoch gave.
    let pooled = json(of_run(&norms, &["--json", "--last"]).success());
    let row = pooled.iter().find(|r| r["group"] == "layernorm_a" && r["block"].is_null()).unwrap();
    let mean = last.iter().sum::<f64>() / last.len() as f64;
    assert!((row["tuned"]["mean"].as_f64().unwrap() - mean).abs() < 1e-7, "{row}");
    assert_eq!(of_run(&ffn, &["--epochs"]).success().lines().count(), 1);

    let printed = tunemask(&["weights", "--run", &norms, "--home", home, "--model", "nowhere"]).failure(1);
    assert!(printed.contains("nowhere: no such folder"), "{printed}");
    assert!(tunemask(&["weights"]).failure(2).contains("--model"));
}
