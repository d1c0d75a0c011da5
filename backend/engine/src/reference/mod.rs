//! The reference engine: the same training step in candle's plain operations, differentiated by its autograd.
//!
//! It is slow, simple and a second opinion: no kernel, plan, packing of gangs or hand-written backward of the fast engine
//! is used here. Both share what defines a run and is tested on its own: the dropout factors (Philox, keyed by seed,
//! step, site, example and element, so masks are equal bit by bit), Adam on the compact vector, and how a new head is
//! drawn. It runs in f64 where it judges the fast engine, and in f32 where it trains.
//!
//! # Equations
//!
//! A token `i` with word piece `w` and segment `s` becomes `x = drop(LN(E_word[w] + E_position[i] + E_segment[s]))`.
//! Each block, with `d` the width of a head:
//!
//! ```text
//! p = drop(softmax(q kᵀ / √d))                     q, k, v = x Wᵀ + b, head by head
//! a = LN(x + drop((p v) W_oᵀ + b_o))
//! x = LN(a + drop(GELU(a W_1ᵀ + b_1) W_2ᵀ + b_2))
//! LN(x) = γ (x − mean x) / √(var x + ε) + β        over a row; the variance divides by the width
//! GELU(x) = x Φ(x)                                 by erf, not by tanh
//! ```
//!
//! Blocks are those of BERT (Devlin et al., 2019, "BERT: Pre-training of Deep Bidirectional Transformers", section 3;
//! Vaswani et al., 2017, "Attention Is All You Need", section 3) in Hugging Face's reading: LayerNorm (Ba et al., 2016)
//! follows each residual sum, and GELU is that of Hendrycks and Gimpel (2016).
//! A pooled head reads `drop(tanh(x₀ W_pᵀ + b_p))` of the first token, a tagging head `drop(x_i)` of each first word
//! piece; both are one linear layer. The loss is the mean over the batch's reads of cross-entropy or squared error.
//! Adam is Kingma and Ba's (2015), without weight decay.
//!
//! `candle_nn::LayerNorm`, `candle_nn::ops::layer_norm` and `softmax_last_dim` have no backward: everything below them
//! would silently get no gradient. LayerNorm and softmax are therefore written out; `clippy.toml` forbids the others.
//! In reading order:

/// The network and its loss.
mod network;
/// The tensors that it reads, and which of them are variables.
mod weights;
/// Dropout factors as tensors.
mod dropout;
/// The fast engine's tensors beside the reference's.
mod compare;

pub use compare::{Difference, Tolerance, compare};

use crate::cpu::optimizer::{self, Moments};
use crate::plan::batch::check;
use crate::{Adam, EncoderConfig, EngineError, MemberSpec, MemberState, MemberStep, Objective, Probe};
use crate::{Sequence, StepReport};
use candle_core::DType;
use network::{Draw, Network};
use std::sync::Arc;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::selection::Selection;
use weights::Weights;

/// The numbers of the reference engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float {
    /// Those of the fast engine: to train.
    F32,
    /// More exact than anything the fast engine computes: to judge it. Twice the memory.
    F64,
}

/// Where the reference engine computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// On the processor.
    #[default]
    Processor,
    /// On a GPU by its number, in a build with the feature `candle-cuda`.
    Gpu(usize),
}

impl Place {
    #[cfg(feature = "candle-cuda")]
    fn open(self) -> Result<candle_core::Device, EngineError> {
        Ok(match self {
            Place::Processor => candle_core::Device::Cpu,
            // Not the stream of each thread: a run may be taken from one thread to another.
            Place::Gpu(ordinal) => candle_core::Device::new_cuda_with_stream(ordinal)?,
        })
    }

    #[cfg(not(feature = "candle-cuda"))]
    fn open(self) -> Result<candle_core::Device, EngineError> {
        match self {
            Place::Processor => Ok(candle_core::Device::Cpu),
            Place::Gpu(_) => Err(crate::DeviceError::NoCandleCuda.into()),
        }
    }
}

