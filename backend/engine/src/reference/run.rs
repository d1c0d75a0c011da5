//! One run in the reference engine.

use super::network::{Draw, Network};
use super::place::{Float, Place};
use super::probe::{ReferenceProbe, flat};
use super::weights::Weights;
use crate::cpu::optimizer::{self, Moments, Update};
use crate::parameters::{HeadInit, MemberOptimizer, draw_added};
use crate::plan::batch::check;
use crate::{
    Adam, Averaging, EncoderConfig, EngineError, MemberSpec, MemberState, MemberStep, Objective, Sequence,
    StepReport,
};
use candle_core::DType;
use std::sync::Arc;
use tunemask_shared::selection::Selection;
use tunemask_shared::trainable::{LowRank, Trainable};

/// One run in the reference engine.
pub struct Reference {
    config: EncoderConfig,
    objective: Objective,
    weights: Weights,
    averaging: Averaging,
    seed: u64,
    optimizer: MemberOptimizer,
    moments: Moments,
}

impl Reference {
    /// A run on a model: `weights` are the pretrained scalars in canonical order.
    ///
    /// # Errors
    /// Weights or a head that are not the shape's; candle has no room for it; there is no such GPU, or this build cannot
    /// use it.
    pub fn new(
        place: Place,
        config: EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        member: MemberSpec,
        float: Float,
    ) -> Result<Self, EngineError> {
        let MemberSpec { trains, seed, adam, head } = member;
        let mismatch = |got, want| if got == want { Ok(()) } else { Err(EngineError::Weights { got, want }) };
        mismatch(weights.len(), config.shape.scalars())?;
        let added = draw_added(&trains, &config.shape, seed);
        let init = HeadInit { seed, range: config.initializer_range };
        let head = head.unwrap_or_else(|| init.draw(objective, &config.shape));
        mismatch(head.len(), objective.head_scalars(&config.shape))?;
        let (dtype, device) = (float.dtype(), place.open()?);
        let optimizer = MemberOptimizer::new(adam, &config.shape, &trains, objective);
        let weights =
            Weights::new(config.shape, weights, trains, objective, [added, head].concat(), dtype, device)?;
        let moments = Moments::new(weights.trained().len());
        Ok(Self { config, objective, weights, averaging: Averaging::default(), seed, optimizer, moments })
    }

    /// A run of which everything trains, in f64: its gradient holds that of every mask, see [`super::compare()`]. Of `added` it
    /// holds that, too; the first values of it are the seed's.
    ///
    /// # Errors
    /// As [`Reference::new`].
    pub fn of_everything(
        place: Place,
        config: EncoderConfig,
        weights: Arc<Vec<f32>>,
        objective: Objective,
        added: Vec<LowRank>,
        head: Option<Vec<f32>>,
        seed: u64,
    ) -> Result<Self, EngineError> {
        let selection = Selection::from_ranges(std::iter::once(0..config.shape.scalars()));
        let trains = Trainable { selection, added };
        let member = MemberSpec { trains, seed, adam: Adam::default(), head };
        Self::new(place, config, weights, objective, member, Float::F64)
    }

    /// Lets its losses be averaged so from now on. Its batches go through the network whole, whatever is said of that: what is added
    /// up from parts must come to the same.
    ///
    /// # Errors
    /// Class weights that its head cannot have; nothing has changed then.
    pub fn set_averaging(&mut self, averaging: Averaging) -> Result<(), EngineError> {
        averaging.check(self.objective)?;
        self.averaging = averaging;
        Ok(())
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
            .weighing(self.averaging.class_weights.as_deref())
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
            let MemberOptimizer { adam, decayed } = &self.optimizer;
            let update = Update {
                settings: *adam,
                learning_rate: step.learning_rate,
                gradient: &gradient,
                norm: gradient_norm,
                decayed,
            };
            optimizer::update(&mut trained, &mut self.moments, &update);
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

    /// The trained scalars: the selection in ascending order, what is added to the model, then the head.
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
