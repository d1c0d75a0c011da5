//! A plot: points with bars or bands on two axes, beside lines for comparison.
//!
//! Points that would cover each other stand a few pixels apart. A point's name stands where it meets nothing, and is left to the pointer
//! where there is no such place.

use super::labels::{Placed, spread};
use super::mark::{Anchor, Area, Diagram, Target, fitted, text_width};
use crate::chart::scale::{Scale, padded};
use crate::interval::Interval;
use crate::setting::ScaleKind;
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{Plot, PlotPoint, PlotScale, PlotSeries, PlotState, PlotStyle};
use tunemask_shared::ticks;

/// The height of the axes' room.
const HEIGHT: f64 = 210.0;
/// From the left edge to the vertical axis, and from the upper edge to its end.
const LEFT: f64 = 46.0;
const TOP: f64 = 10.0;
/// Room for the horizontal axis.
const BOTTOM: f64 = 40.0;
/// A line of the key above.
const KEY: f64 = 20.0;
/// The most that the names of lines for comparison take.
const NAMES: f64 = 120.0;
const NAME_SIZE: f64 = 11.0;
/// From a point to the next.
const APART: f64 = 10.0;
/// Half of a mark's width, and what a pointer meets of it.
const MARK: f64 = 4.0;
const TOUCH: f64 = 24.0;

/// Draws a plot into this width; `colour_of` says which masks have a colour in the charts.
pub fn plot(plot: &Plot, width: f64, colour_of: &dyn Fn(&Mask) -> Option<usize>) -> Diagram {
    let named: Vec<&PlotSeries> = plot.series.iter().filter(|series| !series.name.is_empty()).collect();
    let key = if named.is_empty() { 0.0 } else { KEY };
    let names = plot.references.iter().map(|line| text_width(&line.mask.to_string(), NAME_SIZE) + 12.0);
    let width = width.max(260.0);
    let right = width - names.fold(8.0, f64::max).min(NAMES);
    let mut drawn = Diagram { width, height: key + TOP + HEIGHT + BOTTOM, ..Diagram::default() };
    let canvas =
        Canvas::new(plot, Area { x: LEFT, y: key + TOP, width: right - LEFT, height: HEIGHT }, colour_of);
    canvas.axes(&mut drawn, plot);
    canvas.references(&mut drawn, &plot.references);
    let mut placed = Placed::within(Area { width: width - LEFT, ..canvas.area });
    drawn.targets.iter().for_each(|line| placed.keep(line.area));
    for series in &plot.series {
        canvas.series(&mut drawn, series, &mut placed);
    }
    draw_key(&mut drawn, &named);
    drawn
}

/// The room of the axes with what turns values into pixels.
struct Canvas<'a> {
    area: Area,
    across: Scale,
    up: Scale,
    colour_of: &'a dyn Fn(&Mask) -> Option<usize>,
}

impl<'a> Canvas<'a> {
    fn new(plot: &Plot, area: Area, colour_of: &'a dyn Fn(&Mask) -> Option<usize>) -> Self {
        let points = || plot.series.iter().flat_map(|series| &series.points);
        let ends = points().chain(&plot.references).flat_map(|point| [point.low, point.high]);
        let xs = Interval::spanning(points().map(|point| point.x).filter(|x| x.is_finite()));
        let ys = Interval::spanning(ends.filter(|y| y.is_finite()));
        let across = match plot.scale {
            PlotScale::Whole => Scale::linear(Interval::new(xs.start - 0.5, xs.end + 0.5), area.across()),
            PlotScale::Logarithmic => {
                let kind = ScaleKind::Logarithmic;
                Scale::new(kind, padded(kind, xs, 0.08), area.across())
            }
        };
        let up = Scale::linear(padded(ScaleKind::Linear, ys, 0.08), area.upwards());
        Self { area, across, up, colour_of }
    }

