//! LoRA against the library PEFT (`fixtures/peft/make.py` remakes the files), and its words.

use super::families::{Tensors, assert_close, largest, tensors, write_tensors};
use crate::program::tunemask;
use std::path::{Path, PathBuf};

/// A kind of head, its outputs, and the mask of the fixture's files of this kind.
struct Case {
    kind: &'static str,
    labels: &'static str,
    mask: &'static str,
}

const CASES: [Case; 3] = [
    Case { kind: "classification", labels: "3", mask: "lora:2 in layers(*).mha.query + layers(*).mha.value" },
    Case { kind: "regression", labels: "1", mask: "lora:3:7 in mha + ffn" },
    Case {
        kind: "tagging",
        labels: "4",
        mask: "lora:1:4 in layers(2).ffn.output + layers(1).ffn.intermediate + layers(*).mha.attention_output",
    },
];

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn model(name: &str) -> PathBuf {
    if name == "bert" { fixtures("peft/bert") } else { fixtures("families").join(name) }
}

/// `probe` of a fixture's model and start, and what PEFT made of them.
fn probe(name: &str, case: &Case, engine: &str, more: &[&str]) -> (Tensors, Tensors) {
    let folder = tempfile::tempdir().unwrap();
    let (start, out) = (folder.path().join("start.safetensors"), folder.path().join("out.safetensors"));
    let want = fixtures("peft").join(format!("{name}.{}.safetensors", case.kind));
    write_tensors("start.", &want, &start);
    let (model, examples) = (model(name), fixtures("families").join(format!("{}.jsonl", case.kind)));
    let [model, examples, start, out_at] =
        [&model, &examples, &start, &out].map(|path| path.to_str().unwrap());
    let what = ["--kind", case.kind, "--labels", case.labels, "--mask", case.mask, "--engine", engine];
    let files = ["--model", model, "--examples", examples, "--head", start, "--out", out_at];
    tunemask(&[&["probe"][..], &what, &files, more].concat()).success();
    (tensors(&out), tensors(&want))
}

/// Tensors of a file whose names begin so, without that.
fn named<'a>(file: &'a Tensors, prefix: &str) -> Vec<(&'a str, &'a Vec<f32>)> {
    file.iter().filter_map(|(name, values)| Some((name.strip_prefix(prefix)?, values))).collect()
}

#[test]
fn logits_and_gradients_are_pefts() {
    for name in ["bert", "roberta", "distilbert", "electra"] {
        for case in &CASES {
            for engine in ["tunemask", "candle"] {
                let what = format!("{name} {} {engine}", case.kind);
                let (got, want) = probe(name, case, engine, &[]);
                assert_close(&got["logits"], &want["logits"], largest(&want["logits"]), 1e-4, &what);
                assert_close(&got["loss"], &want["loss"], 1.0, 1e-4, &what);
                let gradients = named(&want, "grad.");
                assert!(gradients.iter().any(|(name, g)| name.contains(".lora_A.") && largest(g) > 0.0));
                assert_eq!(named(&got, "grad.").len(), gradients.len(), "{what}");
                let network = gradients.iter().map(|(_, values)| largest(values)).fold(0.0, f32::max);
                for (tensor, want) in gradients {
                    let scale = largest(want).max(1e-4 * network);
                    let what = format!("{what} {tensor}");
                    assert_close(&got[&format!("grad.{tensor}")], want, scale, 1e-3, &what);
                }
            }
        }
    }
}

#[test]
fn twenty_steps_are_pefts() {
    let optimizer = ["--weight-decay", "0.01", "--max-gradient-norm", "1"];
    let schedule = ["--warmup-fraction", "0", "--schedule", "constant"];
    let steps = ["--steps", "20", "--learning-rate", "1e-3"];
    for name in ["bert", "roberta", "distilbert", "electra"] {
        for case in &CASES {
            for engine in ["tunemask", "candle"] {
                let what = format!("{name} {} {engine}", case.kind);
                let more = [&steps[..], &schedule, &optimizer].concat();
                let (got, want) = probe(name, case, engine, &more);
                assert_close(&got["loss"], &want["losses"], largest(&want["losses"]), 1e-4, &what);
                let tuned = named(&want, "tuned.");
                assert_eq!(named(&got, "tuned.").len(), tuned.len(), "{what}");
                for (tensor, want) in tuned {
                    let what = format!("{what} {tensor}");
                    assert_close(&got[&format!("tuned.{tensor}")], want, largest(want), 1e-3, &what);
                }
            }
        }
    }
}

#[test]
fn masks_counts_it_and_verify_compares_it() {
    let printed = tunemask(&[
        "masks",
        "--model",
        "builtin:tiny",
        "--mask",
        "lora:8:16 in layers(*).mha.query",
        "--json",
    ]);
    let row: serde_json::Value = serde_json::from_str(printed.success().trim()).unwrap();
    // A and B of a matrix [128, 128] in each of four blocks.
    assert_eq!(
        (row["name"].as_str(), row["trainable"].as_u64()),
        (Some("lora:8:16 in layers(*).query"), Some(8192))
    );
    let printed = tunemask(&["verify", "--batch", "3", "--mask", "lora:4 in mha", "--json"]).success();
    let of = |name: &str| printed.lines().filter(|line| line.contains(name)).count();
    assert!(of("lora_A") > 0 && of("lora_A") == of("lora_B"), "{printed}");
    let printed = tunemask(&["masks", "--model", "builtin:tiny", "--mask", "lora:129 in mha"]).failure(1);
    assert!(
        printed
            .contains("rank 129 is more than bert.encoder.layer.0.attention.self.query [128, 128] can have"),
        "{printed}"
    );
    let printed =
        tunemask(&["masks", "--model", "builtin:tiny", "--mask", "lora:8 in layernorms"]).failure(2);
    assert!(printed.contains("`layernorms` holds a LayerNorm or a bias"), "{printed}");
}
