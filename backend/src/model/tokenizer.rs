//! Text to word pieces, as Hugging Face's `BertTokenizerFast` does it.

use super::vocabulary;
use super::{Config, ModelError};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokenizers::{PostProcessor, TruncationParams, TruncationStrategy, truncate_encodings};

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

/// A tokenizer; cheap to clone, shared by threads.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: Arc<tokenizers::Tokenizer>,
    path: PathBuf,
    cased: bool,
    identity: Arc<str>,
}

impl Tokenizer {
    /// Reads `tokenizer.json`, or else `vocab.txt`, of a folder; `tokenizer_config.json` has the last word on
    /// case and accents, as in Hugging Face.
    ///
    /// # Errors
    /// Neither file, one that cannot be understood, or one without `[CLS]`, `[SEP]`, `[PAD]` or `[UNK]`.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        let (path, inner) = vocabulary::open(folder)?;
        Ok(Self::new(path, inner))
    }

    /// A tokenizer of whole words and word pieces (`##…`), numbered in their order.
    ///
    /// # Errors
    /// A list without BERT's special tokens.
    pub fn from_words(words: &[String]) -> Result<Self, ModelError> {
        let path = PathBuf::from("the built-in vocabulary");
        let inner = vocabulary::from_words(&path, words)?;
        Ok(Self::new(path, inner))
    }

    fn new(path: PathBuf, inner: tokenizers::Tokenizer) -> Self {
        let identity = vocabulary::identity(&inner).into();
        let cased = !vocabulary::lowercases(&inner);
        Self { inner: Arc::new(inner), path, cased, identity }
    }

    /// Whether case is kept.
    pub fn cased(&self) -> bool {
        self.cased
    }

    /// One more than the largest word piece's number.
    pub fn vocabulary_size(&self) -> usize {
        self.inner.get_vocab(true).values().max().map_or(0, |&id| id as usize + 1)
    }

    /// A word piece's number.
    pub fn id(&self, piece: &str) -> Option<u32> {
        self.inner.token_to_id(piece)
    }

    /// Its word pieces by their numbers, as `vocab.txt` lists them.
    pub fn words(&self) -> Vec<String> {
        let own = |id| self.inner.id_to_token(id).unwrap_or_else(|| format!("[unused{id}]"));
        (0..self.vocabulary_size() as u32).map(own).collect()
    }

    /// As `tokenizer.json` holds it.
    pub(super) fn json(&self) -> String {
        // It was read from such a text, or made of parts that have one.
        self.inner.to_string(true).unwrap_or_default()
    }

    /// All that determines what it makes of a text.
    pub(super) fn identity(&self) -> &str {
        &self.identity
    }

    /// Whether every word piece has an embedding.
    pub(super) fn fits(&self, folder: &Path, config: &Config) -> Result<(), ModelError> {
        let (got, want) = (self.vocabulary_size(), config.encoder.shape.vocabulary);
        if got <= want {
            return Ok(());
        }
        let config = folder.join(super::contents::CONFIG);
        let why = format!("{got} word pieces, but {} has a vocab_size of {want}", config.display());
        Err(ModelError::Tokenizer { path: self.path.clone(), why })
    }

    /// Encodes a text or a pair to at most `max_length` tokens, special tokens included. What is too long is
    /// cut by `longest_first`: tokens leave the end of the longer text until both fit.
    ///
    /// # Errors
    /// A `max_length` that the special tokens alone exceed; a text that the tokenizer's files cannot encode.
    pub fn encode(&self, text: &str, pair: Option<&str>, max_length: usize) -> Result<Encoding, ModelError> {
        let error = |why: String| ModelError::Encode { text: text.chars().take(60).collect(), why };
        let other = |e: tokenizers::Error| error(e.to_string());
        let special = self.inner.get_post_processor().map_or(0, |p| p.added_tokens(pair.is_some()));
        if max_length < special {
            return Err(error(format!("its {special} special tokens exceed {max_length}")));
        }
        let a = self.inner.encode_fast(text, false).map_err(other)?;
        let b = pair.map(|p| self.inner.encode_fast(p, false)).transpose().map_err(other)?;
        let total = a.len() + b.as_ref().map_or(0, tokenizers::Encoding::len);
        let params = TruncationParams {
            max_length: max_length - special,
            strategy: TruncationStrategy::LongestFirst,
            ..TruncationParams::default()
        };
        let truncated = total > params.max_length;
        let (mut a, mut b) = truncate_encodings(a, b, &params).map_err(other)?;
        // What was cut off is kept as overflow and would be processed too.
        a.take_overflowing();
        b.iter_mut().for_each(|b| drop(b.take_overflowing()));
        let encoding = self.inner.post_process(a, b, true).map_err(other)?;
        Ok(Encoding {
            ids: encoding.get_ids().to_vec(),
            segments: encoding.get_type_ids().iter().map(|&s| s as u8).collect(),
            truncated,
        })
    }

    /// Encodes the words of a sentence: the sequence, and the position of the first piece of each word that is in
    /// it. A word without pieces stands as `[UNK]`. What exceeds `max_length` is cut before the first word that
    /// does not fit; of a first word that does not, the beginning stays.
    ///
    /// # Errors
    /// A `max_length` that the special tokens alone exceed; a word that the tokenizer's files cannot encode.
    pub fn encode_words(
        &self,
        words: &[String],
        max_length: usize,
    ) -> Result<(Encoding, Vec<u32>), ModelError> {
        let error =
            |word: &str, why: String| ModelError::Encode { text: word.chars().take(60).collect(), why };
        let special = self.inner.get_post_processor().map_or(0, |p| p.added_tokens(false));
        let room = max_length.saturating_sub(special);
        if room == 0 {
            let why = format!("its {special} special tokens leave no room in {max_length}");
            return Err(error(&words.join(" "), why));
        }
        let unknown = self.inner.token_to_id("[UNK]").unwrap_or_default();
        let mut pieces: Vec<u32> = Vec::new();
        let mut firsts: Vec<usize> = Vec::new();
        let mut truncated = false;
        for word in words {
            let encoding =
                self.inner.encode_fast(word.as_str(), false).map_err(|e| error(word, e.to_string()))?;
            let ids = if encoding.is_empty() { &[unknown][..] } else { encoding.get_ids() };
            truncated = pieces.len() + ids.len() > room;
            if truncated && !pieces.is_empty() {
                break;
            }
            firsts.push(pieces.len());
            pieces.extend(ids.iter().take(room));
        }
        let tokens = pieces.into_iter().map(|id| tokenizers::Token::new(id, String::new(), (0, 0))).collect();
        let encoding = tokenizers::Encoding::from_tokens(tokens, 0);
        let encoding = self
            .inner
            .post_process(encoding, None, true)
            .map_err(|e| error(&words.join(" "), e.to_string()))?;
        let own: Vec<u32> =
            (0..).zip(encoding.get_special_tokens_mask()).filter(|(_, s)| **s == 0).map(|(i, _)| i).collect();
        let firsts = firsts.into_iter().filter_map(|first| own.get(first).copied()).collect();
        Ok((
            Encoding {
                ids: encoding.get_ids().to_vec(),
                segments: encoding.get_type_ids().iter().map(|&s| s as u8).collect(),
                truncated,
            },
            firsts,
        ))
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
