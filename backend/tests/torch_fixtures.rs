//! The engine against PyTorch: `fixtures/torch/make.py` remakes the files.

use safetensors::SafeTensors;
use std::path::Path;
use std::sync::Arc;
use tunemask_engine::{Adam, EncoderConfig, Gang, MemberSpec, MemberStep, Objective, Sequence};
use tunemask_shared::family::{Activation, Family};
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::schedule::{Decay, Schedule};
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::ModelShape;

const SHAPE: ModelShape = ModelShape {
    vocabulary: 19,
    hidden: 12,
    layers: 2,
    heads: 2,
    intermediate: 20,
    positions: 10,
    segments: 2,
    family: Family::Bert,
};
const CONFIG: EncoderConfig = EncoderConfig {
    shape: SHAPE,
    layer_norm_epsilon: 1e-12,
    hidden_dropout: 0.0,
    classifier_dropout: None,
    attention_dropout: 0.0,
    initializer_range: 0.3,
    activation: Activation::Gelu,
};

struct Fixture<'a>(SafeTensors<'a>);

impl Fixture<'_> {
    fn words<T>(&self, name: &str, read: impl Fn([u8; 4]) -> T) -> Vec<T> {
        let view = self.0.tensor(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        view.data().chunks_exact(4).map(|b| read([b[0], b[1], b[2], b[3]])).collect()
    }
    fn floats(&self, name: &str) -> Vec<f32> {
        self.words(name, f32::from_le_bytes)
    }
    /// The tensors `PREFIX.NAME` as a compact vector: those of a selection, then the head's.
    fn compact(&self, prefix: &str, selection: &Selection) -> Vec<f32> {
        let mut out = Vec::new();
        for p in SHAPE.parameters() {
            if !selection.within(p.range()).is_empty() {
                out.extend(self.floats(&format!("{prefix}.{}", p.name())));
            }
        }
        out.extend(self.head(prefix));
        out
    }
    fn head(&self, prefix: &str) -> Vec<f32> {
        let part = |name: &str| self.floats(&format!("{prefix}.classifier.{name}"));
        [part("weight"), part("bias")].concat()
    }
}

fn assert_close(got: &[f32], want: &[f32], tolerance: f32, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(1e-3f32, |m, w| m.max(w.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!((g - w).abs() <= tolerance * scale, "{what}, scalar {i}: {g} is not PyTorch's {w}");
    }
}

fn check(file: &str, objective: Objective) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/torch").join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let fixture = Fixture(SafeTensors::deserialize(&bytes).expect("a safetensors file"));
    let everything = Selection::from_ranges(std::iter::once(0..SHAPE.scalars()));
    let encoder = fixture.compact("param", &everything);
    let weights = Arc::new(encoder[..SHAPE.scalars()].to_vec());

    let ids = fixture.words("ids", u32::from_le_bytes);
    let segments: Vec<u8> = fixture.words("segments", u32::from_le_bytes).iter().map(|&s| s as u8).collect();
    let targets = fixture.floats("targets");
    let mut at = 0;
    let mut batch = Vec::new();
    for (index, n) in fixture.words("lengths", u32::from_le_bytes).into_iter().enumerate() {
        let end = at + n as usize;
        let (ids, segments) = (&ids[at..end], &segments[at..end]);
        let own = index * objective.targets()..(index + 1) * objective.targets();
        batch.push(Sequence { ids, segments, reads: &[0], targets: &targets[own], index: index as u32 });
        at = end;
    }

    let masks = [
        "full",
        "frozen",
        "mha",
        "ffn",
        "layernorms",
        "layernorm_a",
        "layernorm_f",
        "bitfit",
        "single_norm:2",
    ];
    for name in masks {
        let mask: Mask = name.parse().expect("a mask");
        let selection = mask.resolve(&SHAPE, MaskSwitches::default(), 0, None).expect("a mask of the shape");
        let member = MemberSpec {
            trains: selection.clone().into(),
            seed: 0,
            adam: Adam::default(),
            head: Some(fixture.head("param")),
        };
        let mut gang = Gang::new(CONFIG, weights.clone(), objective, vec![member]).expect("a gang");
        let probe = gang.probe(&batch).expect("a probe");
        assert_close(&probe.logits, &fixture.floats("logits"), 1e-5, name);
        assert_close(&[probe.loss as f32], &fixture.floats("loss"), 1e-5, name);
        assert_close(&probe.gradient, &fixture.compact("grad", &selection), 1e-4, name);

        let prefix = name.replace(':', "_");
        let losses = fixture.floats(&format!("{prefix}.losses"));
        let schedule = Schedule { steps: losses.len(), warmup_steps: 1, decay: Decay::Linear };
        for (step, want) in losses.iter().enumerate() {
            let part = &batch[step % 3..step % 3 + 4];
            let learning_rate = 2e-2 * schedule.factor(step);
            let report = gang.step(&[MemberStep { batch: part, learning_rate }]).expect("a step");
            assert_close(&[report[0].loss as f32], &[*want], 2e-4, &format!("{name}, loss of step {step}"));
        }
        // Adam divides by the gradient's size: where that is rounding error, so is the scalar's way. A key's
        // bias has no gradient at all, and its way is noise in either program.
        let want = fixture.compact(&prefix, &selection);
        let got = gang.trained(0).expect("a member");
        let quiet: Vec<bool> = quiet(&selection, got.len());
        let pick =
            |x: &[f32]| x.iter().zip(&quiet).filter(|(_, q)| !**q).map(|(x, _)| *x).collect::<Vec<_>>();
        assert_close(&pick(got), &pick(&want), 2e-3, &format!("{name}, after {} steps", losses.len()));
    }
}

/// Which scalars of a compact vector are keys' biases.
fn quiet(selection: &Selection, len: usize) -> Vec<bool> {
    use tunemask_shared::shape::Kind;
    let mut out = Vec::new();
    for p in SHAPE.parameters() {
        out.extend(std::iter::repeat_n(p.kind == Kind::KeyBias, selection.within(p.range()).len()));
    }
    out.resize(len, false);
    out
}

#[test]
fn classification_is_pytorchs() {
    check("classification.safetensors", Objective::Classification(3));
}

#[test]
fn regression_is_pytorchs() {
    check("regression.safetensors", Objective::Regression);
}

#[test]
fn several_labels_are_pytorchs() {
    check("multi_label.safetensors", Objective::MultiLabel(4));
}
