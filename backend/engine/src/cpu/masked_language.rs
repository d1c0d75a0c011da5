//! The head of masked language modelling (Devlin et al., 2019), forward and back: a dense layer, GELU and LayerNorm
//! over the vectors at the masked places, then scores for every word piece by the word embeddings (tied) and a bias.
//!
//! Who trains it goes alone, so its rows are the batch's reads.

use super::activations::Activations;
use super::kernels::layer_norm::{self, Norm, Sums};
use super::kernels::matmul::{Into, Threads, dense, nn, nt, tn};
use super::kernels::{gelu, head};
use super::pass::HostPass;
use super::scratch::{room, with_row};
use super::workspace::Workspace;
use crate::EngineError;
use crate::language_head::LanguageHead;
use crate::parameters::{Gradient, Parameters, Place};
use crate::plan::slots::Slot;
use rayon::prelude::*;

/// Rows that one task works on.
const ROWS: usize = 32;
/// Columns of the scores that one task sums.
const COLUMNS: usize = 1 << 10;

/// Whether these members can be trained so.
///
/// # Errors
/// Several; one that trains some scalars of the word embeddings and not others.
pub fn check(members: &[Parameters]) -> Result<(), EngineError> {
    match members {
        [member] if matches!(member.place(Slot::Words), Place::Model(_) | Place::Compact(_)) => Ok(()),
        [_] => Err(EngineError::MaskedLanguage("word embeddings of which a part trains")),
        _ => Err(EngineError::MaskedLanguage("several runs at once")),
    }
}

/// Logits `[reads, vocabulary]`.
pub fn forward(pass: &HostPass<'_>, a: &mut Activations) {
    let shape = &pass.config.shape;
    let (hidden, vocabulary, reads) = (shape.hidden, shape.vocabulary, pass.batch.reads.len());
    let (own, parts) = (pass.members[0].head_scalars(), LanguageHead::new(hidden, vocabulary));
    let product = room(&mut a.products, reads * hidden);
    let dims = (reads, hidden, hidden);
    let x = dense(a.inputs.get(shape.layers), hidden);
    let weight = dense(&own[parts.weight], hidden);
    nt(product, hidden, Into::Replace, dims, x, weight, 1.0, Threads::All);

    let kept = &mut a.language;
    let (bias, gamma, beta) = (&own[parts.bias], &own[parts.gamma], &own[parts.beta]);
    let norm = Norm { gamma, beta, epsilon: pass.config.layer_norm_epsilon };
    let chunk = ROWS * hidden;
    let slopes = room(&mut kept.slopes, reads * hidden).par_chunks_mut(chunk);
    let hats = room(&mut kept.hats, reads * hidden).par_chunks_mut(chunk);
    let normed = room(&mut kept.normed, reads * hidden).par_chunks_mut(chunk);
    let inverses = room(&mut kept.inverses, reads).par_chunks_mut(ROWS);
    let rows = product.par_chunks(chunk).zip(slopes).zip(hats).zip(normed.zip(inverses));
    rows.for_each(|(((product, slopes), hats), (normed, inverses))| {
        gelu::forward(product, bias, slopes, hats);
        with_row(hidden, |ones| {
            ones.fill(1.0);
            let rows = hats.chunks_exact_mut(hidden).zip(normed.chunks_exact_mut(hidden)).zip(inverses);
            for ((z, y), inverse) in rows {
                *inverse = layer_norm::forward_embedding(z, ones, y, norm);
            }
        });
    });

    let logits = room(&mut a.logits, reads * vocabulary);
    let words = dense(pass.matrix(Slot::Words), hidden);
    let (normed, dims) = (dense(&kept.normed, hidden), (reads, vocabulary, hidden));
    nt(logits, vocabulary, Into::Replace, dims, normed, words, 1.0, Threads::All);
    let bias = &own[parts.scores];
    logits.par_chunks_mut(vocabulary).for_each(|row| row.iter_mut().zip(bias).for_each(|(x, b)| *x += b));
}

