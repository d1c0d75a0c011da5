//! What the engine cannot do.

/// Why a gang cannot be made or take a step.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// The weights are not the shape's.
    #[error("the model has {got} weights where its shape says {want}")]
    Weights {
        /// Scalars given.
        got: usize,
        /// Scalars of the shape.
        want: usize,
    },
    /// Members that train whole matrices cannot share the model's.
    #[error("a gang of {0} runs trains whole matrices; such runs go alone")]
    Matrices(usize),
    /// A sequence that the model cannot read.
    #[error("example {index}: {why}")]
    Sequence {
        /// Its number in its data set.
        index: u32,
        /// What is wrong with it.
        why: String,
    },
    /// As many batches as members are needed, none of them empty.
    #[error("{got} batches for {want} runs")]
    Batches {
        /// Batches given.
        got: usize,
        /// Members.
        want: usize,
    },
    /// A member's state is one of another selection or head.
    #[error("the state to go on from has {got} trained scalars where the run has {want}")]
    State {
        /// Scalars given.
        got: usize,
        /// Scalars of the member.
        want: usize,
    },
    /// The device has no room; nothing has changed.
    #[error("the device is out of memory with {runs} runs at once: {why}")]
    Memory {
        /// Members of the gang.
        runs: usize,
        /// What the device said.
        why: String,
    },
    /// What cannot be trained by masked language modelling.
    #[error("masked language modelling trains one run on the processor; it cannot train {0}")]
    MaskedLanguage(&'static str),
    /// A shape that no encoder can have.
    #[error("the engine cannot run an encoder of {0}")]
    Shape(String),
    /// A GPU that will answer nothing more until it is opened anew, see `Device::reopen`.
    #[error("the GPU was lost: {0}")]
    Lost(String),
    /// A device that is not there, or that fails.
    #[error("{0}")]
    Device(String),
}
