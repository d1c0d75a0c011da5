//! What the engine needs to know of a model and of a run's arithmetic.

use crate::language_head::LanguageHead;
use std::ops::Range;
use tunemask_shared::experiment::{DecayOn, EpsilonPlace};
use tunemask_shared::family::{Activation, Family};
use tunemask_shared::head::{HeadLayout, HeadReads};
use tunemask_shared::shape::ModelShape;
use tunemask_shared::task::TaskKind;

/// An encoder of one of the families of [`Family`], with absolute positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncoderConfig {
    /// Its dimensions.
    pub shape: ModelShape,
    /// ε of every LayerNorm.
    pub layer_norm_epsilon: f32,
    /// Dropout of embeddings and of the outputs of a block.
    pub hidden_dropout: f32,
    /// Dropout of the head, where it is not that of hidden states; of DistilBERT's heads for words it always is.
    pub classifier_dropout: Option<f32>,
    /// Dropout of attention probabilities.
    pub attention_dropout: f32,
    /// Standard deviation of a new head's weights.
    pub initializer_range: f32,
    /// What stands behind the intermediate product of a block.
    pub activation: Activation,
}

impl EncoderConfig {
    /// Dropout of the head: of what its outputs read, and of what a dense layer before them does.
    pub fn head_dropout(&self, objective: Objective) -> f32 {
        let is_hidden = self.shape.family == Family::DistilBert && !objective.is_pooled();
        self.classifier_dropout.filter(|_| !is_hidden).unwrap_or(self.hidden_dropout)
    }

    /// Dropout of attention's output.
    pub fn attention_output_dropout(&self) -> f32 {
        if self.shape.family.drops_attention_output() { self.hidden_dropout } else { 0.0 }
    }

    /// With one dropout everywhere, the head's included.
    pub fn with_dropout(self, dropout: f32) -> Self {
        Self { hidden_dropout: dropout, attention_dropout: dropout, classifier_dropout: None, ..self }
    }
}

/// What a head predicts and how its error is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// One of so many classes; mean cross-entropy over the batch.
    Classification(usize),
    /// A number; mean squared error over the batch.
    Regression,
    /// One of so many classes at each read, from the encoder's output without the pooler; mean cross-entropy over
    /// the batch's reads.
    Tagging(usize),
    /// Which of so many word pieces stands at each masked place; mean cross-entropy over these.
    MaskedLanguage(usize),
    /// Any of so many labels; binary cross-entropy, mean over labels and batch.
    MultiLabel(usize),
}

/// How the error at a read is measured.
///
/// The numbers are those by which kernels know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LossFunction {
    /// The squared difference from a number.
    SquaredError = 0,
    /// Cross-entropy of a class.
    CrossEntropy = 1,
    /// Mean cross-entropy of each label's being there or not.
    BinaryCrossEntropy = 2,
}

impl From<&TaskKind> for Objective {
    fn from(kind: &TaskKind) -> Self {
        match kind {
            TaskKind::Classification(labels) => Self::Classification(labels.len()),
            TaskKind::Regression(..) => Self::Regression,
            TaskKind::Tagging(labels) => Self::Tagging(labels.len()),
            TaskKind::MultiLabel(labels) => Self::MultiLabel(labels.len()),
        }
    }
}

impl Objective {
    /// Outputs of the head.
    pub fn outputs(self) -> usize {
        match self {
            Objective::Classification(n) | Objective::Tagging(n) => n,
            Objective::MaskedLanguage(n) | Objective::MultiLabel(n) => n,
            Objective::Regression => 1,
        }
    }

    /// Targets of a read: one, or one for each label that may be there.
    pub fn targets(self) -> usize {
        match self {
            Objective::MultiLabel(labels) => labels,
            Objective::Classification(_)
            | Objective::Regression
            | Objective::Tagging(_)
            | Objective::MaskedLanguage(_) => 1,
        }
    }

