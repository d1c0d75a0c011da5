//! Columns of values as the `d` of paths, in pixels. Pure. Only what makes a difference to the pixels is written.

use super::scale::Scale;
use crate::interval::Interval;
use crate::setting::ScaleKind;
use std::ops::Range;
use tunemask_shared::series::{Column, columns, visible};

/// Most points of a column of which each can be read.
const READABLE: usize = 4;

/// Where a line's points lie, and how finely they are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    /// Positions on the horizontal axis; they never fall.
    pub positions: &'a [f64],
    /// The horizontal axis.
    pub x: &'a Scale,
    /// The vertical axis.
    pub y: &'a Scale,
    /// Columns of pixels that are told apart.
    pub columns: usize,
}

impl Trace<'_> {
    /// The columns of values, in one list for every unbroken stretch: holes break a line, and so does what an axis has no place
    /// for.
    pub fn stretches(&self, values: &[f64]) -> Vec<Vec<Column>> {
        if self.y.is_logarithmic() {
            let placed: Vec<f64> = values.iter().map(|&v| if v > 0.0 { v } else { f64::NAN }).collect();
            self.columns(&placed)
        } else {
            self.columns(values)
        }
    }

    /// The line through values.
    pub fn line(&self, values: &[f64]) -> String {
        self.through(&self.stretches(values), values)
    }

    /// The line through these [`stretches`](Self::stretches) of values.
    pub fn through(&self, stretches: &[Vec<Column>], values: &[f64]) -> String {
        let mut out = String::new();
        for stretch in stretches {
            let drawn = stretch.iter().flat_map(Column::drawn);
            let pixels = drawn.map(|at| (self.pixel(at), self.y.value_to_pixel(values[at])));
            if let [column] = &stretch[..]
                && column.points.len() == 1
            {
                // A line so short looks like a dot; one of no length would not be seen.
                pixels.for_each(|(x, y)| push_point(&mut out, 0, x - 1.0, y));
                out.push_str("h2");
                continue;
            }
            pixels.enumerate().for_each(|(place, (x, y))| push_point(&mut out, place, x, y));
        }
        out
    }

    /// The points that a reader can tell apart on the plot, in their order: all of a column of few, else the one in its middle;
    /// of each hole in what is shown the first and the last, and the ends of the line.
    pub fn kept(&self, stretches: &[Vec<Column>]) -> Vec<usize> {
        let shown = self.shown();
        let mut kept = Vec::new();
        let mut next = shown.start;
        let ends = |hole: Range<usize>| {
            let last = hole.clone().skip(1).next_back();
            hole.take(1).chain(last)
        };
        for stretch in stretches {
            let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
            let (first, last) = (first.points.start, last.points.end - 1);
            kept.extend(ends(next..first));
            for Column { points, .. } in stretch {
                match points.len() {
                    1..=READABLE => kept.extend(points.clone()),
                    _ => {
                        kept.extend(Some(first).filter(|first| *first == points.start));
                        kept.push((points.start + points.end) / 2);
                        kept.extend(Some(last).filter(|last| *last == points.end - 1));
                    }
                }
            }
            next = last + 1;
        }
        kept.extend(ends(next..shown.end));
        kept
    }

    /// A line that reaches from the one to the other at each position.
    pub fn between(&self, low: &[f64], high: &[f64]) -> String {
        let positions: Vec<f64> = self.positions.iter().flat_map(|&x| [x, x]).collect();
        // What has no place on the axis reaches down to its foot from what has one.
        let start = self.y.domain.start;
        let cut =
            |low: f64, high: f64| if self.y.is_logarithmic() && high > 0.0 { low.max(start) } else { low };
        let values: Vec<f64> =
            low.iter().zip(high).flat_map(|(&low, &high)| [cut(low, high), high]).collect();
        Trace { positions: &positions, ..*self }.line(&values)
    }

    /// The area between two lines.
    pub fn band(&self, low: &[f64], high: &[f64]) -> String {
        let mut out = String::new();
        let floor = |v: f64| if self.y.is_logarithmic() { v.max(self.y.domain.start) } else { v };
        for stretch in self.columns(low) {
            let drawn: Vec<usize> = stretch.iter().flat_map(Column::drawn).collect();
            let along = drawn.iter().map(|&i| (i, high[i]));
            let back = drawn.iter().rev().map(|&i| (i, low[i]));
            for (place, (i, value)) in along.chain(back).enumerate() {
                push_point(&mut out, place, self.pixel(i), self.y.value_to_pixel(floor(value)));
            }
            out.push('Z');
        }
        out
    }

    fn pixel(&self, at: usize) -> f64 {
        self.x.value_to_pixel(self.positions[at])
    }

    /// The points that have a place on the part of the horizontal axis shown, and one on either side.
    fn shown(&self) -> Range<usize> {
        let shown = visible(self.positions, self.x.domain.start, self.x.domain.end);
        shown.start.max(first_place(self.positions, self.x.kind)).min(shown.end)..shown.end
    }

    /// The points by columns of equal width on the axis, whichever it is.
    fn columns(&self, values: &[f64]) -> Vec<Vec<Column>> {
        let Interval { start: from, end: to } = self.x.domain;
        if self.x.kind == ScaleKind::Linear {
            return columns(self.positions, values, from, to, self.columns);
        }
        // Of what is shown alone: a logarithm takes longer than all else that is done for a point.
        let shown = self.shown();
        let (first, end) = (shown.start.min(values.len()), shown.end.min(values.len()));
        let exponents: Vec<f64> = self.positions[first..end].iter().map(|x| x.ln()).collect();
        let mut stretches = columns(&exponents, &values[first..end], from.ln(), to.ln(), self.columns);
        stretches.iter_mut().flatten().for_each(|column| *column = column.behind(first));
        stretches
    }
}

