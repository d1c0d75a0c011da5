//! How far a run moved the weights: a row for each block, a column for each module, each figure upon a colour, the farther the stronger.
//!
//! All cells share one scale, from nothing to the largest drift. A module that did not move has the palest colour; one of which no
//! drift can be told, because all of it was 0, has none but a dashed edge.

use super::mark::{Anchor, Area, Diagram, Target, fitted, text_width};
use tunemask_shared::report::{WeightMap, WeightModule, WeightPart};
use tunemask_shared::text::{NONE, count, csv_field, percent};

/// Colours of the scale: `--heat-0` of the palette is that of no drift.
const SHADES: usize = 9;
/// Above the cells: the modules, in two lines.
const TOP: f64 = 34.0;
/// From a block to the next, and what of that is between two cells.
const ROW: f64 = 26.0;
const GAP: f64 = 2.0;
/// The blocks' names.
const HEAD: f64 = 72.0;
/// The least and the most that a column takes.
const COLUMN: (f64, f64) = (62.0, 150.0);
const TEXT: f64 = 11.0;
/// Below the cells: what the colours mean.
const KEY: f64 = 30.0;
const PATCH: f64 = 13.0;

/// A cell of the map: a module, by its place, in a block, counted from 1; in all of them if `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub module: usize,
    pub block: Option<usize>,
}

/// The cells of a map in the order of its targets: block by block, all blocks together at the end.
pub fn cells(map: &WeightMap) -> Vec<Cell> {
    let blocks = map.modules.first().map_or(0, |module| module.blocks.len());
    let rows = (1..=blocks).map(Some).chain([None]);
    rows.flat_map(|block| (0..map.modules.len()).map(move |module| Cell { module, block })).collect()
}

/// Draws the map into this width, wider only where its figures could not be read.
pub fn drift_map(map: &WeightMap, width: f64) -> Diagram {
    let cells = cells(map);
    let columns = map.modules.len().max(1);
    let column = ((width - HEAD) / columns as f64).clamp(COLUMN.0, COLUMN.1);
    let rows = cells.len() / columns;
    let cells_end = TOP + ROW * rows as f64;
    let mut drawn =
        Diagram { width: HEAD + column * columns as f64, height: cells_end + KEY, ..Diagram::default() };
    for (i, module) in map.modules.iter().enumerate() {
        let middle = HEAD + column * (i as f64 + 0.5);
        let (name, detail) = module.title.split_once(", ").unwrap_or((&module.title, ""));
        let room = column - 4.0;
        drawn.text("tick", middle, TOP - 20.0, Anchor::Middle, fitted(name, TEXT, room));
        drawn.text("tick", middle, TOP - 7.0, Anchor::Middle, fitted(detail, TEXT, room));
    }
    let drifts = cells.iter().filter_map(|cell| part(map, *cell).drift);
    let most = drifts.fold(0.0, f64::max);
    for (i, cell) in cells.iter().enumerate() {
        let (row, place) = (i / columns, i % columns);
        let top = TOP + ROW * row as f64;
        if place == 0 {
            drawn.text("small", 0.0, top + ROW / 2.0 + 3.0, Anchor::Start, block_name(cell.block));
        }
        let area = Area { x: HEAD + column * place as f64, y: top, width: column - GAP, height: ROW - GAP };
        draw_cell(&mut drawn, map, *cell, area, most);
    }
    draw_key(&mut drawn, most, cells_end + 10.0);
    drawn
}

fn draw_cell(drawn: &mut Diagram, map: &WeightMap, cell: Cell, area: Area, most: f64) {
    let part = part(map, cell);
    match part.drift {
        Some(drift) => drawn.rect(&format!("heat-{}", shade(drift, most)), area),
        None => drawn.rect(
            "no-figure",
            Area { x: area.x + 0.5, y: area.y + 0.5, width: area.width - 1.0, height: area.height - 1.0 },
        ),
    }
    let text = part.drift.map_or(NONE.to_owned(), percent);
    drawn.text("figure", area.middle(), area.centre() + 4.0, Anchor::Middle, text);
    drawn.targets.push(Target {
        said: said(&map.modules[cell.module], cell.block, part),
        runs: Vec::new(),
        area,
    });
}

