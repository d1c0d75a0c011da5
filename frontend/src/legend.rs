//! How an experiment's runs are told apart: names and styles, chosen once and used everywhere.

use crate::chart::setting::Grouping;
use crate::format::rate;
use crate::style::{COLOURS, DASHES, MARKS, Style, WIDTHS};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunSpec;
use tunemask_shared::task::Task;

/// An experiment's grid, read once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    /// Tasks, in the experiment's order.
    pub tasks: Vec<Task>,
    /// Masks.
    pub masks: Vec<Mask>,
    /// Learning rates.
    pub rates: Vec<f64>,
    /// Seeds.
    pub seeds: Vec<u64>,
}

/// Whether a seed tells runs apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeds {
    /// It does.
    Apart,
    /// All seeds stand together.
    Together,
}

/// A side of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Masks.
    Mask,
    /// Learning rates.
    Rate,
    /// Tasks.
    Task,
    /// Seeds.
    Seed,
}

/// What shows each side of the grid in a line's style. Two sides never share a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Looks {
    colour: Option<Side>,
    dash: Option<Side>,
    mark: Option<Side>,
    width: Option<Side>,
}

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
    /// Reads an experiment; what cannot be read is left out.
    pub fn new(experiment: &Experiment) -> Legend {
        Legend {
            tasks: experiment.tasks.iter().filter_map(|t| t.parse().ok()).collect(),
            masks: experiment.masks.iter().filter_map(|m| m.parse().ok()).collect(),
            rates: experiment.learning_rates.clone(),
            seeds: experiment.seeds.clone(),
        }
    }

    fn count(&self, side: Side) -> usize {
        match side {
            Side::Mask => self.masks.len(),
            Side::Rate => self.rates.len(),
            Side::Task => self.tasks.len(),
            Side::Seed => self.seeds.len(),
        }
    }

    /// Colour by mask if there are several, else by the first side that has several. What has more values than there are
    /// colours or dashes goes round them again with a mark; each other side takes the first part of the style that has
    /// room for it, or none: a style that says half of it would be read as all.
    fn looks(&self) -> Looks {
        let several = |side: &Side| self.count(*side) > 1;
        let mut looks = Looks {
            colour: [Side::Mask, Side::Rate, Side::Seed, Side::Task].into_iter().find(several),
            ..Looks::default()
        };
        if let Some(side) = looks.colour.filter(|&side| self.count(side) > COLOURS) {
            looks.mark = Some(side);
        }
        for side in [Side::Rate, Side::Task, Side::Seed].into_iter().filter(several) {
            let count = self.count(side);
            if looks.colour == Some(side) {
                continue;
            } else if looks.dash.is_none() && count <= DASHES {
                looks.dash = Some(side);
            } else if looks.mark.is_none() && count <= MARKS {
                looks.mark = Some(side);
            } else if looks.width.is_none() && count <= WIDTHS {
                looks.width = Some(side);
            } else if looks.dash.is_none() && looks.mark.is_none() && count <= DASHES * MARKS {
                (looks.dash, looks.mark) = (Some(side), Some(side));
            }
        }
        looks
    }

    /// The parts of a style by which value `i` of a side is known.
    fn part(looks: Looks, side: Side, i: usize) -> Style {
        let mut style = Style::default();
        let mut rest = i;
        if looks.colour == Some(side) {
            (style.colour, rest) = (rest % COLOURS, rest / COLOURS);
        }
        if looks.dash == Some(side) {
            (style.dash, rest) = (rest % DASHES, rest / DASHES);
        }
        if looks.mark == Some(side) {
            (style.mark, rest) = (rest % MARKS, rest / MARKS);
        }
        if looks.width == Some(side) {
            style.width = rest % WIDTHS;
        }
        style
    }

    /// How many values of a side its parts of the style tell apart.
    fn room(looks: Looks, side: Side) -> usize {
        let parts =
            [(looks.colour, COLOURS), (looks.dash, DASHES), (looks.mark, MARKS), (looks.width, WIDTHS)];
        parts.iter().filter(|(owner, _)| *owner == Some(side)).map(|(_, size)| size).product()
    }

    /// How the line of a run is drawn.
    pub fn style(&self, spec: &RunSpec) -> Style {
        let looks = self.looks();
        let part = |side, i| Self::part(looks, side, i);
        part(Side::Mask, place(&self.masks, &spec.mask))
            + part(Side::Rate, place(&self.rates, &spec.learning_rate))
            + part(Side::Task, place(&self.tasks, &spec.task))
            + part(Side::Seed, place(&self.seeds, &spec.seed))
    }

    /// The style by which a mask is known, where masks have one.
    pub fn mask_style(&self, mask: &Mask) -> Option<Style> {
        let looks = self.looks();
        (looks.colour == Some(Side::Mask)).then(|| Self::part(looks, Side::Mask, place(&self.masks, mask)))
    }

    /// What each style means, but those of the masks, which stand beside their names.
    pub fn key(&self, grouping: Grouping) -> Vec<KeyGroup> {
        let looks = self.looks();
        let group = |title, side, words: Vec<String>| {
            let told = words.len() > 1 && Self::room(looks, side) >= words.len();
            let entry = |(i, word)| (Self::part(looks, side, i), word);
            told.then(|| KeyGroup {
                title,
                coloured: looks.colour == Some(side),
                entries: words.into_iter().enumerate().map(entry).collect(),
            })
        };
        let seeds = if grouping == Grouping::Runs { self.seeds.clone() } else { Vec::new() };
        let groups = [
            group("Learning rate", Side::Rate, self.rates.iter().map(|&r| rate(r)).collect()),
            group("Task", Side::Task, self.tasks.iter().map(|t| t.title().to_owned()).collect()),
            group("Seed", Side::Seed, seeds.iter().map(u64::to_string).collect()),
        ];
        groups.into_iter().flatten().collect()
    }

    /// The sides of the grid that lines do not show, by name: lines that differ only there look the same.
    pub fn alike(&self, grouping: Grouping) -> Vec<&'static str> {
        let looks = self.looks();
        let names =
            [(Side::Mask, "mask"), (Side::Rate, "learning rate"), (Side::Task, "task"), (Side::Seed, "seed")];
        let hidden = |side: Side| {
            let one_line = side == Side::Seed && grouping == Grouping::Seeds;
            !one_line && self.count(side) > Self::room(looks, side).max(1)
        };
        names.into_iter().filter(|(side, _)| hidden(*side)).map(|(_, name)| name).collect()
    }

    /// A run's short name: what tells it from the experiment's other runs; its mask if nothing does.
    pub fn name(&self, spec: &RunSpec, seeds: Seeds) -> String {
        let mut parts = Vec::new();
        let seeds_apart = seeds == Seeds::Apart && self.seeds.len() > 1;
        if self.masks.len() > 1 || (self.rates.len() < 2 && self.tasks.len() < 2 && !seeds_apart) {
            parts.push(spec.mask.to_string());
        }
        if self.tasks.len() > 1 {
            parts.push(spec.task.title().to_owned());
        }
        if self.rates.len() > 1 {
            parts.push(rate(spec.learning_rate));
        }
        if seeds_apart {
            parts.push(format!("seed {}", spec.seed));
        }
        parts.join(" · ")
    }
}

/// Where something stands in a list.
pub fn place<T: PartialEq>(items: &[T], item: &T) -> usize {
    items.iter().position(|i| i == item).unwrap_or(0)
}

#[cfg(test)]
mod tests;
