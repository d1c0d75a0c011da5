//! How an experiment's runs are told apart: names, colours and dashes, chosen once and used everywhere.

use crate::format::rate;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunSpec;
use tunemask_shared::task::Task;

/// Colours of the palette in `static/styles`; `--series-0` is the first.
pub const COLOURS: usize = 10;
/// Dash patterns; the first is a solid line.
pub const DASHES: usize = 4;

/// How a line is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Place in the palette.
    pub colour: usize,
    /// Dash pattern.
    pub dash: usize,
}

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

    /// Colour by mask and dash by learning rate; by learning rate if there is one mask, by seed if one of both.
    pub fn style(&self, spec: &RunSpec) -> Style {
        let rate = place(&self.rates, &spec.learning_rate);
        let (colour, dash) = match (self.masks.len(), self.rates.len()) {
            (2.., _) => (place(&self.masks, &spec.mask), rate),
            (_, 2..) => (rate, 0),
            _ => (place(&self.seeds, &spec.seed), place(&self.tasks, &spec.task)),
        };
        Style { colour: colour % COLOURS, dash: (dash + colour / COLOURS) % DASHES }
    }

    /// The colour of a mask where masks are coloured.
    pub fn mask_colour(&self, mask: &Mask) -> Option<usize> {
        (self.masks.len() > 1).then(|| place(&self.masks, mask) % COLOURS)
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

fn place<T: PartialEq>(items: &[T], item: &T) -> usize {
    items.iter().position(|i| i == item).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn runs_of_one_mask_share_a_colour() {
        let legend = Legend::new(&Experiment::default());
        let mut spec = sample::run(2, 10).spec;
        assert_eq!(legend.style(&spec), Style { colour: 1, dash: 0 });
        assert_eq!(legend.name(&spec, Seeds::Apart), "layernorms · Sentiment · 1e-3 · seed 2");
        assert_eq!(legend.name(&spec, Seeds::Together), "layernorms · Sentiment · 1e-3");
        spec.learning_rate = 1e-2;
        assert_eq!(legend.style(&spec), Style { colour: 1, dash: 1 });
        assert_eq!(legend.mask_colour(&Mask::Frozen), Some(3));
    }

    #[test]
    fn a_grid_of_one_still_has_names_and_colours() {
        let legend = Legend {
            tasks: vec![Task::Sentiment],
            masks: vec![Mask::LayerNorms],
            rates: vec![1e-3],
            seeds: vec![1, 2],
        };
        let spec = sample::run(2, 10).spec;
        assert_eq!((legend.style(&spec).colour, legend.mask_colour(&spec.mask)), (1, None));
        assert_eq!(legend.name(&spec, Seeds::Apart), "seed 2");
        assert_eq!(legend.name(&spec, Seeds::Together), "layernorms");
    }

    #[test]
    fn many_masks_go_round_the_palette_with_another_dash() {
        let masks = (1..=12).map(Mask::SingleNorm).collect();
        let legend = Legend { masks, rates: vec![1e-3], ..Legend::default() };
        let spec = RunSpec { mask: Mask::SingleNorm(12), ..sample::run(1, 1).spec };
        assert_eq!(legend.style(&spec), Style { colour: 1, dash: 1 });
    }
}
