//! The key to the styles of lines, and what no style tells.

use super::{Dimension, Legend};
use crate::grouping::Grouping;
use crate::style::Style;

/// A group of entries of the key: what it is of, and what each style of it means.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyGroup {
    /// Its title.
    pub title: &'static str,
    /// Whether its entries have colours of their own.
    pub coloured: bool,
    /// The entries.
    pub entries: Vec<(Style, String)>,
}

impl Legend {
    /// What each style means, but colours of masks and of what is compared, which stand beside their names.
    pub fn key(&self, grouping: Grouping) -> Vec<KeyGroup> {
        let encoding = self.encoding(grouping);
        let group = |title, dimension: Dimension| {
            let words = self.values(dimension);
            let elsewhere = dimension == Dimension::Mask && encoding.colour == Some(dimension);
            let told = words.len() > 1 && Self::room(encoding, dimension) >= words.len() && !elsewhere;
            let entry = |(i, word)| (self.part(encoding, dimension, i), word);
            told.then(|| KeyGroup {
                title,
                coloured: encoding.colour == Some(dimension),
                entries: words.into_iter().enumerate().map(entry).collect(),
            })
        };
        let groups = [
            group("Mask", Dimension::Mask),
            group("Learning rate", Dimension::Rate),
            group("Task", Dimension::Task),
            group("Seed", Dimension::Seed),
            group("Status", Dimension::Status),
            group("Node", Dimension::Node),
        ];
        groups.into_iter().flatten().collect()
    }

    /// The dimensions that lines do not show, by name: lines that differ only there look the same.
    pub fn alike(&self, grouping: Grouping) -> Vec<&'static str> {
        let encoding = self.encoding(grouping);
        let hidden = |dimension: &Dimension| {
            dimension.tells(grouping) && self.count(*dimension) > Self::room(encoding, *dimension).max(1)
        };
        Dimension::ALL.into_iter().filter(hidden).map(Dimension::word).collect()
    }
}
