//! Regular forms of English words.

/// The regular ending of plural and third person.
pub(super) fn with_s(word: &str) -> String {
    match consonant_y(word) {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "ch", "sh", "z"].iter().any(|e| word.ends_with(e)) => format!("{word}es"),
        None => format!("{word}s"),
    }
}

/// The regular ending of the past; a verb that doubles its consonant is written out.
pub(super) fn with_ed(word: &str) -> String {
    match consonant_y(word) {
        Some(stem) => format!("{stem}ied"),
        None if word.ends_with('e') => format!("{word}d"),
        None => format!("{word}ed"),
    }
}

/// The stem of a word that ends in `y` after a consonant.
fn consonant_y(word: &str) -> Option<&str> {
    let stem = word.strip_suffix('y')?;
    (!stem.ends_with(['a', 'e', 'o', 'u'])).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_english() {
        assert_eq!(["box", "city", "boy", "wish"].map(with_s), ["boxes", "cities", "boys", "wishes"]);
        assert_eq!(["try", "enjoy", "hope", "want"].map(with_ed), ["tried", "enjoyed", "hoped", "wanted"]);
    }
}
