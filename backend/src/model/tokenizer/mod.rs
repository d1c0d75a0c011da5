//! Text to word pieces, as Hugging Face's transformers does it for a model's folder.
//!
//! Everything in the folder that decides how text becomes ids is honoured, or refused by name: the class of the
//! tokenizer, its vocabulary, switches, special and added tokens with their flags. Where the folder's files disagree, or
//! versions of transformers read them differently, the error says in what. In reading order:

/// The folder's files.
mod files;
/// Which class reads them.
mod class;
/// Special tokens by their roles.
mod special;
/// Tokens that are found before a text is cut into words.
mod added;
/// `vocab.txt`, and the vocabulary of `tokenizer.json`.
mod words;
/// What of `tokenizer.json` BERT's class may not say.
mod fast;
/// RoBERTa's kind.
mod byte_level;
/// XLM-RoBERTa's and CamemBERT's.
mod unigrams;
/// All of it, put together.
mod build;
/// Calls of the library that may fail.
mod guard;
/// All that determines what becomes of a text.
mod identity;

use super::{Config, ModelError};
use build::Built;
use class::{Class, Segments};
use files::Files;
use guard::guarded;
use rayon::prelude::*;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokenizers::{PostProcessor, TruncationParams, TruncationStrategy, truncate_encodings};

pub(super) use files::ALL as FILES;

/// A text, or a pair of texts, as the encoder reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// `[CLS] a [SEP]`, or `[CLS] a [SEP] b [SEP]`.
    pub ids: Vec<u32>,
    /// 0 for the first text and its special tokens, 1 for the second and its `[SEP]`.
    pub segments: Vec<u8>,
    /// Whether tokens were cut to fit.
    pub truncated: bool,
}

/// The words of a sentence as the encoder reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedWords {
    /// The sequence.
    pub encoding: Encoding,
    /// Of each word that is in it the position of its first piece; `None` of one without pieces, such as a zero-width
    /// space. Words that were cut off are missing at the end.
    pub firsts: Vec<Option<u32>>,
}

/// A tokenizer; cheap to clone, shared by threads.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: Arc<tokenizers::Tokenizer>,
    /// What reads the words of a sentence one by one: the same, but for a byte-level one, which wants a space before each.
    of_words: Arc<tokenizers::Tokenizer>,
    about: Arc<About>,
}

/// What is known of a tokenizer.
#[derive(Debug)]
struct About {
    /// The file of its vocabulary.
    path: PathBuf,
    class: Class,
    segments: Segments,
    cased: bool,
    identity: String,
    notes: Vec<String>,
    /// Its special tokens' numbers, and those of two roles.
    special: Vec<u32>,
    mask: Option<u32>,
    pad: Option<u32>,
    /// The folder's files as they lie there; none of one that was made of words.
    files: Vec<(&'static str, Vec<u8>)>,
    /// The class, where `config.json` alone names it.
    class_of_model: Option<String>,
}

impl Tokenizer {
    /// Reads what a folder holds of a tokenizer.
    ///
    /// # Errors
    /// None of the files that hold a vocabulary; a file that cannot be understood; one without the special tokens that
    /// BERT needs; a class, or a switch, that reads text in another way than is known here; files that disagree.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let files = Files::read(folder)?;
        let built = build::of_files(&files)?;
        let path = files.path(match (&files.fast, built.class) {
            (Some(_), _) => files::FAST,
            (None, Class::ByteLevel) => files::VOCABULARY,
            (None, Class::Bert | Class::SentencePiece | Class::Generic) => files::WORDS,
        });
        let class_of_model = match files.setting("tokenizer_class") {
            Some(_) => None,
            None => files.of_model("tokenizer_class").and_then(|c| c.as_str()).map(str::to_owned),
        };
        Ok(Self::new(path, built, files.raw, class_of_model))
    }

    /// A tokenizer of whole words and word pieces (`##…`), numbered in their order.
    ///
    /// # Errors
    /// A list without BERT's special tokens.
    pub fn from_words(words: &[String]) -> Result<Self, ModelError> {
        let path = PathBuf::from("the built-in vocabulary");
        let built = build::of_words(&path, words)?;
        Ok(Self::new(path, built, Vec::new(), None))
    }

    /// Whether a folder's tokenizer keeps case, as far as its files tell. Hugging Face's default is no.
    pub(super) fn is_cased(folder: &Path) -> bool {
        Self::open(folder).is_ok_and(|tokenizer| tokenizer.cased())
    }

