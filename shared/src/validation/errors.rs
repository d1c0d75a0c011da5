//! What is wrong, as it is found.

use crate::experiment::FieldError;
use crate::text::count;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

/// Most errors that are reported at once. The last one then says how many more there are.
pub const MAX_ERRORS: usize = 100;

/// What is wrong, in the order of the fields.
#[derive(Default)]
pub(super) struct Errors {
    found: Vec<FieldError>,
    /// How many more were found than are reported.
    more: usize,
}

impl Errors {
    pub(super) fn add(&mut self, field: impl Into<String>, message: impl Display) {
        if self.found.len() < MAX_ERRORS {
            self.found.push(FieldError { field: field.into(), message: message.to_string() });
        } else {
            self.more += 1;
        }
    }

    pub(super) fn require(&mut self, holds: bool, field: &str, message: impl Display) {
        if !holds {
            self.add(field, message);
        }
    }

    /// Reads a list that may not be empty and may hold nothing twice. Two that are equal are written the same.
    pub(super) fn list<T: FromStr<Err: Display> + Display>(
        &mut self,
        field: &str,
        items: &[String],
    ) -> Vec<T> {
        self.require(!items.is_empty(), field, "choose at least one");
        let (mut read, mut seen) = (Vec::new(), BTreeSet::new());
        for (i, item) in items.iter().enumerate() {
            match item.parse::<T>() {
                Ok(value) if seen.insert(value.to_string()) => read.push(value),
                Ok(_) => self.add(format!("{field}[{i}]"), format!("`{item}` is listed twice; remove one")),
                Err(error) => self.add(format!("{field}[{i}]"), error),
            }
        }
        read
    }

    /// Fails with all that was found, if anything was. The last error says how many are not reported.
    pub(super) fn none(mut self) -> Result<(), Vec<FieldError>> {
        if let (Some(last), more @ 1..) = (self.found.last_mut(), self.more) {
            last.message.push_str(&format!("; and {} after it", count(more, "more error")));
        }
        if self.found.is_empty() { Ok(()) } else { Err(self.found) }
    }
}
