//! What a chart says in words and numbers: under the crosshair, as a summary, a table and a CSV file.

use super::drawing::{Drawing, left_out_words};
use super::drawn_line::DrawnLine;
use super::line::{Line, LineKey};
use super::trace::first_place;
use crate::format::{counted, number};
use crate::style::Style;
use tunemask_shared::mask::Mask;
use tunemask_shared::series::nearest;
use tunemask_shared::text::csv_field;

/// A line's value at the crosshair.
#[derive(Clone, Debug, PartialEq)]
pub struct CursorValue {
    /// The line's key.
    pub key: LineKey,
    /// The line's name.
    pub name: String,
    /// Its style.
    pub style: Style,
    /// The mask of its runs, if they have one.
    pub mask: Option<Mask>,
    /// Where its nearest point lies.
    pub x: f64,
    /// The value drawn there.
    pub y: f64,
    /// Why a run of the line has failed there, if one has.
    pub failure: Option<String>,
}

/// What stands under the crosshair.
#[derive(Clone, Debug, PartialEq)]
pub struct CursorValues {
    /// Where the crosshair stands on the horizontal axis.
    pub x: f64,
    /// Whether this chart leads it.
    pub leads: bool,
    /// Each line's value, the highest first.
    pub values: Vec<CursorValue>,
}

/// Of each line's points that can be told apart the one nearest to `x`, the highest first, holes last. Lines that end before
/// or begin behind `x` by more than a fiftieth of the axis have none, nor have those that are not on it.
pub fn values_at(drawing: &Drawing, x: f64) -> Vec<CursorValue> {
    let (pixel, slack) = (drawing.x.value_to_pixel(x), drawing.area().width() / 50.0);
    let mut values: Vec<CursorValue> = drawing
        .lines
        .iter()
        .filter_map(|line| {
            let (i, first) = (nearest_on_axis(drawing, line, x)?, first_place(&line.x, drawing.x.kind));
            let pixels = (drawing.x.value_to_pixel(line.x[first]), drawing.x.value_to_pixel(*line.x.last()?));
            let near = pixel >= pixels.0 - slack && pixel <= pixels.1 + slack;
            near.then(|| CursorValue {
                key: line.key.clone(),
                name: line.name.clone(),
                style: line.style,
                mask: line.mask.clone(),
                x: line.x[i],
                y: line.y[i],
                failure: line.reason_at(line.x[i]).map(str::to_owned),
            })
        })
        .collect();
    let rank = |y: f64| if y.is_nan() { f64::NEG_INFINITY } else { y };
    values.sort_by(|a, b| rank(b.y).total_cmp(&rank(a.y)));
    values
}

/// The point of a line nearest to `x`, of those that have a place on the axis.
fn nearest_on_axis(drawing: &Drawing, line: &DrawnLine, x: f64) -> Option<usize> {
    let first = first_place(&line.x, drawing.x.kind);
    Some(first + nearest(&line.x[first..], x)?)
}

/// The key of the line that passes nearest to a point of the plot, if one passes within [`NEAR`] pixels above or below.
pub fn nearest_line(drawing: &Drawing, values: &[CursorValue], pixel_y: f64) -> Option<LineKey> {
    let far = |value: &CursorValue| (drawing.y.value_to_pixel(value.y) - pixel_y).abs();
    let finite = values.iter().filter(|value| far(value).is_finite());
    let nearest = finite.min_by(|a, b| far(a).total_cmp(&far(b)))?;
    (far(nearest) <= NEAR).then(|| nearest.key.clone())
}

/// Pixels from a line within which it is pointed at.
const NEAR: f64 = 24.0;

/// The values that there is room for: the highest, and among them the one that is pointed at with its neighbours.
pub fn around(values: &[CursorValue], key: Option<&LineKey>, room: usize) -> std::ops::Range<usize> {
    let place = key.and_then(|key| values.iter().position(|value| value.key == *key)).unwrap_or(0);
    let first = (place + 1).saturating_sub(room.div_ceil(2) + 1).min(values.len().saturating_sub(room));
    let first = if place < room { 0 } else { first };
    first..values.len().min(first + room)
}