/// Logits, mean loss and its gradient in f64.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceProbe {
    /// `[reads, outputs]`.
    pub logits: Vec<f64>,
    /// Mean over the batch's reads.
    pub loss: f64,
    /// Of the compact vector, see [`Reference::trained`].
    pub gradient: Vec<f64>,
}

impl From<candle_core::Error> for EngineError {
    fn from(error: candle_core::Error) -> Self {
        EngineError::Reference(error.to_string())
    }
}

/// One run in the reference engine.
pub struct Reference {
    config: EncoderConfig,
    objective: Objective,
    weights: Weights,
    seed: u64,
    adam: Adam,
    moments: Moments,
}

impl Reference {
    /// A run on a model, on the processor: `weights` are the pretrained scalars in canonical order.
    ///
    /// # Errors
    /// Weights or a head that are not the shape's; candle has no room for it.
    pub fn new(
        config: EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        member: MemberSpec,
        float: Float,
    ) -> Result<Self, EngineError> {
        Self::on(Place::Processor, config, weights, objective, member, float)
    }

    /// The same elsewhere.
    ///
    /// # Errors
    /// As [`Reference::new`]; there is no such GPU, or this build cannot use it.
    pub fn on(
        place: Place,
        config: EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        member: MemberSpec,
        float: Float,
    ) -> Result<Self, EngineError> {
        let MemberSpec { selection, seed, adam, head } = member;
        let mismatch = |got, want| if got == want { Ok(()) } else { Err(EngineError::Weights { got, want }) };
        mismatch(weights.len(), config.shape.scalars())?;
        let head = head.unwrap_or_else(|| new_head(&config, objective, seed));
        mismatch(head.len(), objective.head_scalars(config.shape.hidden))?;
        let dtype = match float {
            Float::F32 => DType::F32,
            Float::F64 => DType::F64,
        };
        let head = (objective, head);
        let weights = Weights::new(config.shape, weights, selection, head, (dtype, place.open()?))?;
        let moments = Moments::new(weights.trained().len());
        Ok(Self { config, objective, weights, seed, adam, moments })
    }

    /// A run of which everything trains, in f64: its gradient holds that of every mask, see [`compare()`].
    ///
    /// # Errors
    /// As [`Reference::on`].
    pub fn of_everything(
        place: Place,
        config: EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        head: Option<Vec<f32>>,
        seed: u64,
    ) -> Result<Self, EngineError> {
        let selection = Selection::from_ranges(std::iter::once(0..config.shape.scalars()));
        let member = MemberSpec { selection, seed, adam: Adam::default(), head };
        Self::on(place, config, weights, objective, member, Float::F64)
    }

    /// As if so many steps had been taken, which key the dropout of the next one.
    pub fn after(mut self, steps: u32) -> Self {
        self.moments.steps = steps;
        self
    }

    /// Logits, mean loss and gradient of a batch, dropout off, nothing updated.
    ///
    /// # Errors
    /// A sequence that the model cannot read; an empty batch.
    pub fn probe(&self, batch: &[Sequence<'_>]) -> Result<ReferenceProbe, EngineError> {
        self.differentiate(batch, None)
    }

    /// The same with the dropout of the run's next step.
    ///
    /// # Errors
    /// As [`Reference::probe`].
    pub fn probe_step(&self, batch: &[Sequence<'_>]) -> Result<ReferenceProbe, EngineError> {
        self.differentiate(batch, Some(Draw { seed: self.seed, step: self.moments.steps }))
    }

    fn differentiate(
        &self,
        batch: &[Sequence<'_>],
        draw: Option<Draw>,
    ) -> Result<ReferenceProbe, EngineError> {
        if batch.is_empty() {
            return Err(EngineError::Batches { got: 0, want: 1 });
        }
        check(&self.config.shape, self.objective, batch)?;
        let network = self.network(batch, draw);
        let logits = network.logits()?;
        let loss = network.loss(&logits)?;
        let gradient = self.weights.gradient(&loss.backward()?)?;
        let loss = loss.to_dtype(DType::F64)?.to_scalar()?;
        Ok(ReferenceProbe { logits: flat(&logits)?, loss, gradient })
    }

    fn network<'a>(&'a self, batch: &'a [Sequence<'a>], draw: Option<Draw>) -> Network<'a> {
        Network::new(&self.config, self.objective, &self.weights, batch, draw)
    }

