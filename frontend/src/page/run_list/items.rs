//! What the list shows, from top to bottom: pinned runs, then groups with those of their runs that are unfolded, or all runs.

use crate::grouping::Grouping;
use crate::legend::{GroupKey, Place};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tunemask_shared::run::RunId;

/// A run that passes the filters.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The run that passes.
    pub run: RunId,
    /// The place of the group in which it is.
    pub group: Place,
    /// What tells that from all others.
    pub key: GroupKey,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A run.
    Run {
        /// The run that the row shows.
        run: RunId,
        /// Where it stands.
        level: Level,
    },
    /// Runs that make one line.
    Group {
        /// What they have in common.
        place: Place,
        /// What tells the group from all others.
        key: GroupKey,
        /// Which, in the list's order.
        runs: Arc<[RunId]>,
        /// Whether its runs stand below it.
        fold: Fold,
    },
}

/// Where a run stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// At the top, whatever the order.
    Pinned,
    /// Among all others.
    Top,
    /// Below its group.
    Member,
}

/// Whether the runs of a group are to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fold {
    /// They are.
    Open,
    /// They are not.
    Shut,
}

impl Item {
    /// The runs that it stands for.
    pub fn runs(&self) -> &[RunId] {
        match self {
            Item::Run { run, .. } => std::slice::from_ref(run),
            Item::Group { runs, .. } => runs,
        }
    }
}

/// The rows of runs in this order. Groups stand where the first of their runs would.
pub fn items(listed: &[Listed], pinned: &[RunId], grouping: Grouping, open: &HashSet<GroupKey>) -> Vec<Item> {
    let row = |run: &RunId, level| Item::Run { run: run.clone(), level };
    let known: HashSet<&RunId> = listed.iter().map(|listed| &listed.run).collect();
    let above = pinned.iter().filter(|run| known.contains(run)).map(|run| row(run, Level::Pinned));
    let mut items: Vec<Item> = above.collect();
    let is_pinned = |run: &RunId| pinned.contains(run);
    if grouping == Grouping::Runs {
        let others = listed.iter().filter(|listed| !is_pinned(&listed.run));
        items.extend(others.map(|listed| row(&listed.run, Level::Top)));
        return items;
    }
    let mut groups: Vec<(&Listed, Vec<RunId>)> = Vec::new();
    let mut places: HashMap<Place, usize> = HashMap::new();
    for each in listed {
        let at = *places.entry(each.group).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, runs)) => runs.push(each.run.clone()),
            None => groups.push((each, vec![each.run.clone()])),
        }
    }
    for (Listed { group, key, .. }, runs) in groups {
        let fold = if open.contains(key) { Fold::Open } else { Fold::Shut };
        // A pinned run counts in its group, but stands above.
        let members = runs.iter().filter(|run| fold == Fold::Open && !is_pinned(run));
        let members: Vec<Item> = members.map(|run| row(run, Level::Member)).collect();
        items.push(Item::Group { place: *group, key: key.clone(), runs: runs.into(), fold });
        items.extend(members);
    }
    items
}

/// The row of the group in which a member stands, which lies above it.
pub fn group_above(items: &[Item], at: usize) -> Option<usize> {
    let is_member = matches!(items.get(at), Some(Item::Run { level: Level::Member, .. }));
    let above = items.get(..at).unwrap_or_default();
    above.iter().rposition(|item| matches!(item, Item::Group { .. })).filter(|_| is_member)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::legend::Dimension;

    fn run(id: &str) -> RunId {
        RunId(id.into())
    }

    fn place(mask: usize) -> Place {
        Place::of(|dimension| if dimension == Dimension::Mask { mask } else { 0 })
    }

    fn key(mask: usize) -> GroupKey {
        GroupKey { place: place(mask), node: None }
    }

    fn listed() -> Vec<Listed> {
        [("a", 1), ("b", 0), ("c", 1), ("d", 0)]
            .map(|(id, mask)| Listed { run: run(id), group: place(mask), key: key(mask) })
            .into()
    }

    /// Rows in words: `pinned a`, `2 runs`, `- b`.
    fn rows(pinned: &[&str], grouping: Grouping, open: &[usize]) -> Vec<String> {
        let pinned: Vec<RunId> = pinned.iter().map(|id| run(id)).collect();
        let open = open.iter().map(|&mask| key(mask)).collect();
        let word = |item: &Item| match item {
            Item::Run { run, level: Level::Pinned } => format!("pinned {run}"),
            Item::Run { run, level: Level::Top } => run.to_string(),
            Item::Run { run, level: Level::Member } => format!("- {run}"),
            Item::Group { runs, .. } => format!("{} runs", runs.len()),
        };
        items(&listed(), &pinned, grouping, &open).iter().map(word).collect()
    }

    #[test]
    fn pinned_runs_stand_first_and_only_there() {
        assert_eq!(rows(&["c", "gone", "b"], Grouping::Runs, &[]), ["pinned c", "pinned b", "a", "d"]);
    }

    #[test]
    fn groups_stand_in_the_order_of_their_first_runs_and_unfold() {
        let by_mask = Grouping::read("mask").unwrap();
        assert_eq!(rows(&[], by_mask, &[]), ["2 runs", "2 runs"]);
        assert_eq!(rows(&[], by_mask, &[0]), ["2 runs", "2 runs", "- b", "- d"]);
        assert_eq!(rows(&["a"], by_mask, &[1]), ["pinned a", "2 runs", "- c", "2 runs"]);
        let items = items(&listed(), &[run("a")], by_mask, &[key(1)].into());
        assert_eq!([0, 1, 2, 3, 9].map(|at| group_above(&items, at)), [None, None, Some(1), None, None]);
        assert_eq!(items[1].runs(), [run("a"), run("c")]);
    }
}
