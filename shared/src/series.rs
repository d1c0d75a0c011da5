//! Columns of points: smoothing, decimation, bands and look-up, for charts of any size.
//!
//! A line is two columns of equal length: x, which never falls, and y. A y that is not finite is a hole:
//! it is never drawn through, smoothed over or averaged. The order is smooth first, then decimate.

use std::ops::Range;

/// TensorBoard's smoothing: an exponential moving average, corrected for its start at 0.
///
/// `weight` is the share that the past keeps, 0 (nothing) to below 1. Holes stay holes and leave the average
/// as it was; a constant line stays exactly as it is.
pub fn smooth(values: &[f64], weight: f64) -> Vec<f64> {
    smooth_means(values, StepsPerPoint { each: 1, last: 1 }, weight)
}

/// For how many steps a point of a line stands: all for equally many, but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepsPerPoint {
    /// Every point but the last.
    pub each: usize,
    /// The last point.
    pub last: usize,
}

/// The same of values that are means of several steps: one leaves of the past what as many steps would.
pub fn smooth_means(values: &[f64], steps: StepsPerPoint, weight: f64) -> Vec<f64> {
    let first = values.iter().copied().find(|v| v.is_finite());
    let constant = values.iter().filter(|v| v.is_finite()).all(|&v| Some(v) == first);
    if constant || weight <= 0.0 {
        return values.to_vec();
    }
    let left_by = |steps: usize| weight.min(0.9999).powi(i32::try_from(steps).unwrap_or(i32::MAX));
    let (of_each, of_last) = (left_by(steps.each), left_by(steps.last));
    let (mut last, mut kept) = (0.0, 1.0);
    values
        .iter()
        .enumerate()
        .map(|(i, &value)| {
            let weight = if i + 1 == values.len() { of_last } else { of_each };
            if !value.is_finite() {
                return value;
            }
            last = last * weight + (1.0 - weight) * value;
            kept *= weight;
            last / (1.0 - kept)
        })
        .collect()
}

/// The points of an unbroken stretch that fall into one column of a plot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// All of them, as their indices; never empty.
    pub points: Range<usize>,
    /// The lowest.
    pub lowest: usize,
    /// The highest.
    pub highest: usize,
}

impl Column {
    /// The same behind so many other points.
    pub fn behind(&self, points: usize) -> Column {
        let Column { points: Range { start, end }, lowest, highest } = self;
        Column { points: start + points..end + points, lowest: lowest + points, highest: highest + points }
    }

    /// Those worth drawing: the first, the lowest, the highest and the last. A line through them covers the same pixels as one
    /// through all.
    pub fn drawn(&self) -> impl Iterator<Item = usize> {
        let (lower, upper) = (self.lowest.min(self.highest), self.lowest.max(self.highest));
        let mut kept = [self.points.start, lower, upper, self.points.end - 1].to_vec();
        kept.dedup();
        kept.into_iter()
    }
}

/// The columns of a line, in one list for every unbroken stretch: the points that fall into one of `columns` equal parts of
/// `from..to`. One point on either side of `from..to` stays too, so that the line runs on to the edge.
pub fn columns(x: &[f64], y: &[f64], from: f64, to: f64, columns: usize) -> Vec<Vec<Column>> {
    let shown = visible(x, from, to);
    let width = (to - from) / columns.max(1) as f64;
    let column = |i: usize| ((x[i] - from) / width).floor();
    let mut stretches = Vec::new();
    let mut stretch: Vec<Column> = Vec::new();
    let mut i = shown.start;
    while i < shown.end.min(y.len()) {
        if !y[i].is_finite() || !x[i].is_finite() {
            if !stretch.is_empty() {
                stretches.push(std::mem::take(&mut stretch));
            }
            i += 1;
            continue;
        }
        let (first, here) = (i, column(i));
        let (mut lowest, mut highest) = (i, i);
        while i < shown.end.min(y.len()) && y[i].is_finite() && (column(i) == here || i == first) {
            if y[i] < y[lowest] {
                lowest = i;
            }
            if y[i] > y[highest] {
                highest = i;
            }
            i += 1;
        }
        stretch.push(Column { points: first..i, lowest, highest });
    }
    if !stretch.is_empty() {
        stretches.push(stretch);
    }
    stretches
}

/// The indices with x in `from..=to`, and one more on either side.
pub fn visible(x: &[f64], from: f64, to: f64) -> Range<usize> {
    let start = x.partition_point(|&v| v < from).saturating_sub(1);
    let end = (x.partition_point(|&v| v <= to) + 1).min(x.len());
    start.min(end)..end
}

/// The index whose x is nearest to `at`; the earlier one wins a tie. `None` for an empty line.
pub fn nearest(x: &[f64], at: f64) -> Option<usize> {
    let after = x.partition_point(|&v| v < at);
    match (after.checked_sub(1), x.get(after)) {
        (Some(before), Some(&next)) if next - at < at - x[before] => Some(after),
        (Some(before), _) => Some(before),
        (None, Some(_)) => Some(after),
        (None, None) => None,
    }
}

/// The lowest and the highest finite value; `None` if there is none.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| v.is_finite()).fold(None, |range, v| match range {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

/// Y at `at` on the straight line between its neighbours. `None` beyond either end and beside a hole.
pub fn interpolate(x: &[f64], y: &[f64], at: f64) -> Option<f64> {
    let after = x.partition_point(|&v| v < at);
    let (x1, y1) = (*x.get(after)?, *y.get(after)?);
    if x1 == at {
        return Some(y1).filter(|y| y.is_finite());
    }
    let before = after.checked_sub(1)?;
    let (x0, y0) = (x[before], y[before]);
    Some(y0 + (y1 - y0) * (at - x0) / (x1 - x0)).filter(|y| y.is_finite())
}

/// Several lines as one: at each x the mean and the spread of those that have a value there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// Positions at which a line has a value.
    pub x: Vec<f64>,
    /// Mean of the lines.
    pub mean: Vec<f64>,
    /// Mean less the sample standard deviation; the mean itself where one line has a value.
    pub low: Vec<f64>,
    /// Mean plus the sample standard deviation.
    pub high: Vec<f64>,
}

/// The mean and spread of `lines` (x and y of each) at the distinct positions of `at`, which never falls.
///
/// A line counts from its first to its last point, holes excepted. Positions that no line reaches are holes.
pub fn band(lines: &[(&[f64], &[f64])], at: &[f64]) -> Band {
    let mut band = Band::default();
    for &position in at {
        if band.x.last() == Some(&position) {
            continue;
        }
        let values: Vec<f64> = lines.iter().filter_map(|(x, y)| interpolate(x, y, position)).collect();
        let n = values.len() as f64;
        let mean = if values.is_empty() { f64::NAN } else { values.iter().sum::<f64>() / n };
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let spread = if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 };
        band.x.push(position);
        band.mean.push(mean);
        band.low.push(mean - spread);
        band.high.push(mean + spread);
    }
    band
}

#[cfg(test)]
mod tests;
