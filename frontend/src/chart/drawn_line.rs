//! A line as a chart draws it: its paths, what is said of it, and of its points those that can be told apart on the plot.

use super::line::{Line, LineKey};
use super::quantity::Bucketed;
use crate::style::Style;
use tunemask_shared::mask::Mask;
use tunemask_shared::series::extent;

/// The path texts of a line; empty where there is nothing to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// The line.
    pub line: String,
    /// The line as it came, drawn faintly.
    pub raw: String,
    /// The area around the mean.
    pub band: String,
}

/// A line as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnLine {
    /// What it is of.
    pub key: LineKey,
    /// For people.
    pub name: String,
    /// Colour, dash and mark.
    pub style: Style,
    /// The mask of all of its runs, if they have one.
    pub mask: Option<Mask>,
    /// Its paths.
    pub path: Path,
    /// Positions of the points that can be told apart; they never fall.
    pub x: Vec<f64>,
    /// The values drawn there; holes are not finite.
    pub y: Vec<f64>,
    /// Points that it has, here or elsewhere: steps, where a point stands for several.
    pub points: usize,
    /// The value that is drawn last, wherever the axes end; `None` of a line without points.
    pub last_drawn: Option<f64>,
    /// What its values are, as they came.
    pub values: Values,
    /// Where runs of it failed.
    pub failures: Vec<DrawnFailure>,
}

/// What the values of a whole line are, as they came: not smoothed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values {
    /// The lowest and the highest that are numbers.
    pub extent: Option<(f64, f64)>,
    /// The last one.
    pub last: Option<f64>,
    /// Whether any is not finite.
    pub broken: bool,
}

/// The end of a run that failed, on its line.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnFailure {
    /// Where its last point lies on the horizontal axis.
    pub x: f64,
    /// The last point of the line before that is a number.
    pub last_number: Option<Point>,
    /// Why, in the words of the log, and what to do about it.
    pub reason: String,
}

/// A point in the units of the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// On the horizontal axis.
    pub x: f64,
    /// On the vertical axis.
    pub y: f64,
}

impl DrawnLine {
    /// A line with its paths; of its points it keeps those with these indices, which rise.
    pub fn new(line: Line, path: Path, kept: &[usize]) -> DrawnLine {
        let as_they_came = line.raw.as_deref().unwrap_or(&line.y);
        let broken = as_they_came.iter().any(|value| !value.is_finite());
        let (values, points) = match &line.bucketed {
            None => {
                let last = as_they_came.last().copied();
                (Values { extent: extent(as_they_came.iter().copied()), last, broken }, line.x.len())
            }
            Some(Bucketed { steps, lowest, highest, newest, .. }) => {
                let ends = lowest.iter().chain(highest).copied();
                (Values { extent: extent(ends), last: Some(*newest), broken }, *steps)
            }
        };
        let column = |values: &[f64]| kept.iter().map(|&i| values[i]).collect();
        let (x, y) = (column(&line.x), column(&line.y));
        let failures = line.failures.iter().map(|failure| DrawnFailure {
            x: failure.x,
            last_number: last_number(&line, failure.x),
            reason: failure.reason.clone(),
        });
        DrawnLine {
            failures: failures.collect(),
            points,
            last_drawn: line.y.last().copied(),
            key: line.key,
            name: line.name,
            style: line.style,
            mask: line.mask,
            path,
            x,
            y,
            values,
        }
    }

    /// Why a run of it failed, from where its cross stands on: of several that which failed last.
    pub fn reason_at(&self, x: f64) -> Option<&str> {
        let before = self.failures.iter().filter(|failure| failure.cross_x() <= x);
        before.max_by(|a, b| a.x.total_cmp(&b.x)).map(|failure| failure.reason.as_str())
    }
}

impl DrawnFailure {
    /// Where its cross stands on the horizontal axis: on the last number, as what is not one is not drawn.
    pub fn cross_x(&self) -> f64 {
        self.last_number.map_or(self.x, |point| point.x)
    }
}

/// The last point of a line up to `x` whose value is a number.
fn last_number(line: &Line, x: f64) -> Option<Point> {
    let points = line.x.iter().zip(&line.y).rev().map(|(&x, &y)| Point { x, y });
    points.into_iter().find(|point| point.x <= x && point.y.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::line::Failure;
    use tunemask_shared::series::StepsPerPoint;

    #[test]
    fn of_a_point_for_several_steps_their_ends_are_told() {
        let bucketed = Bucketed {
            per_point: StepsPerPoint { each: 4, last: 3 },
            steps: 7,
            lowest: vec![0.5, 1.0],
            highest: vec![9.0, 3.0],
            newest: 2.5,
        };
        let line = Line { x: vec![4.0, 7.0], y: vec![2.0, 2.0], bucketed: Some(bucketed), ..Line::default() };
        let drawn = DrawnLine::new(line, Path::default(), &[0, 1]);
        assert_eq!(drawn.points, 7);
        assert_eq!(drawn.values, Values { extent: Some((0.5, 9.0)), last: Some(2.5), broken: false });
    }

    #[test]
    fn the_reason_is_told_from_where_it_happened() {
        let failure = |x: f64| Failure { x, reason: format!("diverged at step {x}") };
        let group = Line { failures: vec![failure(2.0), failure(1.0)], ..Line::default() };
        let group = DrawnLine::new(group, Path::default(), &[]);
        assert_eq!(group.reason_at(0.5), None);
        assert_eq!(group.reason_at(1.0), Some("diverged at step 1"));
        assert_eq!(group.reason_at(2.0), Some("diverged at step 2"));
    }

    #[test]
    fn what_is_said_is_said_of_the_whole_line() {
        let line = Line {
            x: vec![1.0, 2.0, 3.0, 4.0],
            y: vec![0.5, 0.4, f64::NAN, f64::NAN],
            raw: Some(vec![9.0, 0.1, f64::NAN, f64::NAN]),
            failures: vec![Failure { x: 4.0, reason: "diverged".into() }],
            ..Line::default()
        };
        let drawn = DrawnLine::new(line, Path::default(), &[0, 3]);
        assert_eq!((&drawn.x[..], drawn.y[0], drawn.points), (&[1.0, 4.0][..], 0.5, 4));
        let Values { extent, last, broken } = drawn.values;
        assert_eq!((extent, last.map(f64::is_nan), broken), (Some((0.1, 9.0)), Some(true), true));
        assert_eq!(drawn.failures[0].last_number, Some(Point { x: 2.0, y: 0.4 }));
        // Whoever points at the cross is told why, though the run failed two steps later.
        assert_eq!(drawn.reason_at(1.9), None);
        assert_eq!(drawn.reason_at(2.0), Some("diverged"));
    }
}
