//! The values of a LayerNorm as a picture in shapes, γ above β on one axis: pure, so that it is tested without a page.

use crate::chart::scale::Scale;
use crate::chart::shapes::TickLabel;
use crate::component::text_table::TextTable;
use crate::diagram::mark::{Anchor, Diagram};
use crate::interval::Interval;
use tunemask_shared::norms::{BinCounts, NormHistogram};
use tunemask_shared::ticks::labels;

/// Its height in pixels.
pub const HEIGHT: f64 = 190.0;

/// The left edge of the bars, in pixels: their names stand before it.
const LEFT: f64 = 22.0;
const RIGHT: f64 = 12.0;
/// Where γ and β stand, in pixels: the upper edge and the floor of their bars.
const ROWS: [RowPlace; 2] = [RowPlace { top: 6.0, floor: 82.0 }, RowPlace { top: 92.0, floor: 168.0 }];
/// Least height of a bar, in pixels: one value among hundreds can be seen.
const LEAST: f64 = 3.0;
/// Pixels between two ticks.
const TICK_GAP: f64 = 80.0;

/// Where a row of bars stands, in pixels.
#[derive(Clone, Copy)]
struct RowPlace {
    top: f64,
    floor: f64,
}

/// The picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// γ and β.
    pub rows: [Row; 2],
    /// The labels of the axis.
    pub ticks: Vec<TickLabel>,
    /// The path of the grid's lines.
    pub grid: String,
}

/// The bars of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// γ or β.
    pub name: &'static str,
    /// Its floor, in pixels.
    pub floor: f64,
    /// The path of the bars of all values.
    pub all: String,
    /// The path of the bars of the selected ones, from the floor up.
    pub selected: String,
}

/// Draws a histogram.
pub fn draw(histogram: &NormHistogram, width: f64) -> Picture {
    let right = (width - RIGHT).max(LEFT + 1.0);
    let domain = Interval::new(f64::from(histogram.low), f64::from(histogram.high));
    let x = Scale::linear(domain, Interval::new(LEFT, right));
    let ticks = x.ticks(((right - LEFT) / TICK_GAP).floor().max(2.0) as usize);
    let (top, bottom) = (ROWS[0].top, ROWS[1].floor);
    let mut grid = String::new();
    let label = |(&tick, text): (&f64, String)| {
        let pixel = x.value_to_pixel(tick);
        grid.push_str(&format!("M{pixel:.1},{top}V{bottom}"));
        TickLabel { x: pixel, y: bottom + 16.0, anchor: "middle", text }
    };
    let ticks: Vec<TickLabel> = ticks.iter().zip(labels(&ticks, x.domain.length())).map(label).collect();
    // γ and β have one scale of heights, too.
    let most = histogram.gamma.all.iter().chain(&histogram.beta.all).copied().max().unwrap_or(0).max(1);
    let row = |name, counts: &BinCounts, RowPlace { top, floor }: RowPlace| {
        let bars = |counts: &[u32]| {
            let (start, end) = (x.value_to_pixel(domain.start), x.value_to_pixel(domain.end));
            let bin = (end - start) / counts.len().max(1) as f64;
            // Values that are all equal have a place and no width.
            let thick = if bin > 0.0 { (bin - 0.6).max(0.6) } else { 2.0 };
            let bar = |(place, &count): (usize, &u32)| {
                let height = (floor - top) * f64::from(count) / f64::from(most);
                let left = start + bin * place as f64;
                format!("M{left:.1},{floor}v-{:.1}h{thick:.1}V{floor}z", height.max(LEAST))
            };
            counts.iter().enumerate().filter(|(_, count)| **count > 0).map(bar).collect::<String>()
        };
        Row { name, floor, all: bars(&counts.all), selected: bars(&counts.selected) }
    };
    let rows = [row("γ", &histogram.gamma, ROWS[0]), row("β", &histogram.beta, ROWS[1])];
    Picture { rows, ticks, grid }
}

