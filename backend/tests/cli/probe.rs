//! `tunemask probe` as a user calls it.

use crate::program::{Run, tunemask};
use safetensors::SafeTensors;
use std::fs;
use std::path::Path;

const EXAMPLES: &str = r#"{"text": "a b c", "label": 1}
{"text": "the first of two", "pair": "and the second", "label": 0}

{"text": "word", "label": 1}
"#;

fn probe(folder: &Path, examples: &str, extra: &[&str]) -> Run {
    let (input, out) = (folder.join("examples.jsonl"), folder.join("out.safetensors"));
    fs::write(&input, examples).unwrap();
    let (input, out) = (input.to_str().unwrap(), out.to_str().unwrap());
    let fixed = ["probe", "--model", "builtin:tiny", "--examples", input, "--out", out];
    tunemask(&[&fixed[..], extra].concat())
}

fn floats(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let bytes = file.tensor(name).unwrap();
    bytes.data().chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
}

#[test]
fn the_file_holds_logits_loss_and_the_masks_gradients() {
    let folder = tempfile::tempdir().unwrap();
    let extra = ["--kind", "classification", "--labels", "2", "--mask", "single_norm:2"];
    let printed = probe(folder.path(), EXAMPLES, &extra).success();
    assert!(printed.starts_with("3 examples, "), "{printed}");
    let bytes = fs::read(folder.path().join("out.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut names = file.names().into_iter().map(ToString::to_string).collect::<Vec<_>>();
    names.sort();
    let block = "grad.bert.encoder.layer.1";
    let want = [
        format!("{block}.attention.output.LayerNorm.bias"),
        format!("{block}.attention.output.LayerNorm.weight"),
        format!("{block}.output.LayerNorm.bias"),
        format!("{block}.output.LayerNorm.weight"),
        "grad.classifier.bias".into(),
        "grad.classifier.weight".into(),
        "logits".into(),
        "loss".into(),
    ];
    assert_eq!(names, want);
    assert_eq!(file.tensor("logits").unwrap().shape(), [3, 2]);
    assert_eq!(file.tensor("grad.classifier.weight").unwrap().shape(), [2, 128]);
    assert_eq!(file.tensor(&want[0]).unwrap().shape(), [128]);

    // The loss and the bias' gradient follow from the logits: log-softmax, and softmax minus one-hot.
    let logits = floats(&file, "logits");
    let (mut loss, mut bias) = (0.0, [0.0; 2]);
    for (row, label) in logits.chunks(2).zip([1, 0, 1]) {
        let total = row[0].exp() + row[1].exp();
        loss -= (row[label].exp() / total).ln() / 3.0;
        for (k, b) in bias.iter_mut().enumerate() {
            *b += (row[k].exp() / total - f32::from(k == label)) / 3.0;
        }
    }
    assert!((floats(&file, "loss")[0] - loss).abs() < 1e-5);
    for (got, want) in floats(&file, "grad.classifier.bias").into_iter().zip(bias) {
        assert!((got - want).abs() < 1e-5, "{got} {want}");
    }
    assert!(floats(&file, &want[1]).iter().any(|&g| g != 0.0));
}

#[test]
fn a_head_from_a_file_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let head = folder.path().join("head.safetensors");
    let (weight, bias) = (vec![0u8; 128 * 4], 2.5f32.to_le_bytes());
    let view =
        |dims: Vec<usize>, bytes| safetensors::tensor::TensorView::new(safetensors::Dtype::F32, dims, bytes);
    let tensors = [
        ("classifier.weight", view(vec![1, 128], &weight).unwrap()),
        ("classifier.bias", view(vec![1], &bias).unwrap()),
    ];
    safetensors::serialize_to_file(tensors, None, &head).unwrap();
    let head = head.to_str().unwrap();
    let regression = ["--kind", "regression", "--labels", "1", "--mask", "frozen", "--head", head];
    probe(folder.path(), EXAMPLES, &regression).success();
    let bytes = fs::read(folder.path().join("out.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(floats(&file, "logits"), [2.5; 3]);
    assert_eq!(floats(&file, "loss"), [(1.5 * 1.5 + 2.5 * 2.5 + 1.5 * 1.5) / 3.0]);

    let two = ["--kind", "classification", "--labels", "2", "--mask", "frozen", "--head", head];
    let printed = probe(folder.path(), EXAMPLES, &two).failure(1);
    assert!(printed.contains("classifier.weight is F32 [1, 128] where F32 [2, 128] is needed"), "{printed}");
}

#[test]
fn bad_input_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let plain = ["--kind", "classification", "--labels", "2", "--mask", "frozen"];
    let printed = |examples| probe(folder.path(), examples, &plain).failure(1);
    let bad_label = printed("{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\", \"label\": 2}\n");
    assert!(bad_label.contains("examples.jsonl, line 2: label 2 is not a class"), "{bad_label}");
    let no_json = printed("\n\n{text}\n");
    assert!(no_json.contains("examples.jsonl, line 3"), "{no_json}");
    assert!(printed("\n").contains("no examples"));

    let tagging = ["--kind", "tagging", "--labels", "9", "--mask", "frozen"];
    let printed = |examples| probe(folder.path(), examples, &tagging).failure(1);
    assert!(
        printed("{\"tokens\": [\"a\", \"b\"], \"tags\": [1]}\n").contains("line 1: 2 tokens have 1 tags")
    );
    assert!(printed("{\"tokens\": [\"a\"], \"tags\": [9]}\n").contains("label 9 is not a class"));
    assert!(printed(EXAMPLES).contains("line 1: "));
    let wrong =
        |extra: [&str; 2]| probe(folder.path(), EXAMPLES, &[&plain[..], &extra[..]].concat()).failure(2);
    if cfg!(not(feature = "cuda")) {
        assert!(wrong(["--device", "cuda:0"]).contains("this build has no CUDA"));
    }
    let refused = |extra: [&str; 2]| {
        probe(folder.path(), EXAMPLES, &[&plain[..], &["--device", "cpu"], &extra[..]].concat()).failure(1)
    };
    assert!(refused(["--dtype", "tf32"]).contains("on a GPU only; use --dtype f32"));
    if cfg!(not(feature = "onednn")) {
        assert!(refused(["--dtype", "bf16"]).contains("built without bf16"));
    }
    assert!(wrong(["--device", "gpu"]).contains("no such device"));
    assert!(wrong(["--dtype", "f64"]).contains("no such type"));
    let mask = ["--kind", "classification", "--labels", "2", "--mask", "layernorm"];
    assert!(probe(folder.path(), EXAMPLES, &mask).failure(2).contains("is not a mask; known are full"));
}

#[test]
fn every_word_is_tagged_at_its_first_piece() {
    let folder = tempfile::tempdir().unwrap();
    let examples = "{\"tokens\": [\"the\", \"unseenword\", \"sleeps\"], \"tags\": [0, 2, 1]}\n";
    let tagging = ["--kind", "tagging", "--labels", "3", "--mask", "layernorms"];
    probe(folder.path(), examples, &tagging).success();
    let bytes = std::fs::read(folder.path().join("out.safetensors")).unwrap();
    let written = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(written.tensor("logits").unwrap().shape(), [3, 3]);
    let gradient = written.tensor("grad.bert.encoder.layer.0.output.LayerNorm.weight").unwrap();
    assert!(gradient.data().chunks_exact(4).any(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]) != 0.0));
}

#[test]
fn both_engines_write_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let read = |engine: &str| {
        let extra = ["--kind", "classification", "--labels", "2", "--mask", "bitfit", "--engine", engine];
        probe(folder.path(), EXAMPLES, &extra).success();
        fs::read(folder.path().join("out.safetensors")).unwrap()
    };
    let (own, theirs) = (read("tunemask"), read("candle"));
    assert_ne!(own, theirs);
    let (own, theirs) = (SafeTensors::deserialize(&own).unwrap(), SafeTensors::deserialize(&theirs).unwrap());
    for name in own.names() {
        let (got, want) = (floats(&own, name), floats(&theirs, name));
        let scale = want.iter().fold(1e-4, |most: f32, x| most.max(x.abs()));
        for (got, want) in got.iter().zip(&want) {
            assert!((got - want).abs() < 1e-3 * scale, "{name}: {got} is not {want}");
        }
    }
}
