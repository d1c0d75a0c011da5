//! Calls of the library that may fail.

use super::class::Class;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls the tokenizers library for a `tokenizer.json` that is taken as it is: it checks less of such a file when it
/// reads it than it relies on later, and panics where that fails. Of BERT's own parts nothing is taken unchecked.
pub(super) fn guarded<T>(class: Class, call: impl FnOnce() -> tokenizers::Result<T>) -> Result<T, String> {
    let message = |result: tokenizers::Result<T>| result.map_err(|e| e.to_string());
    if class == Class::Bert {
        return message(call());
    }
    // Nothing of what the call has touched is used again.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => message(result),
        Err(_) => Err("its parts do not fit together".into()),
    }
}
