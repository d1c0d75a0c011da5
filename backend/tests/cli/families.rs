//! Encoders of every family against PyTorch (`fixtures/families/make.py` remakes the files), trained, exported and read
//! again.

use crate::program::{self, tunemask};
use safetensors::SafeTensors;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const FAMILIES: [&str; 5] = ["roberta", "xlm-roberta", "camembert", "distilbert", "electra"];
const KINDS: [(&str, &str); 3] = [("classification", "3"), ("regression", "1"), ("tagging", "4")];
const MASKS: [&str; 9] =
    ["full", "frozen", "mha", "ffn", "layernorms", "layernorm_a", "layernorm_f", "bitfit", "single_norm:2"];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/families").join(name)
}

pub(super) type Tensors = BTreeMap<String, Vec<f32>>;

pub(super) fn tensors(path: &Path) -> Tensors {
    program::tensors::tensors(path).into_iter().map(|(name, tensor)| (name, tensor.values)).collect()
}

/// The tensors of a file of PyTorch's whose names begin so, as `probe` reads them.
pub(super) fn write_tensors(prefix: &str, from: &Path, to: &Path) {
    let bytes = fs::read(from).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let own: Vec<_> = file
        .tensors()
        .into_iter()
        .filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?.to_owned(), tensor)))
        .collect();
    fs::write(to, safetensors::serialize(own, None).unwrap()).unwrap();
}

pub(super) fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, x| most.max(x.abs()))
}

pub(super) fn assert_close(got: &[f32], want: &[f32], scale: f32, tolerance: f32, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= tolerance * scale, "{what}, scalar {i}: {got} is not PyTorch's {want}");
    }
}

/// Whether one of [`MASKS`] trains a tensor, by the names of its family.
fn trains(mask: &str, name: &str) -> bool {
    let encoder = ["roberta.", "distilbert.", "electra."].iter().find_map(|p| name.strip_prefix(p));
    let (Some(own), false) = (encoder, mask == "full") else { return true };
    let block = own.strip_prefix("encoder.layer.").or_else(|| own.strip_prefix("transformer.layer."));
    let Some((layer, part)) = block.and_then(|rest| rest.split_once('.')) else { return false };
    let first = ["attention.output.LayerNorm", "sa_layer_norm"].iter().any(|n| part.starts_with(n));
    let second = ["output.LayerNorm", "output_layer_norm"].iter().any(|n| part.starts_with(n));
    match mask {
        "mha" => part.starts_with("attention.") && !first,
        "ffn" => ["intermediate.", "output.", "ffn."].iter().any(|n| part.starts_with(n)) && !second,
        "layernorms" => first || second,
        "layernorm_a" => first,
        "layernorm_f" => second,
        "bitfit" => part.ends_with("bias"),
        "single_norm:2" => (first || second) && layer == "1",
        _ => false,
    }
}

