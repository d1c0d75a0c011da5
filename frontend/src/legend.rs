//! How an experiment's runs are told apart: names and styles, chosen once and used everywhere.

use crate::format::rate;
use crate::setting::Grouping;
use crate::style::{COLOURS, DASHES, MARKS, Style, WIDTHS};
use std::collections::BTreeMap;
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::{RunId, RunSpec};
use tunemask_shared::state::{ExperimentState, RunState};
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

/// A dimension of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Masks.
    Mask,
    /// Learning rates.
    Rate,
    /// Tasks.
    Task,
    /// Seeds.
    Seed,
}

/// What shows each dimension of the grid in a line's style. Two dimensions never share a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Encoding {
    colour: Option<Dimension>,
    dash: Option<Dimension>,
    mark: Option<Dimension>,
    width: Option<Dimension>,
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
    /// Reads an experiment, among the log's runs; what cannot be read is left out.
    pub fn new(found: &ExperimentState, runs: &BTreeMap<RunId, RunState>) -> Legend {
        let experiment = &found.experiment;
        let mut rates = experiment.learning_rates.clone();
        for &rate in experiment.further_rates.iter().flat_map(|further| &further.learning_rates) {
            if !rates.contains(&rate) {
                rates.push(rate);
            }
        }
        Legend {
            tasks: found.tasks(runs),
            masks: experiment.masks.iter().filter_map(|m| m.parse().ok()).collect(),
            rates,
            seeds: experiment.seeds.clone(),
        }
    }

    fn count(&self, dimension: Dimension) -> usize {
        match dimension {
            Dimension::Mask => self.masks.len(),
            Dimension::Rate => self.rates.len(),
            Dimension::Task => self.tasks.len(),
            Dimension::Seed => self.seeds.len(),
        }
    }

    /// Colour by mask if there are several, else by the first dimension that has several. What has more values than there are
    /// colours or dashes goes round them again with a mark; each other dimension takes the first part of the style that has
    /// room for it, or none: a style that says half of it would be read as all.
    fn encoding(&self) -> Encoding {
        let several = |dimension: &Dimension| self.count(*dimension) > 1;
        let mut encoding = Encoding {
            colour: [Dimension::Mask, Dimension::Rate, Dimension::Seed, Dimension::Task]
                .into_iter()
                .find(several),
            ..Encoding::default()
        };
        if let Some(dimension) = encoding.colour.filter(|&dimension| self.count(dimension) > COLOURS) {
            encoding.mark = Some(dimension);
        }
        for dimension in [Dimension::Rate, Dimension::Task, Dimension::Seed].into_iter().filter(several) {
            let count = self.count(dimension);
            if encoding.colour == Some(dimension) {
                continue;
            } else if encoding.dash.is_none() && count <= DASHES {
                encoding.dash = Some(dimension);
            } else if encoding.mark.is_none() && count <= MARKS {
                encoding.mark = Some(dimension);
            } else if encoding.width.is_none() && count <= WIDTHS {
                encoding.width = Some(dimension);
            } else if encoding.dash.is_none() && encoding.mark.is_none() && count <= DASHES * MARKS {
                (encoding.dash, encoding.mark) = (Some(dimension), Some(dimension));
            }
        }
        encoding
    }

    /// The parts of a style by which value `i` of a dimension is known.
    fn part(encoding: Encoding, dimension: Dimension, i: usize) -> Style {
        let mut style = Style::default();
        let mut rest = i;
        if encoding.colour == Some(dimension) {
            (style.colour, rest) = (rest % COLOURS, rest / COLOURS);
        }
        if encoding.dash == Some(dimension) {
            (style.dash, rest) = (rest % DASHES, rest / DASHES);
        }
        if encoding.mark == Some(dimension) {
            (style.mark, rest) = (rest % MARKS, rest / MARKS);
        }
        if encoding.width == Some(dimension) {
            style.width = rest % WIDTHS;
        }
        style
    }

    /// How many values of a dimension its parts of the style tell apart.
    fn room(encoding: Encoding, dimension: Dimension) -> usize {
        let parts = [
            (encoding.colour, COLOURS),
            (encoding.dash, DASHES),
            (encoding.mark, MARKS),
            (encoding.width, WIDTHS),
        ];
        parts.iter().filter(|(owner, _)| *owner == Some(dimension)).map(|(_, size)| size).product()
    }

    /// How the line of a run is drawn.
    pub fn style(&self, spec: &RunSpec) -> Style {
        let encoding = self.encoding();
        let part = |dimension, i| Self::part(encoding, dimension, i);
        part(Dimension::Mask, index_of(&self.masks, &spec.mask))
            + part(Dimension::Rate, index_of(&self.rates, &spec.learning_rate))
            + part(Dimension::Task, index_of(&self.tasks, &spec.task))
            + part(Dimension::Seed, index_of(&self.seeds, &spec.seed))
    }

    /// The style by which a mask is known, where masks have one.
    pub fn mask_style(&self, mask: &Mask) -> Option<Style> {
        let encoding = self.encoding();
        (encoding.colour == Some(Dimension::Mask))
            .then(|| Self::part(encoding, Dimension::Mask, index_of(&self.masks, mask)))
    }

    /// What each style means, but those of the masks, which stand beside their names.
    pub fn key(&self, grouping: Grouping) -> Vec<KeyGroup> {
        let encoding = self.encoding();
        let group = |title, dimension, words: Vec<String>| {
            let told = words.len() > 1 && Self::room(encoding, dimension) >= words.len();
            let entry = |(i, word)| (Self::part(encoding, dimension, i), word);
            told.then(|| KeyGroup {
                title,
                coloured: encoding.colour == Some(dimension),
                entries: words.into_iter().enumerate().map(entry).collect(),
            })
        };
        let seeds = if grouping == Grouping::Runs { self.seeds.clone() } else { Vec::new() };
        let groups = [
            group("Learning rate", Dimension::Rate, self.rates.iter().map(|&r| rate(r)).collect()),
            group("Task", Dimension::Task, self.tasks.iter().map(|t| t.title().to_owned()).collect()),
            group("Seed", Dimension::Seed, seeds.iter().map(u64::to_string).collect()),
        ];
        groups.into_iter().flatten().collect()
    }

    /// The dimensions of the grid that lines do not show, by name: lines that differ only there look the same.
    pub fn alike(&self, grouping: Grouping) -> Vec<&'static str> {
        let encoding = self.encoding();
        let names = [
            (Dimension::Mask, "mask"),
            (Dimension::Rate, "learning rate"),
            (Dimension::Task, "task"),
            (Dimension::Seed, "seed"),
        ];
        let hidden = |dimension: Dimension| {
            let one_line = dimension == Dimension::Seed && grouping == Grouping::Seeds;
            !one_line && self.count(dimension) > Self::room(encoding, dimension).max(1)
        };
        names.into_iter().filter(|(dimension, _)| hidden(*dimension)).map(|(_, name)| name).collect()
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
        if spec.engine_kind == EngineKind::Candle {
            parts.push("candle".into());
        }
        parts.join(" · ")
    }
}

/// The index of something in a list; 0 if it is not there.
pub fn index_of<T: PartialEq>(items: &[T], item: &T) -> usize {
    items.iter().position(|i| i == item).unwrap_or(0)
}

#[cfg(test)]
mod tests;
