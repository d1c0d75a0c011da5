//! Folders of the families beside BERT: what is read of them, and the ids that transformers gives.

use super::folder;
use crate::model::{Config, Tokenizer};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tunemask_shared::family::{Activation, Family, RobertaName};

/// The folder of `fixtures/families`, where `make.py` remakes all.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/families")
}

/// A copy of one whose files a test may change.
fn copy(family: &str) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(fixtures().join(family)).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    copy
}

/// A text, a pair or the words of a sentence, with what transformers makes of it.
#[derive(Deserialize)]
struct Row {
    text: Option<String>,
    pair: Option<String>,
    tokens: Option<Vec<String>>,
    ids: Vec<u32>,
    #[serde(default)]
    firsts: Vec<Option<u32>>,
}

#[test]
fn ids_are_those_of_transformers() {
    let text = fs::read_to_string(fixtures().join("encodings.json")).unwrap();
    let families: BTreeMap<String, Vec<Row>> = serde_json::from_str(&text).unwrap();
    assert_eq!(families.len(), 5);
    for (family, rows) in families {
        let tokenizer = Tokenizer::open(&fixtures().join(&family)).unwrap();
        for row in rows {
            let (encoding, firsts) = match (&row.text, &row.tokens) {
                (Some(text), _) => (tokenizer.encode(text, row.pair.as_deref(), 512).unwrap(), Vec::new()),
                (None, words) => {
                    let got = tokenizer.encode_words(words.as_ref().unwrap(), 512).unwrap();
                    (got.encoding, got.firsts)
                }
            };
            let what = format!("{family} {:?} {:?} {:?}", row.text, row.pair, row.tokens);
            assert_eq!((encoding.ids, firsts), (row.ids, row.firsts), "{what}");
            let second = row.pair.is_some() && family == "electra";
            assert_eq!(encoding.segments.contains(&1), second, "{what}");
        }
    }
}

#[test]
fn a_byte_level_tokenizer_is_the_same_from_either_kind_of_file() {
    let lists = copy("roberta");
    let whole = copy("roberta");
    let tokenizer = Tokenizer::open(lists.path()).unwrap();
    for file in ["tokenizer.json", "tokenizer_config.json"] {
        fs::copy(fixtures().join("roberta-saved").join(file), whole.path().join(file)).unwrap();
    }
    let other = Tokenizer::open(whole.path()).unwrap();
    assert!(other.identity() == tokenizer.identity());
    // A vocabulary that does not fit is seen, and one that is left out is not missed.
    let list = whole.path().join("vocab.json");
    let mut words: Value = serde_json::from_slice(&fs::read(&list).unwrap()).unwrap();
    words["a"] = json!(9);
    fs::write(&list, words.to_string()).unwrap();
    let error = Tokenizer::open(whole.path()).unwrap_err().to_string();
    assert!(error.contains("vocab.json") && error.contains("\"a\" has the number 9"), "{error}");
    fs::remove_file(&list).unwrap();
    assert!(Tokenizer::open(whole.path()).unwrap().identity() == tokenizer.identity());
}

/// The classes read the texts alike, but not the words of a sentence.
#[test]
fn a_byte_level_tokenizer_of_another_class_is_another_one() {
    let folder = copy("roberta");
    fs::copy(fixtures().join("roberta-saved/tokenizer.json"), folder.path().join("tokenizer.json")).unwrap();
    let open = |class: &str| {
        let settings = json!({"tokenizer_class": class}).to_string();
        fs::write(folder.path().join("tokenizer_config.json"), settings).unwrap();
        Tokenizer::open(folder.path()).unwrap()
    };
    let [own, other] = ["RobertaTokenizer", "PreTrainedTokenizerFast"].map(open);
    let words = ["The".to_owned(), "child".to_owned()];
    let read = |tokenizer: &Tokenizer| tokenizer.encode_words(&words, 512).unwrap().encoding.ids;
    assert_eq!(own.encode("The child", None, 512).unwrap(), other.encode("The child", None, 512).unwrap());
    assert_ne!(read(&own), read(&other));
    assert_ne!(own.identity(), other.identity());
    // RoBERTa's own has no line that it had not always: runs are found by it.
    let told = [&own, &other].map(|tokenizer| tokenizer.identity().contains("a space before each"));
    assert_eq!(told, [false, true]);
}