/// The next point of any line to the right or left of `x` that can be told apart on the plot, for the arrow keys.
pub fn neighbour(drawing: &Drawing, x: f64, steps: i32) -> Option<f64> {
    let shown = drawing.lines.iter().filter(|line| !line.x.is_empty());
    let longest = shown.max_by_key(|line| line.points)?;
    let first = first_place(&longest.x, drawing.x.kind) as i64;
    let at = nearest_on_axis(drawing, longest, x)? as i64 + i64::from(steps);
    longest.x.get(at.clamp(first, longest.x.len() as i64 - 1) as usize).copied()
}

/// A line as a row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The line's name.
    pub name: String,
    /// Its points.
    pub points: usize,
    /// Its lowest value.
    pub lowest: String,
    /// Its highest value.
    pub highest: String,
    /// Its last value.
    pub last: String,
}

/// The table that says what the chart shows.
pub fn rows(drawing: &Drawing) -> Vec<Row> {
    let text = |v: Option<f64>| v.map_or_else(|| crate::format::NOTHING.to_owned(), number);
    let row = |line: &DrawnLine| Row {
        name: line.name.clone(),
        points: line.points,
        lowest: text(line.values.extent.map(|(lowest, _)| lowest)),
        highest: text(line.values.extent.map(|(_, highest)| highest)),
        last: text(line.values.last),
    };
    drawing.lines.iter().map(row).collect()
}

/// One sentence for readers who do not see the chart.
pub fn summary(drawing: &Drawing) -> String {
    let lasts =
        || drawing.lines.iter().filter_map(|l| Some((l, l.last_drawn?))).filter(|(_, y)| y.is_finite());
    let lowest = lasts().min_by(|a, b| a.1.total_cmp(&b.1));
    let highest = lasts().max_by(|a, b| a.1.total_cmp(&b.1));
    let broken = drawing.lines.iter().filter(|line| line.values.broken).count();
    let mut text = match (lowest, highest) {
        (Some(low), Some(high)) if drawing.lines.len() > 1 => format!(
            "{}. Last values from {} ({}) to {} ({}).",
            counted(drawing.lines.len(), "line"),
            number(low.1),
            low.0.name,
            number(high.1),
            high.0.name
        ),
        (Some(only), _) => format!("One line, {}; last value {}.", only.0.name, number(only.1)),
        _ => "No points.".into(),
    };
    if broken > 0 {
        text.push_str(&format!(" {} with values that are not numbers.", counted(broken, "line")));
    }
    let failed: usize = drawing.lines.iter().map(|line| line.failures.len()).sum();
    if failed > 0 {
        text.push_str(&format!(" {} failed.", counted(failed, "run")));
    }
    if drawing.left_out > 0 {
        text.push_str(&format!(" {}.", left_out_words(drawing)));
    }
    text
}

