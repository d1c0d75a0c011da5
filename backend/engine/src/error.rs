//! What the engine cannot do. [`EngineError`] is what its face returns; a sequence, a shape and a device have their own
//! lists of what may be wrong with them. Texts say what to do where the reader can do something.

use tunemask_shared::run::Precision;

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
    #[error("a gang of {0} runs trains whole matrices; train such runs one at a time")]
    Matrices(usize),
    /// A sequence that the model cannot read.
    #[error("example {index}: {why}")]
    Sequence {
        /// Its number in its data set.
        index: u32,
        /// What is wrong with it.
        why: SequenceError,
    },
    /// As many batches as members are needed, none of them empty.
    #[error("{got} batches for {want} runs")]
    Batches {
        /// Batches given.
        got: usize,
        /// Members of the gang, each of which needs one.
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
    /// The device has no room for a gang; nothing has changed.
    #[error("the device is out of memory with {}: {why}", runs_at_once(*.runs))]
    Memory {
        /// Members of the gang.
        runs: usize,
        /// What the device said.
        why: String,
    },
    /// Class weights that are not one for each class.
    #[error("{got} class weights where the head has {want} classes to weigh, each above 0")]
    ClassWeights {
        /// Weights given.
        got: usize,
        /// Classes of the head; 0 where it has none.
        want: usize,
    },
    /// What cannot be trained by masked language modelling.
    #[error("masked language modelling trains one run on the processor; it cannot train {0}")]
    MaskedLanguage(&'static str),
    /// A shape that no encoder can have.
    #[error("the engine cannot run an encoder of {0}")]
    Shape(ShapeError),
    /// A GPU that will answer nothing more until it is reopened, see `Device::reopen`.
    #[error("the GPU was lost: {0}")]
    Lost(String),
    /// candle failed.
    #[error("the reference engine failed: {0}")]
    Reference(String),
    /// A device that is not there, or that fails.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// What an error means for those that step together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The device is lost: nobody goes on until it is reopened.
    DeviceLost,
    /// The device has no room for so many; nothing has changed, and fewer may fit.
    TooManyRuns,
    /// The device has no room for something else that they need.
    NoRoom,
    /// They fail for any other reason.
    Failure,
}

impl EngineError {
    /// What it means for those that step together.
    pub fn effect(&self) -> Effect {
        match self {
            Self::Lost(_) => Effect::DeviceLost,
            Self::Memory { .. } => Effect::TooManyRuns,
            Self::Device(DeviceError::OutOfMemory(_)) => Effect::NoRoom,
            Self::Weights { .. }
            | Self::Matrices(_)
            | Self::Sequence { .. }
            | Self::Batches { .. }
            | Self::State { .. }
            | Self::ClassWeights { .. }
            | Self::MaskedLanguage(_)
            | Self::Shape(_)
            | Self::Reference(_)
            | Self::Device(_) => Effect::Failure,
        }
    }
}

/// Why a model cannot read a sequence.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SequenceError {
    /// It is empty.
    #[error("it has no tokens")]
    NoTokens,
    /// It is too long.
    #[error("its {tokens} tokens are more than the model's {positions} positions; lower max_length")]
    TooLong {
        /// Its tokens.
        tokens: usize,
        /// What the model has.
        positions: usize,
    },
    /// As many segments as tokens are needed.
    #[error("it has {tokens} tokens but {segments} segments")]
    Segments {
        /// Its tokens.
        tokens: usize,
        /// Its segments.
        segments: usize,
    },
    /// A word piece that the model does not have.
    #[error("its token {id} is not one of the model's {vocabulary}")]
    Token {
        /// The word piece.
        id: u32,
        /// What the model has.
        vocabulary: usize,
    },
    /// A segment that the model does not have.
    #[error("its segment {segment} is not one of the model's {segments}")]
    Segment {
        /// The segment.
        segment: u8,
        /// What the model has.
        segments: usize,
    },
    /// Nothing of it is read.
    #[error("it has no label")]
    NoLabel,
    /// A read outside.
    #[error("its label at {position} lies after its {tokens} tokens")]
    LabelBehind {
        /// Where it is read.
        position: u32,
        /// Its tokens.
        tokens: usize,
    },
    /// Reads out of order.
    #[error("its labels are not in the order of its tokens")]
    LabelOrder,
    /// A pooled head reads the first token alone.
    #[error("it has other labels than the one that the first token's vector must predict")]
    NotFirst,
    /// More or fewer targets than the head's reads have.
    #[error("it has {targets} targets; {want} are needed")]
    Targets {
        /// What it has.
        targets: usize,
        /// What its reads need.
        want: usize,
    },
    /// A score that is not a number.
    #[error("its score is {0}")]
    Score(f32),
    /// Of several labels one that is neither there nor not.
    #[error("whether a label is there is {0}, not 0 or 1")]
    Presence(f32),
    /// A label that the head does not have.
    #[error("its label {label} is not one of {outputs}")]
    Label {
        /// The label.
        label: f32,
        /// What the head has.
        outputs: usize,
    },
}

