//! A heat map of every seed: a small grid for each mask, learning rates across and seeds down, beside each other as there is room.
//!
//! All grids share one scale of colours, so that they compare. A cell is drawn as that of a heat map.

use super::heat_map::{ColourScale, GAP, HEAD_SIZE, KEY, draw_cell, draw_key};
use super::mark::{Anchor, Area, Diagram, fitted, text_width};
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{HeatMap, HeatRow};

/// Above the grids: what is across and what is down.
const TOP: f64 = 22.0;
/// Above the cells of a grid: its mask and its learning rates.
const HEAD: f64 = 36.0;
/// From a seed to the next.
const ROW: f64 = 24.0;
/// The least and the most that a column takes.
const COLUMN: (f64, f64) = (50.0, 68.0);
/// Between two grids, beside and below each other.
const APART: (f64, f64) = (26.0, 12.0);
/// The least and the most that seeds take before their cells.
const SEEDS: (f64, f64) = (18.0, 80.0);
/// The letters of seeds and learning rates.
const TICK: f64 = 11.0;

/// Where the grids stand.
struct Places {
    /// What seeds take.
    seeds: f64,
    /// What a column takes.
    column: f64,
    /// How wide a grid is.
    width: f64,
    /// How many grids stand beside each other.
    beside: usize,
}

impl Places {
    fn of(map: &HeatMap, grids: usize, room: f64) -> Places {
        let names = map.rows.iter().map(|row| text_width(&seed_name(row), TICK));
        let seeds = (names.fold(0.0, f64::max) + 8.0).clamp(SEEDS.0, SEEDS.1);
        let columns = map.columns.len().max(1) as f64;
        let least = seeds + COLUMN.0 * columns;
        let beside = (((room + APART.0) / (least + APART.0)).floor() as usize).clamp(1, grids.max(1));
        let share = (room + APART.0) / beside as f64 - APART.0;
        let column = ((share - seeds) / columns).clamp(COLUMN.0, COLUMN.1);
        Places { seeds, column, width: seeds + column * columns, beside }
    }
}

/// Draws the grids into this width, wider only where one grid could not be read; `colour_of` says which masks have a colour in the
/// charts.
pub fn seed_map(map: &HeatMap, width: f64, colour_of: &dyn Fn(&Mask) -> Option<usize>) -> Diagram {
    let grids: Vec<&[HeatRow]> = map.rows.chunk_by(|a, b| a.mask == b.mask).collect();
    let places = Places::of(map, grids.len(), width);
    let all = places.beside as f64 * (places.width + APART.0) - APART.0;
    let mut drawn = Diagram { width: all, ..Diagram::default() };
    let axes = format!("{} across, seed down", map.across);
    drawn.width = drawn.width.max(text_width(&axes, TICK));
    drawn.text("axis-title", 0.0, 12.0, Anchor::Start, axes);
    let scale = ColourScale::of(map);
    let mut top = TOP;
    for line in grids.chunks(places.beside) {
        for (i, grid) in line.iter().enumerate() {
            let left = i as f64 * (places.width + APART.0);
            draw_head(&mut drawn, map, &places, Area { x: left, y: top, width: places.width, height: HEAD });
            let mask = &grid[0].mask;
            if let Some(colour) = colour_of(mask) {
                let swatch = Area { x: left, y: top + 2.0, width: 10.0, height: 10.0 };
                drawn.rect(&format!("c{colour}"), swatch);
            }
            let name = fitted(&mask.to_string(), HEAD_SIZE, places.width - 16.0);
            drawn.text("name", left + 16.0, top + 11.0, Anchor::Start, name);
            for (j, row) in grid.iter().enumerate() {
                draw_row(&mut drawn, row, &places, &scale, left, top + HEAD + ROW * j as f64);
            }
        }
        let most = line.iter().map(|grid| grid.len()).max().unwrap_or(0);
        top += HEAD + ROW * most as f64 + APART.1;
    }
    draw_key(&mut drawn, map, &scale, 0.0, top);
    drawn.height = top + KEY;
    drawn
}

