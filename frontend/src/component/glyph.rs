//! A mask as a small picture: a column a block, a row a module.

use std::fmt::Write;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::shape::{BLOCK_KINDS, Kind, ModelShape};

/// How much of a module trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Nothing.
    None,
    /// Some of it.
    Some,
    /// All of it.
    Whole,
}

/// Most columns drawn; deeper models are drawn as this many.
const MOST_COLUMNS: usize = 24;

/// For each block, lowest first, how much of its modules trains, from its output down to its input: the
/// LayerNorm after feed-forward, feed-forward, the LayerNorm after attention, attention.
pub fn grid(mask: &Mask, shape: &ModelShape, switches: MaskSwitches) -> Vec<[Part; 4]> {
    let scattered = match mask {
        // Drawn or chosen by value: where exactly does not matter at this size.
        Mask::Random { .. } => Some([Part::Some; 4]),
        Mask::Outliers(_) | Mask::OutliersRandom { .. } => {
            Some([Part::Some, Part::None, Part::Some, Part::None])
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
            0 => Part::None,
            c if c == all => Part::Whole,
            _ => Part::Some,
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

/// The picture as the inside of an SVG element, and its width and height.
pub fn markup(grid: &[[Part; 4]]) -> (String, usize, usize) {
    let columns = grid.len().min(MOST_COLUMNS);
    let mut out = String::new();
    for c in 0..columns {
        let parts = grid[c * grid.len() / columns];
        for (r, part) in parts.into_iter().enumerate() {
            let class = match part {
                Part::None => "g0",
                Part::Some => "g1",
                Part::Whole => "g2",
            };
            let (x, y) = (c * 4, r * 4);
            let _ = write!(out, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"3\" height=\"3\"/>");
        }
    }
    (out, (columns * 4).saturating_sub(1).max(1), 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(mask: Mask) -> Vec<[Part; 4]> {
        let shape = ModelShape { layers: 2, ..ModelShape::BERT_BASE_UNCASED };
        grid(&mask, &shape, MaskSwitches::default())
    }

    #[test]
    fn modules_are_told_apart() {
        use Part::{None, Some, Whole};
        assert_eq!(parts(Mask::Full), [[Whole; 4]; 2]);
        assert_eq!(parts(Mask::Frozen), [[None; 4]; 2]);
        assert_eq!(parts(Mask::SingleNorm(2)), [[None; 4], [Whole, None, Whole, None]]);
        assert_eq!(parts(Mask::Mha)[0], [None, None, None, Whole]);
        assert_eq!(parts(Mask::BitFit)[0], [Some; 4]);
        assert_eq!(parts(Mask::Outliers(4))[1], [Some, None, Some, None]);
        let custom = |text: &str| parts(text.parse().unwrap());
        assert_eq!(
            custom("layers(1).mha + outliers:4"),
            [[Some, None, Some, Whole], [Some, None, Some, None]]
        );
    }

    #[test]
    fn deep_models_stay_small() {
        let (text, width, _) = markup(&[[Part::None; 4]; 48]);
        assert_eq!((text.matches("<rect").count(), width), (96, 95));
        assert_eq!(markup(&[]).1, 1);
    }
}