fn draw_key(drawn: &mut Diagram, most: f64, top: f64) {
    let mut x = HEAD;
    drawn.text("small", x, top + 11.0, Anchor::Start, "0 %");
    x += text_width("0 %", TEXT) + 4.0;
    for shade in 0..SHADES {
        drawn.rect(&format!("heat-{shade}"), Area { x, y: top + 1.0, width: PATCH, height: 12.0 });
        x += PATCH;
    }
    drawn.text("small", x + 5.0, top + 11.0, Anchor::Start, percent(most));
}

/// What a cell says.
fn said(module: &WeightModule, block: Option<usize>, part: &WeightPart) -> String {
    let drift = match part.drift {
        Some(drift) => format!("drift {}", percent(drift)),
        None => "no drift can be told, all of it was 0".into(),
    };
    let scalars = count(usize::try_from(part.scalars).unwrap_or(usize::MAX), "scalar");
    format!("{}, {}: {drift}; {scalars}", module.title, block_name(block))
}

/// A block as a reader counts it.
pub fn block_name(block: Option<usize>) -> String {
    block.map_or("all blocks".to_owned(), |block| format!("block {block}"))
}

fn part(map: &WeightMap, cell: Cell) -> &WeightPart {
    map.modules[cell.module].part(cell.block)
}

/// The place of a drift's colour.
fn shade(drift: f64, most: f64) -> usize {
    let share = drift / most;
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    (share * (SHADES - 1) as f64).round() as usize
}

/// The map's figures, unrounded.
pub fn drift_csv(map: &WeightMap) -> String {
    let mut out = String::from("module,block,scalars,drift\n");
    for cell in cells(map) {
        let (module, part) = (&map.modules[cell.module].title, part(map, cell));
        let block = cell.block.map_or("all".to_owned(), |block| block.to_string());
        let drift = part.drift.map_or(String::new(), |drift| drift.to_string());
        out += &format!("{},{block},{},{drift}\n", csv_field(module), part.scalars);
    }
    out
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::diagram::mark::Shape;
    use tunemask_shared::report::WeightBins;

    /// Two modules of two blocks, the first of which moved.
    pub fn map() -> WeightMap {
        let bins = |counts: &[u64]| WeightBins { counts: counts.to_vec(), mean: 0.1, std: 0.2 };
        let part = |drift| WeightPart {
            scalars: 10,
            before: bins(&[2, 6, 2]),
            after: Some(bins(&[4, 2, 3])),
            drift,
        };
        let module = |title: &str, drifts: [Option<f64>; 3]| WeightModule {
            title: title.into(),
            low: -1.0,
            high: 2.0,
            all: part(drifts[2]),
            blocks: vec![part(drifts[0]), part(drifts[1])],
        };
        WeightMap {
            model: "tiny".into(),
            tuned: Some("full on RTE".into()),
            modules: vec![
                module("Attention", [Some(0.4), Some(0.2), Some(0.3)]),
                module("LayerNorm A, β", [None, Some(0.0), Some(0.0)]),
            ],
        }
    }

    #[test]
    fn the_farther_the_stronger_and_what_cannot_be_told_has_no_colour() {
        let drawn = drift_map(&map(), 600.0);
        let heat: Vec<&str> = drawn
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Rect { class, area } if area.height > 20.0 => Some(class.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(heat, ["heat-8", "no-figure", "heat-4", "heat-0", "heat-6", "heat-0"]);
        assert_eq!(drawn.targets.len(), 6);
        assert_eq!(drawn.targets[0].said, "Attention, block 1: drift 40.0 %; 10 scalars");
        assert!(drawn.targets[1].said.contains("all of it was 0"));
        assert!(drawn.targets[4].said.starts_with("Attention, all blocks"));
        assert!(drawn.targets.iter().all(|target| target.area.right() <= drawn.width));
        assert_eq!(cells(&map())[3], Cell { module: 1, block: Some(2) });
    }

    #[test]
    fn its_file_has_every_cell() {
        let csv = drift_csv(&map());
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 7);
        assert_eq!((lines[1], lines[2]), ("Attention,1,10,0.4", "\"LayerNorm A, β\",1,10,"));
        assert_eq!(lines[6], "\"LayerNorm A, β\",all,10,0");
    }

    #[test]
    fn a_narrow_map_keeps_its_figures_readable() {
        let drawn = drift_map(&map(), 100.0);
        assert!(drawn.width > 100.0 && drawn.targets[0].area.width >= 60.0);
        assert_eq!(shade(0.0, 0.0), 0);
    }
}
