//! What kind of value a cell spells.

use serde::Serialize;

/// What all cells of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CellType {
    /// No cell has a value.
    #[default]
    Empty,
    /// `true` and `false`, in any case.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Numbers of which some are not whole, or not spelled so.
    Decimal,
    /// Anything else.
    Text,
    /// Objects, or lists in lists; of no use here.
    Nested,
}

impl CellType {
    /// What a text spells.
    pub(crate) fn of(text: &str) -> Self {
        // Most cells are texts: that is seen by their first byte.
        match text.bytes().next() {
            None => Self::Empty,
            Some(b'0'..=b'9' | b'-' | b'+' | b'.') => {
                // `007` is a name and not a number.
                let digits = text.trim_start_matches('-');
                let whole = digits == "0" || !digits.starts_with('0');
                match text.parse::<i64>() {
                    Ok(_) if whole && !text.starts_with('+') => Self::Integer,
                    Ok(_) => Self::Text,
                    Err(_) if text.parse::<f64>().is_ok_and(f64::is_finite) => Self::Decimal,
                    Err(_) => Self::Text,
                }
            }
            Some(b't' | b'T' | b'f' | b'F')
                if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") =>
            {
                Self::Boolean
            }
            Some(_) => Self::Text,
        }
    }

    /// What cells of both are.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Empty, other) | (other, Self::Empty) => other,
            (Self::Nested, _) | (_, Self::Nested) => Self::Nested,
            (Self::Integer, Self::Decimal) | (Self::Decimal, Self::Integer) => Self::Decimal,
            _ => Self::Text,
        }
    }

    /// The word for a reader.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Boolean => "true or false",
            Self::Integer => "whole numbers",
            Self::Decimal => "decimal numbers",
            Self::Text => "text",
            Self::Nested => "nested",
        }
    }
}
