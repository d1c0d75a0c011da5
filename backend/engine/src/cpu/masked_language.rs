//! The head of masked language modelling (Devlin et al., 2019), forward and back: a dense layer, GELU and LayerNorm
//! over the vectors at the masked places, then scores for every word piece by the word embeddings (tied) and a bias.
//!
//! Who trains it goes alone, so its rows are the batch's reads.

use super::activations::Activations;
use super::kernels::layer_norm::{self, Norm, Sums};
use super::kernels::matmul::{Gemm, gemm};
use super::kernels::{gelu, head};
use super::pass::HostPass;
use super::scratch::{room, with_row};
use super::workspace::Workspace;
use crate::language_head::LanguageHead;
use crate::parameters::{Gradient, Parameters, Storage};
use crate::plan::slots::Slot;
use crate::plan::{Depth, Plan};
use crate::{EncoderConfig, EngineError};
use rayon::prelude::*;
use tunemask_shared::family::Activation;

/// Rows that one task works on.
const ROWS: usize = 32;
/// Columns of the scores that one task sums.
const COLUMNS: usize = 1 << 10;

/// Whether these members can be trained so.
///
/// # Errors
/// Another family or activation than BERT's; several; one that trains some scalars of the word embeddings and not others.
pub(super) fn check(config: &EncoderConfig, members: &[Parameters]) -> Result<(), EngineError> {
    if !config.shape.family.is_bert() || config.activation != Activation::Gelu {
        return Err(EngineError::MaskedLanguage("an encoder that is not BERT with GELU by erf"));
    }
    let [member] = members else { return Err(EngineError::MaskedLanguage("several runs at once")) };
    match member.storage(Slot::Words) {
        Storage::Model(_) | Storage::Compact(_) => Ok(()),
        Storage::Copy { .. } | Storage::Sparse { .. } => {
            Err(EngineError::MaskedLanguage("word embeddings of which a part trains"))
        }
    }
}

/// Logits `[reads, vocabulary]`.
pub(super) fn forward(pass: &HostPass<'_>, a: &mut Activations) {
    let shape = &pass.config.shape;
    let (hidden, vocabulary, reads) = (shape.hidden, shape.vocabulary, pass.batch.reads.len());
    let (own, parts) = (pass.members[0].head_scalars(), LanguageHead::new(hidden, vocabulary));
    let product = room(&mut a.products, reads * hidden);
    gemm(product, a.inputs.get(shape.layers), &own[parts.weight], Gemm::nt(reads, hidden, hidden));

    let kept = &mut a.language;
    let (bias, gamma, beta) = (&own[parts.bias], &own[parts.gamma], &own[parts.beta]);
    let norm = Norm { gamma, beta, epsilon: pass.config.layer_norm_epsilon };
    let chunk = ROWS * hidden;
    let gelu_grad = room(&mut kept.gelu_grad, reads * hidden).par_chunks_mut(chunk);
    let x_hats = room(&mut kept.x_hats, reads * hidden).par_chunks_mut(chunk);
    let normed = room(&mut kept.normed, reads * hidden).par_chunks_mut(chunk);
    let rstd = room(&mut kept.rstd, reads).par_chunks_mut(ROWS);
    let rows = product.par_chunks(chunk).zip(gelu_grad).zip(x_hats).zip(normed.zip(rstd));
    rows.for_each(|(((product, gelu_grad), x_hats), (normed, rstd))| {
        gelu::forward(product, bias, gelu_grad, x_hats);
        with_row(hidden, |ones| {
            ones.fill(1.0);
            let rows = x_hats.chunks_exact_mut(hidden).zip(normed.chunks_exact_mut(hidden)).zip(rstd);
            for ((z, y), rstd) in rows {
                *rstd = layer_norm::forward_embedding(z, ones, y, norm);
            }
        });
    });

    let logits = room(&mut a.logits, reads * vocabulary);
    gemm(logits, &kept.normed, pass.matrix(Slot::Words), Gemm::nt(reads, vocabulary, hidden));
    let bias = &own[parts.scores];
    logits.par_chunks_mut(vocabulary).for_each(|row| row.iter_mut().zip(bias).for_each(|(x, b)| *x += b));
}

