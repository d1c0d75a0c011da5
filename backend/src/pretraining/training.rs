//! The steps.

use super::masking::{Masked, Masking};
use super::texts::{self, Texts};
use super::{PretrainingError, Settings, Start, Text};
use crate::artifacts::{Artifacts, Checkpoint, Product};
use crate::model::Model;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use tunemask_engine::{Adam, EncoderConfig, Gang, MemberSpec, MemberStep, Objective, Sequence, StepReport};
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::schedule::Schedule;
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::Kind;

/// The epoch that stands for the held-out texts, whose masks are the same whenever they are scored.
const HELD_OUT: u32 = u32::MAX;
/// Texts that are scored together.
const SCORED: usize = 64;

/// Scores on the texts that were not trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HeldOut {
    /// Steps done.
    pub step: u32,
    /// Mean cross-entropy of the hidden word pieces, in nats.
    pub loss: f64,
    /// Share of them that was found.
    pub accuracy: f64,
}

/// A text with some word pieces hidden.
struct Hidden {
    masked: Masked,
    text: u32,
}

impl Hidden {
    fn sequence<'a>(&'a self, texts: &'a Texts) -> Sequence<'a> {
        let segments = &texts.encodings[self.text as usize].segments;
        let Masked { ids, reads, targets } = &self.masked;
        Sequence { ids, segments, reads, targets, index: self.text }
    }
}

/// A model that is being pre-trained.
pub struct Pretraining {
    settings: Settings,
    identity: String,
    texts: Texts,
    masking: Masking,
    gang: Gang,
    schedule: Schedule,
    /// Places of the trained-on texts, in the order of an epoch.
    order: Vec<u32>,
    ordered: Option<usize>,
    step: u32,
}

impl Pretraining {
    /// Reads the text and draws what is to be drawn.
    ///
    /// # Errors
    /// A setting out of its range; a text that cannot be read or is too short; a vocabulary without `[MASK]`.
    pub fn new(model: &Model, text: &Text, settings: Settings) -> Result<Self, PretrainingError> {
        settings.check(model)?;
        let mut config = model.config;
        if let Some(dropout) = settings.dropout {
            config = config.with_dropout(dropout);
        }
        let texts = texts::read(text, &model.tokenizer, settings.max_length)?;
        let Some(trained @ 1..) = texts.encodings.len().checked_sub(settings.held_out) else {
            return Err(PretrainingError::Text(format!(
                "{} texts are too few to hold out {}",
                texts.encodings.len(),
                settings.held_out
            )));
        };
        let weights = match settings.start {
            Start::Model => Arc::clone(&model.weights),
            Start::Fresh => Arc::new(drawn(&config, settings.seed)),
        };
        let member = MemberSpec {
            trains: Selection::from_ranges(std::iter::once(0..config.shape.scalars())).into(),
            seed: settings.seed,
            adam: Adam::default(),
            head: None,
        };
        let objective = Objective::MaskedLanguage(config.shape.vocabulary);
        Ok(Self {
            identity: settings.identity(model, &texts.sha256),
            masking: Masking::new(settings.seed, settings.masked, &model.tokenizer)?,
            gang: Gang::new(config, weights, objective, vec![member])?,
            schedule: Schedule::new(settings.steps as usize, settings.warmup),
            order: (0..trained as u32).collect(),
            ordered: None,
            step: 0,
            settings,
            texts,
        })
    }

    /// Steps done.
    pub fn steps(&self) -> u32 {
        self.step
    }

    /// Whether all are.
    pub fn is_done(&self) -> bool {
        self.step == self.settings.steps
    }