#[test]
fn unigrams_are_what_every_version_of_transformers_makes_of_their_file() {
    let folder = copy("xlm-roberta");
    let path = folder.path().join("tokenizer.json");
    let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let open = |change: &dyn Fn(&mut Value)| {
        let mut json = json.clone();
        change(&mut json);
        fs::write(&path, json.to_string()).unwrap();
        Tokenizer::open(folder.path()).map_err(|error| error.to_string())
    };
    let refused = |change: &dyn Fn(&mut Value), why: &str| {
        let error = open(change).unwrap_err();
        assert!(
            error.contains("tokenizer.json") && error.contains(why) && error.contains("versions"),
            "{error}"
        );
    };
    let metaspace = |scheme: &str| json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme});
    let joined =
        |content: &str| json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": content});
    let strip = json!({"type": "Strip", "strip_left": false, "strip_right": true});
    // A map that leaves every character as it is: 1,024 bytes of an empty trie behind their number.
    let map =
        json!({"type": "Precompiled", "precompiled_charsmap": format!("AAQA{}AAA=", "AAAA".repeat(341))});
    let all = |parts: &[&Value]| json!({"type": "Sequence", "normalizers": parts});

    refused(&|json| json["normalizer"] = json!({"type": "Lowercase"}), "its normalizer has Lowercase");
    refused(&|json| json["pre_tokenizer"] = metaspace("first"), "its pre-tokenizer is not WhitespaceSplit");
    // Spaces at the end of a text would be a token of their own.
    refused(&|json| json["pre_tokenizer"] = metaspace("always"), "its pre-tokenizer is Metaspace alone");
    refused(&|json| json["normalizer"] = joined("▁"), "its normalizer leaves a mark for spaces");
    refused(&|json| json["model"]["unk_id"] = json!(4), "what is unknown is \"<mask>\", not \"<unk>\"");
    refused(&|json| json["model"]["byte_fallback"] = json!(true), "`byte_fallback` is true");
    refused(&|json| json["post_processor"] = json!(null), "does not make <s> a </s>");

    // As transformers 4 writes it, and the hub has it since 2020.
    let usual = open(&|_| {}).unwrap();
    let of_4 = open(&|json| {
        json["normalizer"] = all(&[&map, &strip, &joined("▁")]);
        json["pre_tokenizer"] = metaspace("always");
    });
    let of_2020 = open(&|json| {
        json["normalizer"] = all(&[&map, &joined(" ")]);
        json["pre_tokenizer"]["pretokenizers"][1] =
            json!({"type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": true});
    });
    for other in [of_4.unwrap(), of_2020.unwrap()] {
        for text in ["The child  sees a dog.", "  a dog", "rain  ", "", " "] {
            let ids = |tokenizer: &Tokenizer| tokenizer.encode(text, Some("a  dog "), 512).unwrap().ids;
            assert_eq!(ids(&other), ids(&usual), "{text:?}");
        }
    }
    fs::write(&path, json.to_string()).unwrap();
    let settings = json!({"tokenizer_class": "XLMRobertaTokenizer", "add_prefix_space": false}).to_string();
    fs::write(folder.path().join("tokenizer_config.json"), settings).unwrap();
    let error = Tokenizer::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("tokenizer_config.json") && error.contains("`add_prefix_space` is false"),
        "{error}"
    );
}

