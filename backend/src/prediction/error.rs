//! Why nothing can be said of a text.

use crate::data::DataError;
use crate::model::ModelError;
use tunemask_engine::EngineError;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::mask::Mask;
use tunemask_shared::prediction::MAX_TEXT_BYTES;
use tunemask_shared::task::TaskName;
use tunemask_shared::text::count;

/// Why nothing can be said of a text.
#[derive(Debug, thiserror::Error)]
pub enum PredictionError {
    /// No such experiment.
    #[error("there is no experiment {0}")]
    Experiment(ExperimentId),
    /// A task that the experiment has not.
    #[error("the experiment has no task `{task}`; it has {}", list(known))]
    Task {
        /// What was asked for.
        task: TaskName,
        /// Its tasks.
        known: Vec<String>,
    },
    /// A mask that the experiment has not.
    #[error("the experiment has no mask `{mask}`; it has {}", list(known))]
    Mask {
        /// What was asked for.
        mask: Mask,
        /// Its masks.
        known: Vec<String>,
    },
    /// A seed that the experiment has not.
    #[error("the experiment has no seed {seed}; it has {}", list(known))]
    Seed {
        /// What was asked for.
        seed: u64,
        /// Its seeds.
        known: Vec<String>,
    },
    /// Nothing has finished.
    #[error("no such run on {task} has finished yet; wait until one has, or choose another task or mask")]
    Unfinished {
        /// The task's title.
        task: String,
    },
    /// Too many runs.
    #[error("{} would read the text, and at most {most} can at once; choose masks or seeds", count(*runs, "run"))]
    Many {
        /// Those that were asked.
        runs: usize,
        /// The most.
        most: usize,
    },
    /// Nothing was written.
    #[error("write {0}")]
    Missing(Missing),
    /// A second text that the task does not read.
    #[error("{0} reads one text; leave the second one out")]
    Pair(String),
    /// More than any model reads.
    #[error("the text has {0} bytes; at most {MAX_TEXT_BYTES} are read")]
    Long(usize),
    /// Nothing in it has word pieces.
    #[error("the model's tokenizer finds no token in this text; write words")]
    Nothing,
    /// Nothing is left of any run.
    #[error("none of {} can be asked: {first}", count(*runs, "finished run"))]
    Left {
        /// How many.
        runs: usize,
        /// Why the first cannot.
        first: String,
    },
    /// The model is another one now.
    #[error("{0}: the model has changed since these runs were trained on it; put the old one back")]
    Changed(String),
    /// The data are others now.
    #[error("the data of {0} has changed since the runs were trained; write a text of your own")]
    DataChanged(String),
    /// Too many texts wait to be read.
    #[error("{} are being read or wait already; try again in a moment", count(*waiting, "text"))]
    Crowded {
        /// How many.
        waiting: usize,
    },
    /// Somebody else's text is being read for long.
    #[error("another text is being read; try again in a moment")]
    Busy,
    /// Nobody waits for an answer any more.
    #[error("stopped before all runs had read the text")]
    Stopped,
    /// The model cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The text cannot be tokenised, or the examples not be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A run cannot be scored.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The text.
    #[error("a text")]
    Text,
    /// Words to tag.
    #[error("the words of a sentence")]
    Words,
    /// The first of a pair.
    #[error("the first text")]
    First,
    /// The second of a pair.
    #[error("the second text; the task reads pairs")]
    Second,
}

impl PredictionError {
    /// The field of the question that is wrong; `runs` where it is none of them.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Task { .. } => "task",
            Self::Mask { .. } => "masks",
            Self::Seed { .. } => "seeds",
            Self::Missing(Missing::Second) | Self::Pair(_) => "pair",
            Self::Missing(_) | Self::Long(_) | Self::Nothing => "text",
            Self::Experiment(_) => "experiment",
            Self::Unfinished { .. } | Self::Many { .. } | Self::Left { .. } | Self::Changed(_) => "runs",
            Self::DataChanged(_) | Self::Crowded { .. } | Self::Busy | Self::Stopped => "runs",
            Self::Model(_) | Self::Data(_) | Self::Engine(_) => "runs",
        }
    }
}

/// The first of a list.
fn list(known: &[String]) -> String {
    const SHOWN: usize = 12;
    let more = if known.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", known.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", "))
}