/// The learning rates above a grid's cells.
fn draw_head(drawn: &mut Diagram, map: &HeatMap, places: &Places, area: Area) {
    for (i, title) in map.columns.iter().enumerate() {
        let middle = area.x + places.seeds + places.column * (i as f64 + 0.5);
        let title = fitted(title, TICK, places.column);
        drawn.text("tick", middle, area.bottom() - 7.0, Anchor::Middle, title);
    }
}

fn draw_row(drawn: &mut Diagram, row: &HeatRow, places: &Places, scale: &ColourScale, left: f64, top: f64) {
    let name = fitted(&seed_name(row), TICK, places.seeds - 4.0);
    let end = left + places.seeds - 6.0;
    drawn.text("tick", end, top + ROW / 2.0 + 3.0, Anchor::End, name);
    for (i, cell) in row.cells.iter().enumerate().filter(|(_, cell)| cell.is_asked()) {
        let x = left + places.seeds + places.column * i as f64;
        draw_cell(drawn, cell, Area { x, y: top, width: places.column - GAP, height: ROW - GAP }, scale);
    }
}

fn seed_name(row: &HeatRow) -> String {
    row.seed.map_or_else(String::new, |seed| seed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::heat_map::tests::{cell, classes, map};
    use crate::diagram::mark::Shape;
    use tunemask_shared::report::HeatCell;

    /// Two masks of two seeds each.
    fn of_seeds() -> HeatMap {
        let one = map();
        let queued = HeatCell { value: None, text: "queued".into(), ..cell(0.0) };
        let row = |mask: &Mask, seed, cells| HeatRow { mask: mask.clone(), seed: Some(seed), cells };
        let rows = one.rows.iter().flat_map(|of| {
            let second = vec![cell(0.55), queued.clone(), HeatCell::default()];
            [row(&of.mask, 1, of.cells.clone()), row(&of.mask, 12, second)]
        });
        HeatMap { rows: rows.collect(), ..one.clone() }
    }

    fn texts(drawn: &Diagram, class: &str) -> Vec<String> {
        let text = |shape: &Shape| match shape {
            Shape::Text { class: of, text, .. } if of == class => Some(text.clone()),
            _ => None,
        };
        drawn.shapes.iter().filter_map(text).collect()
    }

    #[test]
    fn grids_stand_beside_each_other_on_one_scale_of_colours() {
        let drawn = seed_map(&of_seeds(), 600.0, &|mask| (*mask == Mask::LayerNorms).then_some(3));
        assert_eq!(texts(&drawn, "name"), ["layernorms", "frozen"]);
        // The worst of the first and the best of all are the ends of both.
        assert_eq!(classes(&drawn, "heat"), ["heat-0", "heat-4", "heat-8", "heat-1", "heat-2", "heat-1"]);
        assert_eq!(texts(&drawn, "word"), ["queued", "failed", "queued"]);
        let of = |at: usize| drawn.targets[at].area;
        // Of the first grid three runs of seed 1 and two of seed 12; the second begins to the right of them.
        assert_eq!((drawn.targets.len(), of(0).y, of(5).y), (9, of(5).y, of(1).y));
        assert!(of(5).x > of(2).right() + 20.0 && of(3).y > of(0).bottom());
        assert_eq!(
            texts(&drawn, "tick"),
            ["1e-4", "1e-3", "1e-2", "1", "12", "1e-4", "1e-3", "1e-2", "1", "12"]
        );
        assert!(drawn.targets.iter().all(|target| target.area.right() <= drawn.width));
        assert!(drawn.width <= 600.0);
    }

    #[test]
    fn grids_stand_below_each_other_where_there_is_no_room() {
        for width in [240.0, 0.0] {
            let drawn = seed_map(&of_seeds(), width, &|_| None);
            assert_eq!(drawn.targets[0].area.x, drawn.targets[5].area.x, "{width}");
            assert!(drawn.targets[5].area.y > drawn.targets[4].area.bottom() + HEAD);
            assert!(drawn.targets[0].area.width >= COLUMN.0 - GAP);
            assert!(drawn.targets.last().is_some_and(|last| last.area.bottom() < drawn.height));
        }
        let empty = HeatMap { rows: Vec::new(), columns: Vec::new(), ..of_seeds() };
        assert!(seed_map(&empty, 300.0, &|_| None).targets.is_empty());
    }
}