/// Every point of lines: line, x, value as it came, value drawn; where points stand for several steps, which have a mean, also
/// their lowest and highest value.
pub fn csv(lines: &[Line], axis: &str) -> String {
    let are_bucketed = lines.iter().any(|line| line.bucketed.is_some());
    let mut out = format!("line,{axis},value,drawn{}\n", if are_bucketed { ",lowest,highest" } else { "" });
    for line in lines {
        let name = csv_field(&line.name);
        for (i, (x, y)) in line.x.iter().zip(&line.y).enumerate() {
            let raw = line.raw.as_ref().map_or(*y, |raw| raw[i]);
            out.push_str(&format!("{name},{x},{raw},{y}"));
            if are_bucketed {
                let ends = line.bucketed.as_ref().map(|bucketed| (bucketed.lowest[i], bucketed.highest[i]));
                let (lowest, highest) = ends.unwrap_or((raw, raw));
                out.push_str(&format!(",{lowest},{highest}"));
            }
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::area::PlotSize;
    use crate::chart::drawing::{PlotOptions, draw};
    use crate::chart::line::Lines;
    use crate::chart::quantity::Bucketed;
    use crate::chart::zoom::Zoom;
    use crate::interval::Interval;
    use crate::setting::ScaleKind;
    use tunemask_shared::series::StepsPerPoint;

    fn drawing() -> Drawing {
        drawing_of(PlotOptions::default())
    }

    fn lines() -> Vec<Line> {
        let line = |name: &str, y: &[f64]| Line {
            key: name.into(),
            name: name.into(),
            x: (0..y.len()).map(|i| i as f64 * 10.0).collect(),
            y: y.to_vec(),
            runs: 1,
            ..Line::default()
        };
        vec![line("a", &[1.0, 2.0]), line("b", &[3.0, f64::NAN, 4.0]), line("c", &[])]
    }

    fn drawing_of(options: PlotOptions) -> Drawing {
        draw(
            Lines { drawn: lines(), left_out: 0, stride: None },
            PlotSize { width: 400.0, height: 200.0 },
            options,
        )
    }

    #[test]
    fn the_crosshair_reads_the_nearest_points() {
        let names = |x| values_at(&drawing(), x).into_iter().map(|r| (r.name, r.x)).collect::<Vec<_>>();
        assert_eq!(names(1.0), [("b".to_owned(), 0.0), ("a".to_owned(), 0.0)]);
        assert_eq!(names(19.0), [("b".to_owned(), 20.0)]);
        assert_eq!(names(9.0), [("a".to_owned(), 10.0), ("b".to_owned(), 10.0)]);
        assert_eq!((neighbour(&drawing(), 9.0, 1), neighbour(&drawing(), 0.0, -1)), (Some(20.0), Some(0.0)));
    }

    #[test]
    fn on_a_logarithmic_axis_no_point_at_0_is_read_or_gone_to() {
        let zoom = Zoom { x: Interval::between(1.0, 20.0), y: None };
        let drawing =
            drawing_of(PlotOptions { x_scale: ScaleKind::Logarithmic, zoom, ..PlotOptions::default() });
        let read = |x| values_at(&drawing, x).into_iter().map(|value| value.x).collect::<Vec<f64>>();
        assert_eq!(read(9.9), [10.0, 10.0]);
        // Nearer to 0 than to the first point that has a place.
        assert!(read(4.0).is_empty());
        assert_eq!((neighbour(&drawing, 4.0, -1), neighbour(&drawing, 10.0, 1)), (Some(10.0), Some(20.0)));
    }

    #[test]
    fn the_line_that_is_pointed_at_is_found_and_shown() {
        let drawing = drawing();
        let values = values_at(&drawing, 0.0);
        let at = |y: f64| nearest_line(&drawing, &values, drawing.y.value_to_pixel(y));
        assert_eq!((at(1.05), at(2.95)), (Some("a".into()), Some("b".into())));
        assert_eq!(nearest_line(&drawing, &values, -500.0), None);
        let many: Vec<CursorValue> = (0..20)
            .map(|i| CursorValue { key: i.to_string().as_str().into(), ..values[0].clone() })
            .collect();
        let around = |key: Option<&str>| around(&many, key.map(LineKey::from).as_ref(), 8);
        assert_eq!((around(None), around(Some("3")), around(Some("7"))), (0..8, 0..8, 0..8));
        assert_eq!((around(Some("12")), around(Some("19"))), (8..16, 12..20));
        assert!([8, 11, 15].iter().all(|i| around(Some(&i.to_string())).contains(i)));
    }

    #[test]
    fn the_words_say_what_is_drawn() {
        assert_eq!(
            summary(&drawing()),
            "3 lines. Last values from 2.000 (a) to 4.000 (b). 1 line with values that are not numbers."
        );
        let rows = rows(&drawing());
        assert_eq!(
            (rows[1].lowest.as_str(), rows[1].last.as_str(), rows[2].last.as_str()),
            ("3.000", "4.000", "–")
        );
        let text = csv(&lines(), "step");
        assert_eq!(text.lines().count(), 6);
        assert!(text.contains("b,10,NaN,NaN\n"));
        let bucketed = Bucketed {
            per_point: StepsPerPoint { each: 4, last: 2 },
            steps: 6,
            lowest: vec![0.5, 1.5],
            highest: vec![1.5, 2.5],
            newest: 2.5,
        };
        let [a, b, _] = lines().try_into().unwrap();
        let text = csv(&[Line { bucketed: Some(bucketed), ..a }, b], "step");
        assert!(text.starts_with("line,step,value,drawn,lowest,highest\na,0,1,1,0.5,1.5\n"), "{text}");
        assert!(text.contains("b,20,4,4,4,4\n"), "{text}");
    }
}
