//! Development examples out of training ones, where there is no file of them.
//!
//! Which examples these are depends on the examples alone: not on the order of rows, on a seed, or on the file's form.
//! Equal inputs stay together, so that nothing is learnt by heart and then asked. Every label gives its share.

use super::stratified;
use super::target::Target;
use crate::data::record::Record;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The share that is split off unless something else is said.
pub(super) const SHARE: f64 = 0.1;

/// The input's hash: equal inputs are a group, and groups are taken in the order of their hashes.
type Group = [u8; 16];

/// Training and development examples, each in the order of rows. A label of a single group stays in training.
pub(super) fn split(records: Vec<Record>, share: f64, target: &Target) -> (Vec<Record>, Vec<Record>) {
    let groups: Vec<Group> = records.iter().map(group).collect();
    let mut chosen: Vec<Group> = match target {
        Target::Classes(_) => {
            by_stratum(&records, &groups, share, |r| r.targets.first().map_or(0, |&t| t as u32))
        }
        Target::Scores(_) | Target::Tags(_) => by_stratum(&records, &groups, share, |_| 0),
        Target::LabelSets(sets) => by_label_sets(&records, &groups, share, sets.labels.len()),
    };
    chosen.sort_unstable();
    let (mut train, mut development) = (Vec::new(), Vec::new());
    for (record, group) in records.into_iter().zip(groups) {
        let set = if chosen.binary_search(&group).is_ok() { &mut development } else { &mut train };
        set.push(record);
    }
    (train, development)
}

/// Of each stratum the groups that become development examples.
fn by_stratum(
    records: &[Record],
    groups: &[Group],
    share: f64,
    stratum: impl Fn(&Record) -> u32,
) -> Vec<Group> {
    // Rows of each group; its stratum is the least among them, since the order of rows must not decide.
    let mut sizes: BTreeMap<Group, (u32, usize)> = BTreeMap::new();
    for (record, group) in records.iter().zip(groups) {
        let own = stratum(record);
        let entry = sizes.entry(*group).or_insert((own, 0));
        *entry = (entry.0.min(own), entry.1 + 1);
    }
    let mut strata: BTreeMap<u32, Vec<(Group, usize)>> = BTreeMap::new();
    for (group, (stratum, rows)) in sizes {
        strata.entry(stratum).or_default().push((group, rows));
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
    chosen
}

/// The groups that become development examples where a text may have several labels.
fn by_label_sets(records: &[Record], groups: &[Group], share: f64, labels: usize) -> Vec<Group> {
    let mut items: BTreeMap<Group, stratified::Item> = BTreeMap::new();
    for (record, group) in records.iter().zip(groups) {
        let item = items.entry(*group).or_insert_with(|| stratified::Item::of(labels));
        item.rows += 1;
        item.labels.iter_mut().zip(&record.targets).for_each(|(n, &there)| *n += u32::from(there != 0.0));
    }
    let (groups, items): (Vec<Group>, Vec<stratified::Item>) = items.into_iter().unzip();
    stratified::chosen(&items, share, labels).into_iter().map(|place| groups[place]).collect()
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
