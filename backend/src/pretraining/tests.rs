//! Pre-training from its text to its folder.

use super::masking::{Masked, Masking};
use super::{Pretraining, Settings, Start, Text, empty_or_stopped, save};
use crate::model::{self, Model, Stored};
use std::fs;

fn tiny() -> Model {
    model::open("builtin:tiny").unwrap()
}

fn settings(steps: u32) -> Settings {
    Settings {
        start: Start::Fresh,
        steps,
        batch: 8,
        learning_rate: 2e-3,
        warmup: 0.1,
        max_length: 32,
        masked: 0.15,
        dropout: Some(0.0),
        held_out: 20,
        seed: 5,
    }
}

#[test]
fn hidden_word_pieces_have_the_shares_of_the_paper() {
    let model = tiny();
    let masking = Masking::new(3, 0.15, &model.tokenizer).unwrap();
    let text =
        model.tokenizer.encode("The teacher gave the child a book.", Some("A dog saw it."), 64).unwrap();
    let (mut open, mut hidden, mut by_mask, mut same) = (0, 0, 0, 0);
    let mask = model.tokenizer.id("[MASK]").unwrap();
    for epoch in 0..4000 {
        let Masked { ids, reads, targets } = masking.hide(&text, epoch, 9).unwrap();
        assert!(!reads.is_empty() && reads.windows(2).all(|pair| pair[0] < pair[1]));
        open += text.ids.len() - 3;
        hidden += reads.len();
        for (&read, &target) in reads.iter().zip(&targets) {
            let at = read as usize;
            assert_eq!(target, text.ids[at] as f32);
            by_mask += usize::from(ids[at] == mask);
            same += usize::from(ids[at] == text.ids[at]);
        }
        let untouched =
            |(at, id): (usize, &u32)| ids[at] == *id || reads.iter().any(|&read| read as usize == at);
        assert!(text.ids.iter().enumerate().all(untouched));
    }
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    // Of thirteen word pieces one in eight texts hides none, and then one is.
    assert!((0.15..0.17).contains(&share(hidden, open)), "{}", share(hidden, open));
    assert!((0.78..0.82).contains(&share(by_mask, hidden)), "{}", share(by_mask, hidden));
    assert!((0.08..0.12).contains(&share(same, hidden)), "{}", share(same, hidden));
    assert_eq!(masking.hide(&text, 1, 2), masking.hide(&text, 1, 2));
    assert!(masking.hide(&model.tokenizer.encode("", None, 8).unwrap(), 0, 0).is_none());
}

#[test]
fn it_learns_and_goes_on_with_the_same_bits() {
    let (model, text) = (tiny(), Text::BuiltIn(400));
    let folder = tempfile::tempdir().unwrap();
    let mut whole = Pretraining::new(&model, &text, settings(60)).unwrap();
    let chance = whole.held_out().unwrap().unwrap();
    while !whole.is_done() {
        whole.step().unwrap();
    }
    let learnt = whole.held_out().unwrap().unwrap();
    assert!(learnt.loss < 0.9 * chance.loss && learnt.accuracy > chance.accuracy, "{learnt:?} {chance:?}");

    let mut part = Pretraining::new(&model, &text, settings(60)).unwrap();
    (0..25).for_each(|_| _ = part.step().unwrap());
    part.keep(folder.path()).unwrap();
    let mut other = Pretraining::new(&model, &text, Settings { seed: 6, ..settings(60) }).unwrap();
    other.resume(folder.path()).unwrap();
    assert_eq!(other.steps(), 0, "a checkpoint of other settings is not this one's");
    let mut rest = Pretraining::new(&model, &text, settings(60)).unwrap();
    rest.resume(folder.path()).unwrap();
    assert_eq!(rest.steps(), 25);
    while !rest.is_done() {
        rest.step().unwrap();
    }
    assert_eq!(rest.trained().unwrap(), whole.trained().unwrap());
    rest.forget(folder.path());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_saved_is_a_model() {
    let model = tiny();
    let done = Pretraining::new(&model, &Text::BuiltIn(50), settings(1)).unwrap();
    for (stored, tolerance) in [(Stored::F32, 0.0), (Stored::Bf16, 0.004)] {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), &model, &done, stored, &serde_json::json!({ "held_out": null })).unwrap();
        let read = model::open(folder.path().to_str().unwrap()).unwrap();
        assert_eq!(read.config, model.config);
        assert_eq!(read.notes.len(), usize::from(stored == Stored::Bf16), "{:?}", read.notes);
        let text = "The teacher gave the child a book.";
        let ids = |model: &Model| model.tokenizer.encode(text, Some(text), 64).unwrap();
        assert_eq!(ids(&read), ids(&model));
        for (got, want) in read.weights.iter().zip(done.trained().unwrap()) {
            assert!((got - want).abs() <= tolerance * want.abs(), "{got} {want}");
        }
    }
}

#[test]
fn other_files_are_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = || empty_or_stopped(folder.path()).err().map(|e| e.to_string());
    assert_eq!(refusal(), None);
    assert!(empty_or_stopped(&folder.path().join("none")).is_ok());
    fs::write(folder.path().join("vocab.txt"), "a").unwrap();
    assert!(refusal().unwrap().contains("holds vocab.txt"));
    let done = Pretraining::new(&tiny(), &Text::BuiltIn(50), settings(1)).unwrap();
    // What a stop in the middle of writing the model leaves.
    done.keep(folder.path()).unwrap();
    assert_eq!(refusal(), None);
    fs::write(folder.path().join("model.safetensors"), "a").unwrap();
    assert!(refusal().unwrap().contains("a model already"));
}

#[test]
fn bad_input_says_what_to_do() {
    let model = tiny();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text");
    let wrong = |text: &Text, settings| Pretraining::new(&model, text, settings).err().unwrap().to_string();
    let of_file = |content: &[u8]| {
        fs::write(&file, content).unwrap();
        wrong(&Text::File(file.clone(), None), settings(1))
    };
    assert!(of_file(b"").contains("no line"));
    assert!(of_file(b"a dog\nb\xff\n").contains("line 2: not UTF-8"));
    assert!(of_file(b"a dog\n").contains("too few to hold out 20"));
    assert!(wrong(&Text::File(folder.path().join("none"), None), settings(1)).contains("none"));
    fs::write(&file, "犬\n".repeat(30)).unwrap();
    let mut unknown = Pretraining::new(&model, &Text::File(file.clone(), None), settings(1)).unwrap();
    assert!(unknown.step().unwrap_err().to_string().contains("knows none of their words"));
    let built_in = Text::BuiltIn(30);
    assert!(wrong(&built_in, settings(0)).contains("--steps"));
    assert!(wrong(&built_in, Settings { max_length: 129, ..settings(1) }).contains("4 to 128"));
    assert!(wrong(&built_in, Settings { masked: f64::NAN, ..settings(1) }).contains("--masked"));
}
