//! The oracle: the same network in candle's plain operations, in f64, differentiated by its autograd.
//!
//! Only operations that have a backward are used; LayerNorm and softmax are written out.

use crate::kernels::dropout::{Dropout, Site};
use crate::{EncoderConfig, Objective, Sequence};
use candle_core::{D, DType, Device, Result, Tensor, Var};
use tunemask_shared::shape::{Kind, ModelShape};

/// All parameters as variables, in canonical order, and the head.
pub struct Oracle {
    config: EncoderConfig,
    objective: Objective,
    parameters: Vec<Var>,
    /// Weight and bias; of masked language modelling weight, bias, γ, β and the scores' bias.
    head: Vec<Var>,
}

/// Dropout of what stands in the network where.
#[derive(Clone, Copy)]
struct Drops {
    hidden: Dropout,
    attention: Dropout,
    head: Dropout,
}

fn variable(values: &[f32], dims: &[usize]) -> Result<Var> {
    Var::from_tensor(&Tensor::from_slice(values, dims, &Device::Cpu)?.to_dtype(DType::F64)?)
}

impl Oracle {
    pub fn new(config: EncoderConfig, objective: Objective, weights: &[f32], head: &[f32]) -> Result<Self> {
        let parameters = config.shape.parameters();
        let parameters = parameters.iter().map(|p| variable(&weights[p.range()], &p.hugging_face_dims()));
        let (outputs, hidden) = (objective.outputs(), config.shape.hidden);
        let dims = match objective {
            Objective::MaskedLanguage(_) => {
                vec![vec![hidden, hidden], vec![hidden], vec![hidden], vec![hidden], vec![outputs]]
            }
            _ => vec![vec![outputs, hidden], vec![outputs]],
        };
        let mut rest = head;
        let head = dims.iter().map(|dims| {
            let (own, others) = rest.split_at(dims.iter().product());
            rest = others;
            variable(own, dims)
        });
        let head = head.collect::<Result<_>>()?;
        Ok(Self { config, objective, parameters: parameters.collect::<Result<_>>()?, head })
    }

    fn get(&self, kind: Kind, layer: Option<usize>) -> &Tensor {
        let wanted = |p: &tunemask_shared::shape::Parameter| p.kind == kind && p.layer == layer;
        let i = self.config.shape.parameters().iter().position(wanted).unwrap();
        self.parameters[i].as_tensor()
    }

    fn linear(&self, x: &Tensor, weight: Kind, bias: Kind, layer: Option<usize>) -> Result<Tensor> {
        x.matmul(&self.get(weight, layer).t()?)?.broadcast_add(self.get(bias, layer))
    }

    fn norm(&self, x: &Tensor, gamma: Kind, beta: Kind, layer: Option<usize>) -> Result<Tensor> {
        self.norm_by(x, self.get(gamma, layer), self.get(beta, layer))
    }

    fn norm_by(&self, x: &Tensor, gamma: &Tensor, beta: &Tensor) -> Result<Tensor> {
        let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let root = (variance + f64::from(self.config.layer_norm_epsilon))?.sqrt()?;
        let hat = centred.broadcast_div(&root)?;
        hat.broadcast_mul(gamma)?.broadcast_add(beta)
    }

    fn drop(&self, x: &Tensor, dropout: Dropout, site: Site, example: u32, first: usize) -> Result<Tensor> {
        let (rows, width) = x.dims2()?;
        let mut factors = vec![0.0f32; rows * width];
        for (i, row) in factors.chunks_exact_mut(width).enumerate() {
            dropout.factors(site, example, first + i, row);
        }
        x * Tensor::from_vec(factors, (rows, width), &Device::Cpu)?.to_dtype(DType::F64)?
    }

