//! The paper's studies as experiments that are ready to run: in full size on a model and data of the user's, and in a
//! quick size on the built-in ones.
//!
//! Studies of one size share their protocol, so that a run that stands in two of them is one run.

use crate::experiment::{BUILTIN_MODEL, Experiment, PAPER_LEARNING_RATES};
use crate::mask::Mask;
use crate::report::Layout;
use crate::task::{Source, Task, known_tasks};

/// A table or figure of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Study {
    /// Table 1: modules by sentence tasks.
    Modules,
    /// Table 2: modules by token classification.
    Tagging,
    /// Table 3: one block's LayerNorms by tasks.
    Layers,
    /// Table 4: outliers and their random control.
    Outliers,
    /// Figure 1: weights before and after full fine-tuning on RTE and STS-B.
    Weights,
    /// Figure 2: the same on MRPC and CoLA.
    Change,
}

/// How large a study is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// The paper's.
    Full,
    /// For the built-in model and tasks: minutes.
    Quick,
}

/// The grid and protocol of quick studies.
struct Quick {
    learning_rates: &'static [f64],
    seeds: &'static [u64],
    epochs: u32,
    train_limit: u32,
    eval_limit: u32,
    /// Tasks of the studies with many masks.
    tasks: &'static [&'static str],
}

/// The first rate is for masks of matrices, the second for vectors and single scalars; from there each cell goes on to
/// its own (`tunemask study --extend-edges`).
const QUICK: Quick = Quick {
    learning_rates: &[1e-3, 1e-2],
    // A verdict takes three seeds.
    seeds: &PAPER_SEEDS,
    epochs: 3,
    train_limit: 640,
    eval_limit: 300,
    tasks: &["acceptability", "paraphrase", "questions", "entailment"],
};

/// Blocks of the built-in model.
pub const QUICK_BLOCKS: usize = 4;

/// Seeds of the paper: three of each run.
const PAPER_SEEDS: [u64; 3] = [1, 2, 3];

/// The paper's tasks of Tables 3 and 4, which have many masks.
const PAPER_TASKS: [&str; 4] = ["cola", "mrpc", "stsb", "rte"];

/// Outliers in each LayerNorm.
const OUTLIERS: [usize; 4] = [4, 16, 64, 256];

impl Study {
    /// All of them, in the order of the paper's tables and figures.
    pub const ALL: [Study; 6] =
        [Study::Modules, Study::Tagging, Study::Layers, Study::Outliers, Study::Weights, Study::Change];