/// Mean loss over the reads and the head's gradient; where the encoder trains too, the gradient to its output into
/// `w.d_x` and the word embeddings' part in the scores into `w.d_decoder`.
pub(super) fn backward(
    pass: &HostPass<'_>,
    a: &Activations,
    w: &mut Workspace,
    gradient: &mut Gradient,
    plan: &Plan,
) -> f64 {
    let shape = &pass.config.shape;
    let (hidden, vocabulary, reads) = (shape.hidden, shape.vocabulary, pass.batch.reads.len());
    let (member, parts) = (pass.members[0], LanguageHead::new(hidden, vocabulary));
    let (own, kept) = (member.head_scalars(), &a.language);
    let d_head = gradient.head_scalars(member);

    let d_logits = room(&mut w.d_logits, reads * vocabulary);
    let (targets, n) = (&pass.batch.targets, pass.divisors[0]);
    let loss = head::masked_language(vocabulary, &a.logits, targets, n, d_logits);
    let d_logits = &*d_logits;
    let bias = &mut d_head[parts.scores];
    bias.par_chunks_mut(COLUMNS).enumerate().for_each(|(i, bias)| {
        let at = i * COLUMNS..i * COLUMNS + bias.len();
        bias.fill(0.0);
        let rows = d_logits.chunks_exact(vocabulary);
        rows.for_each(|row| bias.iter_mut().zip(&row[at.clone()]).for_each(|(sum, x)| *sum += x));
    });
    if member.trained().trains_at(Slot::Words) {
        let d_decoder = room(&mut w.d_decoder, vocabulary * hidden);
        gemm(d_decoder, d_logits, &kept.normed, Gemm::tn(vocabulary, hidden, reads));
    }
    let back = room(&mut w.d_product, reads * hidden);
    gemm(back, d_logits, pass.matrix(Slot::Words), Gemm::nn(reads, hidden, vocabulary));

    let gamma = &own[parts.gamma.clone()];
    let sums = room(&mut w.partial, reads.div_ceil(ROWS) * 4 * hidden);
    let chunks = back.par_chunks_mut(ROWS * hidden).zip(sums.par_chunks_mut(4 * hidden)).enumerate();
    chunks.for_each(|(chunk, (back, sums))| {
        sums.fill(0.0);
        let (d_bias, norm) = sums.split_at_mut(hidden);
        let (d_gamma, rest) = norm.split_at_mut(hidden);
        let (d_beta, unused) = rest.split_at_mut(hidden);
        let mut norm = Sums { gamma: d_gamma, beta: d_beta, bias: unused };
        with_row(2 * hidden, |scratch| {
            let (ones, d_z) = scratch.split_at_mut(hidden);
            ones.fill(1.0);
            for (i, d_y) in back.chunks_exact_mut(hidden).enumerate() {
                let row = chunk * ROWS + i;
                let x_hat = &kept.x_hats[row * hidden..(row + 1) * hidden];
                layer_norm::backward(d_y, x_hat, kept.rstd[row], gamma, ones, d_z, &mut norm);
            }
        });
        let first = chunk * ROWS * hidden;
        gelu::backward(back, &kept.gelu_grad[first..first + back.len()], d_bias);
    });
    for (i, part) in [parts.bias, parts.gamma, parts.beta].into_iter().enumerate() {
        let total = &mut d_head[part];
        total.fill(0.0);
        for sums in sums.chunks_exact(4 * hidden) {
            total.iter_mut().zip(&sums[i * hidden..]).for_each(|(total, x)| *total += x);
        }
    }
    let x = a.inputs.get(shape.layers);
    gemm(&mut d_head[parts.weight.clone()], back, x, Gemm::tn(hidden, hidden, reads));
    if plan.reaches(Depth::Pooler) {
        let d_x = room(&mut w.d_x, pass.padded(reads) * hidden);
        gemm(d_x, back, &own[parts.weight], Gemm::nn(reads, hidden, hidden));
    }
    loss
}
