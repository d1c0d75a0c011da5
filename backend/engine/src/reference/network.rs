//! The network and its loss in operations of candle that have a backward. LayerNorm and softmax are written out.

use super::dropout::{Row, drop};
use super::weights::{Norm, Weights};
use crate::dropout::{Dropout, Site};
use crate::{EncoderConfig, LossFunction, Objective, Sequence};
use candle_core::{D, Module, Result, Tensor};
use candle_nn::{Linear, loss};
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
    weights: &'a Weights,
    batch: &'a [Sequence<'a>],
    hidden: Dropout,
    attention: Dropout,
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
        // As Hugging Face's classes read `classifier_dropout`.
        let head = dropout(config.classifier_dropout.unwrap_or(config.hidden_dropout));
        Self { config, objective, weights, batch, hidden, attention, head }
    }

    /// Logits `[reads, outputs]`.
    pub(super) fn logits(&self) -> Result<Tensor> {
        let mut x = self.embeddings()?;
        for layer in 0..self.config.shape.layers {
            x = self.block(&x, layer)?;
        }
        self.predictions(&x)
    }

    /// Mean loss over the batch's reads, and over the labels where there may be several.
    pub(super) fn loss(&self, logits: &Tensor) -> Result<Tensor> {
        let targets: Vec<f32> = self.batch.iter().flat_map(|s| s.targets).copied().collect();
        let targets =
            Tensor::from_vec(targets, (logits.dim(0)?, self.objective.targets()), self.weights.device())?;
        match self.objective.loss() {
            LossFunction::SquaredError => loss::mse(logits, &targets.to_dtype(self.weights.dtype())?),
            LossFunction::CrossEntropy => {
                loss::cross_entropy(logits, &targets.squeeze(1)?.to_dtype(candle_core::DType::U32)?)
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
        let positions = look_up(Kind::PositionEmbeddings, all(|s| (0..s.ids.len() as u32).collect()))?;
        let segments = |s: &Sequence<'_>| s.segments.iter().map(|&segment| u32::from(segment)).collect();
        let segments = look_up(Kind::SegmentEmbeddings, all(segments))?;
        let norm = self.weights.norm(Kind::EmbeddingGamma, Kind::EmbeddingBeta, None)?;
        let x = self.norm(&((words + positions)? + segments)?, &norm)?;
        drop(&x, self.hidden, Site::Embeddings, self.tokens())
    }

    fn block(&self, x: &Tensor, layer: usize) -> Result<Tensor> {
        let (weights, at) = (self.weights, Some(layer));
        let attention_output = weights.linear(Kind::AttentionOutputWeight, Kind::AttentionOutputBias, at)?;
        let product = attention_output.forward(&self.attention(x, layer)?)?;
        let dropped = drop(&product, self.hidden, Site::Attention(layer), self.tokens())?;
        let attention_norm = weights.norm(Kind::AttentionGamma, Kind::AttentionBeta, at)?;
        let attn_out = self.norm(&(x + dropped)?, &attention_norm)?;

        let intermediate = weights.linear(Kind::IntermediateWeight, Kind::IntermediateBias, at)?;
        let output = weights.linear(Kind::OutputWeight, Kind::OutputBias, at)?;
        let ffn_act = intermediate.forward(&attn_out)?.gelu_erf()?;
        let dropped = drop(&output.forward(&ffn_act)?, self.hidden, Site::FeedForward(layer), self.tokens())?;
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
            let probabilities = drop(&probabilities, self.attention, Site::Probabilities(layer), rows)?;
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
        if self.objective.is_pooled() {
            x = self.weights.linear(Kind::PoolerWeight, Kind::PoolerBias, None)?.forward(&x)?.tanh()?;
        }
        let x = drop(&x, self.head, Site::Pooled, self.reads())?;
        let head = self.weights.head();
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
