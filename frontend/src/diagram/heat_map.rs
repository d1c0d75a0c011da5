//! A heat map: a row for each mask, each figure upon the colour of its value, the better the stronger.
//!
//! All cells of a map share one scale, from its worst value to its best. Where these are equal, or there is one, it has the colour in
//! the middle. A cell without a figure has no colour but a dashed edge, one that was never asked for is not drawn.

use super::mark::{Anchor, Area, Diagram, Target, fitted, text_width};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Direction;
use tunemask_shared::report::{Choice, HeatCell, HeatMap};

/// Colours of the scale: `--heat-0` of the palette is that of the worst value.
const SHADES: usize = 9;

/// Above the cells: what the columns are, and their heads.
const TOP: f64 = 40.0;
/// From a row to the next, and what of that is between two cells.
const ROW: f64 = 40.0;
pub(super) const GAP: f64 = 2.0;
/// The least and the most that a column takes.
const COLUMN: (f64, f64) = (56.0, 92.0);
/// Below the cells: what colours and edges mean.
pub(super) const KEY: f64 = 34.0;
/// A patch of the scale.
const PATCH: f64 = 13.0;
/// The letters of a row's head, and of what stands below a figure.
pub(super) const HEAD_SIZE: f64 = 12.0;
const SMALL: f64 = 10.5;

/// Draws a heat map into this width, wider only where its figures could not be read; `colour_of` says which masks have a colour in
/// the charts.
pub fn heat_map(map: &HeatMap, width: f64, colour_of: &dyn Fn(&Mask) -> Option<usize>) -> Diagram {
    let names: Vec<String> = map.rows.iter().map(|row| row.mask.to_string()).collect();
    let longest = names.iter().map(|name| text_width(name, HEAD_SIZE)).fold(0.0, f64::max);
    let head = (longest + 26.0).min(width * 0.45).max(70.0);
    let column = ((width - head) / map.columns.len().max(1) as f64).clamp(COLUMN.0, COLUMN.1);
    let right = head + column * map.columns.len() as f64;
    let cells_end = TOP + ROW * map.rows.len() as f64;
    let mut drawn = Diagram { width: right, height: cells_end + KEY, ..Diagram::default() };
    drawn.text("axis-title", (head + right) / 2.0, 12.0, Anchor::Middle, map.across.clone());
    let left_of = |i: usize| head + column * i as f64;
    for (i, title) in map.columns.iter().enumerate() {
        drawn.text("tick", left_of(i) + column / 2.0, TOP - 8.0, Anchor::Middle, title.clone());
    }
    let scale = ColourScale::of(map);
    for (j, (row, name)) in map.rows.iter().zip(&names).enumerate() {
        let top = TOP + ROW * j as f64;
        let middle = top + ROW / 2.0;
        if let Some(colour) = colour_of(&row.mask) {
            drawn.rect(&format!("c{colour}"), Area { x: 0.0, y: middle - 6.0, width: 10.0, height: 10.0 });
        }
        drawn.text("name", 16.0, middle + 3.0, Anchor::Start, fitted(name, HEAD_SIZE, head - 22.0));
        for (i, cell) in row.cells.iter().enumerate().filter(|(_, cell)| cell.is_asked()) {
            let area = Area { x: left_of(i), y: top, width: column - GAP, height: ROW - GAP };
            draw_cell(&mut drawn, cell, area, &scale);
        }
    }
    draw_key(&mut drawn, map, &scale, head, cells_end + 10.0);
    drawn
}

/// Draws a cell upon its area.
pub(super) fn draw_cell(drawn: &mut Diagram, cell: &HeatCell, area: Area, scale: &ColourScale) {
    match cell.value {
        Some(value) => drawn.rect(&format!("heat-{}", scale.shade(value)), area),
        None => drawn.rect("no-figure", inset(area, 0.5)),
    }
    let picked = cell.choice == Choice::Picked;
    if picked {
        drawn.rect("picked", inset(area, 1.0));
    }
    let room = area.width - 4.0;
    let (class, size) = match (cell.value, picked) {
        (None, _) => ("word", SMALL),
        (Some(_), false) => ("figure", 12.5),
        (Some(_), true) => ("figure strong", 12.5),
    };
    let (x, middle) = (area.middle(), area.centre());
    let below = !cell.under.is_empty();
    let y = if below { middle - 1.5 } else { middle + 4.0 };
    drawn.text(class, x, y, Anchor::Middle, fitted(&cell.text, size, room));
    if below {
        drawn.text("small", x, middle + 12.5, Anchor::Middle, fitted(&cell.under, SMALL, room));
    }
    if let Some(warning) = &cell.warning {
        drawn.text("edge-sign", area.right() - 3.0, area.y + 13.0, Anchor::End, warning.sign.to_string());
    }
    if !cell.runs.is_empty() {
        let said = match &cell.warning {
            Some(warning) => format!("{}. {}", cell.said, warning.reason),
            None => cell.said.clone(),
        };
        drawn.targets.push(Target { said, runs: cell.runs.clone(), area });
    }
}