/// The first point that has a place on the horizontal axis: on a logarithmic one, the first above 0.
pub fn first_place(positions: &[f64], scale: ScaleKind) -> usize {
    match scale {
        ScaleKind::Linear => 0,
        ScaleKind::Logarithmic => positions.partition_point(|x| *x <= 0.0),
    }
}

/// Writes a point: the pen goes to the first of a path without drawing.
fn push_point(out: &mut String, place: usize, x: f64, y: f64) {
    out.push(if place == 0 { 'M' } else { 'L' });
    push_pixel(out, x);
    out.push(',');
    push_pixel(out, y);
}

/// Writes a pixel with one decimal. There are tens of thousands a drawing: the formatter of all numbers takes longer
/// for them than all else.
fn push_pixel(out: &mut String, pixel: f64) {
    let tenths = (pixel * 10.0).round() as i64;
    if tenths < 0 {
        out.push('-');
    }
    let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    let mut power = 1;
    while whole / power >= 10 {
        power *= 10;
    }
    while power > 0 {
        out.push(char::from(b'0' + (whole / power % 10) as u8));
        power /= 10;
    }
    out.push('.');
    out.push(char::from(b'0' + tenth as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_logarithmic_axis_is_drawn_as_of_the_whole_line() {
        let positions: Vec<f64> = (0..5000).map(f64::from).collect();
        let values: Vec<f64> = positions.iter().map(|x| (x * 0.7).sin()).collect();
        let y = Scale::linear(Interval::new(-1.0, 1.0), Interval::new(100.0, 0.0));
        let x = |domain| Scale::new(ScaleKind::Logarithmic, domain, Interval::new(0.0, 300.0));
        for (low, high) in [(1.0, 4999.0), (10.0, 400.0), (0.1, 3.0), (4000.0, 9000.0), (6000.0, 9000.0)] {
            let x = x(Interval::new(low, high));
            let drawn = Trace { positions: &positions, x: &x, y: &y, columns: 300 }.columns(&values);
            let exponents: Vec<f64> = positions[1..].iter().map(|x| x.ln()).collect();
            let mut whole = columns(&exponents, &values[1..], f64::ln(low), f64::ln(high), 300);
            whole.iter_mut().flatten().for_each(|column| *column = column.behind(1));
            assert_eq!(drawn, whole, "{low} to {high}");
        }
        // A line that has fewer values than positions, and one of nothing.
        let x = x(Interval::new(1.0, 4999.0));
        let trace = |positions| Trace { positions, x: &x, y: &y, columns: 300 };
        let short = trace(&positions);
        assert_eq!(short.kept(&short.columns(&values[..3]))[..2], [1, 2]);
        assert!(trace(&[]).columns(&[]).is_empty());
    }

    #[test]
    fn of_a_long_line_is_kept_what_can_be_told_apart() {
        let positions: Vec<f64> = (0..100_000).map(f64::from).collect();
        let mut values: Vec<f64> = positions.iter().map(|x| (x * 0.7).sin()).collect();
        values[40_000..60_000].fill(f64::NAN);
        let y = Scale::linear(Interval::new(-1.0, 1.0), Interval::new(100.0, 0.0));
        let kept = |kind, domain| {
            let x = Scale::new(kind, domain, Interval::new(0.0, 300.0));
            let trace = Trace { positions: &positions, x: &x, y: &y, columns: 300 };
            trace.kept(&trace.stretches(&values))
        };
        let all = kept(ScaleKind::Linear, Interval::new(0.0, 99_999.0));
        assert!(all.len() < 320 && all.is_sorted_by(|a, b| a < b), "{}", all.len());
        for ends in [0, 39_999, 40_000, 59_999, 60_000, 99_999] {
            assert!(all.contains(&ends), "{ends}");
        }
        // Of a part that has room for each of its points, each and its neighbours.
        let part = Interval::new(100.0, 300.0);
        assert_eq!(kept(ScaleKind::Linear, part), (99..=301).collect::<Vec<_>>());
        assert!(!kept(ScaleKind::Logarithmic, Interval::new(1.0, 99_999.0)).contains(&0));
        // Within a hole its ends alone.
        assert_eq!(kept(ScaleKind::Linear, Interval::new(45_000.0, 46_000.0)), [44_999, 46_001]);
        assert!(kept(ScaleKind::Linear, Interval::new(2e5, 3e5)).len() <= 1);
    }

    #[test]
    fn a_range_without_a_number_is_a_gap_on_either_axis() {
        let positions = [0.0, 1.0, 2.0];
        let x = Scale::linear(Interval::new(0.0, 2.0), Interval::new(0.0, 200.0));
        let (low, high) = ([1.0, f64::NAN, 0.0], [10.0, f64::NAN, 10.0]);
        for kind in [ScaleKind::Linear, ScaleKind::Logarithmic] {
            let y = Scale::new(kind, Interval::new(1.0, 10.0), Interval::new(100.0, 0.0));
            let path = Trace { positions: &positions, x: &x, y: &y, columns: 200 }.between(&low, &high);
            assert_eq!(path.matches('M').count(), 2, "{path}");
            assert!(!path.contains("100.0,"), "{path}");
        }
        // What has no place on a logarithmic axis reaches to its foot; where nothing has one, nothing is drawn.
        let y = Scale::new(ScaleKind::Logarithmic, Interval::new(1.0, 10.0), Interval::new(100.0, 0.0));
        let trace = Trace { positions: &positions, x: &x, y: &y, columns: 200 };
        assert!(
            trace.between(&low, &high).ends_with("M200.0,100.0L200.0,0.0"),
            "{}",
            trace.between(&low, &high)
        );
        assert_eq!(trace.between(&[-2.0; 3], &[0.0; 3]), "");
    }

    #[test]
    fn pixels_are_written_as_the_formatter_would() {
        for value in [0.0, 0.04, 0.06, 9.96, 46.0, 123.456, 1000.0, 98765.43, -0.3, -12.34, -0.01] {
            let mut out = String::new();
            push_pixel(&mut out, value);
            assert_eq!(out, format!("{value:.1}").replace("-0.0", "0.0"));
        }
    }
}
