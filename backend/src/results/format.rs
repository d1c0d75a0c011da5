//! Values of metrics and weights as a reader sees them.

use super::Summary;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::Task;
use tunemask_shared::text::NONE;

/// A metric's value: times 100 with one decimal as GLUE prints it, a loss with four.
pub fn value(metric: Metric, value: f64) -> String {
    if metric.in_percent() { rounded(value * 100.0, 1) } else { rounded(value, 4) }
}

/// A difference in percentage points with one decimal.
pub fn points(difference: f64) -> String {
    rounded(difference * 100.0, 1)
}

/// A number with so many decimals and a minus sign, which is no hyphen; what rounds to nothing has no sign.
fn rounded(x: f64, decimals: usize) -> String {
    if x.is_nan() {
        return NONE.to_owned();
    }
    let size = format!("{:.decimals$}", x.abs());
    let is_nothing = size.chars().all(|letter| matches!(letter, '0' | '.'));
    if x < 0.0 && !is_nothing { format!("−{size}") } else { size }
}

/// Mean and deviation with the same number of decimals: `66.4 ± 1.3`; `66.4 ± –` for one value, `–` for none.
pub fn mean_and_deviation(metric: Metric, summary: Summary) -> String {
    match value(metric, summary.mean) {
        mean if summary.n == 0 || summary.mean.is_nan() => mean,
        mean => format!("{mean} ± {}", value(metric, summary.std)),
    }
}

/// A column's title: `RTE accuracy`, `MNLI mismatched accuracy`.
pub fn column(task: &Task, metric: Metric, set: u8) -> String {
    let sets = task.development_sets();
    match sets.get(usize::from(set)) {
        Some(name) if sets.len() > 1 => format!("{} {name} {}", task.title(), metric.title()),
        _ => format!("{} {}", task.title(), metric.title()),
    }
}

/// The title of a task's column below the task's own: `accuracy`, `mismatched accuracy`.
pub fn metric_head(task: &Task, metric: Metric, set: u8) -> String {
    let title = column(task, metric, set);
    title.strip_prefix(task.title()).unwrap_or(&title).trim().to_owned()
}

/// A value or a small change of it with four significant digits, for people.
pub(crate) fn digits(x: f64) -> String {
    match x.abs() {
        _ if x.is_nan() => NONE.to_owned(),
        0.0 => "0".into(),
        size if !(1e-3..1e5).contains(&size) => format!("{x:.3e}"),
        size => format!("{x:.*}", (3 - size.log10().floor() as i32).clamp(0, 6) as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_that_rounds_to_nothing_has_no_sign() {
        let shown = [0.012, -0.004, -0.0004, 0.0, f64::NAN, f64::NEG_INFINITY].map(points);
        assert_eq!(shown, ["1.2", "−0.4", "0.0", "0.0", "–", "−inf"]);
    }

    #[test]
    fn values_below_zero_have_the_minus_sign_of_differences() {
        let percent = [-0.084, -0.0004, 0.0].map(|x| value(Metric::Matthews, x));
        assert_eq!(percent, ["−8.4", "0.0", "0.0"]);
        assert_eq!([-0.51234, -1e-6].map(|x| value(Metric::Loss, x)), ["−0.5123", "0.0000"]);
    }

    #[test]
    fn means_read_well() {
        let shown = |values: &[f64]| mean_and_deviation(Metric::Accuracy, Summary::of(values));
        assert_eq!(shown(&[0.66, 0.67, 0.68]), "67.0 ± 1.0");
        assert_eq!([shown(&[0.661]), shown(&[]), shown(&[0.5, f64::NAN])], ["66.1 ± –", "–", "–"]);
    }
}
