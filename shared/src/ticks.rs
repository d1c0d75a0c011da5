//! Round numbers along an axis, and their labels: the same in the page's charts and in files of figures.
//!
//! An axis that is empty or not finite has no ticks.

/// About `wanted` round numbers from `low` to `high`, ascending.
pub fn linear(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let rough = (high - low) / wanted.max(1) as f64;
    if !rough.is_finite() || rough <= 0.0 {
        return Vec::new();
    }
    let step = round_step(rough);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// Powers of ten from `low`, which is above 0, to `high`; every n-th if they are many, with their halves and doubles if they
/// are few.
pub fn logarithmic(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    if !(low > 0.0 && high > low && high.is_finite()) {
        return Vec::new();
    }
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

/// The smallest of 1, 2 and 5 times a power of ten that is at least `rough`.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= rough * 0.999_999).unwrap_or(10.0);
    factor * power
}

/// The labels of ticks in ascending order: each with as many digits as tell it from its nearest neighbour. One alone has
/// those of a tick at `span`, the length of its axis.
pub fn labels(ticks: &[f64], span: f64) -> Vec<String> {
    let gap = |i: usize| {
        let before = i.checked_sub(1).map(|j| ticks[i] - ticks[j]);
        let behind = ticks.get(i + 1).map(|next| next - ticks[i]);
        before.into_iter().chain(behind).reduce(f64::min).unwrap_or(span)
    };
    ticks.iter().enumerate().map(|(i, &tick)| label(tick, gap(i))).collect()
}

/// The label of a tick whose nearest neighbour is `gap` away: thousands as `k`, millions as `M`, very small ones as a power.
fn label(value: f64, gap: f64) -> String {
    let size = value.abs().max(gap.abs());
    let places = |unit: f64| (place(unit) - place(gap)).clamp(0, 12) as usize;
    let text = if value == 0.0 {
        "0".into()
    } else if size >= 1e6 {
        trim(format!("{:.*}", places(1e6), value / 1e6)) + "M"
    } else if size >= 1e4 {
        trim(format!("{:.*}", places(1e3), value / 1e3)) + "k"
    } else if size < 1e-3 {
        let power = place(value);
        trim(format!("{:.*}", places(value), value / 10f64.powi(power))) + &format!("e{power}")
    } else {
        trim(format!("{:.*}", places(1.0), value))
    };
    text.replacen('-', "−", usize::from(value < 0.0))
}

/// The power of ten of a number's first digit.
fn place(value: f64) -> i32 {
    // A step of 0.001 is 0.000999… to the machine.
    (value.abs() * 1.000_001).log10().floor() as i32
}

fn trim(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(ticks: Vec<f64>, low: f64, high: f64) -> Vec<String> {
        labels(&ticks, high - low)
    }

    #[test]
    fn ticks_of_a_linear_axis_are_round_within_and_told_apart() {
        assert_eq!(linear(0.0, 1000.0, 5), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        let four = |low, high| words(linear(low, high, 4), low, high);
        assert_eq!(four(0.613, 0.702), ["0.65", "0.7"]);
        assert_eq!(four(-0.11, 0.12), ["−0.1", "0", "0.1"]);
        assert_eq!(four(0.0, 10.0), ["0", "5", "10"]);
        assert_eq!(four(-2.1e-5, 2.1e-5), ["−2e-5", "0", "2e-5"]);
        assert_eq!(four(0.0, 1.7e-4), ["0", "5e-5", "1e-4", "1.5e-4"]);
        assert_eq!(four(0.0, 31_000.0), ["0", "10k", "20k", "30k"]);
        assert_eq!(four(1.2e6, 3.1e6), ["1.5M", "2M", "2.5M", "3M"]);
        assert_eq!(four(0.0, 2_600.0), ["0", "1000", "2000"]);
        // Far from 0 the digits go down to the step.
        assert_eq!(four(1_000_000.0, 1_000_041.0), ["1M", "1.00002M", "1.00004M"]);
        assert_eq!(four(1.2341e-4, 1.2377e-4), ["1.235e-4", "1.236e-4", "1.237e-4"]);
        assert_eq!(words(linear(1.0, 1.0041, 1), 1.0, 1.0041), ["1"]);
        for (low, high) in [(1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (2.0, 1.0)] {
            assert!(linear(low, high, 4).is_empty());
        }
    }

    #[test]
    fn ticks_of_a_logarithmic_axis_are_powers_and_their_halves_and_doubles() {
        assert_eq!(logarithmic(1e-5, 0.02, 4), [1e-5, 1e-4, 1e-3, 1e-2]);
        assert_eq!(logarithmic(0.5, 20.0, 8), [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!(words(logarithmic(1e-5, 0.02, 4), 1e-5, 0.02), ["1e-5", "1e-4", "0.001", "0.01"]);
        assert_eq!(
            words(vec![0.5, 1.0, 2.0, 5.0, 10.0, 20.0], 0.5, 20.0),
            ["0.5", "1", "2", "5", "10", "20"]
        );
        assert!(logarithmic(0.0, 1.0, 4).is_empty() && logarithmic(1.0, f64::NAN, 4).is_empty());
    }
}
