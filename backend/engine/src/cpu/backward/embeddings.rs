//! The gradients of the embeddings' LayerNorm and tables.

use super::Way;
use crate::Objective;
use crate::cpu::chunks::with_sums;
use crate::cpu::kernels::layer_norm::{self, Sums};
use crate::cpu::kernels::rows::Shared;
use crate::cpu::scratch::{room, with_row};
use crate::cpu::workspace::Workspace;
use crate::dropout::Site;
use crate::plan::batch::Space;
use crate::plan::layout::Chunk;
use crate::plan::level::Level;
use crate::plan::slots::Slot;

impl Way<'_, '_, '_> {
    pub(super) fn embeddings(&mut self, w: &mut Workspace) {
        let (pass, a) = (self.pass, self.a);
        let hidden = pass.config.shape.hidden;
        let at = Level::EMBEDDINGS;
        let chunks = pass.layout.kept_chunks(at, Space::Tokens);
        let product = Shared::new(room(&mut w.product, pass.layout.kept(at, Space::Tokens) * hidden));
        let down = Shared::new(&mut w.down);
        with_sums(&mut w.partial, chunks, 3 * hidden, |chunk, sums| {
            let scale = pass.members[chunk.member].get(Slot::EmbeddingGamma);
            let (dgamma, rest) = sums.split_at_mut(hidden);
            let (dbeta, unused) = rest.split_at_mut(hidden);
            let mut sums = Sums { gamma: dgamma, beta: dbeta, bias: unused };
            with_row(hidden, |factors| {
                for i in 0..chunk.rows {
                    let row = chunk.start + i;
                    let at = row * hidden..(row + 1) * hidden;
                    // SAFETY: each row belongs to one chunk.
                    let (dy, product) = unsafe { (down.part(at.clone()), product.part(at.clone())) };
                    pass.factors(Site::Embeddings, chunk.member, Space::Tokens, chunk.row + i, factors);
                    dy.iter_mut().zip(&*factors).for_each(|(dy, f)| *dy *= f);
                    factors.fill(1.0);
                    let (hat, inverse) = (&a.embedding_hats[at], a.embedding_inverses[row]);
                    layer_norm::backward(dy, hat, inverse, scale, factors, product, &mut sums);
                }
            });
        });
        for (i, slot) in [Slot::EmbeddingGamma, Slot::EmbeddingBeta].into_iter().enumerate() {
            self.collect(slot, &w.partial, (chunks, 3 * hidden, i * hidden..(i + 1) * hidden));
        }
        for (table, slot) in [Slot::Words, Slot::Segments, Slot::Positions].into_iter().enumerate() {
            let scored = slot == Slot::Words && matches!(pass.objective, Objective::MaskedLanguage(_));
            self.table(table, slot, chunks, &w.down, scored.then_some(&w.decoder));
        }
    }

    /// The gradient of one of the embeddings' tables: the sum of its rows' slopes, and `more` if given.
    fn table(&mut self, table: usize, slot: Slot, chunks: &[Chunk], slopes: &[f32], more: Option<&Vec<f32>>) {
        let pass = self.pass;
        let hidden = pass.config.shape.hidden;
        let rows = |member: usize| {
            let own = chunks.iter().filter(move |chunk| chunk.member == member);
            own.flat_map(|chunk| (0..chunk.rows).map(|i| (chunk.row + i, chunk.start + i))).map(
                |(token, row)| {
                    (pass.batch.embedding_rows(token)[table], &slopes[row * hidden..(row + 1) * hidden])
                },
            )
        };
        for (number, gradient) in
            self.gradients.iter_mut().enumerate().take(pass.layout.branched(Level::EMBEDDINGS))
        {
            let member = &pass.members[number];
            if let Some(difference) = member.difference(slot) {
                let mut sums = vec![0.0; difference.elements.len()];
                for (place, slope) in rows(number) {
                    let first = difference.elements.partition_point(|e| (e.row as usize) < place);
                    let own = difference.elements[first..].iter().zip(&mut sums[first..]);
                    own.take_while(|(e, _)| e.row as usize == place)
                        .for_each(|(e, sum)| *sum += slope[e.column as usize]);
                }
                gradient.elements(difference.elements, &sums);
            } else {
                gradient.write(member, slot, |table| {
                    match more {
                        Some(more) => table.copy_from_slice(&more[..table.len()]),
                        None => table.fill(0.0),
                    }
                    for (place, slope) in rows(number) {
                        let at = place * hidden;
                        table[at..at + hidden].iter_mut().zip(slope).for_each(|(sum, x)| *sum += x);
                    }
                });
            }
        }
    }
}
