//! Entities in IOB1 or IOB2 (Tjong Kim Sang and Veenstra, 1999).
//!
//! In IOB2 every entity begins with `B-`. In IOB1 it begins with `I-`, but for one right behind another of its type.

use super::Sentence;
use std::path::Path;

/// The labels in IOB2, whichever they are in.
pub(super) fn second_form(labels: &[&str]) -> Vec<String> {
    let before = std::iter::once("O").chain(labels.iter().copied());
    let second = |(before, &label): (&str, &&str)| match label.strip_prefix("I-") {
        Some(kind) if begins(before, kind) => format!("B-{kind}"),
        _ => label.to_owned(),
    };
    before.zip(labels).map(second).collect()
}

/// Whether an `I-` of this type behind this label begins an entity.
fn begins(before: &str, kind: &str) -> bool {
    before.strip_prefix("B-").or_else(|| before.strip_prefix("I-")) != Some(kind)
}

/// What to say of a file that is not in IOB2: that it is IOB1, or that it is neither.
pub(super) fn note(path: &Path, sentences: &[Sentence<'_>]) -> Option<String> {
    // Entities that IOB2 would begin with `B-`, and `B-` where IOB1 has none.
    let (mut not_second, mut not_first, mut line) = (0, 0, 0);
    for sentence in sentences {
        let mut before = "O";
        for row in &sentence.rows {
            let label = row.last();
            if label.strip_prefix("I-").is_some_and(|kind| begins(before, kind)) {
                line = if not_second == 0 { row.line } else { line };
                not_second += 1;
            }
            not_first += usize::from(label.strip_prefix("B-").is_some_and(|kind| begins(before, kind)));
            before = label;
        }
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match (not_second, not_first) {
        (0, _) => None,
        (_, 0) => Some(format!("{name} is in IOB1, and was read as IOB2")),
        _ => Some(format!(
            "{name}: {not_second} entities begin with I-, the first at line {line}; they were read as B-"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_become_the_second() {
        let second = |labels: &str| second_form(&labels.split(' ').collect::<Vec<_>>()).join(" ");
        assert_eq!(second("I-PER I-PER B-PER O I-LOC I-ORG"), "B-PER I-PER B-PER O B-LOC B-ORG");
        assert_eq!(second("B-PER I-PER B-PER O B-LOC B-ORG"), "B-PER I-PER B-PER O B-LOC B-ORG");
        assert_eq!(second("B-PER I-LOC O"), "B-PER B-LOC O");
    }
}
