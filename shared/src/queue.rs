//! In which order experiments train.

use crate::event::ExperimentId;
use serde::{Deserialize, Serialize};

/// Where an experiment goes in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueuePlace {
    /// Before all others.
    First,
    /// Before the one before it.
    Up,
    /// Behind the one behind it.
    Down,
}

/// The order with one experiment moved; `None` if that changes nothing, or it is not in the order.
pub fn moved(order: &[ExperimentId], id: ExperimentId, to: QueuePlace) -> Option<Vec<ExperimentId>> {
    let at = order.iter().position(|&other| other == id)?;
    let to = match to {
        QueuePlace::First => 0,
        QueuePlace::Up => at.saturating_sub(1),
        QueuePlace::Down => (at + 1).min(order.len() - 1),
    };
    let mut order = order.to_vec();
    let id = order.remove(at);
    order.insert(to, id);
    (to != at).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_experiment_moves_within_the_order() {
        let order = [1, 2, 3].map(ExperimentId);
        let of = |id, to| {
            moved(&order, ExperimentId(id), to).map(|order| order.iter().map(|id| id.0).collect::<Vec<_>>())
        };
        assert_eq!(of(3, QueuePlace::First), Some(vec![3, 1, 2]));
        assert_eq!(of(3, QueuePlace::Up), Some(vec![1, 3, 2]));
        assert_eq!(of(1, QueuePlace::Down), Some(vec![2, 1, 3]));
        for (id, to) in
            [(1, QueuePlace::First), (1, QueuePlace::Up), (3, QueuePlace::Down), (9, QueuePlace::First)]
        {
            assert_eq!(of(id, to), None);
        }
    }
}
