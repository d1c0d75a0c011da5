//! Where runs failed, on the lines of a chart.

use super::drawing::Drawing;
use std::fmt::Write;

/// Half the width of a mark, in pixels.
const ARM: f64 = 4.5;

/// The path of a cross on each line where a run of it failed, at the last value before that is a number; where no value is one, at
/// the lower edge of the plot where the run ended. Empty if none failed where the chart can show it.
pub fn crosses(drawing: &Drawing) -> String {
    let mut path = String::new();
    for failure in drawing.lines.iter().flat_map(|line| &line.failures) {
        let x = drawing.x.value_to_pixel(failure.cross_x());
        let lowest = drawing.area().bottom - ARM;
        let y = failure.last_number.map_or(lowest, |point| drawing.y.value_to_pixel(point.y));
        if drawing.area().has_column(x) && y.is_finite() {
            let (left, top, arm) = (x - ARM, y - ARM, 2.0 * ARM);
            let _ = write!(path, "M{left:.1},{top:.1}l{arm},{arm}m-{arm},0l{arm},-{arm}");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::area::PlotSize;
    use crate::chart::drawing::{PlotOptions, draw};
    use crate::chart::line::{Failure, Line, Lines};
    use crate::chart::zoom::Zoom;
    use crate::interval::Interval;

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
        drawing_of(lines, PlotOptions::default())
    }

    fn drawing_of(lines: Vec<Line>, options: PlotOptions) -> Drawing {
        draw(
            Lines { drawn: lines, left_out: 0, stride: None },
            PlotSize { width: 400.0, height: 200.0 },
            options,
        )
    }

    #[test]
    fn a_cross_stands_on_the_last_value_that_is_a_number() {
        let drawing = drawing(vec![line(&[1.0, 3.0, f64::NAN, f64::NAN], &[3.0]), line(&[2.0, 2.0], &[])]);
        let path = crosses(&drawing);
        let (x, y) = (drawing.x.value_to_pixel(1.0), drawing.y.value_to_pixel(3.0));
        assert_eq!(path, format!("M{:.1},{:.1}l9,9m-9,0l9,-9", x - 4.5, y - 4.5));
    }

    #[test]
    fn what_never_was_a_number_has_its_cross_at_the_lower_edge() {
        let drawing = drawing(vec![line(&[f64::NAN, f64::NAN], &[1.0]), line(&[1.0, 2.0, 3.0], &[])]);
        let (x, bottom) = (drawing.x.value_to_pixel(1.0), drawing.area().bottom);
        assert_eq!(crosses(&drawing), format!("M{:.1},{:.1}l9,9m-9,0l9,-9", x - 4.5, bottom - 9.0));
        // The only line of a chart, too.
        assert_ne!(crosses(&self::drawing(vec![line(&[f64::NAN], &[0.0])])), "");
    }

    #[test]
    fn what_no_chart_can_show_has_no_cross() {
        assert_eq!(crosses(&drawing(vec![line(&[1.0, 2.0], &[])])), "");
        let left_of_it =
            PlotOptions { zoom: Zoom { x: Interval::between(1.0, 2.0), y: None }, ..PlotOptions::default() };
        assert_eq!(crosses(&drawing_of(vec![line(&[f64::NAN, 1.0, 2.0], &[0.0])], left_of_it)), "");
    }
}
