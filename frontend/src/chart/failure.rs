//! Where runs failed, on the lines of a chart.

use super::drawing::Drawing;
use super::line::Line;
use super::shapes::Shape;
use std::fmt::Write;

/// Half the width of a mark, in pixels.
const ARM: f64 = 4.5;

/// The end of a run that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// Where its last point lies on the horizontal axis.
    pub x: f64,
    /// Why, in the words of the log.
    pub reason: String,
}

/// A cross on each line where a run of it failed, at the last value before that is a number. `None` if none failed where the
/// chart can show it.
pub fn crosses(drawing: &Drawing) -> Option<Shape> {
    let mut path = String::new();
    let all = drawing.lines.iter().flat_map(|line| line.failures.iter().map(move |failure| (line, failure)));
    for (line, failure) in all {
        let Some((x, y)) = last_value(line, failure.x) else { continue };
        let (x, y) = (drawing.x.value_to_pixel(x), drawing.y.value_to_pixel(y));
        if drawing.area().has_column(x) && y.is_finite() {
            let (left, top, arm) = (x - ARM, y - ARM, 2.0 * ARM);
            let _ = write!(path, "M{left:.1},{top:.1}l{arm},{arm}m-{arm},0l{arm},-{arm}");
        }
    }
    (!path.is_empty()).then(|| Shape { class: "failure".into(), path })
}

/// The last value of a line up to `x` that is a number, and where it lies.
fn last_value(line: &Line, x: f64) -> Option<(f64, f64)> {
    let points = line.x.iter().zip(&line.y).rev();
    points.map(|(x, y)| (*x, *y)).find(|point| point.0 <= x && point.1.is_finite())
}

/// Why a run of the line failed at `x` or before, if one did: of several that which failed last.
pub fn reason_at(line: &Line, x: f64) -> Option<&str> {
    let before = line.failures.iter().filter(|failure| failure.x <= x);
    before.max_by(|a, b| a.x.total_cmp(&b.x)).map(|failure| failure.reason.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::drawing::{PlotOptions, PlotSize, draw};
    use crate::chart::line::Lines;
    use crate::chart::zoom::Zoom;
    use crate::setting::{Axis, Outliers};

    fn line(y: &[f64], failures: &[f64]) -> Line {
        let failure = |x: &f64| Failure { x: *x, reason: format!("diverged at step {x}") };
        Line {
            x: (0..y.len()).map(|i| i as f64).collect(),
            y: y.to_vec(),
            failures: failures.iter().map(failure).collect(),
            runs: 1,
            ..Line::default()
        }
    }

    fn drawing(lines: Vec<Line>) -> Drawing {
        let options =
            PlotOptions { axis: Axis::Step, zoom: Zoom::default(), log: false, outliers: Outliers::Shown };
        draw(Lines { drawn: lines, left_out: 0 }, PlotSize { width: 400.0, height: 200.0 }, options)
    }

    #[test]
    fn a_cross_stands_on_the_last_value_that_is_a_number() {
        let drawing = drawing(vec![line(&[1.0, 3.0, f64::NAN, f64::NAN], &[3.0]), line(&[2.0, 2.0], &[])]);
        let shape = crosses(&drawing).unwrap();
        let (x, y) = (drawing.x.value_to_pixel(1.0), drawing.y.value_to_pixel(3.0));
        assert_eq!(shape.path, format!("M{:.1},{:.1}l9,9m-9,0l9,-9", x - 4.5, y - 4.5));
        assert_eq!(shape.class, "failure");
    }

    #[test]
    fn what_no_chart_can_show_has_no_cross() {
        assert_eq!(crosses(&drawing(vec![line(&[1.0, 2.0], &[])])), None);
        assert_eq!(crosses(&drawing(vec![line(&[f64::NAN], &[0.0]), line(&[1.0], &[])])), None);
    }

    #[test]
    fn the_reason_is_told_from_where_it_happened() {
        let group = line(&[1.0, 2.0, 3.0], &[2.0, 1.0]);
        assert_eq!(reason_at(&group, 0.5), None);
        assert_eq!(reason_at(&group, 1.0), Some("diverged at step 1"));
        assert_eq!(reason_at(&group, 2.0), Some("diverged at step 2"));
    }
}