    /// Its name on the command line and in an address.
    pub fn name(self) -> &'static str {
        match self {
            Study::Modules => "table1",
            Study::Tagging => "table2",
            Study::Layers => "table3",
            Study::Outliers => "table4",
            Study::Weights => "figure1",
            Study::Change => "figure2",
        }
    }

    /// What it is, for people.
    pub fn title(self) -> &'static str {
        match self {
            Study::Modules => "Table 1: modules on sentences",
            Study::Tagging => "Table 2: modules on tokens",
            Study::Layers => "Table 3: one block's LayerNorms",
            Study::Outliers => "Table 4: outliers and their control",
            Study::Weights => "Figure 1: weights before and after full fine-tuning",
            Study::Change => "Figure 2: the same on two other tasks",
        }
    }

    /// The study of this name.
    pub fn named(name: &str) -> Option<Study> {
        Study::ALL.into_iter().find(|study| study.name() == name)
    }

    /// How its table is laid out; `None` for a figure.
    pub fn layout(self) -> Option<Layout> {
        match self {
            Study::Modules | Study::Tagging => Some(Layout::Modules),
            Study::Layers => Some(Layout::Layers),
            Study::Outliers => Some(Layout::Outliers),
            Study::Weights | Study::Change => None,
        }
    }

    /// Whether it can have a task: Table 2 has tagging tasks, all others have tasks on sentences.
    pub fn takes(self, task: &Task) -> bool {
        task.kind().is_tagging() == (self == Study::Tagging)
    }

    /// What it trains on a model with so many blocks.
    ///
    /// One in full size names neither model nor data: these are the user's.
    pub fn experiment(self, size: Size, blocks: usize) -> Experiment {
        let plain = Experiment {
            tasks: self.tasks(size).into_iter().map(str::to_owned).collect(),
            masks: self.masks(blocks).iter().map(Mask::to_string).collect(),
            ..Experiment::default()
        };
        match size {
            Size::Full => Experiment {
                name: self.title().into(),
                model: String::new(),
                learning_rates: PAPER_LEARNING_RATES.into(),
                seeds: PAPER_SEEDS.into(),
                ..plain
            },
            Size::Quick => Experiment {
                name: format!("{}, quick", self.title()),
                model: BUILTIN_MODEL.into(),
                learning_rates: QUICK.learning_rates.into(),
                seeds: QUICK.seeds.into(),
                epochs: Some(QUICK.epochs),
                train_limit: Some(QUICK.train_limit),
                eval_limit: Some(QUICK.eval_limit),
                ..plain
            },
        }
    }

    fn masks(self, blocks: usize) -> Vec<Mask> {
        let random = Mask::Random { count: None, seed: None };
        let norms = [Mask::LayerNorms, Mask::LayerNormA, Mask::LayerNormF];
        match self {
            Study::Modules | Study::Tagging => [Mask::Full, Mask::Frozen, random, Mask::Mha, Mask::Ffn]
                .into_iter()
                .chain(norms)
                .chain([Mask::BitFit])
                .collect(),
            Study::Layers => {
                let plain = [Mask::Full, Mask::Frozen, Mask::LayerNorms].into_iter();
                plain.chain((1..=blocks).map(Mask::SingleNorm)).collect()
            }
            Study::Outliers => {
                let pairs = OUTLIERS
                    .into_iter()
                    .flat_map(|n| [Mask::Outliers(n), Mask::OutliersRandom { count: n, seed: None }]);
                [Mask::Frozen, Mask::LayerNorms].into_iter().chain(pairs).collect()
            }
            Study::Weights | Study::Change => vec![Mask::Full],
        }
    }

    /// Their names.
    fn tasks(self, size: Size) -> Vec<&'static str> {
        let all = |is_of: fn(Source) -> bool| {
            let taken = known_tasks().iter().filter(|task| is_of(task.source()) && self.takes(task));
            taken.map(|task| task.name().as_str()).collect()
        };
        match (self, size) {
            (Study::Tagging, Size::Full) => all(|source| matches!(source, Source::Columns(_))),
            (Study::Layers | Study::Outliers, Size::Full) => PAPER_TASKS.into(),
            (Study::Modules, Size::Full) => all(|source| matches!(source, Source::Glue(_))),
            (Study::Weights, Size::Full) => vec!["rte", "stsb"],
            (Study::Change, Size::Full) => vec!["mrpc", "cola"],
            (Study::Weights, Size::Quick) => vec!["entailment", "similarity"],
            (Study::Change, Size::Quick) => vec!["paraphrase", "acceptability"],
            (Study::Modules | Study::Tagging, Size::Quick) => {
                all(|source| matches!(source, Source::BuiltIn(_)))
            }
            (Study::Layers | Study::Outliers, Size::Quick) => QUICK.tasks.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::validate;

    #[test]
    fn studies_are_the_papers_grids() {
        let runs = |study: Study| {
            let e = study.experiment(Size::Full, 12);
            let mut with_data = e.clone();
            (with_data.model, with_data.data) = ("bert".into(), Some("data".into()));
            let cells = validate(&with_data, &Default::default()).unwrap().cells();
            (e.tasks.len(), e.masks.len(), cells.len())
        };
        assert_eq!(runs(Study::Modules), (8, 9, 8 * 9 * 21));
        assert_eq!(runs(Study::Tagging), (2, 9, 2 * 9 * 21));
        assert_eq!(runs(Study::Layers), (4, 15, 4 * 15 * 21));
        assert_eq!(runs(Study::Outliers), (4, 10, 4 * 10 * 21));
        let tasks = |study: Study| study.experiment(Size::Full, 12).tasks;
        let four = ["cola", "mrpc", "stsb", "rte"].map(String::from).to_vec();
        assert_eq!([tasks(Study::Layers), tasks(Study::Outliers)], [four.clone(), four]);
        assert_eq!([runs(Study::Weights), runs(Study::Change)], [(2, 1, 2 * 21); 2]);
    }

    #[test]
    fn quick_studies_are_valid_and_share_their_runs() {
        let quick = |study: Study| study.experiment(Size::Quick, 4);
        let cells = |study: Study| validate(&quick(study), &Default::default()).unwrap().cells();
        let modules = cells(Study::Modules);
        assert_eq!(quick(Study::Modules).tasks.len(), 8);
        assert_eq!(quick(Study::Tagging).tasks, ["tags", "entities"]);
        let same = |a: &crate::validation::GridCell| {
            modules.iter().any(|b| {
                (&a.task, &a.mask, a.learning_rate, a.seed) == (&b.task, &b.mask, b.learning_rate, b.seed)
            })
        };
        assert!([Study::Weights, Study::Change].into_iter().flat_map(cells).all(|cell| same(&cell)));
        let protocol = |study| {
            let Experiment { epochs, train_limit, eval_limit, batch_size, .. } = quick(study);
            (epochs, train_limit, eval_limit, batch_size)
        };
        for study in [Study::Tagging, Study::Layers, Study::Outliers, Study::Weights, Study::Change] {
            assert_eq!(protocol(study), protocol(Study::Modules));
        }
        assert!(Study::ALL.iter().all(|s| Study::named(s.name()) == Some(*s)));
    }
}
