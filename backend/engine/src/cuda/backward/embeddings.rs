//! The gradients of the embeddings' LayerNorm and tables.

use super::{Backward, NormKept};
use crate::EngineError;
use crate::cpu::kernels::matmul::Accumulate;
use crate::cuda::launch::{SparseTable, TableGradient};
use crate::cuda::members::TABLES;
use crate::cuda::workspace::Workspace;
use crate::dropout::Site;
use crate::plan::Depth;
use crate::plan::level::Level;
use crate::plan::slots::Slot;

impl Backward<'_> {
    /// The projection behind the embeddings: from the gradient to its output in `w.d_x` to that of the embeddings there.
    pub(super) fn projection(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, hidden, rows) = (self.pass, self.pass.hidden(), Level::EMBEDDINGS.tokens());
        let (level_rows, d_x) = (pass.level_rows(rows), w.d_x.at());
        self.columns(Slot::ProjectionBias, 0, d_x, hidden, &level_rows, w)?;
        let matrix = pass.part(Slot::ProjectionWeight, 0, 0..hidden);
        pass.weight_gradient(matrix, d_x, self.a.embedded.at(), rows)?;
        if self.plan.reaches(Depth::Embeddings) {
            let size = pass.bytes(pass.layout.kept(rows) * pass.config.shape.embedding());
            let to = w.d_product.room(size)?;
            pass.input_gradient(to, Accumulate::Overwrite, d_x, matrix, rows)?;
            std::mem::swap(&mut w.d_x, &mut w.d_product);
        }
        Ok(())
    }

    pub(super) fn embeddings(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.config.shape.embedding());
        let rows = Level::EMBEDDINGS.tokens();
        let kept = NormKept { x_hats: a.embedding_x_hats.at(), rstd: a.embedding_rstd.at() };
        self.norm(rows, Site::Embeddings, Slot::EmbeddingGamma, kept, w)?;
        let level_rows = pass.level_rows(rows);
        let shape = &pass.config.shape;
        let sizes = [shape.vocabulary, shape.position_rows(), shape.segments];
        for (table, slot) in TABLES.into_iter().enumerate() {
            if let (Some(to), Some(found)) =
                (pass.members.matrix_gradient(slot), pass.tables.occurrences(table))
            {
                pass.runner.machine.clear(to, 4 * sizes[table] * hidden)?;
                let p = TableGradient {
                    grad: w.d_x.at(),
                    numbers: found.numbers,
                    starts: found.starts,
                    rows: found.rows,
                    table: to,
                    width: hidden as u32,
                    padding: 0,
                };
                pass.runner.table_gradient(found.count, &p)?;
            } else if let Some(differences) = pass.members.tables {
                let p = SparseTable {
                    spans: level_rows.spans,
                    tokens: pass.tables.tokens(),
                    wave: pass.tables.wave(),
                    sparse: differences.all,
                    numbers: pass.tables.embeddings()[table],
                    grad: w.d_x.at(),
                    gradients: pass.members.gradients,
                    width: hidden as u32,
                    table: table as u32,
                };
                pass.runner.sparse_table(differences.lists[table], level_rows.members, &p)?;
            }
        }
        Ok(())
    }
}