#[test]
fn what_versions_of_transformers_read_differently_is_refused_by_name() {
    let folder = copy("roberta");
    let json = fs::read(fixtures().join("roberta-saved/tokenizer.json")).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    let refused = |change: &dyn Fn(&mut Value), why: &str| {
        let mut json = json.clone();
        change(&mut json);
        fs::write(folder.path().join("tokenizer.json"), json.to_string()).unwrap();
        let error = Tokenizer::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("tokenizer.json") && error.contains(why), "{error}");
    };
    refused(&|json| json["normalizer"] = json!({"type": "NFC"}), "its normalizer is NFC, not none");
    refused(&|json| json["model"]["fuse_unk"] = json!(true), "its model's `fuse_unk` is true");
    refused(&|json| json["pre_tokenizer"]["use_regex"] = json!(false), "not ByteLevel with its pattern");
    refused(&|json| json["pre_tokenizer"] = json!({"type": "Whitespace"}), "is Whitespace, not ByteLevel");
    refused(&|json| json["post_processor"] = json!(null), "does not make <s> a </s>");
    refused(&|json| json["model"] = json!({"type": "WordLevel", "vocab": {}, "unk_token": "a"}), "not BPE");
    fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
    let merges = folder.path().join("merges.txt");
    let text = fs::read_to_string(&merges).unwrap();
    fs::write(&merges, format!("{text}one two three\n")).unwrap();
    let error = Tokenizer::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("merges.txt") && error.contains("expected two pieces"), "{error}");
    fs::remove_file(&merges).unwrap();
    let error = Tokenizer::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("no tokenizer"), "{error}");

    let unigrams = copy("xlm-roberta");
    fs::remove_file(unigrams.path().join("tokenizer.json")).unwrap();
    fs::write(unigrams.path().join("vocab.txt"), folder::WORDS).unwrap();
    let error = Tokenizer::open(unigrams.path()).unwrap_err().to_string();
    assert!(error.contains("needs a tokenizer.json: open the folder with AutoTokenizer"), "{error}");
}

#[test]
fn the_config_of_every_family_is_read() {
    let open = |family: &str| Config::open(&fixtures().join(family).join("config.json")).unwrap();
    let roberta = |name| Family::Roberta { name, padding: 1 };
    for (family, want, segments, activation, epsilon) in [
        ("roberta", roberta(RobertaName::Roberta), 1, Activation::Gelu, 1e-5),
        ("xlm-roberta", roberta(RobertaName::XlmRoberta), 1, Activation::GeluTanh, 1e-5),
        ("camembert", roberta(RobertaName::Camembert), 1, Activation::Gelu, 1e-5),
        ("distilbert", Family::DistilBert, 0, Activation::Relu, 1e-12),
        ("electra", Family::Electra { embedding: 5 }, 2, Activation::Gelu, 1e-12),
    ] {
        let Config { encoder, .. } = open(family);
        let shape = encoder.shape;
        assert_eq!((shape.family, shape.segments, encoder.activation), (want, segments, activation));
        assert_eq!((shape.positions, shape.layers, shape.hidden, shape.intermediate), (40, 2, 8, 12));
        assert_eq!(encoder.layer_norm_epsilon, epsilon, "{family}");
    }
    let distilbert = open("distilbert");
    assert_eq!(distilbert.encoder.classifier_dropout, Some(0.2));
    assert!(distilbert.notes[0].contains("seq_classif_dropout"), "{:?}", distilbert.notes);
}

#[test]
fn what_cannot_be_read_of_a_family_is_refused_by_name() {
    let refused = |family: &str, field: &str, value: Value, why: &str| {
        let path = fixtures().join(family).join("config.json");
        let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        config[field] = value;
        let error = Config::parse(&path, config.to_string().as_bytes()).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    };
    refused("distilbert", "sinusoidal_pos_embds", json!(true), "`sinusoidal_pos_embds` is set");
    refused("distilbert", "n_heads", json!(3), "`n_heads` is 3, which does not divide dim 8");
    refused("distilbert", "activation", json!("silu"), "`activation` is \"silu\"; only \"gelu\" (erf)");
    refused("roberta", "max_position_embeddings", json!(9), "is 9, of which 2 are not used");
    refused("electra", "embedding_size", json!(0), "`embedding_size` is 0");
    refused("electra", "model_type", json!("deberta"), "\"deberta\"; can be trained: bert, roberta");
}
