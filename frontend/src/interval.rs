//! A part of an axis.

use crate::format::parse_finite;

/// Values from `low` to `high`, which are finite and not equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Between two values, whichever is lower; none if they are equal or not finite.
    pub fn between(one: f64, other: f64) -> Option<Interval> {
        let (low, high) = (one.min(other), one.max(other));
        (low.is_finite() && high.is_finite() && low < high).then_some(Interval { low, high })
    }

    /// Its ends.
    pub fn ends(self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The word in an address, `10..20`, to about a thousandth of its length, and each end to four digits of its own: on a
    /// logarithmic axis the lower one lies far from 0.
    pub fn word(self) -> String {
        let length = places(self.high - self.low);
        // What is left of a subtraction is nothing.
        let is_nothing = |end: f64| end.abs() < (self.high - self.low) * 1e-12;
        let own = |end: f64| if is_nothing(end) { length } else { length.max(places(end.abs())) };
        let word = |end: f64| format!("{end:.0$}", own(end));
        format!("{}..{}", word(self.low), word(self.high))
    }

    /// Reads [`Interval::word`].
    pub fn read(word: &str) -> Option<Interval> {
        let (low, high) = word.split_once("..")?;
        Interval::between(parse_finite(low)?, parse_finite(high)?)
    }
}

/// The decimals with which a number has four digits, if so many stand behind the point.
fn places(number: f64) -> usize {
    (3.0 - number.log10().floor()).clamp(0.0, 17.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_comes_back_from_its_word() {
        let word = |low, high| Interval { low, high }.word();
        assert_eq!(word(10.0, 20.0), "10.00..20.00");
        assert_eq!(word(1234.567, 98765.4), "1235..98765");
        assert_eq!([word(0.0, 98765.4), word(1e-13, 98765.4)], ["0..98765", "0..98765"]);
        // Of a logarithmic axis.
        assert_eq!(word(0.001_234_56, 98765.4), "0.001235..98765");
        assert_eq!(Interval::read("0.012..0.5"), Some(Interval { low: 0.012, high: 0.5 }));
        for none in ["", "1", "1..", "NaN..2", "2..2", "a..b", "1..inf"] {
            assert_eq!(Interval::read(none), None, "{none}");
        }
        assert_eq!(Interval::between(3.0, 1.0), Some(Interval { low: 1.0, high: 3.0 }));
    }
}
