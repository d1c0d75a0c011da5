//! How runs are told apart: names and styles, chosen once and used everywhere.

/// Where a run stands among those beside it.
mod place;
/// The key to the styles.
mod key;
/// Colours that the reader has chosen.
mod colours;
/// Where runs train.
mod nodes;

pub use colours::Colours;
pub use key::KeyGroup;
pub use nodes::Nodes;
pub use place::{Dimension, GroupKey, Place};

use crate::format::rate;
use crate::grouping::Grouping;
use crate::style::{COLOURS, DASHES, MARKS, Style, WIDTHS};
use std::collections::{BTreeMap, BTreeSet};
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::shape::ModelShape;
use tunemask_shared::state::{ExperimentState, RunState};
use tunemask_shared::task::Task;

/// What runs can differ in, read once: the grid of an experiment, or of several, and what of them is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    /// What is compared, in its order; nothing where an experiment stands alone.
    pub contenders: Vec<Contender>,
    /// Tasks, in the experiment's order.
    pub tasks: Vec<Task>,
    /// Masks.
    pub masks: Vec<Mask>,
    /// Learning rates.
    pub rates: Vec<f64>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Where runs train or trained, see [`Nodes`]; nothing where that is not read.
    pub nodes: Nodes,
    /// The model whose parts masks choose, as far as it is known; of several models nothing.
    pub model: Option<PicturedModel>,
    /// The place in the palette of each value of each dimension; in turn where there are none.
    pub palette: [Vec<usize>; Dimension::ALL.len()],
}

/// The model by which masks are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PicturedModel {
    /// Its blocks and modules.
    pub shape: ModelShape,
    /// What else its masks hold.
    pub switches: MaskSwitches,
}

/// One of what is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contender {
    /// What it is called.
    pub name: String,
    /// Its runs.
    pub runs: BTreeSet<RunId>,
}

/// A run beside its identity.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Its identity.
    pub id: &'a RunId,
    /// What is known of it.
    pub state: &'a RunState,
}

/// What shows each dimension in a line's style. Two dimensions never share a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Encoding {
    colour: Option<Dimension>,
    dash: Option<Dimension>,
    mark: Option<Dimension>,
    width: Option<Dimension>,
}

impl Legend {
    /// Reads an experiment, among the log's runs; what cannot be read is left out. Where its runs train is not read: that
    /// changes while they do, all else does not.
    pub fn new(found: &ExperimentState, runs: &BTreeMap<RunId, RunState>) -> Legend {
        let mut legend = Legend::default();
        legend.add(found, runs);
        legend
    }

    /// Takes the grid of an experiment in.
    pub fn add(&mut self, found: &ExperimentState, runs: &BTreeMap<RunId, RunState>) {
        let experiment = &found.experiment;
        let further = experiment.further_rates.iter().flat_map(|further| &further.learning_rates);
        add_new(&mut self.tasks, found.tasks(runs));
        add_new(&mut self.masks, experiment.masks.iter().filter_map(|m| m.parse().ok()));
        add_new(&mut self.rates, experiment.learning_rates.iter().chain(further).copied());
        add_new(&mut self.seeds, experiment.seeds.iter().copied());
    }

    /// With the places where its runs train.
    pub fn trained_at(self, nodes: Nodes) -> Legend {
        Legend { nodes, ..self }
    }

    /// With the model by which masks are drawn.
    pub fn on(self, model: Option<PicturedModel>) -> Legend {
        Legend { model, ..self }
    }

    /// With the colours that the reader has chosen.
    pub fn coloured(mut self, colours: &Colours) -> Legend {
        if !colours.is_empty() {
            self.palette = Dimension::ALL.map(|d| colours.places(d, &self.values(d)));
        }
        self
    }

    /// What has a colour of its own, if lines differ by colour.
    pub fn coloured_by(&self, grouping: Grouping) -> Option<Dimension> {
        self.encoding(grouping).colour
    }

    /// The values of a dimension, in words.
    pub fn values(&self, dimension: Dimension) -> Vec<String> {
        match dimension {
            Dimension::Contender => self.contenders.iter().map(|contender| contender.name.clone()).collect(),
            Dimension::Mask => self.masks.iter().map(ToString::to_string).collect(),
            Dimension::Rate => self.rates.iter().map(|&r| rate(r)).collect(),
            Dimension::Task => self.tasks.iter().map(|task| task.title().to_owned()).collect(),
            Dimension::Seed => self.seeds.iter().map(u64::to_string).collect(),
            Dimension::Status => RunStatus::ALL.iter().map(|status| status.name().to_owned()).collect(),
            Dimension::Node => self.nodes.words(),
        }
    }

    /// The place in the palette of a value of a dimension.
    pub fn colour(&self, dimension: Dimension, i: usize) -> usize {
        self.palette[dimension as usize].get(i).copied().unwrap_or(i % COLOURS)
    }

    /// How many values a dimension has.
    pub fn count(&self, dimension: Dimension) -> usize {
        match dimension {
            Dimension::Contender => self.contenders.len(),
            Dimension::Mask => self.masks.len(),
            Dimension::Rate => self.rates.len(),
            Dimension::Task => self.tasks.len(),
            Dimension::Seed => self.seeds.len(),
            Dimension::Status => RunStatus::ALL.len(),
            Dimension::Node => self.nodes.count(),
        }
    }

