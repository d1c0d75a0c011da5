//! The gradients of the embeddings' LayerNorm and tables.

use super::Backward;
use crate::Objective;
use crate::cpu::chunks::{split_rows, with_sums};
use crate::cpu::kernels::gelu;
use crate::cpu::kernels::layer_norm::{self, Sums};
use crate::cpu::kernels::matmul::Accumulate;
use crate::cpu::scratch::{room, with_row};
use crate::cpu::workspace::Workspace;
use crate::dropout::Site;
use crate::plan::Depth;
use crate::plan::batch::RowKind;
use crate::plan::level::Level;
use crate::plan::slots::Slot;

impl Backward<'_, '_, '_> {
    /// The projection behind the embeddings: from the gradient to its output in `w.d_x` to that of the embeddings there.
    pub(super) fn projection(&mut self, w: &mut Workspace) {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.hidden());
        let rows = Level::EMBEDDINGS.tokens();
        let (chunks, d_x) = (pass.layout.kept_chunks(rows), &w.d_x);
        let none = vec![(); chunks.len()];
        let sums = with_sums(&mut w.partial, chunks, hidden, none, |chunk, (), sums| {
            gelu::add_columns(&d_x[chunk.start * hidden..(chunk.start + chunk.rows) * hidden], sums);
        });
        self.collect(Slot::ProjectionBias, sums, 0..hidden);
        let matrix = pass.part(Slot::ProjectionWeight, 0, 0..hidden);
        self.weight_gradient(matrix, &w.d_x, &a.embedded, rows, &mut w.partial);
        if self.plan.reaches(Depth::Embeddings) {
            pass.input_gradient(&mut w.d_product, Accumulate::Overwrite, &w.d_x, matrix, rows);
            std::mem::swap(&mut w.d_x, &mut w.d_product);
        }
    }

    pub(super) fn embeddings(&mut self, w: &mut Workspace) {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.config.shape.embedding());
        let rows = Level::EMBEDDINGS.tokens();
        let chunks = pass.layout.kept_chunks(rows);
        let d_product = room(&mut w.d_product, pass.layout.kept(rows) * hidden);
        let d_x = split_rows(chunks, hidden, &mut w.d_x);
        let parts = d_x.into_iter().zip(split_rows(chunks, hidden, d_product)).collect();
        let sums = with_sums(&mut w.partial, chunks, 3 * hidden, parts, |chunk, (d_x, d_product), sums| {
            let gamma = pass.members[chunk.member].get(Slot::EmbeddingGamma);
            let (d_gamma, rest) = sums.split_at_mut(hidden);
            let (d_beta, unused) = rest.split_at_mut(hidden);
            let mut sums = Sums { gamma: d_gamma, beta: d_beta, bias: unused };
            with_row(hidden, |factors| {
                let rows_of_chunk = d_x.chunks_exact_mut(hidden).zip(d_product.chunks_exact_mut(hidden));
                for (i, (d_y, d_product)) in rows_of_chunk.enumerate() {
                    let row = chunk.start + i;
                    pass.factors(Site::Embeddings, chunk.member, RowKind::Tokens, chunk.row + i, factors);
                    d_y.iter_mut().zip(&*factors).for_each(|(d_y, f)| *d_y *= f);
                    factors.fill(1.0);
                    let x_hat = &a.embedding_x_hats[row * hidden..(row + 1) * hidden];
                    let rstd = a.embedding_rstd[row];
                    layer_norm::backward(d_y, x_hat, rstd, gamma, factors, d_product, &mut sums);
                }
            });
        });
        for (i, slot) in [Slot::EmbeddingGamma, Slot::EmbeddingBeta].into_iter().enumerate() {
            self.collect(slot, sums, i * hidden..(i + 1) * hidden);
        }
        for (table, slot) in [Slot::Words, Slot::Segments, Slot::Positions].into_iter().enumerate() {
            let scored = match pass.objective {
                // The head scores word pieces by their embeddings.
                Objective::MaskedLanguage(_) => (slot == Slot::Words).then_some(&w.d_decoder),
                Objective::Classification(_)
                | Objective::Regression
                | Objective::Tagging(_)
                | Objective::MultiLabel(_) => None,
            };
            self.table(table, slot, &w.d_x, scored);
        }
    }

    /// The gradient of one of the embeddings' tables: the sum of its rows' gradients, and `more` if given.
    fn table(&mut self, table: usize, slot: Slot, d_x: &[f32], more: Option<&Vec<f32>>) {
        let (pass, hidden, level) = (self.pass, self.pass.config.shape.embedding(), Level::EMBEDDINGS);
        let chunks = pass.layout.kept_chunks(level.tokens());
        let rows = |member: usize| {
            let own = chunks.iter().filter(move |chunk| chunk.member == member);
            own.flat_map(|chunk| (0..chunk.rows).map(|i| (chunk.row + i, chunk.start + i))).map(
                |(token, row)| {
                    (pass.batch.embedding_rows(token)[table], &d_x[row * hidden..(row + 1) * hidden])
                },
            )
        };
        for (number, gradient) in self.gradients.iter_mut().enumerate().take(pass.layout.branched(level)) {
            let member = &pass.members[number];
            if let Some(difference) = member.difference(slot) {
                let mut sums = vec![0.0; difference.elements.len()];
                for (place, d_x) in rows(number) {
                    let first = difference.elements.partition_point(|e| (e.row as usize) < place);
                    let own = difference.elements[first..].iter().zip(&mut sums[first..]);
                    own.take_while(|(e, _)| e.row as usize == place)
                        .for_each(|(e, sum)| *sum += d_x[e.column as usize]);
                }
                gradient.elements(difference.elements, &sums);
            } else {
                gradient.write(member, slot, |table| {
                    match more {
                        Some(more) => table.copy_from_slice(&more[..table.len()]),
                        None => table.fill(0.0),
                    }
                    for (place, d_x) in rows(number) {
                        let at = place * hidden;
                        table[at..at + hidden].iter_mut().zip(d_x).for_each(|(sum, x)| *sum += x);
                    }
                });
            }
        }
    }
}