    /// Logits of one sequence `[reads, outputs]`: every position is computed, those that are read are kept.
    fn logits(&self, s: &Sequence<'_>, drops: Drops) -> Result<Tensor> {
        let Drops { hidden, attention, .. } = drops;
        let ModelShape { layers, heads, hidden: width, .. } = self.config.shape;
        let n = s.ids.len();
        let pick = |kind, ids: Vec<u32>| {
            self.get(kind, None).index_select(&Tensor::from_vec(ids, n, &Device::Cpu)?, 0)
        };
        let words = pick(Kind::WordEmbeddings, s.ids.to_vec())?;
        let positions = pick(Kind::PositionEmbeddings, (0..n as u32).collect())?;
        let segments = pick(Kind::SegmentEmbeddings, s.segments.iter().map(|&s| u32::from(s)).collect())?;
        let x = ((words + positions)? + segments)?;
        let x = self.norm(&x, Kind::EmbeddingGamma, Kind::EmbeddingBeta, None)?;
        let mut x = self.drop(&x, hidden, Site::Embeddings, s.index, 0)?;
        for l in 0..layers {
            let at = Some(l);
            let q = self.linear(&x, Kind::QueryWeight, Kind::QueryBias, at)?;
            let k = self.linear(&x, Kind::KeyWeight, Kind::KeyBias, at)?;
            let v = self.linear(&x, Kind::ValueWeight, Kind::ValueBias, at)?;
            let d = width / heads;
            let mut contexts = Vec::new();
            for head in 0..heads {
                let part = |t: &Tensor| t.narrow(1, head * d, d)?.contiguous();
                let scores = (part(&q)?.matmul(&part(&k)?.t()?)? / (d as f64).sqrt())?;
                let shifted = scores.broadcast_sub(&scores.max_keepdim(1)?.detach())?.exp()?;
                let p = shifted.broadcast_div(&shifted.sum_keepdim(1)?)?;
                let p = self.drop(&p, attention, Site::Probabilities(l), s.index, head * n)?;
                contexts.push(p.matmul(&part(&v)?)?);
            }
            let context = Tensor::cat(&contexts, 1)?;
            let mixed = self.linear(&context, Kind::AttentionOutputWeight, Kind::AttentionOutputBias, at)?;
            let mixed = self.drop(&mixed, hidden, Site::Attention(l), s.index, 0)?;
            let middle = self.norm(&(x + mixed)?, Kind::AttentionGamma, Kind::AttentionBeta, at)?;
            let up =
                self.linear(&middle, Kind::IntermediateWeight, Kind::IntermediateBias, at)?.gelu_erf()?;
            let down = self.linear(&up, Kind::OutputWeight, Kind::OutputBias, at)?;
            let down = self.drop(&down, hidden, Site::FeedForward(l), s.index, 0)?;
            x = self.norm(&(middle + down)?, Kind::FeedForwardGamma, Kind::FeedForwardBeta, at)?;
        }
        let mut features = Vec::new();
        for read in s.reads {
            let position = read.position as usize;
            let mut x = x.narrow(0, position, 1)?;
            if self.objective.is_pooled() {
                x = self.linear(&x, Kind::PoolerWeight, Kind::PoolerBias, None)?.tanh()?;
            }
            if let Objective::MaskedLanguage(_) = self.objective {
                let x = x.matmul(&self.head[0].t()?)?.broadcast_add(&self.head[1])?.gelu_erf()?;
                features.push(self.norm_by(&x, &self.head[2], &self.head[3])?);
            } else {
                features.push(self.drop(&x, drops.head, Site::Pooled, s.index, position)?);
            }
        }
        if let Objective::MaskedLanguage(_) = self.objective {
            let words = self.get(Kind::WordEmbeddings, None).t()?;
            return Tensor::cat(&features, 0)?.matmul(&words)?.broadcast_add(&self.head[4]);
        }
        Tensor::cat(&features, 0)?.matmul(&self.head[0].t()?)?.broadcast_add(&self.head[1])
    }

    /// Mean loss over a batch, as a tensor that can be differentiated, and the logits.
    pub fn loss(&self, batch: &[Sequence<'_>], draw: Option<(u64, u32)>) -> Result<(Tensor, Vec<f64>)> {
        let dropout = |probability| match draw {
            Some((seed, step)) => Dropout { probability, seed, step },
            None => Dropout::OFF,
        };
        let drops = Drops {
            hidden: dropout(self.config.hidden_dropout),
            attention: dropout(self.config.attention_dropout),
            // As Hugging Face's classes read `classifier_dropout`.
            head: dropout(self.config.classifier_dropout.unwrap_or(self.config.hidden_dropout)),
        };
        let mut losses = Vec::new();
        let mut all = Vec::new();
        for s in batch {
            let logits = self.logits(s, drops)?;
            all.extend(logits.flatten_all()?.to_vec1::<f64>()?);
            for (i, read) in s.reads.iter().enumerate() {
                let logits = logits.narrow(0, i, 1)?;
                losses.push(match self.objective {
                    Objective::Regression => (logits - f64::from(read.target))?.sqr()?.sum_all()?,
                    _ => {
                        let own = logits.narrow(1, read.target as usize, 1)?.sum_all()?;
                        (logits.exp()?.sum_all()?.log()? - own)?
                    }
                });
            }
        }
        Ok((Tensor::stack(&losses, 0)?.mean_all()?, all))
    }

    /// Loss, logits, and the gradient of every parameter in canonical order, then of the head.
    pub fn gradient(
        &self,
        batch: &[Sequence<'_>],
        draw: Option<(u64, u32)>,
    ) -> Result<(f64, Vec<f64>, Vec<f64>)> {
        let (loss, logits) = self.loss(batch, draw)?;
        let store = loss.backward()?;
        let mut gradient = Vec::new();
        for v in self.parameters.iter().chain(&self.head) {
            match store.get(v) {
                Some(g) => gradient.extend(g.flatten_all()?.to_vec1::<f64>()?),
                None => gradient.resize(gradient.len() + v.elem_count(), 0.0),
            }
        }
        Ok((loss.to_scalar()?, logits, gradient))
    }
}