/// Why an encoder has a shape that cannot be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// No blocks, or heads that do not divide the width.
    #[error("{layers} blocks with {heads} heads over a width of {hidden}")]
    Heads {
        /// Its blocks.
        layers: usize,
        /// Heads of each.
        heads: usize,
        /// Width of a hidden vector.
        hidden: usize,
    },
    /// Its heads are wider than this.
    #[error("heads wider than {0}")]
    HeadWidth(usize),
    /// The GPU's kernels work on narrower ones.
    #[error(
        "a width of {hidden} in heads of {width} on a GPU, which takes at most {max_hidden} in heads of {max_width}; use \
         --device cpu"
    )]
    Gpu {
        /// Width of a hidden vector, or of an embedding if that is wider.
        hidden: usize,
        /// Width of a head.
        width: usize,
        /// The widest of either.
        max_hidden: usize,
        /// The widest head.
        max_width: usize,
    },
}

/// Why a device is not there, or fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// A GPU in a build without CUDA.
    #[error("this program was built without CUDA: build it with `make cuda`, or use `--device cpu`")]
    NoCuda,
    /// The reference engine on a GPU in a build without candle's CUDA.
    #[error(
        "the reference engine of this program computes on the processor: build with the feature `candle-cuda` for a GPU"
    )]
    NoCandleCuda,
    /// LoRA on a GPU.
    #[error(
        "LoRA is computed on the processor only; use --device cpu, or Slurm without gres and gpus, or leave masks that begin with \
         `lora` out"
    )]
    ProcessorOnly,
    /// The processor has no such arithmetic.
    #[error("{} is computed on a GPU only; use --dtype f32", .0.name())]
    GpuOnly(Precision),
    /// The processor, or this build, has no products in bf16.
    #[error("{0}; or use --dtype f32")]
    NoBf16(String),
    /// A product in bf16 failed on the processor.
    #[error("{0}")]
    Bf16Product(String),
    /// A GPU by a number that it does not have.
    #[error("there is no GPU cuda:{ordinal} here; there is {}", gpus(*.count))]
    NoSuchGpu {
        /// The number.
        ordinal: usize,
        /// GPUs that there are.
        count: usize,
    },
    /// A GPU that the kernels do not run on.
    #[error("{name} has compute capability {major}, and 8.0 or more is needed")]
    Capability {
        /// The GPU.
        name: String,
        /// What it has.
        major: i32,
    },
    /// It has no room, whatever for.
    #[error("the device is out of memory: {0}")]
    OutOfMemory(String),
    /// Members that stayed when others left do not fit on the GPU.
    #[error("the gang is not on the GPU, which had no room for it when runs left it")]
    NotLoaded,
    /// More trained scalars than 32 bits number.
    #[error("a gang of {0} trained scalars is more than a device numbers; take a smaller one")]
    TooManyScalars(usize),
    /// What the driver, cuBLAS or a kernel said.
    #[error("{0}")]
    Driver(String),
}

fn runs_at_once(count: usize) -> String {
    match count {
        1 => "1 run".to_owned(),
        n => format!("{n} runs at once"),
    }
}

fn gpus(count: usize) -> String {
    match count {
        0 => "none".to_owned(),
        1 => "cuda:0 alone".to_owned(),
        n => format!("cuda:0 to cuda:{}", n - 1),
    }
}
