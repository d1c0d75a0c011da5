//! Who trains, as far as pages ask: what was written since one asked last is heard then.

use crate::lab::{Lab, Subscription, Update};
use futures_util::FutureExt;
use std::time::{SystemTime, UNIX_EPOCH};
use tunemask_shared::nodes::{NodeActivity, Nodes};

/// Listens to a lab.
#[derive(Debug, Default)]
pub(super) struct Listener {
    subscription: Option<Subscription>,
    nodes: Nodes,
}

impl Listener {
    /// The workers that train for a lab; none where it trains by itself.
    pub(super) fn workers(&mut self, lab: &Lab) -> Vec<NodeActivity> {
        if lab.trains_by_itself() {
            return Vec::new();
        }
        let subscription = self.subscription.get_or_insert_with(|| lab.subscribe());
        while let Some(Some(update)) = subscription.next().now_or_never() {
            match update {
                Update::Snapshot(state) => self.nodes = Nodes::of(&state),
                Update::Events(events) => events.iter().for_each(|event| self.nodes.apply(event)),
                Update::Waits(_) | Update::Failed(_) => {}
            }
        }
        // Before 1970 nothing was written.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        lab.read(|state| self.nodes.report(state, now.as_millis() as u64))
    }
}