fn inset(Area { x, y, width, height }: Area, by: f64) -> Area {
    Area { x: x + by, y: y + by, width: width - 2.0 * by, height: height - 2.0 * by }
}

/// A part of what stands below the cells.
enum KeyPart<'a> {
    /// A word, and the gap behind it.
    Word(&'a str, f64),
    /// All colours, the worst first.
    Shades,
    /// The edge of what is picked.
    PickedEdge,
}

impl KeyPart<'_> {
    /// What it takes of the line, with the gap behind it.
    fn width(&self) -> f64 {
        match self {
            KeyPart::Word(text, gap) => text_width(text, SMALL) + gap,
            KeyPart::Shades => PATCH * SHADES as f64 + 5.0,
            KeyPart::PickedEdge => 24.0,
        }
    }

    fn draw(&self, drawn: &mut Diagram, x: f64, top: f64) {
        match self {
            KeyPart::Word(text, _) => drawn.text("small", x, top + 11.0, Anchor::Start, *text),
            KeyPart::Shades => {
                for shade in 0..SHADES {
                    let x = x + PATCH * shade as f64;
                    drawn
                        .rect(&format!("heat-{shade}"), Area { x, y: top + 1.0, width: PATCH, height: 12.0 });
                }
            }
            KeyPart::PickedEdge => {
                drawn.rect("picked", Area { x: x + 1.0, y: top + 1.0, width: 18.0, height: 12.0 });
            }
        }
    }
}

/// What colours and edges mean, in one line below the cells: from `left` on, or further to the left where there is no room for it.
pub(super) fn draw_key(drawn: &mut Diagram, map: &HeatMap, scale: &ColourScale, left: f64, top: f64) {
    let mut parts = Vec::new();
    if let Some((worst, best)) = &scale.ends {
        parts.extend([KeyPart::Word(worst, 4.0), KeyPart::Shades, KeyPart::Word(best, 16.0)]);
    }
    let mut cells = map.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.is_asked());
    if cells.any(|cell| cell.choice == Choice::Picked) {
        parts.extend([KeyPart::PickedEdge, KeyPart::Word("picked", 8.0)]);
    }
    let width: f64 = parts.iter().map(KeyPart::width).sum();
    let mut x = left.min(drawn.width - width).max(0.0);
    for part in &parts {
        part.draw(drawn, x, top);
        x += part.width();
    }
    drawn.width = drawn.width.max(x);
}

/// The colours of a map's values.
pub(super) struct ColourScale {
    worst: f64,
    best: f64,
    /// The worst value and the best as a reader sees them; `None` where there is no value.
    ends: Option<(String, String)>,
}

impl ColourScale {
    /// That of a map.
    pub(super) fn of(map: &HeatMap) -> Self {
        let cells = || map.rows.iter().flat_map(|row| &row.cells);
        let known = || cells().filter_map(|cell| Some((cell.value?, &cell.text)));
        let lowest = known().min_by(|a, b| a.0.total_cmp(&b.0));
        let highest = known().max_by(|a, b| a.0.total_cmp(&b.0));
        let (worst, best) = match map.better {
            Direction::Higher => (lowest, highest),
            Direction::Lower => (highest, lowest),
        };
        Self {
            worst: worst.map_or(0.0, |(value, _)| value),
            best: best.map_or(0.0, |(value, _)| value),
            ends: worst.zip(best).map(|(worst, best)| (worst.1.clone(), best.1.clone())),
        }
    }

    /// The place of a value's colour.
    fn shade(&self, value: f64) -> usize {
        let share = (value - self.worst) / (self.best - self.worst);
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 };
        (share * (SHADES - 1) as f64).round() as usize
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::diagram::mark::Shape;
    use tunemask_shared::palette::{Colour, colour};
    use tunemask_shared::report::{HeatRow, Warning};
    use tunemask_shared::run::RunId;

    pub fn cell(value: f64) -> HeatCell {
        HeatCell {
            value: Some(value),
            text: format!("{:.1}", value * 100.0),
            under: "± 1.0".into(),
            said: format!("value {value}"),
            runs: vec![RunId("r".into())],
            ..HeatCell::default()
        }
    }

