//! Columns of values as the `d` of paths, in pixels. Pure. Only what makes a difference to the pixels is written.

use super::scale::Scale;
use crate::interval::Interval;
use crate::setting::ScaleKind;
use tunemask_shared::series::{decimate, visible};

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
    /// The line through values. Holes break it, and so does what an axis has no place for.
    pub fn line(&self, values: &[f64]) -> String {
        let mut out = String::new();
        let pixels: Vec<f64>;
        let drawable: &[f64] = if self.y.is_logarithmic() {
            pixels = values.iter().map(|&v| if v > 0.0 { v } else { f64::NAN }).collect();
            &pixels
        } else {
            values
        };
        for stretch in self.decimated(drawable) {
            let pixels = stretch.iter().map(|&at| (self.pixel(at), self.y.value_to_pixel(drawable[at])));
            if let [_] = stretch[..] {
                // A line so short looks like a dot; one of no length would not be seen.
                pixels.for_each(|(x, y)| push_point(&mut out, 0, x - 1.0, y));
                out.push_str("h2");
                continue;
            }
            for (place, (x, y)) in pixels.enumerate() {
                push_point(&mut out, place, x, y);
            }
        }
        out
    }

    /// The area between two lines.
    pub fn band(&self, low: &[f64], high: &[f64]) -> String {
        let mut out = String::new();
        let floor = |v: f64| if self.y.is_logarithmic() { v.max(self.y.domain.start) } else { v };
        for stretch in self.decimated(low) {
            let along = stretch.iter().map(|&i| (i, high[i]));
            let back = stretch.iter().rev().map(|&i| (i, low[i]));
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

    /// The points worth drawing, by columns of equal width on the axis, whichever it is.
    fn decimated(&self, values: &[f64]) -> Vec<Vec<usize>> {
        let Interval { start: from, end: to } = self.x.domain;
        if self.x.kind == ScaleKind::Linear {
            return decimate(self.positions, values, from, to, self.columns);
        }
        // Of what is shown alone: a logarithm takes longer than all else that is done for a point.
        let shown = visible(self.positions, from, to);
        let placed = first_place(self.positions, ScaleKind::Logarithmic);
        let end = shown.end.min(values.len());
        let first = shown.start.max(placed).min(end);
        let exponents: Vec<f64> = self.positions[first..end].iter().map(|x| x.ln()).collect();
        let mut stretches = decimate(&exponents, &values[first..end], from.ln(), to.ln(), self.columns);
        stretches.iter_mut().flatten().for_each(|at| *at += first);
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
            let drawn = Trace { positions: &positions, x: &x, y: &y, columns: 300 }.decimated(&values);
            let exponents: Vec<f64> = positions[1..].iter().map(|x| x.ln()).collect();
            let mut whole = decimate(&exponents, &values[1..], f64::ln(low), f64::ln(high), 300);
            whole.iter_mut().flatten().for_each(|at| *at += 1);
            assert_eq!(drawn, whole, "{low} to {high}");
        }
        // A line that has fewer values than positions, and one of nothing.
        let x = x(Interval::new(1.0, 4999.0));
        let trace = |positions| Trace { positions, x: &x, y: &y, columns: 300 };
        assert_eq!(trace(&positions).decimated(&values[..3]), [[1, 2]]);
        assert!(trace(&[]).decimated(&[]).is_empty());
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
