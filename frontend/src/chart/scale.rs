//! From values to pixels, and the round values that stand at the axes.

use tunemask_shared::ticks;

/// One axis: a range of values on a range of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Values at the two ends; the first is the lower one.
    pub domain: (f64, f64),
    /// Pixels at the two ends; a vertical axis runs downwards, so its first is the larger one.
    pub range: (f64, f64),
    /// Whether equal ratios take equal space. Needs a domain above 0.
    pub log: bool,
}

impl Scale {
    /// An axis over `domain`; an empty or unfinished one is widened so that it can be drawn.
    pub fn new(domain: (f64, f64), range: (f64, f64), log: bool) -> Scale {
        let (low, high) = domain;
        let domain = match (low.is_finite() && high.is_finite(), log) {
            (false, false) => (0.0, 1.0),
            (false, true) => (0.1, 1.0),
            (true, true) if high <= 0.0 => (0.1, 1.0),
            (true, true) if low <= 0.0 => (high / 1e3, high),
            (true, true) if low == high => (low / 2.0, high * 2.0),
            (true, false) if low == high => {
                (low - low.abs().max(1.0) / 10.0, high + high.abs().max(1.0) / 10.0)
            }
            _ => (low, high),
        };
        Scale { domain, range, log }
    }

    /// The pixel of a value; not-a-number where the axis has no place for it.
    pub fn value_to_pixel(&self, value: f64) -> f64 {
        let (low, high) = self.domain;
        let share =
            if self.log { (value / low).ln() / (high / low).ln() } else { (value - low) / (high - low) };
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// The value at a pixel.
    pub fn pixel_to_value(&self, pixel: f64) -> f64 {
        let share = (pixel - self.range.0) / (self.range.1 - self.range.0);
        let (low, high) = self.domain;
        if self.log { low * (high / low).powf(share) } else { low + share * (high - low) }
    }

    /// The value in the middle of the pixels.
    pub fn middle(&self) -> f64 {
        self.pixel_to_value((self.range.0 + self.range.1) / 2.0)
    }

    /// Round values of the domain, about `wanted` of them.
    pub fn ticks(&self, wanted: usize) -> Vec<f64> {
        let (low, high) = self.domain;
        if self.log && high / low >= 10.0 {
            return ticks::logarithmic(low, high, wanted);
        }
        ticks::linear(low, high, wanted)
    }

    /// The domain grown by a share of itself on both sides.
    pub fn padded(domain: (f64, f64), share: f64, log: bool) -> (f64, f64) {
        let (low, high) = domain;
        if log && low > 0.0 {
            let factor = (high / low).powf(share);
            (low / factor, high * factor)
        } else {
            let more = (high - low) * share;
            (low - more, high + more)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_values_are_inverse() {
        for log in [false, true] {
            let scale = Scale::new((0.01, 10.0), (200.0, 0.0), log);
            for value in [0.01, 0.5, 10.0] {
                assert!((scale.pixel_to_value(scale.value_to_pixel(value)) - value).abs() < 1e-9);
            }
            assert_eq!((scale.value_to_pixel(0.01), scale.value_to_pixel(10.0)), (200.0, 0.0));
        }
        assert!((Scale::new((1.0, 10_000.0), (0.0, 300.0), true).middle() - 100.0).abs() < 1e-9);
        assert!(!Scale::new((0.1, 1.0), (0.0, 1.0), true).value_to_pixel(-1.0).is_finite());
    }

    #[test]
    fn a_short_logarithmic_axis_has_the_ticks_of_a_linear_one() {
        let scale = |low, high, log| Scale::new((low, high), (0.0, 100.0), log);
        assert_eq!(scale(0.0, 1000.0, false).ticks(5), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(scale(1e-5, 0.02, true).ticks(4), [1e-5, 1e-4, 1e-3, 1e-2]);
        assert_eq!(scale(2.0, 3.0, true).ticks(2), [2.0, 2.5, 3.0]);
    }

    #[test]
    fn ranges_that_are_none_can_be_drawn() {
        for domain in [(1.0, 1.0), (0.0, 0.0), (f64::NAN, f64::NAN), (f64::INFINITY, f64::NEG_INFINITY)] {
            for log in [false, true] {
                let scale = Scale::new(domain, (0.0, 10.0), log);
                assert!(scale.domain.0 < scale.domain.1, "{domain:?} {log}");
                assert!(!scale.ticks(4).is_empty(), "{domain:?} {log}");
            }
        }
        assert_eq!(Scale::padded((0.0, 10.0), 0.1, false), (-1.0, 11.0));
        let (low, high) = Scale::padded((1.0, 100.0), 0.5, true);
        assert!((low - 0.1).abs() < 1e-9 && (high - 1000.0).abs() < 1e-6);
    }
}
