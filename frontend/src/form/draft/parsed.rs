//! The experiment that a draft means, and the controls that its errors belong to.

use tunemask_shared::experiment::{Experiment, FieldError};

/// The experiment that a draft means, as far as it can be read.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedDraft {
    /// The experiment; fields that could not be read hold their default.
    pub experiment: Experiment,
    /// What could not be read.
    pub unread: Vec<FieldError>,
    /// For each of the experiment's masks the control that wrote it.
    pub mask_controls: Vec<&'static str>,
}

impl ParsedDraft {
    /// The control that an error belongs to: the id of a text field, or of a group of boxes.
    pub fn control<'a>(&self, error: &'a FieldError) -> &'a str {
        let (name, place) = match error.field.split_once('[') {
            Some((name, rest)) => (name, rest.trim_end_matches(']').parse::<usize>().ok()),
            None => (error.field.as_str(), None),
        };
        match (name, place.and_then(|i| self.mask_controls.get(i))) {
            ("masks", Some(control)) => control,
            _ => name,
        }
    }

    /// Errors of reading and of validation together, one list a control; those of a field that could not be
    /// read hide what validation says about its default.
    pub fn errors(&self, found: Vec<FieldError>) -> Vec<(String, String)> {
        let unread = |control: &str| self.unread.iter().any(|e| e.field == control);
        let mut errors: Vec<(String, String)> =
            self.unread.iter().map(|e| (e.field.clone(), e.message.clone())).collect();
        for error in found {
            let control = self.control(&error).to_owned();
            if !unread(&control) {
                errors.push((control, error.message));
            }
        }
        errors
    }
}
