use super::folder::{WORDS, folder, shared};
use crate::model::{Encoding, ModelError, Tokenizer};
use serde::Deserialize;
use std::fs;
use std::path::Path;

fn open(folder: &Path) -> Result<Tokenizer, ModelError> {
    Tokenizer::open(folder)
}

#[derive(Deserialize)]
struct Golden {
    file: String,
    row: usize,
    text: Vec<String>,
    ids: Vec<u32>,
    type_ids: Vec<u8>,
}

#[test]
fn encodings_equal_the_golden_ones_through_both_files() {
    for casing in ["uncased", "cased"] {
        let (Some(folder), Some(golden)) = (
            shared(&format!("data/vocab/bert-base-{casing}")),
            shared(&format!("data/golden_tokenization/glue_{casing}.jsonl")),
        ) else {
            return;
        };
        let golden: Vec<Golden> =
            fs::read_to_string(golden).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(golden.len(), 2149);
        let texts: Vec<(&str, Option<&str>)> =
            golden.iter().map(|g| (g.text[0].as_str(), g.text.get(1).map(String::as_str))).collect();
        let plain = tempfile::tempdir().unwrap();
        for file in ["vocab.txt", "tokenizer_config.json"] {
            fs::copy(folder.join(file), plain.path().join(file)).unwrap();
        }
        let tokenizers = [open(&folder).unwrap(), open(plain.path()).unwrap()];
        assert_eq!(tokenizers[0].identity(), tokenizers[1].identity());
        for tokenizer in tokenizers {
            assert_eq!(tokenizer.cased(), casing == "cased");
            let encodings = tokenizer.encode_batch(&texts, 512).unwrap();
            for (g, got) in golden.iter().zip(encodings) {
                let want = Encoding { ids: g.ids.clone(), segments: g.type_ids.clone(), truncated: false };
                assert_eq!(got, want, "{casing} {} {}", g.file, g.row);
            }
        }
    }
}

fn small() -> Tokenizer {
    open(folder().path()).unwrap()
}

#[test]
fn words_become_pieces_between_special_tokens() {
    let single = small().encode("The DOG  sleeps.", None, 16).unwrap();
    assert_eq!(single.ids, [2, 5, 6, 7, 8, 10, 3]);
    assert_eq!(single.segments, [0; 7]);
    let pair = small().encode("dog", Some("sleeping cat"), 16).unwrap();
    assert_eq!(pair.ids, [2, 6, 3, 7, 9, 1, 3]);
    assert_eq!(pair.segments, [0, 0, 0, 1, 1, 1, 1]);
    assert_eq!(small().encode("", None, 16).unwrap().ids, [2, 3]);
}

/// Lengths left of two texts of so many words, by the rule's words: tokens leave the longer text one by one,
/// the second at a tie, as in Hugging Face's Rust tokenizers (halves, the odd one to the second's side).
#[test]
fn the_longer_text_is_cut_first() {
    let tokenizer = small();
    let lengths = |a: usize, b: usize, max: usize| {
        let (a, b) = ("dog ".repeat(a), "the ".repeat(b));
        let e = tokenizer.encode(&a, Some(&b), max).unwrap();
        let count = |id| e.ids.iter().filter(|&&i| i == id).count();
        assert_eq!(e.ids.len(), e.segments.len());
        assert_eq!(e.segments.iter().filter(|&&s| s == 1).count(), count(5) + 1);
        (count(6), count(5), e.truncated)
    };
    assert_eq!(lengths(4, 5, 12), (4, 5, false));
    assert_eq!(lengths(2, 20, 12), (2, 7, true));
    assert_eq!(lengths(20, 2, 12), (7, 2, true));
    assert_eq!(lengths(20, 20, 13), (5, 5, true));
    assert_eq!(lengths(20, 21, 12), (4, 5, true));
    assert_eq!(lengths(21, 20, 12), (5, 4, true));
    let single = tokenizer.encode(&"dog ".repeat(30), None, 8).unwrap();
    assert_eq!((single.ids.len(), single.ids[7], single.truncated), (8, 3, true));
    assert!(tokenizer.encode("dog", Some("the"), 2).unwrap_err().to_string().contains("exceed 2"));
}

#[test]
fn the_config_has_the_last_word_on_case() {
    let dir = folder();
    assert!(!open(dir.path()).unwrap().cased());
    fs::write(dir.path().join("tokenizer_config.json"), r#"{"do_lower_case": false}"#).unwrap();
    let cased = open(dir.path()).unwrap();
    assert!(cased.cased());
    assert_eq!(cased.encode("The dog", None, 16).unwrap().ids, [2, 11, 6, 3]);
}

#[test]
fn unusable_files_are_named() {
    let dir = folder();
    let error = || open(dir.path()).unwrap_err().to_string();
    fs::write(dir.path().join("vocab.txt"), WORDS.replace("[CLS]", "cls")).unwrap();
    assert!(error().contains("vocab.txt: no [CLS] in the vocabulary"));
    fs::write(dir.path().join("vocab.txt"), b"[PAD]\n[UNK]\nd\xffg\n").unwrap();
    assert!(error().contains("vocab.txt, line 3: not UTF-8"));
    fs::write(dir.path().join("tokenizer.json"), "{").unwrap();
    assert!(error().contains("tokenizer.json"));
    fs::write(dir.path().join("tokenizer_config.json"), "[").unwrap();
    assert!(error().contains("tokenizer_config.json: not valid JSON"));
}

#[test]
fn a_vocabulary_larger_than_the_model_is_refused() {
    let dir = folder();
    fs::write(dir.path().join("vocab.txt"), format!("{WORDS}cat\n")).unwrap();
    let error = crate::model::open(dir.path().to_str().unwrap()).unwrap_err().to_string();
    assert!(error.contains("13 word pieces") && error.contains("vocab_size of 12"), "{error}");
}