#[test]
fn logits_and_gradients_are_pytorchs_for_every_mask_and_head() {
    let folder = tempfile::tempdir().unwrap();
    let (head, out) = (folder.path().join("head.safetensors"), folder.path().join("out.safetensors"));
    for family in FAMILIES {
        for (kind, labels) in KINDS {
            let want = fixture(&format!("{family}.{kind}.safetensors"));
            write_tensors("head.", &want, &head);
            let want = tensors(&want);
            for mask in MASKS {
                for engine in ["tunemask", "candle"] {
                    let what = format!("{family} {kind} {mask} {engine}");
                    let (model, examples) = (fixture(family), fixture(&format!("{kind}.jsonl")));
                    let [model, examples, head, out_at] =
                        [&model, &examples, &head, &out].map(|path| path.to_str().unwrap());
                    tunemask(&[
                        "probe",
                        "--model",
                        model,
                        "--kind",
                        kind,
                        "--labels",
                        labels,
                        "--examples",
                        examples,
                        "--mask",
                        mask,
                        "--head",
                        head,
                        "--out",
                        out_at,
                        "--engine",
                        engine,
                    ])
                    .success();
                    let got = tensors(&out);
                    let scale = largest(&want["logits"]);
                    assert_close(&got["logits"], &want["logits"], scale, 1e-4, &what);
                    assert_close(&got["loss"], &want["loss"], 1.0, 1e-4, &what);
                    let network = want.iter().filter(|(name, _)| name.starts_with("grad."));
                    let network = network.map(|(_, values)| largest(values)).fold(0.0, f32::max);
                    for (name, want) in want.iter().filter(|(name, _)| name.starts_with("grad.")) {
                        let got = got.get(name);
                        let tensor = name.trim_start_matches("grad.");
                        assert_eq!(got.is_some(), trains(mask, tensor), "{what} {name}");
                        if let Some(got) = got {
                            // A key's bias has no gradient but rounding.
                            let scale = largest(want).max(1e-4 * network);
                            assert_close(got, want, scale, 1e-3, &format!("{what} {name}"));
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_padding_token_in_a_text_has_the_position_that_it_has_in_transformers() {
    let folder = tempfile::tempdir().unwrap();
    let [head, out, examples] =
        ["head", "out", "examples"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    fs::write(&examples, "{\"text\": \"word<pad>word and <pad> more\", \"label\": 0}\n").unwrap();
    for family in FAMILIES {
        let want = fixture(&format!("{family}.classification.safetensors"));
        write_tensors("head.", &want, Path::new(&head));
        let model = fixture(family);
        tunemask(&[
            "probe",
            "--model",
            model.to_str().unwrap(),
            "--kind",
            "classification",
            "--labels",
            "3",
            "--examples",
            &examples,
            "--mask",
            "frozen",
            "--head",
            &head,
            "--out",
            &out,
        ])
        .success();
        let (got, want) = (tensors(Path::new(&out)), tensors(&want));
        assert_close(&got["logits"], &want["padded.logits"], largest(&want["padded.logits"]), 1e-4, family);
    }
}

#[test]
fn runs_of_every_family_are_trained_together_exported_and_read_again() {
    for family in FAMILIES {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
        let (model, file) = (fixture(family), at("experiment.toml"));
        let text = format!(
            "model = {:?}\ntasks = [\"sentiment\", \"tags\"]\nmasks = [\"layernorms\", \"frozen\", \"full\"]\n\
             learning_rates = [1e-3]\nseeds = [1]\nepochs = 1\ntrain_limit = 32\neval_limit = 8\nmax_length = 32\n",
            model.to_str().unwrap()
        );
        fs::write(&file, text).unwrap();
        let lines = tunemask(&["run", &file, "--home", &at("home"), "--json", "--device", "cpu"]).success();
        let finished: Vec<serde_json::Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|event: &serde_json::Value| event["event"] == "finished")
            .collect();
        assert_eq!(finished.len(), 6, "{family}: {lines}");
        for event in finished {
            assert_eq!(event["frozen_unchanged"], true, "{event}");
            let run = event["run"].as_str().unwrap();
            let (out, delta) = (at(run), at(&format!("{run}.safetensors")));
            let fixed = ["export", run, "--home", &at("home")];
            let said = tunemask(&[&fixed[..], &["--out", &out]].concat()).success();
            assert!(said.contains("to the last bit"), "{family}: {said}");
            tunemask(&[&fixed[..], &["--out", &delta, "--delta"]].concat()).success();

            // Whole, and as base and delta, the same logits.
            let tagging = event["task"] == "tags";
            let (kind, labels) = if tagging { ("tagging", "24") } else { ("classification", "2") };
            let examples = at("examples.jsonl");
            let example = if tagging {
                "{\"tokens\": [\"the\", \"child\", \"sees\"], \"tags\": [0, 1, 2]}\n"
            } else {
                "{\"text\": \"the child sees a dog\", \"label\": 1}\n"
            };
            fs::write(&examples, example).unwrap();
            let weights = format!("{out}/model.safetensors");
            let probed = [
                ["--model", &out, "--head", &weights],
                ["--model", model.to_str().unwrap(), "--delta", &delta],
            ]
            .map(|more| {
                let to = at("out.safetensors");
                let fixed = ["probe", "--kind", kind, "--labels", labels, "--mask", "frozen"];
                let files = ["--examples", &examples, "--out", &to];
                tunemask(&[&fixed[..], &files, &more].concat()).success();
                tensors(Path::new(&to)).remove("logits").unwrap()
            });
            assert_eq!(probed[0], probed[1], "{family} {run}");
        }
    }
}

#[test]
fn verify_and_masks_know_every_family() {
    for family in FAMILIES {
        let model = fixture(family);
        let model = model.to_str().unwrap();
        let listed = tunemask(&["masks", "--model", model]).success();
        // γ and β of two LayerNorms in each of two blocks of width 8.
        let norms = listed.lines().find(|line| line.starts_with("layernorms ")).unwrap();
        assert_eq!(norms.split_whitespace().nth(1), Some("64"), "{family}: {listed}");
        tunemask(&["verify", "--model", model, "--batch", "3"]).success();
    }
}

#[test]
fn a_family_that_is_not_known_is_refused_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), "{\"model_type\": \"deberta-v2\"}").unwrap();
    let said = tunemask(&["masks", "--model", folder.path().to_str().unwrap()]).failure(1);
    let known = "can be trained: bert, roberta, xlm-roberta, camembert, distilbert, electra";
    assert!(said.contains("\"deberta-v2\"") && said.contains(known), "{said}");
    let file = folder.path().join("text");
    fs::write(&file, "the child sees a dog\n".repeat(2000)).unwrap();
    let (file, out) = (file.to_str().unwrap(), folder.path().join("out"));
    let model = fixture("roberta");
    let said = tunemask(&[
        "pretrain",
        "--model",
        model.to_str().unwrap(),
        "--text",
        file,
        "--out",
        out.to_str().unwrap(),
    ])
    .failure(1);
    assert!(said.contains("BERT with GELU by erf alone, not of roberta"), "{said}");
}
