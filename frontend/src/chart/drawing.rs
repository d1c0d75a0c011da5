//! Lines become a drawing: axes, ticks and paths, all in pixels. Of their points it keeps those that make a difference to the
//! pixels, so that its size is that of the plot, however long the runs train.

use super::area::{PlotArea, PlotSize};
use super::drawn_line::{DrawnLine, Path};
use super::line::{Line, Lines};
use super::scale::{Scale, padded};
use super::trace::{Trace, first_place};
use super::zoom::Zoom;
use crate::format::thousands;
use crate::interval::Interval;
use crate::setting::{Axis, Outliers, ScaleKind};
use tunemask_shared::series::{extent, visible};
use tunemask_shared::ticks::labels;

/// Most lines that are drawn raw behind the smoothed ones; the noise of more hides them.
const MAX_RAW_LINES: usize = 12;

/// A tick: where and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Pixel on its axis.
    pub at: f64,
    /// Its text.
    pub text: String,
}

/// A chart, ready to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Its size.
    pub size: PlotSize,
    /// Horizontal axis.
    pub x: Scale,
    /// Vertical axis.
    pub y: Scale,
    /// What stands at the horizontal axis.
    pub x_title: String,
    /// Ticks of the horizontal axis.
    pub x_ticks: Vec<Tick>,
    /// Ticks of the vertical axis.
    pub y_ticks: Vec<Tick>,
    /// The lines drawn.
    pub lines: Vec<DrawnLine>,
    /// Lines that there is no room for.
    pub left_out: usize,
    /// Steps for which a point stands at most, where that is several.
    pub stride: Option<usize>,
}

impl Drawing {
    /// Where its lines are drawn.
    pub fn area(&self) -> PlotArea {
        self.size.area()
    }
}

/// How values stand on the axes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlotOptions {
    /// What the horizontal axis is.
    pub axis: Axis,
    /// The parts of the axes that are shown.
    pub zoom: Zoom,
    /// How positions are spread over the horizontal axis.
    pub x_scale: ScaleKind,
    /// How values are spread over the vertical axis.
    pub y_scale: ScaleKind,
    /// What single values do to the vertical axis.
    pub outliers: Outliers,
}

/// Draws lines. Holes break a line; on a logarithmic axis so do values that are not above 0, and positions that are not have
/// no place.
pub fn draw(lines: Lines, size: PlotSize, options: PlotOptions) -> Drawing {
    let Lines { drawn: lines, left_out, stride } = lines;
    let area = size.area();
    let x_domain = options.zoom.x.unwrap_or_else(|| positions(&lines, options.x_scale));
    let x = Scale::new(options.x_scale, x_domain, area.across());
    let y_domain = options.zoom.y.unwrap_or_else(|| value_range(&lines, x.domain, options));
    let y = Scale::new(options.y_scale, y_domain, area.upwards());
    let few = lines.len() <= MAX_RAW_LINES;
    // Many lines hide each other's detail: two pixels a column are enough for them.
    let pixels = area.width().max(1.0) as usize;
    let columns = if few { pixels } else { pixels.div_ceil(2) };
    let drawn = |line: Line| {
        let trace = Trace { positions: &line.x, x: &x, y: &y, columns };
        let stretches = trace.stretches(&line.y);
        let raw = || match (&line.bucketed, &line.raw) {
            (Some(bucketed), _) => Some(trace.between(&bucketed.lowest, &bucketed.highest)),
            (None, raw) => raw.as_deref().map(|raw| trace.line(raw)),
        };
        let band = line.band.as_ref().map(|(low, high)| trace.band(low, high));
        let path = Path {
            line: trace.through(&stretches, &line.y),
            raw: few.then(raw).flatten().unwrap_or_default(),
            band: band.unwrap_or_default(),
        };
        let kept = trace.kept(&stretches);
        DrawnLine::new(line, path, &kept)
    };
    let lines = lines.into_iter().map(drawn).collect();
    let (x_ticks, y_ticks) = (x_ticks(&x, options.axis, pixels / 80), y_ticks(&y));
    let title = options.axis.title();
    let x_title = match options.x_scale {
        ScaleKind::Linear => title.to_owned(),
        ScaleKind::Logarithmic => format!("{title} (log)"),
    };
    Drawing { size, x, y, x_title, x_ticks, y_ticks, lines, left_out, stride }
}

