//! The network and its loss in operations of candle that have a backward. LayerNorm and softmax are written out.

use super::dropout::{Row, apply_dropout};
use super::weights::{Norm, Weights};
use crate::dropout::{Dropout, Site};
use crate::{EncoderConfig, LossFunction, Objective, Sequence};
use candle_core::{D, Module, Result, Tensor};
use candle_nn::{Linear, loss, ops};
use tunemask_shared::family::{Activation, Family};
use tunemask_shared::shape::{Kind, ModelShape};

/// What keys the dropout of a step.
#[derive(Clone, Copy)]
pub(super) struct Draw {
    pub(super) seed: u64,
    /// Steps that the run has done.
    pub(super) step: u32,
}

/// A batch in the network. Rows are the tokens of all sequences, end to end.
pub(super) struct Network<'a> {
    config: &'a EncoderConfig,
    objective: Objective,
    class_weights: Option<&'a [f32]>,
    weights: &'a Weights,
    batch: &'a [Sequence<'a>],
    hidden: Dropout,
    attention: Dropout,
    attention_output: Dropout,
    head: Dropout,
}

impl<'a> Network<'a> {
    /// Without a draw dropout is off.
    pub(super) fn new(
        config: &'a EncoderConfig,
        objective: Objective,
        weights: &'a Weights,
        batch: &'a [Sequence<'a>],
        draw: Option<Draw>,
    ) -> Self {
        let dropout = |probability| match draw {
            Some(Draw { seed, step }) => Dropout { probability, seed, step },
            None => Dropout::OFF,
        };
        let hidden = dropout(config.hidden_dropout);
        let attention = dropout(config.attention_dropout);
        // DistilBERT's blocks have none there.
        let attention_output = match config.shape.family {
            Family::DistilBert => Dropout::OFF,
            Family::Bert | Family::Roberta { .. } | Family::Electra { .. } => hidden,
        };
        // As Hugging Face's classes read `classifier_dropout`, and DistilBERT's `seq_classif_dropout`.
        let head = match (config.shape.family, objective) {
            (Family::DistilBert, Objective::Tagging(_)) => hidden,
            _ => dropout(config.classifier_dropout.unwrap_or(config.hidden_dropout)),
        };
        let class_weights = None;
        Self { config, objective, class_weights, weights, batch, hidden, attention, attention_output, head }
    }

    /// With a weight for each class in the mean of the losses.
    pub(super) fn weighing(mut self, class_weights: Option<&'a [f32]>) -> Self {
        self.class_weights = class_weights;
        self
    }

    /// Logits `[reads, outputs]`.
    pub(super) fn logits(&self) -> Result<Tensor> {
        let mut x = self.embeddings()?;
        for layer in 0..self.config.shape.layers {
            x = self.block(&x, layer)?;
        }
        self.predictions(&x)
    }

    /// Mean loss over the batch's reads, by the weights of their classes if there are any, and over the labels where there may be
    /// several.
    pub(super) fn loss(&self, logits: &Tensor) -> Result<Tensor> {
        let targets: Vec<f32> = self.batch.iter().flat_map(|s| s.targets).copied().collect();
        let targets =
            Tensor::from_vec(targets, (logits.dim(0)?, self.objective.targets()), self.weights.device())?;
        match self.objective.loss() {
            LossFunction::SquaredError => loss::mse(logits, &targets.to_dtype(self.weights.dtype())?),
            LossFunction::CrossEntropy => {
                let targets = targets.to_dtype(candle_core::DType::U32)?;
                match self.class_weights {
                    Some(weights) => weighted_cross_entropy(logits, &targets, weights),
                    None => loss::cross_entropy(logits, &targets.squeeze(1)?),
                }
            }
            LossFunction::BinaryCrossEntropy => {
                binary_cross_entropy(logits, &targets.to_dtype(self.weights.dtype())?)
            }
        }
    }

    fn tokens(&self) -> impl Iterator<Item = Row> {
        self.batch.iter().flat_map(|s| (0..s.ids.len()).map(|row| Row { example: s.index, row }))
    }

    fn reads(&self) -> impl Iterator<Item = Row> {
        self.batch
            .iter()
            .flat_map(|s| s.reads.iter().map(|&read| Row { example: s.index, row: read as usize }))
    }

    fn norm(&self, x: &Tensor, norm: &Norm<'_>) -> Result<Tensor> {
        let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let deviation = (variance + f64::from(self.config.layer_norm_epsilon))?.sqrt()?;
        centred.broadcast_div(&deviation)?.broadcast_mul(norm.gamma)?.broadcast_add(norm.beta)
    }

    fn embeddings(&self) -> Result<Tensor> {
        let ids = |ids: Vec<u32>| Tensor::new(ids, self.weights.device());
        let all = |id: fn(&Sequence<'_>) -> Vec<u32>| self.batch.iter().flat_map(id).collect::<Vec<u32>>();
        let look_up = |kind, numbers| self.weights.embedding(kind)?.forward(&ids(numbers)?);
        let words = look_up(Kind::WordEmbeddings, all(|s| s.ids.to_vec()))?;
        let positions = self.batch.iter().flat_map(|s| self.positions(s)).collect();
        let mut sum = (words + look_up(Kind::PositionEmbeddings, positions)?)?;
        if self.config.shape.segments > 0 {
            let segments = |s: &Sequence<'_>| s.segments.iter().map(|&segment| u32::from(segment)).collect();
            sum = (sum + look_up(Kind::SegmentEmbeddings, all(segments))?)?;
        }
        let norm = self.weights.norm(Kind::EmbeddingGamma, Kind::EmbeddingBeta, None)?;
        let x = apply_dropout(&self.norm(&sum, &norm)?, self.hidden, Site::Embeddings, self.tokens())?;
        if !self.config.shape.has_projection() {
            return Ok(x);
        }
        self.weights.linear(Kind::ProjectionWeight, Kind::ProjectionBias, None)?.forward(&x)
    }

    /// Rows of the table of positions.
    fn positions(&self, s: &Sequence<'_>) -> Vec<u32> {
        match self.config.shape.family {
            Family::Bert | Family::DistilBert | Family::Electra { .. } => (0..s.ids.len() as u32).collect(),
            // How many tokens up to it are not padding, and behind the padding's own; of padding 0.
            Family::Roberta { padding, .. } => (0..s.ids.len())
                .map(|i| {
                    let count = s.ids[..=i].iter().filter(|id| **id != padding).count() as u32;
                    padding + if s.ids[i] == padding { 0 } else { count }
                })
                .collect(),
        }
    }

    fn block(&self, x: &Tensor, layer: usize) -> Result<Tensor> {
        let (weights, at) = (self.weights, Some(layer));
        let attention_output = weights.linear(Kind::AttentionOutputWeight, Kind::AttentionOutputBias, at)?;
        let product = attention_output.forward(&self.attention(x, layer)?)?;
        let dropped = apply_dropout(&product, self.attention_output, Site::Attention(layer), self.tokens())?;
        let attention_norm = weights.norm(Kind::AttentionGamma, Kind::AttentionBeta, at)?;
        let attn_out = self.norm(&(x + dropped)?, &attention_norm)?;

        let intermediate = weights.linear(Kind::IntermediateWeight, Kind::IntermediateBias, at)?;
        let output = weights.linear(Kind::OutputWeight, Kind::OutputBias, at)?;
        let ffn_act = activate(self.config.activation, &intermediate.forward(&attn_out)?)?;
        let dropped =
            apply_dropout(&output.forward(&ffn_act)?, self.hidden, Site::FeedForward(layer), self.tokens())?;
        let ffn_norm = weights.norm(Kind::FeedForwardGamma, Kind::FeedForwardBeta, at)?;
        self.norm(&(attn_out + dropped)?, &ffn_norm)
    }

    /// The heads' contexts side by side: `[tokens, hidden]`. A token sees its own sequence alone.
    fn attention(&self, x: &Tensor, layer: usize) -> Result<Tensor> {
        let ModelShape { heads, hidden, .. } = self.config.shape;
        let width = hidden / heads;
        let project = |weight, bias| self.weights.linear(weight, bias, Some(layer))?.forward(x);
        let query = project(Kind::QueryWeight, Kind::QueryBias)?;
        let key = project(Kind::KeyWeight, Kind::KeyBias)?;
        let value = project(Kind::ValueWeight, Kind::ValueBias)?;
        let mut contexts = Vec::with_capacity(self.batch.len());
        let mut start = 0;
        for s in self.batch {
            let n = s.ids.len();
            // [heads, n, width]
            let own =
                |t: &Tensor| t.narrow(0, start, n)?.reshape((n, heads, width))?.transpose(0, 1)?.contiguous();
            let scores = (own(&query)?.matmul(&own(&key)?.t()?)? / (width as f64).sqrt())?;
            let rows = (0..heads * n).map(|row| Row { example: s.index, row });
            let probabilities = softmax(&scores)?.reshape((heads * n, n))?;
            let probabilities =
                apply_dropout(&probabilities, self.attention, Site::Probabilities(layer), rows)?;
            let context = probabilities.reshape((heads, n, n))?.matmul(&own(&value)?)?;
            contexts.push(context.transpose(0, 1)?.contiguous()?.reshape((n, hidden))?);
            start += n;
        }
        Tensor::cat(&contexts, 0)
    }

    /// Logits at the places that the head reads.
    fn predictions(&self, x: &Tensor) -> Result<Tensor> {
        let mut rows: Vec<u32> = Vec::new();
        let mut start = 0;
        for s in self.batch {
            rows.extend(s.reads.iter().map(|read| start + read));
            start += s.ids.len() as u32;
        }
        let mut x = x.index_select(&Tensor::new(rows, self.weights.device())?, 0)?;
        match self.objective {
            Objective::MaskedLanguage(_) => return self.word_scores(&x),
            Objective::Classification(_)
            | Objective::Regression
            | Objective::Tagging(_)
            | Objective::MultiLabel(_) => {}
        }
        let head = self.weights.head();
        if self.objective.is_pooled() {
            let dense = || Linear::new(head[2].clone(), Some(head[3].clone()));
            x = match self.config.shape.family {
                Family::Bert => {
                    self.weights.linear(Kind::PoolerWeight, Kind::PoolerBias, None)?.forward(&x)?.tanh()?
                }
                Family::Roberta { .. } => {
                    dense().forward(&apply_dropout(&x, self.head, Site::Features, self.reads())?)?.tanh()?
                }
                Family::DistilBert => dense().forward(&x)?.relu()?,
                Family::Electra { .. } => dense()
                    .forward(&apply_dropout(&x, self.head, Site::Features, self.reads())?)?
                    .gelu_erf()?,
            };
        }
        let x = apply_dropout(&x, self.head, Site::Pooled, self.reads())?;
        Linear::new(head[0].clone(), Some(head[1].clone())).forward(&x)
    }

    /// The head of masked language modelling: scores of every word piece by the word embeddings (tied).
    fn word_scores(&self, x: &Tensor) -> Result<Tensor> {
        let head = self.weights.head();
        let x = Linear::new(head[0].clone(), Some(head[1].clone())).forward(x)?.gelu_erf()?;
        let x = self.norm(&x, &Norm { gamma: &head[2], beta: &head[3] })?;
        let words = self.weights.get(Kind::WordEmbeddings, None)?;
        Linear::new(words.clone(), Some(head[4].clone())).forward(&x)
    }
}

