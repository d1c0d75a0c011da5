//! The ways in which users' inputs come into the program.

use super::{corpus, entries};
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
    /// Words with their tags.
    Conll,
    /// The hub's files of rows.
    Parquet,
    /// A model's weights, or a delta.
    Safetensors,
    /// A model's weights as PyTorch writes them.
    Pickle,
    /// A tokenizer.
    TokenizerJson,
    /// A model's config.
    ConfigJson,
}

/// There is no such target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no target; there are {}", Target::ALL.map(Target::name).join(", "))]
pub struct NoTarget {
    name: String,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Message,
        Self::ExperimentFile,
        Self::Mask,
        Self::Tsv,
        Self::Conll,
        Self::Parquet,
        Self::Safetensors,
        Self::Pickle,
        Self::TokenizerJson,
        Self::ConfigJson,
    ];

    /// Its name here and for `cargo fuzz`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::ExperimentFile => "experiment_file",
            Self::Mask => "mask",
            Self::Tsv => "tsv",
            Self::Conll => "conll",
            Self::Parquet => "parquet",
            Self::Safetensors => "safetensors",
            Self::Pickle => "pickle",
            Self::TokenizerJson => "tokenizer_json",
            Self::ConfigJson => "config_json",
        }
    }

    /// Lets an input in.
    ///
    /// # Panics
    /// If the program is wrong.
    pub fn take(self, input: &[u8]) {
        match self {
            Self::Message => entries::message(input),
            Self::ExperimentFile => entries::experiment_file(input),
            Self::Mask => entries::mask(input),
            Self::Tsv => entries::tsv(input),
            Self::Conll => entries::conll(input),
            Self::Parquet => entries::parquet(input),
            Self::Safetensors => entries::safetensors(input),
            Self::Pickle => entries::pickle(input),
            Self::TokenizerJson => entries::tokenizer_json(input),
            Self::ConfigJson => entries::config_json(input),
        }
    }

    /// Whether an input is one that the program takes, and does not refuse.
    pub fn is_taken(self, input: &[u8]) -> bool {
        entries::is_taken(self, input)
    }

    /// Valid inputs.
    ///
    /// # Errors
    /// The repository's files cannot be read.
    pub fn corpus(self) -> io::Result<Vec<Vec<u8>>> {
        corpus::corpus(self)
    }

    /// Pieces that mean something in such an input.
    pub fn words(self) -> &'static [&'static str] {
        const JSON: [&str; 12] =
            ["{", "}", "[", "]", "\"", ",", ":", "null", "true", "-1", "1e999", "18446744073709551616"];
        match self {
            Self::Message => &[
                "{\"type\":\"start\"",
                "\"experiment\":",
                "\"request\":",
                "[[[[",
                "{\"a\":",
                "\\ud800",
                "null",
                "1e400",
                "\"masks\":[\"",
                "\"watch\":[",
                "\"grid\"",
                "\"chosen\"",
                "-0",
                "18446744073709551615",
            ],
            Self::ExperimentFile => &[
                "[",
                "]",
                "[[",
                "=",
                "\"\"\"",
                "'''",
                "\n",
                "masks = [",
                "seeds = ",
                "nan",
                "inf",
                "-inf",
                "1e999",
                "9223372036854775808",
                "0x7fffffffffffffff",
                "\\U00110000",
                "#",
                "further_rates",
                ".",
                "\u{feff}",
            ],
            Self::Mask => &[
                "+",
                "-",
                "&",
                "(",
                ")",
                ":",
                ",",
                ".",
                "*",
                "layers(",
                "3-",
                "embeddings",
                "pooler",
                ".gamma",
                ".ln_a",
                " in ",
                " per tensor",
                "largest:",
                "random:",
                "random_blocks:",
                "outliers:",
                "single_norm:",
                "layernorms",
                "full",
                "frozen",
                "bitfit",
                "18446744073709551615",
                "0",
                "999999999",
            ],
            Self::Tsv => &[
                "\t",
                "\n",
                "\r\n",
                "\"",
                "\"\"",
                "\u{feff}",
                "\0",
                "label",
                "sentence1",
                "index",
                "-1",
                "nan",
            ],
            Self::Conll => &[
                "\n\n",
                "\n",
                " ",
                "\t",
                "B-PER",
                "I-",
                "O",
                "-DOCSTART-",
                "# global.columns = ",
                "1-2",
                "_",
                "|",
            ],
            Self::Parquet => {
                &["PAR1", "\u{15}\u{2}\u{19}", "huggingface", "ClassLabel", "{\"info\":", "\0\0\0\0"]
            }
            Self::Safetensors => &[
                "{\"",
                "\"dtype\":\"F32\"",
                "\"dtype\":\"BF16\"",
                "\"shape\":[",
                "\"data_offsets\":[",
                "]",
                "}",
                "18446744073709551615",
                "__metadata__",
                "-1",
                "0",
            ],
            Self::Pickle => {
                &["(", "t", "\u{85}", "]", "}", "R", "b", ".", "cos\nsystem\n", "J\0\0\0", "h\0", "q\0", "N"]
            }
            Self::TokenizerJson | Self::ConfigJson => &JSON,
        }
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