/// What the lines span on the horizontal axis: from 0, or on a logarithmic one from the first place above 0.
fn positions(lines: &[Line], scale: ScaleKind) -> Interval {
    let ends = lines.iter().flat_map(|line| {
        let x = &line.x[first_place(&line.x, scale)..];
        [x.first(), x.last()].into_iter().flatten().copied()
    });
    match (scale, extent(ends)) {
        (ScaleKind::Linear, Some((low, high))) => Interval::new(low.min(0.0), high),
        (ScaleKind::Linear, None) => Interval::new(0.0, 1.0),
        (ScaleKind::Logarithmic, Some((low, high))) => Interval::new(low, high),
        (ScaleKind::Logarithmic, None) => Interval::new(1.0, 10.0),
    }
}

/// What the lines span within the part shown, with a little air.
fn value_range(lines: &[Line], shown: Interval, options: PlotOptions) -> Interval {
    let scale = options.y_scale;
    let usable = |v: &f64| v.is_finite() && (scale == ScaleKind::Linear || *v > 0.0);
    let values = lines.iter().flat_map(|line| {
        let range = visible(&line.x, shown.start, shown.end);
        let band = line.band.iter().flat_map(|(low, high)| [&low[..], &high[..]]);
        // Where values stand as they came those behind a point do too.
        let bucketed = line.bucketed.iter().filter(|_| line.raw.is_none());
        let extremes = bucketed.flat_map(|bucketed| [&bucketed.lowest[..], &bucketed.highest[..]]);
        let columns = band.chain(extremes).chain([&line.y[..]]);
        columns.flat_map(move |c| c[range.clone()].iter().copied()).filter(usable).collect::<Vec<_>>()
    });
    let spanned = match options.outliers {
        Outliers::Shown => extent(values),
        Outliers::Ignored => middle(values.collect()),
    };
    match spanned {
        Some((low, high)) if low < high => padded(scale, Interval::new(low, high), 0.06),
        Some((low, high)) => Interval::new(low, high),
        None => Interval::new(f64::NAN, f64::NAN),
    }
}

/// Values left out at each end where outliers are ignored, as a share of all: as other boards do.
const OUTLIERS: f64 = 0.05;

/// What the values span without the lowest and the highest of them.
fn middle(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let cut = (values.len() as f64 * OUTLIERS) as usize;
    extent(values.get(cut..values.len() - cut)?.iter().copied())
}

fn x_ticks(scale: &Scale, axis: Axis, wanted: usize) -> Vec<Tick> {
    let wanted = wanted.clamp(2, 8);
    let (size, word) = match (axis, scale.domain.length()) {
        // Of a logarithmic axis each decade is read, the first like the last.
        (Axis::Time, _) if scale.is_logarithmic() => (1.0, " s"),
        (Axis::Time, span) if span > 3.0 * 3600.0 => (3600.0, " h"),
        (Axis::Time, span) if span > 180.0 => (60.0, " min"),
        (Axis::Time, _) => (1.0, " s"),
        _ => (1.0, ""),
    };
    let domain = Interval::new(scale.domain.start / size, scale.domain.end / size);
    let scaled = Scale { domain, ..*scale };
    texts(&scaled, scaled.ticks(wanted), word)
}

fn y_ticks(scale: &Scale) -> Vec<Tick> {
    let height = scale.range.length().abs();
    texts(scale, scale.ticks((height / 36.0) as usize), "")
}

fn texts(scale: &Scale, ticks: Vec<f64>, word: &str) -> Vec<Tick> {
    let labels = labels(&ticks, scale.domain.length());
    let places = ticks.into_iter().map(|tick| scale.value_to_pixel(tick));
    places.zip(labels).map(|(at, label)| Tick { at, text: label + word }).collect()
}