    /// Forward with dropout, loss, backward, Adam. A loss or gradient that is not finite leaves the scalars as they were.
    ///
    /// # Errors
    /// As [`Reference::probe`]; nothing has changed then.
    pub fn step(&mut self, step: &MemberStep<'_>) -> Result<StepReport, EngineError> {
        let probe = self.probe_step(step.batch)?;
        let gradient_norm = probe.gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        let report = StepReport { loss: probe.loss, gradient_norm };
        if report.loss.is_finite() && report.gradient_norm.is_finite() {
            let gradient: Vec<f32> = probe.gradient.iter().map(|&g| g as f32).collect();
            let mut trained = self.weights.trained().to_vec();
            optimizer::update(&mut trained, &gradient, &mut self.moments, self.adam, step.learning_rate);
            self.weights.set_trained(trained)?;
        }
        Ok(report)
    }

    /// Logits `[reads, outputs]`, dropout off.
    ///
    /// # Errors
    /// A sequence that the model cannot read.
    pub fn predict(&self, sequences: &[Sequence<'_>]) -> Result<Vec<f32>, EngineError> {
        check(&self.config.shape, self.objective, sequences)?;
        let mut logits = Vec::new();
        // A few at a time: autograd's graph keeps every activation of what it has seen.
        for part in sequences.chunks(16) {
            logits.extend(flat(&self.network(part, None).logits()?)?.into_iter().map(|x| x as f32));
        }
        Ok(logits)
    }

    /// The trained scalars: the selection in ascending order, then the head's weight and bias.
    pub fn trained(&self) -> &[f32] {
        self.weights.trained()
    }

    /// What the run has become.
    pub fn state(&self) -> MemberState {
        let Moments { first, second, steps } = self.moments.clone();
        MemberState { steps, trained: self.trained().to_vec(), first, second }
    }

    /// Goes on from what a run of the same selection and head had become, in either engine.
    ///
    /// # Errors
    /// The state is one of another selection or head; nothing has changed then.
    pub fn restore(&mut self, state: MemberState) -> Result<(), EngineError> {
        let want = self.trained().len();
        for got in [state.trained.len(), state.first.len(), state.second.len()] {
            if got != want {
                return Err(EngineError::State { got, want });
            }
        }
        self.weights.set_trained(state.trained)?;
        self.moments = Moments::of(state.first, state.second, state.steps);
        Ok(())
    }

    /// Whether every scalar outside the selection, as the step reads it, has the model's bits.
    ///
    /// # Errors
    /// candle cannot read a tensor back.
    pub fn frozen_unchanged(&self) -> Result<bool, EngineError> {
        Ok(self.weights.frozen_unchanged()?)
    }
}

/// A head's initial scalars: weights from N(0, `initializer_range`²) by the run's seed, biases 0.
fn new_head(config: &EncoderConfig, objective: Objective, seed: u64) -> Vec<f32> {
    let (mut draw, scale) = (Stream::new(seed, Purpose::Head, 0), f64::from(config.initializer_range));
    objective.draw_head(config.shape.hidden, || (draw.normal() * scale) as f32)
}

/// All values of a tensor, row by row.
fn flat(tensor: &candle_core::Tensor) -> candle_core::Result<Vec<f64>> {
    tensor.flatten_all()?.to_dtype(DType::F64)?.to_vec1()
}

impl From<ReferenceProbe> for Probe {
    fn from(probe: ReferenceProbe) -> Self {
        let narrow = |values: Vec<f64>| values.into_iter().map(|x| x as f32).collect();
        Probe { logits: narrow(probe.logits), loss: probe.loss, gradient: narrow(probe.gradient) }
    }
}
