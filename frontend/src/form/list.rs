//! Lists of numbers as people write them: apart by commas, semicolons or spaces, with ranges for whole numbers.

use crate::format::parse_finite;

/// The words of a list.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| matches!(c, ',' | ';') || c.is_whitespace()).filter(|w| !w.is_empty())
}

/// Decimal numbers: `1e-4, 5e-4`.
///
/// # Errors
/// The first word that is not a number.
pub fn decimals(text: &str) -> Result<Vec<f64>, String> {
    let read = |w| parse_finite(w).ok_or_else(|| format!("`{w}` is not a number; write 1e-4 or 0.0001"));
    words(text).map(read).collect()
}

/// Most numbers that one range may stand for.
const LONGEST_RANGE: u64 = 1000;

/// Whole numbers and ranges: `1, 3-6`.
///
/// # Errors
/// The first word that is neither.
pub fn integers(text: &str) -> Result<Vec<u64>, String> {
    let mut out = Vec::new();
    for word in words(text) {
        let bad = || format!("`{word}` is not a whole number; write 3, or 1-3 for 1, 2, 3");
        match word.split_once(['-', '–']) {
            Some((first, last)) => {
                let first: u64 = first.parse().map_err(|_| bad())?;
                let last: u64 = last.parse().map_err(|_| bad())?;
                if first > last || last - first >= LONGEST_RANGE {
                    return Err(format!("`{word}` is not a range of at most {LONGEST_RANGE} numbers"));
                }
                out.extend(first..=last);
            }
            None => out.push(word.parse().map_err(|_| bad())?),
        }
    }
    Ok(out)
}

/// One optional whole number: empty text is none.
///
/// # Errors
/// What is written is not a whole number that fits.
pub fn optional_integer(text: &str) -> Result<Option<u32>, String> {
    let text = text.trim();
    let bad = |_| format!("`{text}` is not a whole number up to {}", u32::MAX);
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(bad) }
}

/// One optional decimal number: empty text is none.
///
/// # Errors
/// What is written is not a number.
pub fn optional_decimal(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim();
    let bad = || format!("`{text}` is not a number; write 0.1 or 1e-6");
    if text.is_empty() { Ok(None) } else { parse_finite(text).map(Some).ok_or_else(bad) }
}

/// Numbers as a list, in the shortest form that reads back the same.
pub fn join(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_people_write_them() {
        assert_eq!(decimals("1e-4, 5e-4;0.01\n2"), Ok(vec![1e-4, 5e-4, 0.01, 2.0]));
        assert_eq!(integers(" 1-3 7,9 "), Ok(vec![1, 2, 3, 7, 9]));
        assert_eq!(decimals(" ,"), Ok(vec![]));
        assert!(decimals("1e-4, x").unwrap_err().contains("`x`"));
        for bad in ["-1", "3-1", "1-2000", "1.5", "0-18446744073709551615"] {
            assert!(integers(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn empty_means_none() {
        assert_eq!((optional_integer(" "), optional_integer("5")), (Ok(None), Ok(Some(5))));
        assert_eq!((optional_decimal(""), optional_decimal(" 0.1")), (Ok(None), Ok(Some(0.1))));
        assert!(optional_integer("-1").is_err() && optional_decimal("a").is_err());
    }
}
