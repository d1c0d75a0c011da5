//! Chance, and which words it may draw.

use super::lexicon::{Class, Sense};
use tunemask_shared::philox::Stream;

/// Which words a set may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    /// Whether the words that are kept out of the training sets are allowed.
    pub unseen: bool,
    /// People, things and places of which part of the world.
    pub domain: Domain,
}

/// A part of the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Domain {
    /// All of it.
    #[default]
    All,
    /// What the training set of inference speaks of.
    Town,
    /// What it never speaks of.
    Coast,
}

/// A class of so many meanings or more has some that are kept out of the training sets,
const OPEN: usize = 10;
/// namely one in so many.
const UNSEEN: usize = 5;

/// A stream of random numbers and a view of the lexicon.
#[derive(Debug)]
pub(super) struct Dice<'s> {
    stream: &'s mut Stream,
    /// Which words may be drawn.
    pub view: View,
}

impl<'s> Dice<'s> {
    pub(super) fn new(stream: &'s mut Stream, view: View) -> Self {
        Self { stream, view }
    }

    /// Uniform in `0..bound`, which must not be empty.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.stream.below(bound as u64) as usize
    }

    /// True so many times in a hundred.
    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of these, uniformly. `items` must not be empty.
    pub(super) fn pick<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        &items[self.below(items.len())]
    }

    /// The place of a meaning that the view allows.
    pub(super) fn place<T>(&mut self, class: &'static Class<T>) -> usize {
        loop {
            let place = self.below(class.senses());
            if self.view.unseen || class.senses() < OPEN || place % UNSEEN != UNSEEN - 1 {
                return place;
            }
        }
    }

    /// A meaning that the view allows.
    pub(super) fn sense<T>(&mut self, class: &'static Class<T>) -> Sense<T> {
        let place = self.place(class);
        class.sense(place)
    }

    /// A word that the view allows.
    pub(super) fn word<T>(&mut self, class: &'static Class<T>) -> &'static T {
        let Sense(words) = self.sense(class);
        self.pick(words)
    }

    /// A random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        self.stream.shuffle(items);
    }
}
