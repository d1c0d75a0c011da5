//! All of it, put together.

use super::super::ModelError;
use super::added::Added;
use super::byte_level;
use super::class::{Class, Segments};
use super::fast;
use super::files::{FAST, Files, SETTINGS, VOCABULARY, WORDS};
use super::guard::guarded;
use super::special::{Special, USUAL};
use super::{unigrams, words};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{AddedToken, Tokenizer};

/// No vocabulary comes near it.
const HIGHEST_ID: u32 = i32::MAX as u32;

/// Special tokens without which BERT reads nothing.
const NEEDED: [&str; 4] = ["pad_token", "unk_token", "cls_token", "sep_token"];
/// What a tokenizer must be able to read if it can read anything.
const SAMPLES: [&str; 4] =
    ["", "A sample, and its 2nd part.", "\u{e9}\u{301} \u{6771}\u{4eac} \u{1f600}", "\u{200b}"];

/// A tokenizer with what is known of it.
#[derive(Debug)]
pub(super) struct Built {
    pub tokenizer: Tokenizer,
    pub class: Class,
    pub segments: Segments,
    pub special: Special,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// The tokenizer of a folder's files.
///
/// # Errors
/// See [`super::Tokenizer::open`].
pub(super) fn of_files(files: &Files) -> Result<Built, ModelError> {
    let (class, segments) = Class::from_files(files)?;
    let mut special = Special::from_files(files, class)?;
    let mut added = Added::from_files(files, &mut special)?;
    let file = match (&files.fast, class) {
        (Some(_), _) => FAST,
        (None, Class::ByteLevel) => VOCABULARY,
        (None, Class::Bert | Class::SentencePiece | Class::Generic) => WORDS,
    };
    let normalizer = BertNormalizer::new(
        true,
        files.switch("tokenize_chinese_chars")?.unwrap_or(true),
        files.switch("strip_accents")?,
        files.switch("do_lower_case")?.unwrap_or(true),
    );
    let tokens = added.in_order(&special);
    let (mut tokenizer, own) = match (class, &files.fast) {
        (Class::ByteLevel, _) => {
            let whole = byte_level::whole(files, &special)?;
            let bytes = Value::Object(whole.clone()).to_string();
            (read(files, &whole, bytes.as_bytes())?, HashMap::new())
        }
        (Class::SentencePiece, Some(fast)) => {
            unigrams::check(files, fast, &special)?;
            (read(files, fast, files.bytes(FAST).unwrap_or_default())?, HashMap::new())
        }
        (Class::Generic, Some(fast)) => {
            (read(files, fast, files.bytes(FAST).unwrap_or_default())?, HashMap::new())
        }
        (_, fast) => {
            let own = match fast {
                Some(fast) => words::of_json(files, fast.get("model").unwrap_or(&Value::Null))?,
                None => {
                    let lines = words::of_text(files, files.bytes(WORDS).unwrap_or_default())?;
                    (0..).zip(lines).map(|(id, word)| (word, id)).collect()
                }
            };
            let numbered = |text: &str| added.numbers(text);
            (berts(&files.path(file), &own, normalizer, &special, numbered)?, own)
        }
    };
    let unusable = |e: tokenizers::Error| files.wrong(file, e.to_string());
    let tokens = without_a_new_mask(files, tokens, &own);
    tokenizer.add_tokens(tokens).map_err(unusable)?;
    if files.switch("split_special_tokens")? == Some(true) {
        tokenizer.set_encode_special_tokens(true);
    }
    added.agree(files, &special, &tokenizer)?;
    added.told_apart(files, &tokenizer)?;
    let known = one_word_a_number(files, file, &tokenizer)?;
    let mut notes = added.notes;
    if class == Class::Bert {
        let template = template(&tokenizer, &special).map_err(|why| files.wrong(file, why))?;
        tokenizer.with_post_processor(Some(template));
        if let Some(fast) = &files.fast {
            notes.extend(fast::is_berts(files, fast, &special, &normalizer, &tokenizer)?);
            let decoder = tokenizer.get_added_tokens_decoder();
            words::agree(files, &own, &known, |id| decoder.contains_key(&id))?;
        }
    }
    match class {
        Class::ByteLevel => byte_level::check(files, &special, &tokenizer)?,
        Class::SentencePiece => byte_level::check_frame(files, &special, &tokenizer)?,
        Class::Bert | Class::Generic => {}
    }
    for text in SAMPLES {
        let encoded = guarded(class, || tokenizer.encode_fast(text, true));
        let encoded = encoded.map_err(|why| files.wrong(file, format!("it cannot encode a text: {why}")))?;
        if encoded.is_empty() {
            let why = "its post-processor puts nothing before a text; BERT's head reads the token there";
            return Err(files.wrong(file, why));
        }
    }
    Ok(Built { tokenizer, class, segments, special, notes })
}

/// A lower-casing tokenizer of word pieces with BERT's usual special tokens.
///
/// # Errors
/// A special token that is missing.
pub(super) fn of_words(path: &Path, list: &[String]) -> Result<Built, ModelError> {
    let own: HashMap<String, u32> = (0..).zip(list).map(|(id, word)| (word.clone(), id)).collect();
    let special = Special::usual();
    let known = special.named.iter().filter(|(_, token)| own.contains_key(&token.content));
    let tokens: Vec<AddedToken> = known.map(|(_, token)| token.clone()).collect();
    let wrong = |why: String| ModelError::Tokenizer { path: path.to_owned(), why };
    let normalizer = BertNormalizer::new(true, true, None, true);
    let mut tokenizer = berts(path, &own, normalizer, &special, |_| false)?;
    tokenizer.add_tokens(tokens).map_err(|e| wrong(e.to_string()))?;
    let template = template(&tokenizer, &special).map_err(wrong)?;
    tokenizer.with_post_processor(Some(template));
    Ok(Built { tokenizer, class: Class::Bert, segments: Segments::Own, special, notes: Vec::new() })
}

/// BERT's tokenizer of these word pieces, yet without added tokens and template.
fn berts(
    path: &Path,
    own: &HashMap<String, u32>,
    normalizer: BertNormalizer,
    special: &Special,
    numbered: impl Fn(&str) -> bool,
) -> Result<Tokenizer, ModelError> {
    let wrong = |why: String| ModelError::Tokenizer { path: path.to_owned(), why };
    for role in NEEDED {
        let text = special.text(role);
        // What no file numbers would get a new number, and with it an embedding that was never trained.
        if !own.contains_key(text) && (role == "unk_token" || !numbered(text)) {
            return Err(wrong(format!("no {text} in the vocabulary; BERT needs it")));
        }
    }
    // The library has a map of its own kind.
    let mut vocab = WordPiece::read_bytes(b"").map_err(|e| wrong(e.to_string()))?;
    vocab.extend(own.iter().map(|(word, id)| (word.clone(), *id)));
    let model = WordPiece::builder()
        .vocab(vocab)
        .unk_token(special.text("unk_token").to_owned())
        .build()
        .map_err(|e| wrong(e.to_string()))?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_normalizer(Some(normalizer)).map_err(|e| wrong(e.to_string()))?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    Ok(tokenizer)
}

/// A `tokenizer.json`, `whole` or as `bytes`, as the library reads it.
fn read(
    files: &Files,
    whole: &serde_json::Map<String, Value>,
    bytes: &[u8],
) -> Result<Tokenizer, ModelError> {
    let wrong = |why: String| files.wrong(FAST, why);
    if let Some(processor) = whole.get("post_processor") {
        fast::check_templates(files, processor)?;
    }
    let mut tokenizer = guarded(Class::Generic, || Tokenizer::from_bytes(bytes))
        .map_err(|why| wrong(format!("it is not a tokenizer: {why}")))?;
    // The library gives tokens that are added the numbers behind the highest.
    if let Some((word, id)) = tokenizer.get_vocab(true).into_iter().find(|(_, id)| *id > HIGHEST_ID) {
        return Err(wrong(format!(
            "{word:?} has the number {id}, which is higher than a word piece's can be"
        )));
    }
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(|e| wrong(e.to_string()))?;
    Ok(tokenizer)
}

/// Leaves `[MASK]` out where no file names it, the vocabulary has none and the model has no room for another: only a
/// text that holds it could tell.
fn without_a_new_mask(files: &Files, tokens: Vec<AddedToken>, own: &HashMap<String, u32>) -> Vec<AddedToken> {
    let room = files.of_model("vocab_size").and_then(Value::as_u64);
    let new = tokens.iter().filter(|token| !own.contains_key(&token.content)).count();
    let (_, usual) = USUAL[4];
    let is_named = files.settings.contains_key("mask_token") || files.special.contains_key("mask_token");
    if is_named || own.is_empty() || room.is_none_or(|room| (own.len() + new) as u64 <= room) {
        return tokens;
    }
    tokens.into_iter().filter(|token| token.content != usual || own.contains_key(usual)).collect()
}

/// All word pieces by their numbers.
///
/// # Errors
/// Two have the same one.
fn one_word_a_number(
    files: &Files,
    file: &str,
    tokenizer: &Tokenizer,
) -> Result<HashMap<u32, String>, ModelError> {
    let mut known: HashMap<u32, String> = HashMap::new();
    for (word, id) in tokenizer.get_vocab(true) {
        if let Some(other) = known.insert(id, word.clone()) {
            let (one, two) = if word < other { (word, other) } else { (other, word) };
            let hint = "a word piece that is listed twice leaves one number too few";
            return Err(files.wrong(file, format!("{one:?} and {two:?} both get the number {id}; {hint}")));
        }
    }
    Ok(known)
}

/// `[CLS] a [SEP]` and `[CLS] a [SEP] b [SEP]`, by the names that they have.
fn template(tokenizer: &Tokenizer, special: &Special) -> Result<TemplateProcessing, String> {
    let (cls, sep) = (special.text("cls_token"), special.text("sep_token"));
    if [cls, sep].iter().any(|name| name.contains([' ', ':', '$'])) {
        return Err(format!("{cls:?} and {sep:?} cannot both be in a template ({SETTINGS})"));
    }
    let known =
        |name: &str| tokenizer.token_to_id(name).ok_or_else(|| format!("no {name} in the vocabulary"));
    TemplateProcessing::builder()
        .try_single(format!("{cls} $A {sep}"))?
        .try_pair(format!("{cls} $A {sep} $B:1 {sep}:1"))?
        .special_tokens(vec![(cls.to_owned(), known(cls)?), (sep.to_owned(), known(sep)?)])
        .build()
        .map_err(|e| e.to_string())
}
