//! The ways in which users' inputs come into the program.

use super::{Depth, corpus, entries};
use std::io;
use std::str::FromStr;

/// A kind of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A message of a page.
    Message,
    /// An experiment as TOML.
    ExperimentFile,
    /// A mask.
    Mask,
    /// Rows with tabs between, as GLUE's and as a user's own.
    Tsv,
    /// Rows with commas between.
    Csv,
    /// Rows as JSON.
    JsonLines,
    /// Words with their tags.
    Conll,
    /// The hub's files of rows.
    Parquet,
    /// What is said of a user's own data.
    DatasetToml,
    /// A model's weights, or a delta.
    Safetensors,
    /// A model's weights as PyTorch writes them.
    Pickle,
    /// A tokenizer.
    TokenizerJson,
    /// A model's config.
    ConfigJson,
    /// What workers are to train.
    PlanJson,
    /// What a worker says of it.
    Segment,
}

/// There is no such target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no target; there are {}", Target::ALL.map(Target::name).join(", "))]
pub struct NoTarget {
    name: String,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Message,
        Self::ExperimentFile,
        Self::Mask,
        Self::Tsv,
        Self::Csv,
        Self::JsonLines,
        Self::Conll,
        Self::Parquet,
        Self::DatasetToml,
        Self::Safetensors,
        Self::Pickle,
        Self::TokenizerJson,
        Self::ConfigJson,
        Self::PlanJson,
        Self::Segment,
    ];

    /// Its name here and for `cargo fuzz`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::ExperimentFile => "experiment_file",
            Self::Mask => "mask",
            Self::Tsv => "tsv",
            Self::Csv => "csv",
            Self::JsonLines => "json_lines",
            Self::Conll => "conll",
            Self::Parquet => "parquet",
            Self::DatasetToml => "dataset_toml",
            Self::Safetensors => "safetensors",
            Self::Pickle => "pickle",
            Self::TokenizerJson => "tokenizer_json",
            Self::ConfigJson => "config_json",
            Self::PlanJson => "plan_json",
            Self::Segment => "segment",
        }
    }

    /// Lets an input in, and says how far it came.
    ///
    /// # Panics
    /// If the program is wrong.
    pub fn take(self, input: &[u8]) -> Depth {
        entries::depth(self, input)
    }

    /// Valid inputs.
    ///
    /// # Errors
    /// The repository's files cannot be read.
    pub fn corpus(self) -> io::Result<Vec<Vec<u8>>> {
        corpus::corpus(self)
    }
}

impl FromStr for Target {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        Self::ALL
            .into_iter()
            .find(|target| target.name() == text)
            .ok_or_else(|| NoTarget { name: text.to_owned() })
    }
}
