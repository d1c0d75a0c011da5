//! The built-in language: English-like sentences from a grammar of our own, with labels true by construction.
//!
//! In reading order:

/// Words by class, with their forms.
mod lexicon;

/// Every word form and punctuation mark that the language can use, sorted, each once.
pub fn words() -> Vec<String> {
    lexicon::LEXICON.forms()
}