/// The picture as a file has it.
pub fn diagram(picture: &Picture, width: f64) -> Diagram {
    let mut drawn = Diagram { width, height: HEIGHT, ..Diagram::default() };
    drawn.path("grid", picture.grid.clone());
    for Row { name, floor, all, selected } in &picture.rows {
        drawn.text("name", 4.0, *floor, Anchor::Start, *name);
        drawn.path("all", all.clone());
        drawn.path("selected", selected.clone());
    }
    for tick in &picture.ticks {
        drawn.text("tick", tick.x, tick.y, Anchor::of_word(tick.anchor), tick.text.clone());
    }
    drawn
}

/// How many values are in each bin, and how many of them are selected.
pub fn table(histogram: &NormHistogram) -> TextTable {
    let (low, high) = (f64::from(histogram.low), f64::from(histogram.high));
    let of = |vector: &'static str, counts: &BinCounts| {
        let edge = |bin: usize| low + (high - low) * bin as f64 / counts.all.len() as f64;
        let bins = counts.all.iter().zip(&counts.selected).enumerate();
        let row = |(bin, (all, selected)): (usize, (&u32, &u32))| {
            vec![
                vector.to_owned(),
                edge(bin).to_string(),
                edge(bin + 1).to_string(),
                all.to_string(),
                selected.to_string(),
            ]
        };
        bins.map(row).collect::<Vec<_>>()
    };
    TextTable {
        heads: ["vector", "low", "high", "values", "selected"].map(String::from).to_vec(),
        rows: [of("gamma", &histogram.gamma), of("beta", &histogram.beta)].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::mark::Shape;
    use tunemask_shared::norms::Norm;

    fn histogram(low: f32, high: f32) -> NormHistogram {
        let counts =
            |all: [u32; 4], selected: [u32; 4]| BinCounts { all: all.into(), selected: selected.into() };
        NormHistogram {
            block: Some(0),
            norm: Norm::Attention,
            low,
            high,
            gamma: counts([0, 1, 0, 100], [0, 1, 0, 0]),
            beta: counts([50, 0, 0, 0], [0, 0, 0, 0]),
        }
    }

    #[test]
    fn bars_stand_at_their_values_and_one_value_is_seen() {
        let picture = draw(&histogram(0.0, 4.0), LEFT + RIGHT + 400.0);
        let [gamma, beta] = &picture.rows;
        let (first, last) = (LEFT + 100.0, LEFT + 300.0);
        assert_eq!(gamma.all, format!("M{first:.1},82v-3.0h99.4V82zM{last:.1},82v-76.0h99.4V82z"));
        assert_eq!(gamma.selected, format!("M{first:.1},82v-3.0h99.4V82z"));
        assert_eq!(beta.all, format!("M{LEFT:.1},168v-38.0h99.4V168z"));
        assert_eq!(beta.selected, "");
        let texts: Vec<&str> = picture.ticks.iter().map(|tick| tick.text.as_str()).collect();
        assert_eq!(texts, ["0", "1", "2", "3", "4"]);
    }

    #[test]
    fn a_file_has_every_bin_and_every_bar() {
        let histogram = histogram(0.0, 4.0);
        let lines = table(&histogram).csv();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!((lines.len(), lines[0]), (9, "vector,low,high,values,selected"));
        assert_eq!((lines[2], lines[5]), ("gamma,1,2,1,1", "beta,0,1,50,0"));
        let drawn = diagram(&draw(&histogram, 400.0), 400.0);
        let paths = |of: &str| {
            let is = |shape: &&Shape| matches!(shape, Shape::Path { class, .. } if class == of);
            drawn.shapes.iter().filter(is).count()
        };
        assert_eq!((paths("all"), paths("selected"), paths("grid")), (2, 2, 1));
    }

    #[test]
    fn values_that_are_all_equal_have_a_place() {
        for width in [0.0, 300.0] {
            let picture = draw(&histogram(1.0, 1.0), width);
            assert!(picture.rows[0].selected.starts_with('M') && !picture.rows[0].selected.contains("NaN"));
        }
    }
}