/// How many of its lines a chart draws, if not all.
pub fn left_out_words(drawing: &Drawing) -> String {
    let (drawn, all) = (drawing.lines.len(), drawing.lines.len() + drawing.left_out);
    format!("{} of {} lines drawn", thousands(drawn as u64), thousands(all as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::quantity::Bucketed;
    use tunemask_shared::series::StepsPerPoint;

    const SIZE: PlotSize = PlotSize { width: 456.0, height: 232.0 };

    fn line(y: &[f64]) -> Line {
        let x = (0..y.len()).map(|i| i as f64).collect();
        Line { x, y: y.to_vec(), runs: 1, ..Line::default() }
    }

    fn lines(drawn: Vec<Line>) -> Lines {
        Lines { drawn, left_out: 3, stride: None }
    }

    fn options() -> PlotOptions {
        PlotOptions::default()
    }

    #[test]
    fn holes_break_the_path_and_lone_points_are_dots() {
        let drawing =
            draw(lines(vec![line(&[0.0, 1.0, f64::NAN, 1.0, f64::INFINITY, 0.0])]), SIZE, options());
        let path = &drawing.lines[0].path.line;
        assert_eq!(path.matches('M').count(), 3);
        assert_eq!(path.matches("h2").count(), 2);
        assert!(path.starts_with("M46.0,184.") && !path.contains("NaN"), "{path}");
    }

    #[test]
    fn a_zoom_fits_the_values_to_what_is_shown() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i) * 2.0).collect();
        let x = Interval::between(10.0, 20.0);
        let zoomed = |zoom| draw(lines(vec![line(&values)]), SIZE, PlotOptions { zoom, ..options() });
        let drawing = zoomed(Zoom { x, y: None });
        assert_eq!(drawing.x.domain, Interval::new(10.0, 20.0));
        assert!(drawing.y.domain.start > 15.0 && drawing.y.domain.end < 45.0, "{:?}", drawing.y);
        let drawing = zoomed(Zoom { x: None, y: Interval::between(50.0, 60.0) });
        assert_eq!(drawing.x.domain, Interval::new(0.0, 99.0));
        assert_eq!(drawing.y.domain, Interval::new(50.0, 60.0));
    }

    #[test]
    fn a_spike_stretches_the_axis_unless_it_is_ignored() {
        let mut values: Vec<f64> = (0..100).map(|i| f64::from(i % 10)).collect();
        values[50] = 1e6;
        let top = |outliers| {
            draw(lines(vec![line(&values)]), SIZE, PlotOptions { outliers, ..options() }).y.domain.end
        };
        assert!(top(Outliers::Shown) > 1e6 && top(Outliers::Ignored) < 10.0);
        // Of few values none is an outlier.
        let few = draw(
            lines(vec![line(&[1.0, 100.0])]),
            SIZE,
            PlotOptions { outliers: Outliers::Ignored, ..options() },
        );
        assert!(few.y.domain.start < 1.0 && few.y.domain.end > 100.0);
        assert_eq!(middle(vec![]), None);
    }

    #[test]
    fn a_logarithmic_axis_leaves_out_what_it_cannot_show() {
        let logged = PlotOptions { y_scale: ScaleKind::Logarithmic, ..options() };
        let drawing = draw(lines(vec![line(&[1.0, 0.0, 100.0, 10.0])]), SIZE, logged);
        assert_eq!(drawing.lines[0].path.line.matches('M').count(), 2);
        assert!(drawing.y_ticks.iter().any(|t| t.text == "10"));
    }

    #[test]
    fn on_a_logarithmic_horizontal_axis_decades_are_equally_wide_and_0_has_no_place() {
        let x: Vec<f64> = (0..=1000).map(f64::from).collect();
        let log_x = PlotOptions { x_scale: ScaleKind::Logarithmic, ..options() };
        let logged = |line: Line| draw(lines(vec![line]), SIZE, log_x);
        let drawing = logged(Line { y: x.clone(), x, runs: 1, ..Line::default() });
        assert_eq!(drawing.x.domain, Interval::new(1.0, 1000.0));
        assert_eq!(drawing.x_title, "Step (log)");
        let at = |text: &str| drawing.x_ticks.iter().find(|tick| tick.text == text).unwrap().at;
        let (one, ten, hundred) = (at("1"), at("10"), at("100"));
        assert!((ten - one - (hundred - ten)).abs() < 1e-9, "{:?}", drawing.x_ticks);
        let path = &drawing.lines[0].path.line;
        assert!(path.starts_with("M46.0,") && path.matches('M').count() == 1, "{path}");
        // As many points in the first decade as it has; the last is thinned out.
        let before_ten = path[1..].split('L').filter(|point| {
            point.split_once(',').is_some_and(|(x, _)| x.parse::<f64>().is_ok_and(|x| x <= ten))
        });
        assert_eq!(before_ten.count(), 10);
        assert!(path.matches('L').count() < 900);

        // Nothing above 0, and a part that begins below it.
        let time = PlotOptions { axis: Axis::Time, ..log_x };
        let hours = line(&[1.0; 20_000]);
        let ticks = draw(lines(vec![hours]), SIZE, time).x_ticks;
        assert!(
            ticks.iter().any(|tick| tick.text == "1 s") && ticks.iter().all(|tick| tick.text.ends_with(" s"))
        );
        let none = logged(line(&[1.0]));
        assert!(none.lines[0].path.line.is_empty() && !none.x_ticks.is_empty());
        let zoom = Zoom { x: Interval::between(-5.0, 10.0), y: None };
        let part = draw(lines(vec![line(&[1.0, 2.0, 3.0])]), SIZE, PlotOptions { zoom, ..log_x });
        assert!(
            !part.lines[0].path.line.contains('-') && part.x.domain.start > 0.0,
            "{}",
            part.lines[0].path.line
        );
    }

    #[test]
    fn nothing_can_be_drawn_and_the_raw_lines_of_few() {
        let empty = draw(Lines::default(), SIZE, options());
        assert!(!empty.x_ticks.is_empty() && !empty.y_ticks.is_empty());
        let noisy = Line { raw: Some(vec![1.0]), ..line(&[1.0]) };
        assert!(!draw(lines(vec![noisy.clone(); 2]), SIZE, options()).lines[0].path.raw.is_empty());
        let many = draw(lines(vec![noisy; MAX_RAW_LINES + 1]), SIZE, options());
        assert!(many.lines[0].path.raw.is_empty() && !many.lines[0].path.line.is_empty());
        assert_eq!((many.lines.len(), many.left_out), (MAX_RAW_LINES + 1, 3));
    }

    #[test]
    fn a_point_for_several_steps_reaches_from_their_lowest_to_their_highest_value() {
        let bucketed = |low: f64| Bucketed {
            per_point: StepsPerPoint { each: 8, last: 8 },
            steps: 24,
            lowest: vec![0.4, low, 0.4],
            highest: vec![0.6, 9.0, 0.6],
            newest: 0.5,
        };
        let line = |low| Line { bucketed: Some(bucketed(low)), ..line(&[0.5, 1.5, 0.5]) };
        let drawing = draw(lines(vec![line(0.4)]), SIZE, options());
        assert!(drawing.y.domain.end > 9.0 && drawing.y.domain.start < 0.4, "{:?}", drawing.y);
        let top = format!(",{:.1}", drawing.y.value_to_pixel(9.0));
        assert_eq!(drawing.lines[0].path.raw.matches('L').count(), 5);
        assert!(drawing.lines[0].path.raw.contains(&top) && !drawing.lines[0].path.line.contains(&top));
        // Of what is smoothed the smooth line has the axis, as if each step were drawn.
        let smoothed = Line { raw: Some(vec![0.5; 3]), ..line(0.4) };
        assert!(draw(lines(vec![smoothed]), SIZE, options()).y.domain.end < 2.0);
        // On a logarithmic axis what lies at 0 or below begins at its foot.
        let logged = PlotOptions { y_scale: ScaleKind::Logarithmic, ..options() };
        let path = draw(lines(vec![line(-1.0)]), SIZE, logged).lines[0].path.raw.clone();
        assert!(path.matches('M').count() == 1 && !path.contains("h2"), "{path}");
        // Many lines hide each other's.
        let many = draw(lines(vec![line(0.4); MAX_RAW_LINES + 1]), SIZE, options());
        assert!(many.lines.iter().all(|line| line.path.raw.is_empty()));
    }

    #[test]
    fn times_are_told_in_fitting_units() {
        let words = |end: f64| {
            let scale = Scale::linear(Interval::new(0.0, end), Interval::new(0.0, 400.0));
            x_ticks(&scale, Axis::Time, 4).last().map(|t| t.text.clone())
        };
        assert_eq!(
            [words(60.0), words(1200.0), words(36_000.0)].map(Option::unwrap),
            ["60 s", "20 min", "10 h"]
        );
    }

    #[test]
    fn bands_close_and_stay_on_the_axis() {
        let mut mean = line(&[1.0, 2.0]);
        mean.band = Some((vec![-0.5, 1.0], vec![2.5, 3.0]));
        let logged = PlotOptions { y_scale: ScaleKind::Logarithmic, ..options() };
        let drawing = draw(lines(vec![mean]), SIZE, logged);
        let band = &drawing.lines[0].path.band;
        assert!(band.ends_with('Z') && !band.contains("NaN") && !band.contains("inf"), "{band}");
    }
}
