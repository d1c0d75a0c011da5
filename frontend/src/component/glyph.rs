//! A mask as a small picture: a column for each block, a row for each module.

use std::fmt::Write;
use tunemask_shared::mask::{Coverage, Mask, MaskSwitches};
use tunemask_shared::shape::{BLOCK_KINDS, Kind, ModelShape};

/// Most columns drawn; deeper models are drawn as this many.
const MAX_COLUMNS: usize = 24;
/// Pixels from a cell to the next.
const CELL: usize = 4;

/// For each block, lowest first, how much of its modules trains, from its output down to its input: the
/// LayerNorm after feed-forward, feed-forward, the LayerNorm after attention, attention.
pub fn grid(mask: &Mask, shape: &ModelShape, switches: MaskSwitches) -> Vec<[Coverage; 4]> {
    let scattered = match mask {
        // Drawn or chosen by value: where exactly does not matter at this size.
        Mask::Random { .. } | Mask::RandomBlocks => Some([Coverage::Part; 4]),
        Mask::Outliers(_) | Mask::OutliersRandom { .. } => {
            Some([Coverage::Part, Coverage::Nothing, Coverage::Part, Coverage::Nothing])
        }
        _ => None,
    };
    let selection = match scattered {
        Some(parts) => return vec![parts; shape.layers],
        None => mask.sketch(shape, switches),
    };
    let part = |layer: usize, holds: fn(Kind) -> bool| {
        let of = BLOCK_KINDS.into_iter().filter(|&k| holds(k));
        let (mut chosen, mut all) = (0, 0);
        for parameter in of.filter_map(|k| shape.parameter(k, Some(layer))) {
            chosen += selection.within(parameter.range()).len();
            all += parameter.len();
        }
        match chosen {
            0 => Coverage::Nothing,
            c if c == all => Coverage::Whole,
            _ => Coverage::Part,
        }
    };
    (0..shape.layers)
        .map(|l| {
            [
                part(l, Kind::is_feed_forward_norm),
                part(l, Kind::is_feed_forward),
                part(l, Kind::is_attention_norm),
                part(l, Kind::is_attention),
            ]
        })
        .collect()
}

/// A glyph: its size in pixels, and a path for each coverage that it has.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    /// Its width.
    pub width: usize,
    /// Its height.
    pub height: usize,
    /// The class of each coverage with the path of its cells.
    pub paths: Vec<(&'static str, String)>,
}

/// Draws a grid.
pub fn glyph(grid: &[[Coverage; 4]]) -> Glyph {
    let columns = grid.len().min(MAX_COLUMNS);
    let cells_of = |coverage: Coverage| {
        let mut path = String::new();
        for column in 0..columns {
            for (row, _) in
                grid[column * grid.len() / columns].iter().enumerate().filter(|(_, c)| **c == coverage)
            {
                let _ = write!(path, "M{},{}h3v3h-3z", column * CELL, row * CELL);
            }
        }
        path
    };
    Glyph {
        width: (columns * CELL).saturating_sub(1).max(1),
        height: 4 * CELL - 1,
        paths: [("g0", Coverage::Nothing), ("g1", Coverage::Part), ("g2", Coverage::Whole)]
            .map(|(class, coverage)| (class, cells_of(coverage)))
            .into_iter()
            .filter(|(_, cells)| !cells.is_empty())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(mask: Mask) -> Vec<[Coverage; 4]> {
        let shape = ModelShape { layers: 2, ..ModelShape::BERT_BASE_UNCASED };
        grid(&mask, &shape, MaskSwitches::default())
    }

    #[test]
    fn modules_are_told_apart() {
        use Coverage::{Nothing, Part, Whole};
        assert_eq!(parts(Mask::Full), [[Whole; 4]; 2]);
        assert_eq!(parts(Mask::RandomBlocks), [[Coverage::Part; 4]; 2]);
        assert_eq!(parts(Mask::Frozen), [[Nothing; 4]; 2]);
        assert_eq!(parts(Mask::SingleNorm(2)), [[Nothing; 4], [Whole, Nothing, Whole, Nothing]]);
        assert_eq!(parts(Mask::Mha)[0], [Nothing, Nothing, Nothing, Whole]);
        assert_eq!(parts(Mask::BitFit)[0], [Part; 4]);
        assert_eq!(parts(Mask::Outliers(4))[1], [Part, Nothing, Part, Nothing]);
        let custom = |text: &str| parts(text.parse().unwrap());
        assert_eq!(
            custom("layers(1).mha + outliers:4"),
            [[Part, Nothing, Part, Whole], [Part, Nothing, Part, Nothing]]
        );
    }

    #[test]
    fn deep_models_stay_small() {
        let deep = glyph(&[[Coverage::Nothing; 4]; 48]);
        assert_eq!((deep.paths[0].1.matches('M').count(), deep.width), (96, 95));
        assert_eq!(deep.paths.len(), 1, "what no cell has is not drawn");
        assert_eq!(glyph(&[]).width, 1);
    }
}
