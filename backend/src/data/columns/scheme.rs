//! Schemes of tags for entities, all turned into IOB2 (Tjong Kim Sang and Veenstra, 1999; Ratinov and Roth, 2009).
//!
//! In IOB2 every entity begins with `B-`. In IOB1 it begins with `I-`, but for one right behind another of its type. IOBES
//! (`S` a single word, `E` the last one) and BILOU (`U` and `L`) also mark where entities end, as do `W` and `M` of BMEWO.

use super::sentence::Sentence;
use std::path::Path;

/// What a tag says of its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    /// Begins an entity.
    Begin,
    /// Goes on.
    Inside,
    /// Is its last word.
    End,
    /// Is an entity alone.
    Single,
}

/// A tag's position and type; `None` for one that is no entity's.
fn read(tag: &str) -> Option<(Position, &str)> {
    let (letter, kind) = tag.split_once('-')?;
    let position = match letter {
        "B" => Position::Begin,
        "I" | "M" => Position::Inside,
        "E" | "L" => Position::End,
        "S" | "U" | "W" => Position::Single,
        _ => return None,
    };
    (!kind.is_empty()).then_some((position, kind))
}

/// The tag's type, if it is an entity's.
pub(super) fn kind(tag: &str) -> Option<&str> {
    read(tag).map(|(_, kind)| kind)
}

/// Goes through the tags of a sentence. The entity that goes on at a word is one that began before it and did not end.
struct Walk<'a> {
    open: Option<&'a str>,
}

impl<'a> Walk<'a> {
    /// Whether the next tag begins an entity, and its type; `None` outside.
    fn next(&mut self, tag: &'a str) -> Option<(bool, &'a str)> {
        let found = read(tag);
        let begins = found.map(|(position, kind)| {
            let alone = matches!(position, Position::Begin | Position::Single);
            (alone || self.open != Some(kind), kind)
        });
        self.open = found.and_then(|(position, kind)| match position {
            Position::Begin | Position::Inside => Some(kind),
            Position::End | Position::Single => None,
        });
        begins
    }
}

/// The tags in IOB2, whichever scheme they are in; those of no scheme stay as they are.
pub(in crate::data) fn second_form(tags: &[&str]) -> Vec<String> {
    let mut walk = Walk { open: None };
    let second = tags.iter().map(|&tag| match walk.next(tag) {
        Some((true, kind)) => format!("B-{kind}"),
        Some((false, kind)) => format!("I-{kind}"),
        None => tag.to_owned(),
    });
    second.collect()
}

/// What to say of a file that is not in IOB2: which scheme it is in, or that it is in none throughout.
pub(super) fn note(path: &Path, sentences: &[Sentence<'_>]) -> Option<String> {
    let tags = || sentences.iter().flat_map(|s| &s.rows).map(|row| row.tag);
    let letter = |letters: &[&str]| tags().any(|tag| read(tag).is_some() && letters.contains(&&tag[..1]));
    let scheme = match (letter(&["U", "L"]), letter(&["M", "W"]), letter(&["E", "S"])) {
        (false, false, false) => None,
        (false, false, true) => Some("IOBES"),
        (true, false, false) => Some("BILOU"),
        (false, true, _) => Some("BMEWO"),
        _ => Some("a mixture of IOBES, BILOU and BMEWO"),
    };
    // Entities that IOB2 would begin with `B-`, and `B-` where IOB1 has none.
    let (mut not_second, mut not_first, mut line) = (0, 0, 0);
    for sentence in sentences {
        let mut walk = Walk { open: None };
        for row in &sentence.rows {
            let before = walk.open;
            let Some((begins, kind)) = walk.next(row.tag) else { continue };
            match read(row.tag) {
                Some((Position::Inside | Position::End, _)) if begins => {
                    line = if not_second == 0 { row.line } else { line };
                    not_second += 1;
                }
                Some((Position::Begin, _)) if before != Some(kind) => not_first += 1,
                _ => {}
            }
        }
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let first = |letters: &str| {
        format!(
            "{name}: {not_second} entities begin with {letters}, the first at line {line}; they were read as B-"
        )
    };
    match (scheme, not_second, not_first) {
        (Some(scheme), 0, _) => Some(format!("{name} is in {scheme}, and was read as IOB2")),
        (Some(scheme), ..) => {
            Some(format!("{} ({scheme}, read as IOB2)", first("a tag that continues or ends one")))
        }
        (None, 0, _) => None,
        (None, _, 0) => Some(format!("{name} is in IOB1, and was read as IOB2")),
        (None, ..) => Some(first("I-")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_schemes_become_iob2() {
        let second = |tags: &str| second_form(&tags.split(' ').collect::<Vec<_>>()).join(" ");
        assert_eq!(second("I-PER I-PER B-PER O I-LOC I-ORG"), "B-PER I-PER B-PER O B-LOC B-ORG");
        assert_eq!(second("B-PER I-PER B-PER O B-LOC B-ORG"), "B-PER I-PER B-PER O B-LOC B-ORG");
        assert_eq!(second("B-PER I-LOC O"), "B-PER B-LOC O");
        assert_eq!(second("S-PER B-PER I-PER E-PER S-LOC O"), "B-PER B-PER I-PER I-PER B-LOC O");
        assert_eq!(second("U-PER B-PER L-PER I-PER L-PER"), "B-PER B-PER I-PER B-PER I-PER");
        assert_eq!(second("W-PER B-PER M-PER E-PER E-PER"), "B-PER B-PER I-PER I-PER B-PER");
        assert_eq!(second("E-PER O B-X-Y I-X-Y"), "B-PER O B-X-Y I-X-Y");
        assert_eq!(second("O X -PER B- PER"), "O X -PER B- PER");
    }
}