    fn axes(&self, drawn: &mut Diagram, plot: &Plot) {
        let Area { x: left, .. } = self.area;
        let (right, bottom) = (self.area.right(), self.area.bottom());
        let values = self.up.ticks(5);
        let labels = ticks::labels(&values, self.up.domain.length());
        for (value, label) in values.iter().zip(labels) {
            let y = self.up.value_to_pixel(*value);
            drawn.path("grid", format!("M{left:.1} {y:.1}H{right:.1}"));
            drawn.text("tick", left - 6.0, y + 4.0, Anchor::End, label);
        }
        drawn.path("axis", format!("M{left:.1} {bottom:.1}H{right:.1}"));
        let values = self.ticks_across(plot);
        let labels = match plot.scale {
            PlotScale::Whole => values.iter().map(ToString::to_string).collect(),
            PlotScale::Logarithmic => ticks::labels(&values, self.across.domain.length()),
        };
        let mut end = f64::NEG_INFINITY;
        for (value, label) in values.iter().zip(labels) {
            let (x, half) = (self.across.value_to_pixel(*value), text_width(&label, NAME_SIZE) / 2.0);
            drawn.path("axis", format!("M{x:.1} {bottom:.1}v4"));
            if x - half > end {
                drawn.text("tick", x, bottom + 16.0, Anchor::Middle, label);
                end = x + half + 4.0;
            }
        }
        drawn.text("axis-title", (left + right) / 2.0, bottom + 32.0, Anchor::Middle, plot.across.clone());
    }

    /// Where points stand, if they are joined: a tick says what was tried. Round numbers else.
    fn ticks_across(&self, plot: &Plot) -> Vec<f64> {
        if plot.series.iter().all(|series| series.style == PlotStyle::Points) {
            return self.across.ticks(7);
        }
        let mut values: Vec<f64> =
            plot.series.iter().flat_map(|series| series.points.iter().map(|point| point.x)).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }

    /// The class of what is drawn in a mask's colour: `c` fills, `k` strokes.
    fn class(&self, how: char, mask: &Mask) -> String {
        (self.colour_of)(mask).map_or_else(|| format!("{how}-plain"), |colour| format!("{how}{colour}"))
    }

    fn references(&self, drawn: &mut Diagram, lines: &[PlotPoint]) {
        let (left, right) = (self.area.x, self.area.right());
        let at: Vec<f64> = lines.iter().map(|line| self.up.value_to_pixel(line.value)).collect();
        let baselines = spread(&at, 15.0, self.area.y, self.area.bottom());
        for ((line, y), name_y) in lines.iter().zip(&at).zip(baselines) {
            let (top, bottom) = (self.up.value_to_pixel(line.high), self.up.value_to_pixel(line.low));
            let band = Area { x: left, y: top, width: right - left, height: bottom - top };
            drawn.rect(&format!("spread {}", self.class('c', &line.mask)), band);
            let class = format!("compared {}", self.class('k', &line.mask));
            drawn.path(class, format!("M{left:.1} {y:.1}H{right:.1}"));
            let name = fitted(&line.mask.to_string(), NAME_SIZE, NAMES - 10.0);
            let area =
                Area { x: right, y: name_y - 7.0, width: text_width(&name, NAME_SIZE) + 10.0, height: 14.0 };
            drawn.path(
                self.class('k', &line.mask),
                format!("M{right:.1} {y:.1}L{:.1} {name_y:.1}", right + 5.0),
            );
            drawn.text("small", right + 7.0, name_y + 4.0, Anchor::Start, name);
            drawn.targets.push(Target { said: line.said.clone(), runs: line.runs.clone(), area });
        }
    }

