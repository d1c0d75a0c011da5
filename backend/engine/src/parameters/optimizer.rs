//! A member's optimizer: its settings, and which of its trained scalars decay.

use crate::config::{Adam, Objective};
use crate::plan::slots::slots;
use std::ops::Range;
use tunemask_shared::experiment::DecayOn;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::trainable::Trainable;

/// A member's optimizer.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberOptimizer {
    /// Its settings.
    pub adam: Adam,
    /// Places of the compact vector that decay, ascending and apart; none without weight decay.
    pub decayed: Vec<Range<usize>>,
}

impl MemberOptimizer {
    /// The optimizer of a member that trains this, and a head.
    pub fn new(adam: Adam, shape: &ModelShape, trains: &Trainable, objective: Objective) -> Self {
        let decays = adam.weight_decay != 0.0;
        let decayed = if decays { decayed(adam.decay_on, shape, trains, objective) } else { Vec::new() };
        Self { adam, decayed }
    }
}

/// Places of a compact vector (the selection ascending, what is added, then the head), ascending and apart. All that is
/// added are matrices.
fn decayed(on: DecayOn, shape: &ModelShape, trains: &Trainable, objective: Objective) -> Vec<Range<usize>> {
    let encoder = trains.len();
    if on == DecayOn::All {
        return std::iter::once(0..encoder + objective.head_scalars(shape)).collect();
    }
    let mut places: Vec<Range<usize>> = Vec::new();
    let mut put = |range: Range<usize>| match places.last_mut() {
        _ if range.is_empty() => {}
        Some(last) if last.end == range.start => last.end = range.end,
        _ => places.push(range),
    };
    let mut at = 0;
    for (slot, range) in slots(shape) {
        let trained = trains.selection.within(range).len();
        if slot.is_matrix() {
            put(at..at + trained);
        }
        at += trained;
    }
    put(at..encoder);
    for matrix in objective.head_matrices(shape) {
        put(encoder + matrix.start..encoder + matrix.end);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::SMALL_SHAPE as SHAPE;
    use tunemask_shared::mask::{Mask, MaskSwitches};

    fn of(mask: &str, on: DecayOn) -> (Vec<Range<usize>>, usize) {
        let mask: Mask = mask.parse().unwrap();
        let trains = mask.trains(&SHAPE, MaskSwitches::default(), 0, None).unwrap();
        (decayed(on, &SHAPE, &trains, Objective::Classification(3)), trains.len())
    }

    #[test]
    fn biases_and_norms_do_not_decay() {
        for mask in ["layernorms", "bitfit", "frozen"] {
            let (places, encoder) = of(mask, DecayOn::Matrices);
            // The head's weight alone.
            let only = |range: Range<usize>| vec![range; 1];
            assert_eq!(places, only(encoder..encoder + 3 * SHAPE.hidden), "{mask}");
            assert_eq!(of(mask, DecayOn::All).0, only(0..encoder + 3 * (SHAPE.hidden + 1)), "{mask}");
        }
    }

    #[test]
    fn every_matrix_decays_and_nothing_else() {
        let (places, encoder) = of("full", DecayOn::Matrices);
        let vectors = |range: &Range<usize>| range.start < encoder;
        let got: usize = places.iter().filter(|range| vectors(range)).map(ExactSizeIterator::len).sum();
        let want: usize = slots(&SHAPE).iter().filter(|(s, _)| s.is_matrix()).map(|(_, r)| r.len()).sum();
        assert_eq!(got, want);
        // Words, positions and segments lie side by side.
        assert_eq!(places[0].start, 0);
        assert!(places.windows(2).all(|pair| pair[0].end < pair[1].start));
        let block: usize = SHAPE.hidden * (4 * SHAPE.hidden + 2 * SHAPE.intermediate);
        let (one, encoder) = of("layers(1).mha + layers(1).ffn", DecayOn::Matrices);
        let one: usize = one.iter().filter(|range| range.end <= encoder).map(ExactSizeIterator::len).sum();
        assert_eq!(one, block);
    }
}