/// Mean loss over the reads and the head's gradient; where the encoder trains too, the gradient to its output into
/// `w.down` and the word embeddings' part in the scores into `w.decoder`.
pub fn backward(
    pass: &HostPass<'_>,
    a: &Activations,
    w: &mut Workspace,
    gradient: &mut Gradient,
    deeper: bool,
) -> f64 {
    let shape = &pass.config.shape;
    let (hidden, vocabulary, reads) = (shape.hidden, shape.vocabulary, pass.batch.reads.len());
    let (member, parts) = (pass.members[0], LanguageHead::new(hidden, vocabulary));
    let (own, kept) = (member.head_scalars(), &a.language);
    let dhead = gradient.head_scalars(member);

    let slopes = room(&mut w.logits, reads * vocabulary);
    let loss = head::masked_language(vocabulary, &a.logits, &pass.batch.targets, slopes);
    let slopes = &*slopes;
    let bias = &mut dhead[parts.scores];
    bias.par_chunks_mut(COLUMNS).enumerate().for_each(|(i, bias)| {
        let at = i * COLUMNS..i * COLUMNS + bias.len();
        bias.fill(0.0);
        let rows = slopes.chunks_exact(vocabulary);
        rows.for_each(|row| bias.iter_mut().zip(&row[at.clone()]).for_each(|(sum, x)| *sum += x));
    });
    if matches!(member.place(Slot::Words), Place::Compact(_)) {
        let (decoder, dims) = (room(&mut w.decoder, vocabulary * hidden), (vocabulary, hidden, reads));
        let (slopes, normed) = (dense(slopes, vocabulary), dense(&kept.normed, hidden));
        tn(decoder, hidden, Into::Replace, dims, slopes, normed, 1.0, Threads::All);
    }
    let back = room(&mut w.product, reads * hidden);
    let (slopes, words) = (dense(slopes, vocabulary), dense(pass.matrix(Slot::Words), hidden));
    nn(back, hidden, Into::Replace, (reads, hidden, vocabulary), slopes, words, 1.0, Threads::All);

    let gamma = &own[parts.gamma.clone()];
    let sums = room(&mut w.partial, reads.div_ceil(ROWS) * 4 * hidden);
    let chunks = back.par_chunks_mut(ROWS * hidden).zip(sums.par_chunks_mut(4 * hidden)).enumerate();
    chunks.for_each(|(chunk, (back, sums))| {
        sums.fill(0.0);
        let (dbias, norm) = sums.split_at_mut(hidden);
        let (dgamma, rest) = norm.split_at_mut(hidden);
        let (dbeta, unused) = rest.split_at_mut(hidden);
        let mut norm = Sums { gamma: dgamma, beta: dbeta, bias: unused };
        with_row(2 * hidden, |scratch| {
            let (ones, dz) = scratch.split_at_mut(hidden);
            ones.fill(1.0);
            for (i, dy) in back.chunks_exact_mut(hidden).enumerate() {
                let row = chunk * ROWS + i;
                let hat = &kept.hats[row * hidden..(row + 1) * hidden];
                layer_norm::backward(dy, hat, kept.inverses[row], gamma, ones, dz, &mut norm);
            }
        });
        let first = chunk * ROWS * hidden;
        gelu::backward(back, &kept.slopes[first..first + back.len()], dbias);
    });
    for (i, part) in [parts.bias, parts.gamma, parts.beta].into_iter().enumerate() {
        let total = &mut dhead[part];
        total.fill(0.0);
        for sums in sums.chunks_exact(4 * hidden) {
            total.iter_mut().zip(&sums[i * hidden..]).for_each(|(total, x)| *total += x);
        }
    }
    let (back, x) = (dense(back, hidden), dense(a.inputs.get(shape.layers), hidden));
    let dims = (hidden, hidden, reads);
    tn(&mut dhead[parts.weight.clone()], hidden, Into::Replace, dims, back, x, 1.0, Threads::All);
    if deeper {
        let down = room(&mut w.down, pass.padded(reads) * hidden);
        let weight = dense(&own[parts.weight], hidden);
        nn(down, hidden, Into::Replace, (reads, hidden, hidden), back, weight, 1.0, Threads::All);
    }
    loss
}