    fn series(&self, drawn: &mut Diagram, series: &PlotSeries, placed: &mut Placed) {
        let xs = self.apart(&series.points);
        let y = |value: f64| self.up.value_to_pixel(value);
        let joined = |values: &mut dyn Iterator<Item = (f64, f64)>| {
            values.map(|(x, value)| format!("{x:.1} {:.1}", y(value))).collect::<Vec<_>>().join("L")
        };
        if series.style == PlotStyle::Line {
            let above = joined(&mut xs.iter().zip(&series.points).map(|(x, p)| (*x, p.high)));
            let below = joined(&mut xs.iter().zip(&series.points).rev().map(|(x, p)| (*x, p.low)));
            drawn.path("spread-band", format!("M{above}L{below}z"));
        }
        if series.style != PlotStyle::Points {
            let line = joined(&mut xs.iter().zip(&series.points).map(|(x, p)| (*x, p.value)));
            drawn.path(line_class(series.style), format!("M{line}"));
        }
        for (x, point) in xs.iter().zip(&series.points) {
            placed.keep(Area::around(*x, y(point.value), 2.0 * MARK));
        }
        for (&x, point) in xs.iter().zip(&series.points) {
            if series.style != PlotStyle::Line && point.low < point.high {
                let class = format!("whisker {}", self.class('k', &point.mask));
                drawn.path(class, format!("M{x:.1} {:.1}V{:.1}", y(point.low), y(point.high)));
            }
            let (how, mark) = (if point.state == PlotState::Whole { 'c' } else { 'k' }, y(point.value));
            let hollow = if point.state == PlotState::Whole { "" } else { " hollow" };
            let class = format!("point{hollow} {}", self.class(how, &point.mask));
            drawn.path(class, shape(series.style, x, mark));
            if series.style == PlotStyle::Points {
                let name = point.mask.to_string();
                if let Some(free) = placed.beside(x, mark, MARK, &name, NAME_SIZE) {
                    drawn.text("small", free.x, free.y, free.anchor, name);
                }
            }
            let area = Area::around(x, mark, TOUCH);
            drawn.targets.push(Target { said: point.said.clone(), runs: point.runs.clone(), area });
        }
    }

    /// Where points stand from left to right, those of one place apart from each other.
    fn apart(&self, points: &[PlotPoint]) -> Vec<f64> {
        let mut last = f64::NEG_INFINITY;
        let place = |point: &PlotPoint| {
            let x = self.across.value_to_pixel(point.x);
            last = if x - last < APART { last + APART } else { x };
            last
        };
        points.iter().map(place).collect()
    }
}

fn line_class(style: PlotStyle) -> &'static str {
    match style {
        PlotStyle::Dashed => "joined dashed",
        PlotStyle::Line | PlotStyle::Points => "joined",
    }
}

/// A point's mark: a disc, a square for the control.
fn shape(style: PlotStyle, x: f64, y: f64) -> String {
    let (r, d) = (MARK, 2.0 * MARK);
    match style {
        PlotStyle::Dashed => format!("M{:.1} {:.1}h{d}v{d}h-{d}z", x - r, y - r),
        PlotStyle::Line | PlotStyle::Points => {
            format!("M{:.1} {y:.1}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z", x - r)
        }
    }
}

