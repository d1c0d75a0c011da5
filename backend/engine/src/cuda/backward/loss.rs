//! From the loss to the gradient of the encoder's output.

use super::Backward;
use crate::EngineError;
use crate::cpu::kernels::matmul::Accumulate;
use crate::cuda::launch::{DenseBackward, DeviceSite, HeadBackward, HeadGradient, Loss};
use crate::cuda::workspace::Workspace;
use crate::dropout::Site;
use crate::plan::Depth;
use crate::plan::batch::RowKind;
use crate::plan::level::Level;
use crate::plan::slots::Slot;
use tunemask_shared::family::DenseLayer;

impl Backward<'_> {
    pub(super) fn loss(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a) = (self.pass, self.a);
        let (hidden, outputs, members) = (pass.hidden(), pass.objective.outputs(), pass.wave.len());
        let reads = pass.row_count(Level::head(pass.config.shape.layers).reads());
        let (targets, wave) = (pass.tables.targets(), pass.tables.wave());
        let d_logits = w.d_logits.room(4 * reads * outputs)?;
        let p = Loss {
            logits: a.logits.at(),
            targets: targets.values,
            firsts: targets.firsts,
            wave,
            divisors: targets.divisors,
            weights: targets.weights,
            d_logits,
            losses: pass.members.losses.at(),
            outputs: outputs as u32,
            function: pass.objective.loss() as u32,
        };
        pass.runner.loss(members, &p)?;
        let p = HeadGradient {
            d_logits,
            dropped: a.dropped.at(),
            firsts: targets.firsts,
            wave,
            gradients: pass.members.head_gradients,
            width: hidden as u32,
            outputs: outputs as u32,
            first: 0,
        };
        pass.runner.head_gradient(members, &p)?;
        // A dense layer has a gradient even where nothing of the encoder has.
        if self.plan.reaches(Depth::Pooler) || pass.dense().is_some() {
            self.features(w)?;
        }
        Ok(())
    }

    /// From the gradient to the logits to that of the encoder's output.
    fn features(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, config) = (self.pass, self.a, self.pass.config);
        let (rows, pooled, hidden) = (pass.features().reads(), pass.objective.is_pooled(), pass.hidden());
        let (level_rows, keys) = (pass.level_rows(rows), pass.tables.dropout_keys(RowKind::Reads));
        let (dense, scalars) = (pass.dense(), pass.layout.kept(rows) * hidden);
        let product = match (dense, pooled) {
            (Some(_), _) => w.d_dense.room(4 * scalars)?,
            (None, true) => w.d_product.room(pass.bytes(scalars))?,
            (None, false) => w.d_x.room(pass.bytes(scalars))?,
        };
        let p = HeadBackward {
            chunks: level_rows.chunks,
            draws: pass.tables.draws(),
            examples: keys.examples,
            positions: keys.positions,
            d_logits: w.d_logits.at(),
            head: pass.members.heads,
            pooled: if pooled && dense.is_none() { a.pooled.at() } else { 0 },
            act_grad: if dense.is_some() { a.dense_grad.at() } else { 0 },
            product,
            width: hidden as u32,
            outputs: pass.objective.outputs() as u32,
            site: DeviceSite::new(Site::Pooled, pass.drop_probability(Site::Pooled)),
        };
        pass.runner.head_backward(level_rows.kept, &p)?;
        if let Some(layer) = dense {
            return self.dense(layer, w);
        }
        if !pooled {
            return Ok(());
        }
        self.columns(Slot::PoolerBias, 0, product, hidden, &level_rows, w)?;
        let (before, matrix) = (rows.before(), pass.part(Slot::PoolerWeight, 0, 0..hidden));
        pass.weight_gradient(matrix, product, a.inputs.at(config.shape.layers), before)?;
        if self.plan.lowest < Depth::Pooler {
            let d_x = w.d_x.room(pass.bytes(pass.layout.kept(before) * hidden))?;
            pass.input_gradient(d_x, Accumulate::Overwrite, product, matrix, before)?;
        }
        Ok(())
    }

    /// From the gradient to the sums of the head's dense layer to those of its weight, bias and, where the encoder trains
    /// too, the encoder's output in `w.d_x`.
    fn dense(&self, layer: DenseLayer, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.hidden());
        let first = pass.objective.head(&pass.config.shape).dense_weight().start;
        let p = HeadGradient {
            d_logits: w.d_dense.at(),
            dropped: a.dense_inputs.at(),
            firsts: pass.tables.targets().firsts,
            wave: pass.tables.wave(),
            gradients: pass.members.head_gradients,
            width: hidden as u32,
            outputs: hidden as u32,
            first: first as u64,
        };
        pass.runner.head_gradient(pass.wave.len(), &p)?;
        if !self.plan.reaches(Depth::Pooler) {
            return Ok(());
        }
        let encoded = pass.encoded().reads();
        let (level_rows, keys) = (pass.level_rows(encoded), pass.tables.dropout_keys(RowKind::Reads));
        let p = DenseBackward {
            chunks: level_rows.chunks,
            draws: pass.tables.draws(),
            examples: keys.examples,
            positions: keys.positions,
            grad: w.d_dense.at(),
            head: pass.members.heads,
            out: w.d_x.room(pass.bytes(pass.layout.kept(encoded) * hidden))?,
            width: hidden as u32,
            first: first as u32,
            site: pass.dense_site(layer),
        };
        pass.runner.dense_backward(level_rows.kept, &p)
    }
}
