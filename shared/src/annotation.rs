//! What a user writes on an experiment, to find it again: its name, a note, tags, and whether it is put away.

use crate::experiment::FieldError;
use serde::{Deserialize, Serialize};

/// Longest name, in characters.
pub const MAX_NAME: usize = 200;
/// Longest note, in characters.
pub const MAX_NOTE: usize = 10_000;
/// Most tags of an experiment.
pub const MAX_TAGS: usize = 32;
/// Longest tag, in characters.
pub const MAX_TAG: usize = 40;

/// What is written on an experiment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// Its name.
    pub name: String,
    /// A text of the user's; empty if there is none.
    pub note: String,
    /// Words to find it by, each once.
    pub tags: Vec<String>,
    /// Whether it is put away: the list shows it only if asked.
    pub archived: bool,
}

impl Annotation {
    /// The same without blanks around its texts, and with each tag once, in the order given.
    ///
    /// # Errors
    /// What is too long, or a tag with a comma, which sets tags apart.
    pub fn tidy(&self) -> Result<Annotation, FieldError> {
        let wrong = |field: &str, message: String| Err(FieldError { field: field.into(), message });
        let (name, note) = (self.name.trim(), self.note.trim());
        if name.is_empty() {
            return wrong("name", "give it a name".into());
        }
        if name.chars().count() > MAX_NAME {
            return wrong("name", format!("use at most {MAX_NAME} characters"));
        }
        if note.chars().count() > MAX_NOTE {
            return wrong("note", format!("use at most {MAX_NOTE} characters"));
        }
        let mut tags: Vec<String> = Vec::new();
        for tag in self.tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty()) {
            if tag.chars().count() > MAX_TAG || tag.contains([',', '\n']) {
                return wrong(
                    "tags",
                    format!("`{tag}` is not a tag: use at most {MAX_TAG} characters, no comma"),
                );
            }
            if !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        if tags.len() > MAX_TAGS {
            return wrong("tags", format!("use at most {MAX_TAGS} tags"));
        }
        Ok(Annotation { name: name.to_owned(), note: note.to_owned(), tags, archived: self.archived })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_repeats_go_and_what_is_too_long_is_refused() {
        let annotation = Annotation {
            name: " Norms ".into(),
            note: "\n for the appendix\n".into(),
            tags: ["paper", " draft", "", "paper"].map(Into::into).into(),
            archived: true,
        };
        let tidy = annotation.tidy().unwrap();
        assert_eq!((tidy.name.as_str(), tidy.note.as_str()), ("Norms", "for the appendix"));
        assert_eq!((tidy.tags, tidy.archived), (vec!["paper".to_owned(), "draft".to_owned()], true));
        let error = |change: &dyn Fn(&mut Annotation)| {
            let mut wrong = annotation.clone();
            change(&mut wrong);
            wrong.tidy().unwrap_err().field
        };
        assert_eq!(error(&|a| a.name = "  ".into()), "name");
        assert_eq!(error(&|a| a.name = "x".repeat(MAX_NAME + 1)), "name");
        assert_eq!(error(&|a| a.note = "ä".repeat(MAX_NOTE + 1)), "note");
        assert_eq!(error(&|a| a.tags = vec!["a, b".into()]), "tags");
        assert_eq!(error(&|a| a.tags = (0..=MAX_TAGS).map(|n| n.to_string()).collect()), "tags");
    }
}
