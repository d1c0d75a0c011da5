//! How far an input comes.

/// How far an input comes into the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Refused by the first parser: it is not of the form at all.
    Refused,
    /// Of the form, and refused for what it says.
    Read,
    /// Taken.
    Taken,
}

impl Depth {
    /// Of what is of the form, or is taken.
    pub(super) fn of(is_read: bool, is_taken: bool) -> Self {
        match (is_read, is_taken) {
            (_, true) => Self::Taken,
            (true, false) => Self::Read,
            (false, false) => Self::Refused,
        }
    }
}

/// Whether an input is JSON.
pub(super) fn is_json(input: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(input).is_ok()
}

/// Whether an input is TOML.
pub(super) fn is_toml(input: &[u8]) -> bool {
    std::str::from_utf8(input).is_ok_and(|text| text.parse::<toml::Table>().is_ok())
}