    /// Whether the head reads one vector of each sequence: the pooler's, or that of the first token in a family without
    /// one.
    pub fn is_pooled(self) -> bool {
        match self {
            Objective::Classification(_) | Objective::Regression | Objective::MultiLabel(_) => true,
            Objective::Tagging(_) | Objective::MaskedLanguage(_) => false,
        }
    }

    /// How the error at a read is measured.
    pub(crate) fn loss(self) -> LossFunction {
        match self {
            Objective::Classification(_) | Objective::Tagging(_) | Objective::MaskedLanguage(_) => {
                LossFunction::CrossEntropy
            }
            Objective::Regression => LossFunction::SquaredError,
            Objective::MultiLabel(_) => LossFunction::BinaryCrossEntropy,
        }
    }

    /// Where a task's head has its tensors; masked language modelling has a head of its own.
    pub fn head(self, shape: &ModelShape) -> HeadLayout {
        let reads = if self.is_pooled() { HeadReads::First } else { HeadReads::Words };
        HeadLayout::new(shape, reads, self.outputs())
    }

    /// Scalars of a head of this shape.
    pub fn head_scalars(self, shape: &ModelShape) -> usize {
        match self {
            Objective::MaskedLanguage(vocabulary) => LanguageHead::new(shape.hidden, vocabulary).scalars(),
            Objective::Classification(_)
            | Objective::Regression
            | Objective::Tagging(_)
            | Objective::MultiLabel(_) => self.head(shape).scalars(),
        }
    }

    /// Where the matrices stand among the head's scalars: not its biases, nor a LayerNorm's γ and β.
    pub(crate) fn head_matrices(self, shape: &ModelShape) -> Vec<Range<usize>> {
        match self {
            Objective::MaskedLanguage(vocabulary) => vec![LanguageHead::new(shape.hidden, vocabulary).weight],
            Objective::Classification(_)
            | Objective::Regression
            | Objective::Tagging(_)
            | Objective::MultiLabel(_) => {
                let head = self.head(shape);
                vec![head.weight(), head.dense_weight()]
            }
        }
    }

    /// A new head: weights by `weight`, biases 0.
    pub(crate) fn draw_head(self, shape: &ModelShape, mut weight: impl FnMut() -> f32) -> Vec<f32> {
        match self {
            Objective::MaskedLanguage(vocabulary) => LanguageHead::new(shape.hidden, vocabulary).draw(weight),
            Objective::Classification(_)
            | Objective::Regression
            | Objective::Tagging(_)
            | Objective::MultiLabel(_) => {
                let mut head = vec![0.0; self.head_scalars(shape)];
                for matrix in self.head_matrices(shape) {
                    head[matrix].fill_with(&mut weight);
                }
                head
            }
        }
    }
}

/// AdamW (Loshchilov and Hutter, 2019), after clipping of the gradient's norm. Without weight decay it is Adam (Kingma and Ba,
/// 2015).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Where `epsilon` is added.
    pub epsilon_place: EpsilonPlace,
    /// Share of the learning rate by which decayed weights shrink in each step, before the update; 0 for none.
    pub weight_decay: f64,
    /// What decays.
    pub decay_on: DecayOn,
    /// The highest norm of a gradient: one that is longer is made as long, all that trains together. `None` for none.
    pub max_gradient_norm: Option<f64>,
}

impl Default for Adam {
    /// The paper's.
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-6,
            epsilon_place: EpsilonPlace::Pytorch,
            weight_decay: 0.0,
            decay_on: DecayOn::Matrices,
            max_gradient_norm: None,
        }
    }
}

/// Added to a norm before it divides, as PyTorch's `clip_grad_norm_` has it.
const CLIP_EPSILON: f64 = 1e-6;

impl Adam {
    /// The factor of a gradient of this norm.
    pub(crate) fn clip(&self, norm: f64) -> f64 {
        self.max_gradient_norm.map_or(1.0, |max| (max / (norm + CLIP_EPSILON)).min(1.0))
    }

    /// The factor of decayed weights in a step of this learning rate.
    pub(crate) fn keep(&self, learning_rate: f64) -> f64 {
        1.0 - learning_rate * self.weight_decay
    }
}
