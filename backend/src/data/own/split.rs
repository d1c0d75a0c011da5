//! Development examples out of training ones, where there is no file of them.
//!
//! Which examples these are depends on the examples alone: not on the order of rows, on a seed, or on the file's form.
//! Equal inputs stay together, so that nothing is learnt by heart and then asked. Every label gives its share.

use crate::data::record::Record;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The share that is split off unless something else is said.
pub(super) const SHARE: f64 = 0.1;

/// The input's hash: equal inputs are a group, and groups are taken in the order of their hashes.
type Group = [u8; 16];

/// Training and development examples, each in the order of rows. A label of a single group stays in training.
pub(super) fn split(records: Vec<Record>, share: f64, by_label: bool) -> (Vec<Record>, Vec<Record>) {
    let groups: Vec<Group> = records.iter().map(group).collect();
    // Rows of each group; its label is the least among them, since the order of rows must not decide.
    let mut sizes: BTreeMap<Group, (u32, usize)> = BTreeMap::new();
    for (record, group) in records.iter().zip(&groups) {
        let label = if by_label { record.targets.first().map_or(0, |&target| target as u32) } else { 0 };
        let entry = sizes.entry(*group).or_insert((label, 0));
        *entry = (entry.0.min(label), entry.1 + 1);
    }
    let mut strata: BTreeMap<u32, Vec<(Group, usize)>> = BTreeMap::new();
    for (group, (label, rows)) in sizes {
        strata.entry(label).or_default().push((group, rows));
    }
    let mut chosen: Vec<Group> = Vec::new();
    for groups in strata.into_values() {
        let rows: usize = groups.iter().map(|(_, rows)| rows).sum();
        let wanted = (rows as f64 * share).round().max(1.0) as usize;
        let mut taken = 0;
        let last = groups.len() - 1;
        for (group, rows) in groups.into_iter().take(last) {
            if taken >= wanted {
                break;
            }
            taken += rows;
            chosen.push(group);
        }
    }
    chosen.sort_unstable();
    let (mut train, mut development) = (Vec::new(), Vec::new());
    for (record, group) in records.into_iter().zip(groups) {
        let set = if chosen.binary_search(&group).is_ok() { &mut development } else { &mut train };
        set.push(record);
    }
    (train, development)
}

/// The group of an input.
pub(super) fn group(record: &Record) -> Group {
    let mut hash = Sha256::new();
    for text in record.input.texts() {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    let mut group = Group::default();
    group.copy_from_slice(&hash.finalize()[..16]);
    group
}
