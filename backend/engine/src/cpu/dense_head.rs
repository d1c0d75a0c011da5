//! The dense layer of a head, in families that have one in a pooler's place. It trains in every mask, so each member has
//! its own: its rows are those of the head's level, and its products are member by member.

use super::activations::Activations;
use super::chunks::{split_kept_rows, split_rows};
use super::kernels::activation;
use super::kernels::matmul::{Gemm, gemm};
use super::pass::HostPass;
use super::scratch::room;
use crate::dropout::Site;
use crate::plan::batch::RowKind;
use crate::plan::level::Rows;
use rayon::prelude::*;
use std::ops::Range;
use tunemask_shared::family::{DenseInput, DenseLayer};

/// A member's rows among those of a level that all members have of their own.
pub(super) fn own_rows(pass: &HostPass<'_>, rows: Rows, member: usize) -> Range<usize> {
    let stream = &pass.batch.streams[pass.layout.stream(member)];
    let first = pass.layout.base(rows, member);
    first..first + stream.size[rows.kind as usize]
}

/// The vectors that the head's outputs read, before dropout, into `a.pooled`.
pub(super) fn forward(pass: &HostPass<'_>, dense: DenseLayer, a: &mut Activations) {
    let (hidden, rows, encoded) = (pass.hidden(), pass.features().reads(), pass.encoded().reads());
    let chunks = pass.layout.chunks(rows);
    // A member's product is padded into the next one's rows, which come after it.
    let room_of_all = (pass.layout.total(rows) + pass.padded(0)) * hidden;
    let features = a.inputs.get(pass.config.shape.layers);
    let inputs = room(&mut a.dense_inputs, room_of_all);
    chunks.par_iter().zip(split_rows(chunks, hidden, inputs)).for_each(|(chunk, out)| {
        let from = pass.layout.base(encoded, chunk.member) + chunk.offset;
        let features = features[from * hidden..].chunks_exact(hidden);
        for (i, (out, features)) in out.chunks_exact_mut(hidden).zip(features).enumerate() {
            factors(pass, dense, chunk.member, chunk.row + i, out);
            out.iter_mut().zip(features).for_each(|(out, x)| *out *= x);
        }
    });
    let (inputs, product) = (&*inputs, room(&mut a.products, room_of_all));
    for (number, member) in pass.members.iter().enumerate() {
        let own = own_rows(pass, rows, number);
        let (first, (weight, _)) = (own.start * hidden, member.dense());
        let count = pass.padded(own.len());
        gemm(&mut product[first..], &inputs[first..], weight, Gemm::nt(count, hidden, hidden));
    }
    let pooled = split_rows(chunks, hidden, room(&mut a.pooled, pass.row_count(rows) * hidden));
    let grad = room(&mut a.dense_grad, pass.kept(rows) * hidden);
    let grad = split_kept_rows(pass, chunks, hidden, grad);
    let product = &*product;
    chunks.par_iter().zip(pooled).zip(grad).for_each(|((chunk, out), grad)| {
        let (_, bias) = pass.members[chunk.member].dense();
        let product = &product[chunk.start * hidden..][..out.len()];
        if pass.keeps(chunk.branched) {
            activation::forward(dense.activation, product, bias, grad, out);
        } else {
            activation::value(dense.activation, product, bias, out);
        }
    });
}

/// Dropout factors of what the layer reads.
pub(super) fn factors(pass: &HostPass<'_>, dense: DenseLayer, member: usize, row: usize, out: &mut [f32]) {
    match dense.input {
        DenseInput::Dropped => pass.factors(Site::Features, member, RowKind::Reads, row, out),
        DenseInput::Plain => out.fill(1.0),
    }
}
