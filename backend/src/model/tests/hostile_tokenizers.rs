//! Tokenizer files that are damaged in every place: read or refused, never a panic.

use super::folder::{folder, tokenizer_json};
use crate::model::Tokenizer;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What is put in the place of every part.
fn others() -> Vec<Value> {
    let long = "x".repeat(5000);
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(4_294_967_295_u32),
        json!(1e300),
        json!(""),
        json!("[NONE]"),
        json!(long),
        json!([]),
        json!({}),
        json!([[null]]),
    ]
}

/// All places of a value, its parts within three levels of `vocab` left out but for the first ones.
fn places(value: &Value, here: &str, out: &mut Vec<String>) {
    out.push(here.to_owned());
    let most = if here.ends_with("/vocab") { 2 } else { usize::MAX };
    match value {
        Value::Object(map) => {
            map.iter().take(most).for_each(|(key, inner)| places(inner, &format!("{here}/{key}"), out));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(i, inner)| places(inner, &format!("{here}/{i}"), out));
        }
        _ => {}
    }
}

fn read(folder: &Path) -> Option<()> {
    let tokenizer = Tokenizer::open(folder).ok()?;
    for text in ["", "the dog", "The\u{301} [MASK]\u{200b} 東京 [E1]", &"dog ".repeat(40)] {
        _ = tokenizer.encode(text, None, 8);
        _ = tokenizer.encode(text, Some("sleep"), 8);
        _ = tokenizer.encode_words(&text.split(' ').map(str::to_owned).collect::<Vec<_>>(), 8);
    }
    Some(())
}

fn damaged_everywhere(file: &str, whole: &Value, folder: &Path) -> (usize, usize) {
    let path = folder.join(file);
    fs::write(&path, whole.to_string()).unwrap();
    assert!(read(folder).is_some(), "{}", Tokenizer::open(folder).unwrap_err());
    let mut all = Vec::new();
    places(whole, "", &mut all);
    let (mut readable, mut refused) = (0, 0);
    for place in &all {
        for other in others() {
            let mut damaged = whole.clone();
            *damaged.pointer_mut(place).unwrap() = other;
            fs::write(&path, damaged.to_string()).unwrap();
            *if read(folder).is_some() { &mut readable } else { &mut refused } += 1;
        }
    }
    fs::write(&path, whole.to_string()).unwrap();
    (readable, refused)
}

#[test]
fn a_damaged_file_is_read_or_refused() {
    let dir = folder();
    let settings = json!({
        "tokenizer_class": "BertTokenizer", "do_lower_case": true, "strip_accents": null, "cls_token": "[CLS]",
        "additional_special_tokens": ["[E1]"], "model_input_names": ["input_ids", "token_type_ids"],
        "mask_token": {"__type": "AddedToken", "content": "[MASK]", "lstrip": true},
    });
    let (readable, refused) = damaged_everywhere("tokenizer_config.json", &settings, dir.path());
    assert!(readable > 20 && refused > 20, "{readable} {refused}");
    fs::write(dir.path().join("tokenizer_config.json"), "{}").unwrap();
    damaged_everywhere("special_tokens_map.json", &json!({"cls_token": {"content": "[CLS]"}}), dir.path());
    let (readable, refused) =
        damaged_everywhere("added_tokens.json", &json!({"[E1]": 12, "[E2]": 13}), dir.path());
    assert!(readable > 0 && refused > 5, "{readable} {refused}");
    let decoder = json!({"added_tokens_decoder": {"12": {"content": "[E1]", "normalized": false}}});
    fs::remove_file(dir.path().join("added_tokens.json")).unwrap();
    damaged_everywhere("tokenizer_config.json", &decoder, dir.path());
}

#[test]
fn a_damaged_tokenizer_json_is_read_or_refused() {
    let dir = folder();
    let fast = tokenizer_json();
    for class in ["BertTokenizer", "PreTrainedTokenizerFast"] {
        let settings =
            json!({"tokenizer_class": class, "model_input_names": ["input_ids", "token_type_ids"]});
        fs::write(dir.path().join("tokenizer_config.json"), settings.to_string()).unwrap();
        let (readable, refused) = damaged_everywhere("tokenizer.json", &fast, dir.path());
        assert!(readable > 50 && refused > 200, "{class}: {readable} {refused}");
    }
}

#[test]
fn a_template_is_looked_into_whatever_it_calls_itself() {
    let dir = folder();
    let mut file = tokenizer_json();
    let processor = &mut file["post_processor"];
    processor["single"][2]["SpecialToken"]["id"] = json!("[NONE]");
    for kind in ["TemplateProcessing", "Template\u{7f}", ""] {
        file["post_processor"]["type"] = json!(kind);
        fs::write(dir.path().join("tokenizer.json"), file.to_string()).unwrap();
        let why = Tokenizer::open(dir.path()).unwrap_err().to_string();
        assert!(why.contains("\"[NONE]\"") && why.contains("do not define"), "{kind}: {why}");
    }
}

#[test]
fn a_number_behind_which_there_is_none_is_refused() {
    let dir = folder();
    let mut file = tokenizer_json();
    file["model"]["vocab"]["[PAD]"] = json!(u32::MAX);
    fs::write(dir.path().join("tokenizer.json"), file.to_string()).unwrap();
    let why = Tokenizer::open(dir.path()).unwrap_err().to_string();
    assert!(why.contains("4294967295"), "{why}");
}