/// What stands behind the intermediate product.
fn activate(activation: Activation, x: &Tensor) -> Result<Tensor> {
    match activation {
        Activation::Gelu => x.gelu_erf(),
        Activation::GeluTanh => x.gelu(),
        Activation::Relu => x.relu(),
        Activation::Tanh => x.tanh(),
    }
}

/// Σ w ℓ / Σ w, with the weight w of each target's class.
fn weighted_cross_entropy(logits: &Tensor, targets: &Tensor, weights: &[f32]) -> Result<Tensor> {
    let weights = Tensor::new(weights, logits.device())?.to_dtype(logits.dtype())?;
    let weights = weights.index_select(&targets.flatten_all()?, 0)?;
    let picked = ops::log_softmax(logits, D::Minus1)?.gather(targets, 1)?.flatten_all()?;
    (picked * &weights)?.sum_all()?.neg()?.div(&weights.sum_all()?)
}

/// Mean of max(x, 0) − t x + log(1 + e^−|x|), which is −t log σ(x) − (1 − t) log(1 − σ(x)).
fn binary_cross_entropy(logits: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let above = (logits.relu()? - logits.mul(targets)?)?;
    let rest = (logits.abs()?.neg()?.exp()? + 1.0)?.log()?;
    (above + rest)?.mean_all()
}

/// Softmax over the last dimension; the largest score is subtracted as a constant, which changes nothing but the range.
fn softmax(scores: &Tensor) -> Result<Tensor> {
    let exponentials = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?.detach())?.exp()?;
    exponentials.broadcast_div(&exponentials.sum_keepdim(D::Minus1)?)
}