    /// Texts that are trained on, of which tokens were cut off, and their SHA-256 with those held out.
    pub fn corpus(&self) -> (usize, usize, &str) {
        let trained = &self.texts.encodings[..self.order.len()];
        (trained.len(), trained.iter().filter(|text| text.truncated).count(), &self.texts.sha256)
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One step: its report, and the tokens that it read.
    ///
    /// # Errors
    /// A loss or gradient that is not finite; texts of which the vocabulary knows no word.
    pub fn step(&mut self) -> Result<(StepReport, usize), PretrainingError> {
        let batch = self.batch();
        if batch.is_empty() {
            let why = "no text has a word to hide: the vocabulary knows none of their words";
            return Err(PretrainingError::Text(why.into()));
        }
        let sequences: Vec<Sequence<'_>> = batch.iter().map(|hidden| hidden.sequence(&self.texts)).collect();
        let tokens = sequences.iter().map(|s| s.ids.len()).sum();
        let learning_rate = self.settings.learning_rate * self.schedule.factor(self.step as usize);
        let step = MemberStep { batch: &sequences, learning_rate };
        let report = self.gang.step(&[step])?.remove(0);
        self.step += 1;
        if !(report.loss.is_finite() && report.gradient_norm.is_finite()) {
            return Err(PretrainingError::Diverged(self.step));
        }
        Ok((report, tokens))
    }

    /// The texts of the next step. An epoch's order and masks depend on nothing but seed and epoch.
    fn batch(&mut self) -> Vec<Hidden> {
        let mut batch = Vec::with_capacity(self.settings.batch);
        let first = self.step as usize * self.settings.batch;
        // A text of special tokens alone has nothing to hide; where there are no others this is an empty batch.
        for at in (first..).take(self.settings.batch.max(self.order.len())) {
            let (epoch, within) = (at / self.order.len(), at % self.order.len());
            if self.ordered != Some(epoch) {
                self.order.sort_unstable();
                Stream::new(self.settings.seed, Purpose::Order, epoch as u32).shuffle(&mut self.order);
                self.ordered = Some(epoch);
            }
            batch.extend(self.hide(self.order[within], epoch as u32));
            if batch.len() == self.settings.batch {
                break;
            }
        }
        batch
    }

    fn hide(&self, text: u32, epoch: u32) -> Option<Hidden> {
        let masked = self.masking.hide(&self.texts.encodings[text as usize], epoch, text)?;
        Some(Hidden { masked, text })
    }

    /// Scores the held-out texts, dropout off; `None` if there are none.
    ///
    /// # Errors
    /// None in practice: they were read as the others.
    pub fn held_out(&mut self) -> Result<Option<HeldOut>, PretrainingError> {
        let (first, last) = (self.order.len() as u32, self.texts.encodings.len() as u32);
        let hidden: Vec<Hidden> = (first..last).filter_map(|text| self.hide(text, HELD_OUT)).collect();
        let (mut loss, mut found, mut places) = (0.0, 0, 0);
        for part in hidden.chunks(SCORED) {
            let sequences: Vec<Sequence<'_>> = part.iter().map(|h| h.sequence(&self.texts)).collect();
            let logits = self.gang.predict(&sequences)?.remove(0);
            let targets = part.iter().flat_map(|h| &h.masked.targets).map(|&target| target as usize);
            let vocabulary = logits.len() / part.iter().map(|h| h.masked.reads.len()).sum::<usize>().max(1);
            for (row, target) in logits.chunks_exact(vocabulary.max(1)).zip(targets) {
                let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let norm: f64 = row.iter().map(|&x| f64::from(x - most).exp()).sum();
                loss += norm.ln() - f64::from(row[target] - most);
                found += usize::from(row[target] == most);
                places += 1;
            }
        }
        let mean = |total: f64| total / places as f64;
        Ok((places > 0).then(|| HeldOut { step: self.step, loss: mean(loss), accuracy: mean(found as f64) }))
    }

    /// The encoder's scalars in canonical order, then the head's, see [`super::save`].
    ///
    /// # Errors
    /// None in practice.
    pub fn trained(&self) -> Result<&[f32], PretrainingError> {
        Ok(self.gang.trained(0)?)
    }

    /// Goes on from a folder's checkpoint of the same settings, if there is one.
    ///
    /// # Errors
    /// One that cannot be read or is not whole.
    pub fn resume(&mut self, folder: &Path) -> Result<(), PretrainingError> {
        if let Some(Checkpoint { state, .. }) = Artifacts::inside(folder).load(&self.identity)? {
            self.step = state.steps;
            self.gang.restore(0, state)?;
        }
        Ok(())
    }

    /// Writes a checkpoint into a folder, in the place of the one before.
    ///
    /// # Errors
    /// It cannot be written; the one before is still there.
    pub fn keep(&self, folder: &Path) -> Result<(), PretrainingError> {
        let checkpoint = Checkpoint {
            state: self.gang.state(0)?,
            best: Product::default(),
            norms: Vec::new(),
            answers: Vec::new(),
            arithmetic: None,
        };
        Ok(Artifacts::inside(folder).save(&self.identity, &checkpoint)?)
    }

    /// Removes its checkpoint from a folder.
    pub fn forget(&self, folder: &Path) {
        Artifacts::inside(folder).remove(&self.identity);
    }
}

/// New weights in canonical order.
fn drawn(config: &EncoderConfig, seed: u64) -> Vec<f32> {
    let mut weights = vec![0.0; config.shape.scalars()];
    for (parameter, part) in config.shape.parameters().into_iter().zip(0..) {
        let out = &mut weights[parameter.range()];
        let mut stream = Stream::new(seed, Purpose::Weights, part);
        let mut normal = |out: &mut [f32]| {
            out.fill_with(|| (f64::from(config.initializer_range) * stream.normal()) as f32);
        };
        match parameter.kind {
            Kind::EmbeddingGamma | Kind::AttentionGamma | Kind::FeedForwardGamma => out.fill(1.0),
            Kind::WordEmbeddings | Kind::PositionEmbeddings | Kind::SegmentEmbeddings => normal(out),
            Kind::QueryWeight | Kind::KeyWeight | Kind::ValueWeight => normal(out),
            Kind::AttentionOutputWeight | Kind::IntermediateWeight | Kind::OutputWeight => normal(out),
            Kind::ProjectionWeight | Kind::PoolerWeight => normal(out),
            // Biases and β begin at 0.
            Kind::QueryBias | Kind::KeyBias | Kind::ValueBias | Kind::AttentionOutputBias => {}
            Kind::IntermediateBias | Kind::OutputBias | Kind::ProjectionBias | Kind::PoolerBias => {}
            Kind::EmbeddingBeta | Kind::AttentionBeta | Kind::FeedForwardBeta => {}
        }
    }
    weights
}
