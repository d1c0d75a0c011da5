//! What stands in a column of a table.

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name: lower-case words with `_` between them.
    pub name: String,
    /// What stands in it.
    pub column_type: ColumnType,
}

/// What stands in a column, beside what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Texts.
    Text,
    /// Whole numbers from 0, at most 2^53.
    Whole,
    /// Numbers that may be not-a-number or infinite.
    Decimal,
    /// Yes or no.
    Flag,
    /// Moments.
    Time,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing is known, or there is nothing to know.
    Missing,
    /// A text.
    Text(String),
    /// A whole number.
    Whole(u64),
    /// A number, not-a-number, or an infinity.
    Decimal(f64),
    /// Yes or no.
    Flag(bool),
    /// Milliseconds since 1970.
    Time(u64),
}

impl Column {
    /// A column of a name and a type.
    pub(super) fn new(name: impl Into<String>, column_type: ColumnType) -> Self {
        Self { name: name.into(), column_type }
    }
}

impl Value {
    /// A text.
    pub(super) fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// What is there, or nothing.
    pub(super) fn or_missing<T>(value: Option<T>, made: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Missing, made)
    }
}

/// A moment as text in UTC, `2026-11-29T14:55:07.123Z` (RFC 3339).
pub(super) fn moment(ms: u64) -> String {
    const DAY_MS: u64 = 24 * 3600 * 1000;
    let (mut days, rest) = (ms / DAY_MS, ms % DAY_MS);
    let leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    // Centuries repeat every 400 years, of 146,097 days: a clock that is far ahead costs no more.
    let mut year = 1970 + 400 * (days / 146_097);
    days %= 146_097;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (secs, ms) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (secs / 3600, secs / 60 % 60, secs % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z", days + 1)
}

#[cfg(test)]
mod tests {
    use super::moment;

    /// What Python's `datetime.fromtimestamp(ms / 1000, timezone.utc)` says.
    #[test]
    fn a_moment_is_read_off_the_calendar() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_735_603_200_000, "2024-12-31T00:00:00.000Z"),
            (1_735_689_600_001, "2025-01-01T00:00:00.001Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_000, "9999-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(moment(ms), text);
        }
    }
}