    fn new(
        path: PathBuf,
        built: Built,
        files: Vec<(&'static str, Vec<u8>)>,
        class_of_model: Option<String>,
    ) -> Self {
        let identity = identity::sha256(&built);
        let Built { tokenizer, class, segments, special, notes } = built;
        let id = |role: &str| special.get(role).and_then(|token| tokenizer.token_to_id(&token.content));
        let numbers = special.named.iter().filter_map(|(role, _)| id(role)).collect();
        let cased = !identity::lowercases(&tokenizer);
        let (mask, pad) = (id("mask_token"), id("pad_token"));
        let about = About {
            path,
            class,
            segments,
            cased,
            identity,
            notes,
            special: numbers,
            mask,
            pad,
            files,
            class_of_model,
        };
        let inner = Arc::new(tokenizer);
        let of_words = match class {
            Class::ByteLevel => Arc::new(byte_level::of_words(&inner)),
            Class::Bert | Class::SentencePiece | Class::Generic => Arc::clone(&inner),
        };
        Self { inner, of_words, about: Arc::new(about) }
    }

    /// Whether case is kept.
    pub fn cased(&self) -> bool {
        self.about.cased
    }

    /// What the user should know of how its files were read.
    pub fn notes(&self) -> &[String] {
        &self.about.notes
    }

    /// One more than the largest word piece's number.
    pub fn vocabulary_size(&self) -> usize {
        self.inner.get_vocab(true).values().max().map_or(0, |&id| id as usize + 1)
    }

    /// A word piece's number.
    pub fn id(&self, piece: &str) -> Option<u32> {
        self.inner.token_to_id(piece)
    }

    /// The number of the token that stands for a hidden one.
    pub fn mask(&self) -> Option<u32> {
        self.about.mask
    }

    /// The number of the token that fills batches up.
    pub(super) fn pad(&self) -> Option<u32> {
        self.about.pad
    }

    /// The numbers of its special tokens.
    pub fn special(&self) -> &[u32] {
        &self.about.special
    }

    /// Whether words are read with a space before each, which its class must be told (`add_prefix_space`).
    pub fn spaces_words(&self) -> bool {
        self.about.class == Class::ByteLevel
    }

    /// All that determines what it makes of a text.
    pub fn identity(&self) -> &str {
        &self.about.identity
    }

    /// Its files in a Hugging Face folder with room for so many positions: those that it was read from, or such that it
    /// is read from them again.
    pub(super) fn files(&self, positions: usize) -> Vec<(&'static str, Vec<u8>)> {
        if !self.about.files.is_empty() {
            return self.about.files.clone();
        }
        let own = |id| self.inner.id_to_token(id).unwrap_or_else(|| format!("[unused{id}]"));
        let words = (0..self.vocabulary_size() as u32).map(|id| own(id) + "\n").collect::<String>();
        let settings = json!({
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": !self.cased(),
            "model_max_length": positions,
        });
        // It is made of parts that have such a text.
        let fast = self.inner.to_string(true).unwrap_or_default();
        let text = [(files::FAST, fast), (files::WORDS, words), (files::SETTINGS, format!("{settings:#}\n"))];
        text.map(|(name, text)| (name, text.into_bytes())).to_vec()
    }

    /// The class, where it was `config.json` that named it.
    pub(super) fn class_of_model(&self) -> Option<&str> {
        self.about.class_of_model.as_deref()
    }

    /// Whether every word piece has an embedding.
    pub(super) fn fits(&self, folder: &Path, config: &Config) -> Result<(), ModelError> {
        let (got, want) = (self.vocabulary_size(), config.encoder.shape.vocabulary);
        if got <= want {
            return Ok(());
        }
        let config = folder.join(super::contents::CONFIG);
        let room = format!("{} has a vocab_size of {want}", config.display());
        let added = self.inner.get_added_tokens_decoder().into_iter().filter(|(id, _)| *id as usize >= want);
        let first = added.min_by_key(|(id, _)| *id).filter(|_| self.inner.get_vocab_size(false) <= want);
        let (path, why) = match first {
            Some((id, token)) => {
                let path = self
                    .adds(&token.content)
                    .map_or_else(|| self.about.path.clone(), |name| folder.join(name));
                (path, format!("it adds {:?} as word piece {id}, counted from 0, but {room}", token.content))
            }
            None => (self.about.path.clone(), format!("{got} word pieces, but {room}")),
        };
        Err(ModelError::Tokenizer { path, why })
    }

    /// The file that adds a token to the vocabulary.
    fn adds(&self, token: &str) -> Option<&'static str> {
        // Those that may hold nothing but added tokens come first.
        let order = [files::ADDED, files::SETTINGS, files::SPECIAL, files::FAST];
        let quoted = serde_json::Value::from(token).to_string();
        let names = |name: &str| {
            let file = self.about.files.iter().find(|(own, _)| *own == name);
            file.is_some_and(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&quoted))
        };
        order.into_iter().find(|name| names(name))
    }

    /// Encodes a text or a pair to at most `max_length` tokens, special tokens included. What is too long is
    /// cut by `longest_first`: tokens leave the end of the longer text until both fit.
    ///
    /// # Errors
    /// A `max_length` that the special tokens alone exceed; a text that the tokenizer's files cannot encode.
    pub fn encode(&self, text: &str, pair: Option<&str>, max_length: usize) -> Result<Encoding, ModelError> {
        let error = |why: String| ModelError::Encode { text: text.chars().take(60).collect(), why };
        let special = self.inner.get_post_processor().map_or(0, |p| p.added_tokens(pair.is_some()));
        if max_length < special {
            return Err(error(format!("its {special} special tokens exceed {max_length}")));
        }
        let cut =
            |text: &str| guarded(self.about.class, || self.inner.encode_fast(text, false)).map_err(error);
        let a = cut(text)?;
        let b = pair.map(cut).transpose()?;
        let segments = match self.about.segments {
            Segments::Unclear if b.is_some() => {
                let file = self.about.path.with_file_name(files::SETTINGS);
                let why = format!(
                    "{} does not say in `model_input_names` whether the texts of a pair have segments of their own \
                     (token_type_ids), and versions of transformers differ",
                    file.display()
                );
                return Err(error(why));
            }
            segments => segments,
        };
        let total = a.len() + b.as_ref().map_or(0, tokenizers::Encoding::len);
        let params = TruncationParams {
            max_length: max_length - special,
            strategy: TruncationStrategy::LongestFirst,
            ..TruncationParams::default()
        };
        let truncated = total > params.max_length;
        let (mut a, mut b) = truncate_encodings(a, b, &params).map_err(|e| error(e.to_string()))?;
        // What was cut off is kept as overflow and would be processed too.
        a.take_overflowing();
        b.iter_mut().for_each(|b| drop(b.take_overflowing()));
        let encoding = guarded(self.about.class, || self.inner.post_process(a, b, true)).map_err(error)?;
        Ok(encoded(&encoding, segments, truncated))
    }

    /// Encodes the words of a sentence. A word without pieces is not in the sequence. What exceeds `max_length` is cut
    /// before the first word that does not fit; of a first word that does not, the beginning stays.
    ///
    /// # Errors
    /// A `max_length` that the special tokens alone exceed; a word that the tokenizer's files cannot encode.
    pub fn encode_words(&self, words: &[String], max_length: usize) -> Result<EncodedWords, ModelError> {
        let error =
            |word: &str, why: String| ModelError::Encode { text: word.chars().take(60).collect(), why };
        let special = self.inner.get_post_processor().map_or(0, |p| p.added_tokens(false));
        let room = max_length.saturating_sub(special);
        if room == 0 {
            let why = format!("its {special} special tokens leave no room in {max_length}");
            return Err(error(&words.join(" "), why));
        }
        let class = self.about.class;
        let mut pieces: Vec<u32> = Vec::new();
        let mut firsts: Vec<Option<usize>> = Vec::new();
        let mut truncated = false;
        for word in words {
            let encoding = guarded(class, || self.of_words.encode_fast(word.as_str(), false))
                .map_err(|why| error(word, why))?;
            truncated = pieces.len() + encoding.len() > room;
            if truncated && !pieces.is_empty() {
                break;
            }
            firsts.push((!encoding.is_empty()).then_some(pieces.len()));
            pieces.extend(encoding.get_ids().iter().take(room));
        }
        let tokens = pieces.into_iter().map(|id| tokenizers::Token::new(id, String::new(), (0, 0))).collect();
        let encoding = tokenizers::Encoding::from_tokens(tokens, 0);
        let encoding = guarded(class, || self.inner.post_process(encoding, None, true))
            .map_err(|why| error(&words.join(" "), why))?;
        let own: Vec<u32> =
            (0..).zip(encoding.get_special_tokens_mask()).filter(|(_, s)| **s == 0).map(|(i, _)| i).collect();
        let firsts = firsts.into_iter().map(|first| own.get(first?).copied()).collect();
        Ok(EncodedWords { encoding: encoded(&encoding, self.about.segments, truncated), firsts })
    }

    /// Encodes many in parallel, in their order.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`], for the first text that cannot be encoded.
    pub fn encode_batch(
        &self,
        texts: &[(&str, Option<&str>)],
        max_length: usize,
    ) -> Result<Vec<Encoding>, ModelError> {
        texts.par_iter().map(|&(text, pair)| self.encode(text, pair, max_length)).collect()
    }
}

fn encoded(encoding: &tokenizers::Encoding, segments: Segments, truncated: bool) -> Encoding {
    let own = encoding.get_type_ids().iter().map(|&segment| segment as u8);
    let segments = match segments {
        Segments::Own => own.collect(),
        // One text has no second segment, whatever is told.
        Segments::Zero | Segments::Unclear => vec![0; encoding.len()],
    };
    Encoding { ids: encoding.get_ids().to_vec(), segments, truncated }
}