/// What the lines are, above the axes.
fn draw_key(drawn: &mut Diagram, series: &[&PlotSeries]) {
    let mut x = LEFT;
    for series in series {
        drawn.path(line_class(series.style), format!("M{x:.1} 9h26"));
        drawn.path("point c-plain", shape(series.style, x + 13.0, 9.0));
        drawn.text("small", x + 32.0, 13.0, Anchor::Start, series.name.clone());
        x += 48.0 + text_width(&series.name, 10.5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::mark::Shape;
    use tunemask_shared::run::RunId;

    fn point(mask: Mask, x: f64, value: f64) -> PlotPoint {
        let said = format!("{mask}: {value}");
        let (low, high) = (value - 1.0, value + 1.0);
        PlotPoint { mask, x, value, low, high, state: PlotState::Whole, said, runs: vec![RunId("r".into())] }
    }

    fn layers() -> Plot {
        let points = (1..=4).map(|l| point(Mask::SingleNorm(l), l as f64, 60.0 + l as f64)).collect();
        Plot {
            title: "RTE accuracy".into(),
            summary: String::new(),
            across: "block".into(),
            scale: PlotScale::Whole,
            series: vec![PlotSeries { name: "one block".into(), style: PlotStyle::Line, points }],
            references: vec![point(Mask::Full, 0.0, 70.0), point(Mask::Frozen, 0.0, 69.9)],
            csv: String::new(),
        }
    }

    fn modules(points: Vec<PlotPoint>) -> Plot {
        let series = PlotSeries { name: String::new(), style: PlotStyle::Points, points };
        Plot { scale: PlotScale::Logarithmic, series: vec![series], references: Vec::new(), ..layers() }
    }

    fn paths(drawn: &Diagram, start: &str) -> Vec<String> {
        let of = |shape: &Shape| match shape {
            Shape::Path { class, d } if class.starts_with(start) => Some(d.clone()),
            _ => None,
        };
        drawn.shapes.iter().filter_map(of).collect()
    }

    fn texts(drawn: &Diagram, of: &str) -> Vec<String> {
        let of = |shape: &Shape| match shape {
            Shape::Text { class, text, .. } if class == of => Some(text.clone()),
            _ => None,
        };
        drawn.shapes.iter().filter_map(of).collect()
    }

    #[test]
    fn points_stand_where_their_values_are() {
        let drawn = plot(&layers(), 400.0, &|_| Some(2));
        let area = Area { x: LEFT, y: KEY + TOP, width: 0.0, height: HEIGHT };
        // From 60 to 71, with a room of 8 % on both sides.
        let y = |value: f64| area.bottom() - (value - 60.0 + 0.88) / (11.0 * 1.16) * HEIGHT;
        let points: Vec<&Target> = drawn.targets.iter().skip(2).collect();
        for (i, target) in points.iter().enumerate() {
            assert!((target.area.centre() - y(61.0 + i as f64)).abs() < 1e-6, "{target:?}");
        }
        let steps: Vec<f64> = points.windows(2).map(|w| w[1].area.middle() - w[0].area.middle()).collect();
        assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-6 && *step > 50.0), "{steps:?}");
        assert_eq!(
            texts(&drawn, "tick").iter().rev().take(4).rev().collect::<Vec<_>>(),
            ["1", "2", "3", "4"]
        );
        assert_eq!(paths(&drawn, "spread-band")[0].matches('L').count(), 7);
        assert_eq!((paths(&drawn, "joined").len(), paths(&drawn, "point c2").len()), (2, 4));
    }

    #[test]
    fn names_of_lines_for_comparison_do_not_cover_each_other() {
        let drawn = plot(&layers(), 400.0, &|_| None);
        let [full, frozen] = &drawn.targets[..2] else { panic!("two lines") };
        assert!(!full.area.meets(frozen.area) && full.area.y < frozen.area.y, "{full:?} {frozen:?}");
        assert!(full.area.right() <= drawn.width);
        assert_eq!(paths(&drawn, "compared k-plain").len(), 2);
    }

    #[test]
    fn points_of_one_place_stand_apart_and_have_their_names() {
        let drawn = plot(
            &modules(vec![
                point(Mask::SingleNorm(1), 0.01, 61.0),
                point(Mask::LayerNorms, 0.03, 66.0),
                point(Mask::RandomBlocks, 0.03, 66.0),
                point(Mask::Full, 100.0, 67.0),
            ]),
            420.0,
            &|_| None,
        );
        let at: Vec<f64> = drawn.targets.iter().map(|target| target.area.middle()).collect();
        assert!((at[2] - at[1] - APART).abs() < 1e-9 && at[3] - at[2] > 100.0, "{at:?}");
        let names = texts(&drawn, "small");
        assert!(names.len() >= 3 && names.contains(&"full".to_owned()), "{names:?}");
        assert_eq!(
            texts(&drawn, "tick").iter().filter(|t| ["0.1", "1", "10"].contains(&t.as_str())).count(),
            3
        );
    }

    #[test]
    fn what_is_provisional_is_hollow_and_one_point_is_drawn() {
        let one = PlotPoint { state: PlotState::Partial, ..point(Mask::LayerNorms, 0.03, 66.0) };
        let drawn = plot(&modules(vec![one]), 0.0, &|_| None);
        assert_eq!((paths(&drawn, "point hollow").len(), drawn.width), (1, 260.0));
        assert!(drawn.targets[0].area.middle().is_finite() && drawn.targets[0].area.centre().is_finite());
    }
}
