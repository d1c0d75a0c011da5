//! Why a mask cannot be read or applied.

use super::forms;

/// Why a mask cannot be read or applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskError {
    /// More text than a mask takes.
    #[error("a mask of {0} characters is too long; at most {most} are read", most = super::MAX_CHARACTERS)]
    Long(usize),
    /// No mask has this name.
    #[error("`{0}` is not a mask; known are {list}", list = forms().join(", "))]
    Unknown(String),
    /// The part behind the colon is missing, superfluous or not a whole number.
    #[error("`{mask}`: write it as `{form}`")]
    Form {
        /// What was written.
        mask: String,
        /// How it is written.
        form: &'static str,
    },
    /// An expression cannot be read.
    #[error("`{text}`, column {column}: {problem}")]
    Syntax {
        /// What was written.
        text: String,
        /// Where, in characters from 1.
        column: usize,
        /// What is wrong there and what to do.
        problem: String,
    },
    /// The block does not exist.
    #[error(
        "`{mask}`: there is no block {asked}; the model has {layers} blocks, so choose from 1 to \
             {layers}"
    )]
    Layer {
        /// The mask.
        mask: String,
        /// The block asked for.
        asked: usize,
        /// Blocks of the model.
        layers: usize,
    },
    /// More scalars are asked for than there are, or none.
    #[error("`{mask}`: asks for {asked} scalars where 1 to {available} can be chosen")]
    Count {
        /// The mask.
        mask: String,
        /// Scalars asked for.
        asked: usize,
        /// Scalars there are.
        available: usize,
    },
    /// Pairs of low rank of a higher rank than the matrix that they are added to.
    #[error("`{mask}`: rank {rank} is more than {layer} [{outputs}, {inputs}] can have; choose 1 to {most}", most = outputs.min(inputs))]
    Rank {
        /// The mask.
        mask: String,
        /// The rank asked for.
        rank: usize,
        /// The linear layer's name in a checkpoint.
        layer: String,
        /// Rows of its matrix.
        outputs: usize,
        /// Columns of its matrix.
        inputs: usize,
    },
    /// LoRA, where the model's own scalars are asked for.
    #[error(
        "`{0}` trains none of the model's own scalars, only pairs that it adds to its matrices; `tunemask masks --mask` counts \
         these"
    )]
    AddsOnly(String),
    /// Which scalars are chosen depends on the weights, and there are none.
    #[error("`{0}` chooses by the weights' values; give the model's weights, not only its shape")]
    NeedsWeights(String),
    /// How many scalars train depends on which are chosen.
    #[error("`{0}`: how many scalars it trains depends on which ones its rules pick, not on the shape alone")]
    CountDepends(String),
}
