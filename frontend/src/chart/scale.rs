//! From values to pixels, and the round values that stand at the axes.

use crate::interval::Interval;
use crate::setting::ScaleKind;
use tunemask_shared::ticks;

/// One axis: a range of values on a range of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// How values are spread over the pixels.
    pub kind: ScaleKind,
    /// Values at the two ends; the start is the lower one.
    pub domain: Interval,
    /// Pixels at the two ends.
    pub range: Interval,
}

impl Scale {
    /// An axis over `domain`; an empty or unfinished one is widened, and of a logarithmic axis cut to what is above 0, so that
    /// it can be drawn.
    pub fn new(kind: ScaleKind, domain: Interval, range: Interval) -> Scale {
        use ScaleKind::{Linear, Logarithmic};
        let Interval { start: low, end: high } = domain;
        let domain = match (low.is_finite() && high.is_finite(), kind) {
            (false, Linear) => Interval::new(0.0, 1.0),
            (false, Logarithmic) => Interval::new(0.1, 1.0),
            (true, Logarithmic) if high <= 0.0 => Interval::new(0.1, 1.0),
            (true, Logarithmic) if low <= 0.0 => Interval::new(high / 1e3, high),
            (true, Logarithmic) if low == high => Interval::new(low / 2.0, high * 2.0),
            (true, Linear) if low == high => {
                Interval::new(low - low.abs().max(1.0) / 10.0, high + high.abs().max(1.0) / 10.0)
            }
            _ => domain,
        };
        Scale { kind, domain, range }
    }

    /// An axis on which equal differences take equal space.
    pub fn linear(domain: Interval, range: Interval) -> Scale {
        Scale::new(ScaleKind::Linear, domain, range)
    }

    /// Whether equal ratios take equal space.
    pub fn is_logarithmic(&self) -> bool {
        self.kind == ScaleKind::Logarithmic
    }

    /// The pixel of a value; not-a-number where the axis has no place for it.
    pub fn value_to_pixel(&self, value: f64) -> f64 {
        let Interval { start: low, end: high } = self.domain;
        let share = match self.kind {
            ScaleKind::Linear => (value - low) / (high - low),
            ScaleKind::Logarithmic => (value / low).ln() / (high / low).ln(),
        };
        self.range.start + share * self.range.length()
    }

    /// The value at a pixel.
    pub fn pixel_to_value(&self, pixel: f64) -> f64 {
        let share = (pixel - self.range.start) / self.range.length();
        let Interval { start: low, end: high } = self.domain;
        match self.kind {
            ScaleKind::Linear => low + share * (high - low),
            ScaleKind::Logarithmic => low * (high / low).powf(share),
        }
    }

    /// The value in the middle of the pixels.
    pub fn middle(&self) -> f64 {
        self.pixel_to_value(self.range.middle())
    }

    /// Round values of the domain, about `wanted` of them.
    pub fn ticks(&self, wanted: usize) -> Vec<f64> {
        let Interval { start: low, end: high } = self.domain;
        if self.is_logarithmic() && high / low >= 10.0 {
            return ticks::logarithmic(low, high, wanted);
        }
        ticks::linear(low, high, wanted)
    }
}

/// A domain grown by a share of itself on both sides, as it takes space on an axis of this kind.
pub fn padded(kind: ScaleKind, domain: Interval, share: f64) -> Interval {
    let Interval { start: low, end: high } = domain;
    if kind == ScaleKind::Logarithmic && low > 0.0 {
        let factor = (high / low).powf(share);
        Interval::new(low / factor, high * factor)
    } else {
        let more = domain.length() * share;
        Interval::new(low - more, high + more)
    }
}

#[cfg(test)]
mod tests {
    use super::ScaleKind::{Linear, Logarithmic};
    use super::*;

    #[test]
    fn pixels_and_values_are_inverse() {
        for kind in [Linear, Logarithmic] {
            let scale = Scale::new(kind, Interval::new(0.01, 10.0), Interval::new(200.0, 0.0));
            for value in [0.01, 0.5, 10.0] {
                assert!((scale.pixel_to_value(scale.value_to_pixel(value)) - value).abs() < 1e-9);
            }
            assert_eq!((scale.value_to_pixel(0.01), scale.value_to_pixel(10.0)), (200.0, 0.0));
        }
        let logarithmic = |domain| Scale::new(Logarithmic, domain, Interval::new(0.0, 300.0));
        assert!((logarithmic(Interval::new(1.0, 10_000.0)).middle() - 100.0).abs() < 1e-9);
        assert!(!logarithmic(Interval::new(0.1, 1.0)).value_to_pixel(-1.0).is_finite());
    }

    #[test]
    fn a_short_logarithmic_axis_has_the_ticks_of_a_linear_one() {
        let scale = |kind, low, high| Scale::new(kind, Interval::new(low, high), Interval::new(0.0, 100.0));
        assert_eq!(scale(Linear, 0.0, 1000.0).ticks(5), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(scale(Logarithmic, 1e-5, 0.02).ticks(4), [1e-5, 1e-4, 1e-3, 1e-2]);
        assert_eq!(scale(Logarithmic, 2.0, 3.0).ticks(2), [2.0, 2.5, 3.0]);
    }

    #[test]
    fn ranges_that_are_none_can_be_drawn() {
        let nothing = Interval::spanning([]);
        let odd =
            [Interval::new(1.0, 1.0), Interval::new(0.0, 0.0), Interval::new(f64::NAN, f64::NAN), nothing];
        for domain in odd {
            for kind in [Linear, Logarithmic] {
                let scale = Scale::new(kind, domain, Interval::new(0.0, 10.0));
                assert!(scale.domain.start < scale.domain.end, "{domain:?} {kind:?}");
                assert!(!scale.ticks(4).is_empty(), "{domain:?} {kind:?}");
            }
        }
        assert_eq!(padded(Linear, Interval::new(0.0, 10.0), 0.1), Interval::new(-1.0, 11.0));
        let Interval { start, end } = padded(Logarithmic, Interval::new(1.0, 100.0), 0.5);
        assert!((start - 0.1).abs() < 1e-9 && (end - 1000.0).abs() < 1e-6);
    }
}
