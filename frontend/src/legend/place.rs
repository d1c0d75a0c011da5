//! Where a run stands in each dimension in which runs can differ.

use crate::grouping::{Field, Grouping};

/// What runs can differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// What is compared.
    Contender,
    /// Masks.
    Mask,
    /// Learning rates.
    Rate,
    /// Tasks.
    Task,
    /// Seeds.
    Seed,
    /// Statuses.
    Status,
    /// Machines and workers.
    Node,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Dimension; 7] = [
        Dimension::Contender,
        Dimension::Mask,
        Dimension::Rate,
        Dimension::Task,
        Dimension::Seed,
        Dimension::Status,
        Dimension::Node,
    ];

    /// Those that have the colour, the first of them that has several values.
    pub(super) const COLOURED: [Dimension; 7] = [
        Dimension::Contender,
        Dimension::Mask,
        Dimension::Rate,
        Dimension::Seed,
        Dimension::Task,
        Dimension::Status,
        Dimension::Node,
    ];

    /// The order in a name.
    pub(super) const NAMED: [Dimension; 7] = [
        Dimension::Contender,
        Dimension::Mask,
        Dimension::Task,
        Dimension::Rate,
        Dimension::Seed,
        Dimension::Status,
        Dimension::Node,
    ];

    /// Whether it tells lines apart: what is compared always does.
    pub fn tells(self, grouping: Grouping) -> bool {
        let field = match self {
            Dimension::Contender => return true,
            // A run's own line does not change its style as the run goes on.
            Dimension::Status => return grouping.has(Field::Status),
            Dimension::Node => return grouping.has(Field::Node),
            Dimension::Mask => Field::Mask,
            Dimension::Rate => Field::Rate,
            Dimension::Task => Field::Task,
            Dimension::Seed => Field::Seed,
        };
        grouping == Grouping::Runs || grouping.has(field)
    }

    /// Its word in an address.
    pub fn key(self) -> &'static str {
        if self == Dimension::Rate { "rate" } else { self.word() }
    }

    /// Its name in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Dimension::Contender => "column",
            Dimension::Mask => "mask",
            Dimension::Rate => "learning rate",
            Dimension::Task => "task",
            Dimension::Seed => "seed",
            Dimension::Status => "status",
            Dimension::Node => "node",
        }
    }
}

/// Where a run stands in each dimension, or a group in those by which it is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place([usize; Dimension::ALL.len()]);

/// What tells a group of runs from all others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GroupKey {
    /// Its place in all dimensions but that of the node.
    pub place: Place,
    /// The word of its node, where runs are told apart by it.
    pub node: Option<String>,
}

impl Place {
    /// As `value` says of each dimension.
    pub fn of(value: impl FnMut(Dimension) -> usize) -> Place {
        Place(Dimension::ALL.map(value))
    }

    /// The place of its value in a dimension.
    pub fn value(self, dimension: Dimension) -> usize {
        self.0[dimension as usize]
    }

    /// That of the group in which it is.
    pub fn group(self, grouping: Grouping) -> Place {
        Place::of(|dimension| if dimension.tells(grouping) { self.value(dimension) } else { 0 })
    }

    /// A word of its own.
    pub fn word(self) -> String {
        format!("group {}", self.0.map(|value| value.to_string()).join("-"))
    }
}