    pub fn map() -> HeatMap {
        let failed = HeatCell { value: None, text: "failed".into(), under: String::new(), ..cell(0.0) };
        let edge = Warning { sign: '↑', reason: "The highest won".into() };
        let picked = HeatCell { choice: Choice::Picked, warning: Some(edge), ..cell(0.9) };
        HeatMap {
            title: "RTE accuracy".into(),
            summary: "two masks".into(),
            down: "Mask".into(),
            across: "Learning rate".into(),
            columns: ["1e-4", "1e-3", "1e-2"].map(String::from).into(),
            rows: vec![
                HeatRow { mask: Mask::LayerNorms, seed: None, cells: vec![cell(0.5), cell(0.7), picked] },
                HeatRow {
                    mask: Mask::Frozen,
                    seed: None,
                    cells: vec![failed, cell(0.6), HeatCell::default()],
                },
            ],
            better: Direction::Higher,
            csv: String::new(),
        }
    }

    pub fn classes(drawn: &Diagram, start: &str) -> Vec<String> {
        let rects = drawn.shapes.iter().filter_map(|shape| match shape {
            Shape::Rect { class, area } if class.starts_with(start) && area.height > 20.0 => {
                Some(class.clone())
            }
            _ => None,
        });
        rects.collect()
    }

    #[test]
    fn each_figure_has_the_colour_of_its_value_and_leads_to_its_runs() {
        let drawn = heat_map(&map(), 500.0, &|mask| (*mask == Mask::LayerNorms).then_some(3));
        assert_eq!(classes(&drawn, "heat"), ["heat-0", "heat-4", "heat-8", "heat-2"]);
        assert_eq!(classes(&drawn, "no-figure").len(), 1);
        assert_eq!(classes(&drawn, "picked").len(), 1);
        // The cell that was not asked for is not there.
        assert_eq!(drawn.targets.len(), 5);
        assert_eq!(drawn.targets[2].said, "value 0.9. The highest won");
        assert!(drawn.targets.iter().all(|target| target.area.right() <= drawn.width));
        assert_eq!(
            drawn.shapes.iter().filter(|s| matches!(s, Shape::Rect { class, .. } if class == "c3")).count(),
            1
        );
    }

    #[test]
    fn less_is_stronger_where_less_is_better_and_equal_values_stand_in_the_middle() {
        let lower = heat_map(&HeatMap { better: Direction::Lower, ..map() }, 500.0, &|_| None);
        assert_eq!(classes(&lower, "heat"), ["heat-8", "heat-4", "heat-0", "heat-6"]);
        let mut one = map();
        one.rows.truncate(1);
        one.rows[0].cells = vec![cell(0.5), cell(0.5), HeatCell::default()];
        assert_eq!(classes(&heat_map(&one, 500.0, &|_| None), "heat"), ["heat-4", "heat-4"]);
    }

    #[test]
    fn figures_stay_readable_where_there_is_no_room() {
        for (width, column) in [(1200.0, COLUMN.1), (200.0, COLUMN.0), (0.0, COLUMN.0)] {
            let drawn = heat_map(&map(), width, &|_| None);
            assert_eq!(drawn.targets[0].area.width, column - GAP, "{width}");
            let texts =
                drawn.shapes.iter().filter(|s| matches!(s, Shape::Text { text, .. } if text == "± 1.0"));
            assert_eq!(texts.count(), 4);
        }
        let empty = HeatMap { rows: Vec::new(), columns: Vec::new(), ..map() };
        assert!(heat_map(&empty, 300.0, &|_| None).targets.is_empty());
    }

    #[test]
    fn what_the_colours_mean_moves_under_the_names_before_the_map_grows_wider() {
        let start = |drawn: &Diagram| {
            let picked = drawn.shapes.iter().find_map(|shape| match shape {
                Shape::Text { text, x, .. } if text == "picked" => Some(*x),
                _ => None,
            });
            picked.unwrap()
        };
        let (wide, narrow) = (heat_map(&map(), 1200.0, &|_| None), heat_map(&map(), 320.0, &|_| None));
        let grid = |drawn: &Diagram| drawn.targets.iter().map(|t| t.area.right()).fold(0.0, f64::max) + GAP;
        assert_eq!(wide.width, grid(&wide));
        assert_eq!(narrow.width, grid(&narrow));
        assert!(start(&narrow) + text_width("picked", SMALL) < narrow.width);
    }

    /// Letters on the colours of the scale: at least 4.5 : 1 (WCAG 2.2, 1.4.3), and each colour is further from the panel
    /// than the one before.
    #[test]
    fn letters_can_be_read_on_every_colour_and_lightness_orders_the_colours() {
        let luminance = |hex: &str| {
            let channel = |at: usize| {
                let share = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let contrast = |a: &str, b: &str| {
            let (a, b) = (luminance(a), luminance(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for theme in [|c: Colour| c.light, |c: Colour| c.dark] {
            let of = |name: &str| theme(colour(name));
            let all: Vec<f64> = (0..SHADES).map(|i| contrast(of("ink"), of(&format!("heat-{i}")))).collect();
            assert!(all.iter().all(|c| *c >= 4.5) && all.windows(2).all(|w| w[0] > w[1]), "{all:?}");
        }
    }
}
