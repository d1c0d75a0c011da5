//! A part of an axis, in its values or in pixels.

use crate::format::parse_finite;

/// From `start` to `end`. Of values the start is the lower one; of pixels it is that of the lowest value, so on a vertical
/// axis, which runs upwards, the larger one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Where it begins.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
}

impl Interval {
    /// From `start` to `end`, whatever they are.
    pub const fn new(start: f64, end: f64) -> Interval {
        Interval { start, end }
    }

    /// Between two values, whichever is lower; none if they are equal or not finite.
    pub fn between(one: f64, other: f64) -> Option<Interval> {
        let (low, high) = (one.min(other), one.max(other));
        (low.is_finite() && high.is_finite() && low < high).then_some(Interval::new(low, high))
    }

    /// From the lowest of some values to the highest, not-a-number left out; of none its ends are the infinities.
    pub fn spanning(values: impl IntoIterator<Item = f64>) -> Interval {
        let nothing = Interval::new(f64::INFINITY, f64::NEG_INFINITY);
        values.into_iter().fold(nothing, |span, value| span.reaching(value))
    }

    /// Stretched as far as is needed to reach a value.
    pub fn reaching(self, value: f64) -> Interval {
        Interval::new(self.start.min(value), self.end.max(value))
    }

    /// From its start to its end; below 0 if it runs downwards.
    pub fn length(self) -> f64 {
        self.end - self.start
    }

    /// Halfway between its ends.
    pub fn middle(self) -> f64 {
        (self.start + self.end) / 2.0
    }

    /// The word in an address, `10..20`, to about a thousandth of its length, and each end to four digits of its own: on a
    /// logarithmic axis the lower one lies far from 0.
    pub fn word(self) -> String {
        let length = places(self.length());
        // What is left of a subtraction is nothing.
        let is_nothing = |end: f64| end.abs() < self.length() * 1e-12;
        let own = |end: f64| if is_nothing(end) { length } else { length.max(places(end.abs())) };
        let word = |end: f64| format!("{end:.0$}", own(end));
        format!("{}..{}", word(self.start), word(self.end))
    }

    /// Reads [`Interval::word`].
    pub fn read(word: &str) -> Option<Interval> {
        let (start, end) = word.split_once("..")?;
        Interval::between(parse_finite(start)?, parse_finite(end)?)
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
        let word = |start, end| Interval { start, end }.word();
        assert_eq!(word(10.0, 20.0), "10.00..20.00");
        assert_eq!(word(1234.567, 98765.4), "1235..98765");
        assert_eq!([word(0.0, 98765.4), word(1e-13, 98765.4)], ["0..98765", "0..98765"]);
        // Of a logarithmic axis.
        assert_eq!(word(0.001_234_56, 98765.4), "0.001235..98765");
        assert_eq!(Interval::read("0.012..0.5"), Some(Interval::new(0.012, 0.5)));
        for none in ["", "1", "1..", "NaN..2", "2..2", "a..b", "1..inf"] {
            assert_eq!(Interval::read(none), None, "{none}");
        }
        assert_eq!(Interval::between(3.0, 1.0), Some(Interval::new(1.0, 3.0)));
    }

    #[test]
    fn an_interval_spans_values_and_reaches_more() {
        let span = Interval::spanning([2.0, f64::NAN, -1.0]);
        assert_eq!((span, span.length(), span.middle()), (Interval::new(-1.0, 2.0), 3.0, 0.5));
        assert_eq!(span.reaching(5.0), Interval::new(-1.0, 5.0));
        assert_eq!(Interval::spanning([]), Interval::new(f64::INFINITY, f64::NEG_INFINITY));
    }
}
