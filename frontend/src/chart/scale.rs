//! From values to pixels, and the round values that stand at the axes.

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

    /// Round values of the domain, about `wanted` of them.
    pub fn ticks(&self, wanted: usize) -> Vec<f64> {
        let (low, high) = self.domain;
        if self.log && high / low >= 10.0 {
            return log_ticks(low, high, wanted);
        }
        let step = round_step((high - low) / wanted.max(1) as f64);
        let first = (low / step).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        (first..=last).map(|i| i as f64 * step).collect()
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

/// The smallest of 1, 2 and 5 times a power of ten that is at least `rough`.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= rough * 0.999_999).unwrap_or(10.0);
    factor * power
}

/// Powers of ten, every n-th if they are many, with their halves and doubles if they are few.
fn log_ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let decades = (last - first).max(1) as usize;
    let every = decades.div_ceil(wanted.max(1)).max(1);
    let factors: &[f64] = if decades * 2 <= wanted { &[1.0, 2.0, 5.0] } else { &[1.0] };
    (first..=last)
        .step_by(every)
        .flat_map(|power| factors.iter().map(move |f| f * 10f64.powi(power)))
        .filter(|v| (low * 0.999_999..=high * 1.000_001).contains(v))
        .collect()
}

/// The text of a tick: as many digits as tell it from its neighbour, thousands as `k`.
pub fn tick_text(value: f64, step: f64) -> String {
    let size = value.abs().max(step.abs());
    let text = if value == 0.0 {
        "0".into()
    } else if size >= 1e6 {
        trim(format!("{:.2}", value / 1e6)) + "M"
    } else if size >= 1e4 {
        trim(format!("{:.2}", value / 1e3)) + "k"
    } else if size < 1e-3 {
        format!("{}e{}", trim(format!("{:.2}", value / power_of(value))), value.abs().log10().floor())
    } else {
        trim(format!("{:.*}", (-step.abs().log10().floor()).clamp(0.0, 6.0) as usize, value))
    };
    text.replacen('-', "−", usize::from(value < 0.0))
}

fn power_of(value: f64) -> f64 {
    10f64.powf(value.abs().log10().floor())
}

fn trim(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
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
        assert!(!Scale::new((0.1, 1.0), (0.0, 1.0), true).value_to_pixel(-1.0).is_finite());
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = |low, high, log| Scale::new((low, high), (0.0, 100.0), log);
        assert_eq!(scale(0.0, 1000.0, false).ticks(5), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        let fine = scale(0.613, 0.702, false).ticks(4);
        assert_eq!(fine.iter().map(|&v| tick_text(v, 0.05)).collect::<Vec<_>>(), ["0.65", "0.7"]);
        assert_eq!(scale(1e-5, 0.02, true).ticks(4), [1e-5, 1e-4, 1e-3, 1e-2]);
        assert_eq!(scale(0.5, 20.0, true).ticks(8), [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
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

    #[test]
    fn tick_texts() {
        let text = |v, step| tick_text(v, step);
        assert_eq!(
            [text(0.0, 0.1), text(-0.5, 0.5), text(2500.0, 500.0), text(20_000.0, 5_000.0)],
            ["0", "−0.5", "2500", "20k"]
        );
        assert_eq!([text(1.5e6, 5e5), text(2e-5, 1e-5), text(0.001, 0.001)], ["1.5M", "2e-5", "0.001"]);
    }
}
