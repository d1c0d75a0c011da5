//! Round numbers along an axis.

/// About `count` round numbers between two ends, ascending, with the digits that tell them apart.
pub(super) fn ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let rough = (high - low) / count.max(1) as f64;
    if rough.is_nan() || rough <= 0.0 || !rough.is_finite() {
        return Vec::new();
    }
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= rough).unwrap_or(rough);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).map(|i| (i as f64 * step, label(i as f64 * step, step))).collect()
}

fn label(value: f64, step: f64) -> String {
    let place = step.log10().floor();
    let digits = (-place).max(0.0) as usize;
    let text = match () {
        _ if value == 0.0 => "0".into(),
        // Long rows of noughts are read more easily as a power, with the digits down to the step's.
        _ if digits > 3 || place > 3.0 => {
            let digits = (value.abs().log10().floor() - place).max(0.0) as usize;
            format!("{value:.digits$e}").replace(".0e", "e")
        }
        _ => format!("{value:.digits$}"),
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64) -> Vec<String> {
        ticks(low, high, 4).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(labels(-0.11, 0.12), ["−0.1", "0", "0.1"]);
        assert_eq!(labels(0.0, 10.0), ["0", "5", "10"]);
        assert_eq!(labels(-2.1e-5, 2.1e-5), ["−2e−5", "0", "2e−5"]);
        assert_eq!(labels(0.0, 1.7e-4), ["0", "5e−5", "1e−4", "1.5e−4"]);
        assert_eq!(labels(0.0, 31_000.0), ["0", "1e4", "2e4", "3e4"]);
        assert_eq!(labels(0.62, 0.97), ["0.7", "0.8", "0.9"]);
        assert!(labels(1.0, 1.0).is_empty() && labels(f64::NAN, 1.0).is_empty());
    }
}