    /// Where a run stands in each dimension; of what is compared, beside the first that has it.
    pub fn place(&self, run: Run<'_>) -> Place {
        let contender = self.contenders.iter().position(|contender| contender.runs.contains(run.id));
        self.place_in(run, contender.unwrap_or(0))
    }

    /// Where it stands beside each of what is compared that has it: experiments may share runs. One place where nothing has it.
    pub fn places(&self, run: Run<'_>) -> Vec<Place> {
        let all = self.contenders.iter().enumerate();
        let own = all.filter(|(_, contender)| contender.runs.contains(run.id));
        let places: Vec<Place> = own.map(|(contender, _)| self.place_in(run, contender)).collect();
        if places.is_empty() { vec![self.place_in(run, 0)] } else { places }
    }

    fn place_in(&self, run: Run<'_>, contender: usize) -> Place {
        let spec = &run.state.spec;
        let status = RunStatus::ALL.iter().position(|status| *status == run.state.status);
        Place::of(|dimension| match dimension {
            Dimension::Contender => contender,
            Dimension::Mask => index_of(&self.masks, &spec.mask),
            Dimension::Rate => index_of(&self.rates, &spec.learning_rate),
            Dimension::Task => index_of(&self.tasks, &spec.task),
            Dimension::Seed => index_of(&self.seeds, &spec.seed),
            Dimension::Status => status.unwrap_or(0),
            Dimension::Node => self.nodes.index_of(run.state),
        })
    }

    /// Colour by what is compared, else by mask if there are several, else by the first dimension that has several, of those that
    /// tell lines apart. What has more values than there are colours or dashes goes round them again with a mark; each other
    /// dimension takes the first part of the style that has room for it, or none: a style that says half of it would be read
    /// as all.
    fn encoding(&self, grouping: Grouping) -> Encoding {
        let several = |dimension: &Dimension| dimension.tells(grouping) && self.count(*dimension) > 1;
        let mut encoding =
            Encoding { colour: Dimension::COLOURED.into_iter().find(several), ..Encoding::default() };
        if let Some(dimension) = encoding.colour.filter(|&dimension| self.count(dimension) > COLOURS) {
            encoding.mark = Some(dimension);
        }
        for dimension in Dimension::ALL.into_iter().filter(several) {
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
    fn part(&self, encoding: Encoding, dimension: Dimension, i: usize) -> Style {
        let mut style = Style::default();
        let mut rest = i;
        if encoding.colour == Some(dimension) {
            (style.colour, rest) = (self.colour(dimension, i), rest / COLOURS);
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

    /// How the line of a place is drawn.
    pub fn style(&self, place: Place, grouping: Grouping) -> Style {
        let encoding = self.encoding(grouping);
        let parts = Dimension::ALL.into_iter().map(|d| self.part(encoding, d, place.value(d)));
        parts.fold(Style::default(), |style, part| style + part)
    }

    /// The style by which a mask is known, where masks have one.
    pub fn mask_style(&self, mask: &Mask) -> Option<Style> {
        let encoding = self.encoding(Grouping::Runs);
        (encoding.colour == Some(Dimension::Mask))
            .then(|| self.part(encoding, Dimension::Mask, index_of(&self.masks, mask)))
    }

    /// What tells a group of runs from all others, as long as the page is looked at: a node keeps its word when others come.
    pub fn group_key(&self, place: Place, grouping: Grouping) -> GroupKey {
        let by_node = Dimension::Node.tells(grouping);
        let node = by_node.then(|| self.nodes.word_at(place.value(Dimension::Node)).to_owned());
        let place =
            Place::of(|dimension| if dimension == Dimension::Node { 0 } else { place.value(dimension) });
        GroupKey { place, node }
    }

    /// The short name of a run, or of the group that it is in: what tells it from the others; its mask if nothing does.
    pub fn name(&self, run: Run<'_>, grouping: Grouping) -> String {
        self.name_at(run, self.place(run), grouping)
    }

    /// The same of a run at one of its places.
    pub fn name_at(&self, run: Run<'_>, place: Place, grouping: Grouping) -> String {
        let spec = &run.state.spec;
        let tells = |dimension: Dimension| dimension.tells(grouping) && self.count(dimension) > 1;
        let word = |dimension| match dimension {
            Dimension::Contender => {
                self.contenders.get(place.value(dimension)).map(|c| c.name.clone()).unwrap_or_default()
            }
            Dimension::Mask => spec.mask.to_string(),
            Dimension::Task => spec.task.title().to_owned(),
            Dimension::Rate => rate(spec.learning_rate),
            Dimension::Seed => format!("seed {}", spec.seed),
            Dimension::Status => run.state.status.name().to_owned(),
            Dimension::Node => nodes::word(run.state),
        };
        let mut parts: Vec<String> = Dimension::NAMED.into_iter().filter(|d| tells(*d)).map(word).collect();
        if parts.is_empty() {
            parts.push(spec.mask.to_string());
        }
        if spec.engine_kind == EngineKind::Candle {
            parts.push("candle".into());
        }
        parts.join(" · ")
    }
}

fn add_new<T: PartialEq>(items: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for item in more {
        if !items.contains(&item) {
            items.push(item);
        }
    }
}

/// The index of something in a list; 0 if it is not there.
pub fn index_of<T: PartialEq>(items: &[T], item: &T) -> usize {
    items.iter().position(|i| i == item).unwrap_or(0)
}

#[cfg(test)]
mod tests;
