//! Numbers as a reader sees them, the same on page and terminal.

use super::{Figure, ResultCell, Summary};
use crate::metric::Metric;
use crate::task::Task;

/// What stands where there is no number.
pub const NONE: &str = "–";

/// A whole number with thousands separators: `109,482,240`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share in percent with three significant digits or more: `0.0337 %`, `25.9 %`, `100 %`.
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    match p {
        _ if p.is_nan() => NONE.to_owned(),
        _ if p == 0.0 || p >= 99.95 => format!("{p:.0} %"),
        _ if p >= 10.0 => format!("{p:.1} %"),
        _ if p >= 1.0 => format!("{p:.2} %"),
        _ if p >= 0.1 => format!("{p:.3} %"),
        _ if p >= 0.001 => format!("{p:.4} %"),
        _ => format!("{p:.1e} %"),
    }
}

/// A learning rate: `1e-3`, `2.5e-4`.
pub fn rate(learning_rate: f64) -> String {
    format!("{learning_rate:e}")
}

/// A metric's value: times 100 with one decimal as GLUE prints it, a loss with four.
pub fn value(metric: Metric, value: f64) -> String {
    match (value.is_nan(), metric.in_percent()) {
        (true, _) => NONE.to_owned(),
        (_, true) => format!("{:.1}", value * 100.0),
        (_, false) => format!("{value:.4}"),
    }
}

/// A metric's standard deviation, with one decimal more than [`value`].
pub fn deviation(metric: Metric, std: f64) -> String {
    match (std.is_nan(), metric.in_percent()) {
        (true, _) => NONE.to_owned(),
        (_, true) => format!("{:.2}", std * 100.0),
        (_, false) => format!("{std:.5}"),
    }
}

/// Mean and deviation: `66.4 ± 1.25`; `66.4 ± –` for one value, `–` for none.
pub fn mean_and_deviation(metric: Metric, summary: Summary) -> String {
    match value(metric, summary.mean) {
        mean if summary.n == 0 || summary.mean.is_nan() => mean,
        mean => format!("{mean} ± {}", deviation(metric, summary.std)),
    }
}

/// A cell's picked learning rates, each once, in the order of the seeds: `1e-3`, or `1e-3, 5e-3`.
pub fn picked_rates(cell: &ResultCell) -> String {
    let mut seen: Vec<f64> = Vec::new();
    for &rate in &cell.picked {
        if !seen.contains(&rate) {
            seen.push(rate);
        }
    }
    seen.into_iter().map(rate).collect::<Vec<_>>().join(", ")
}

/// A column's title: `RTE accuracy`, `MNLI mismatched accuracy`.
pub fn column(task: Task, metric: Metric, set: u8) -> String {
    let sets = task.development_sets();
    match sets.get(usize::from(set)) {
        Some(name) if sets.len() > 1 => format!("{} {name} {}", task.title(), metric.title()),
        _ => format!("{} {}", task.title(), metric.title()),
    }
}

/// What a figure that is not over all seeds is over: `n 4 of 6: 2 undefined`, or without any `6 to come`.
pub fn share(figure: &Figure, seeds: usize) -> Option<String> {
    let gap = figure.gap.as_ref()?;
    Some(match figure.summary.n {
        0 => gap.clone(),
        n => format!("n {n} of {seeds}: {gap}"),
    })
}

/// Mean and deviation with what they are over, where that is not all seeds: `66.4 ± 1.25 (n 4 of 6: 2 undefined)`.
pub fn mean_of(figure: &Figure, seeds: usize) -> String {
    let text = mean_and_deviation(figure.metric, figure.summary);
    share(figure, seeds).map_or(text.clone(), |share| format!("{text} ({share})"))
}

/// A figure with the learning rate behind it, if it is the one that picked: `66.4 ± 1.25 @ 1e-3`.
pub(super) fn figure(cell: &ResultCell, index: usize, figure: &Figure) -> String {
    let text = mean_of(figure, cell.seeds());
    if index == 0 && !cell.picked.is_empty() { format!("{text} @ {}", picked_rates(cell)) } else { text }
}

/// Plural or not: `1 run`, `3 runs`.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", thousands(n as u64)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 109_482_240].map(thousands), ["0", "999", "1,000", "109,482,240"]);
        let shares = [0.0, 3e-9, 36_864.0 / 109_482_240.0, 0.0052, 0.0151, 0.259, 1.0];
        let want = ["0 %", "3.0e-7 %", "0.0337 %", "0.520 %", "1.51 %", "25.9 %", "100 %"];
        assert_eq!(shares.map(percent), want);
        assert_eq!([1e-3, 2.5e-4, 0.01].map(rate), ["1e-3", "2.5e-4", "1e-2"]);
        let of = |values: &[f64]| mean_and_deviation(Metric::Accuracy, Summary::of(values));
        assert_eq!(of(&[0.66, 0.67, 0.68]), "67.0 ± 1.00");
        assert_eq!([of(&[0.661]), of(&[]), of(&[0.5, f64::NAN])], ["66.1 ± –", "–", "–"]);
    }
}
