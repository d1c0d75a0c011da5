//! The backward pass on a device; as `cpu/backward/`, name by name. In reading order:

/// Loss, head and pooler.
mod loss;
/// Sums over chunks.
mod sums;
/// Attention and its projections.
mod attention;
/// The embeddings' LayerNorm and tables.
mod embeddings;

use super::activations::Activations;
use super::launch::{DeviceSite, Gelu, NormBackward, device_activation};
use super::machine::Address;
use super::pass::DevicePass;
use super::workspace::Workspace;
use crate::EngineError;
use crate::cpu::kernels::matmul::Accumulate;
use crate::dropout::Site;
use crate::plan::level::{Level, Rows};
use crate::plan::slots::{BlockSlot::*, NormSlots, Slot};
use crate::plan::{Depth, Plan, Stage};

/// What the backward pass reads.
struct Backward<'a> {
    pass: &'a DevicePass<'a>,
    plan: &'a Plan,
    a: &'a Activations,
}

/// What a LayerNorm's forward kept.
struct NormKept {
    /// x̂ `[rows, hidden]`.
    x_hats: Address,
    /// 1 / √(var + ε), f32 `[rows]`.
    rstd: Address,
}

/// Sums of parts of chunks.
struct PartSums {
    /// `[chunks, PARTS, width]`, f32.
    partial: Address,
    /// Sums of a part.
    width: usize,
    /// Sums of one vector: they are those of `width / vector` vectors.
    vector: usize,
    /// Where the vectors' gradients begin with them.
    first: usize,
}

/// Losses, and the gradient of all that the members train.
///
/// # Errors
/// There is no memory, or the device fails.
pub(super) fn backward(
    pass: &DevicePass<'_>,
    plan: &Plan,
    a: &Activations,
    w: &mut Workspace,
) -> Result<(), EngineError> {
    let backward = Backward { pass, plan, a };
    backward.loss(w)?;
    for layer in (0..pass.config.shape.layers).rev() {
        if !plan.reaches(Depth::Block(layer, Stage::FeedForwardNorm)) {
            return Ok(());
        }
        backward.block(layer, w)?;
    }
    if plan.reaches(Depth::Projection) && pass.config.shape.has_projection() {
        backward.projection(w)?;
    }
    if plan.reaches(Depth::Embeddings) {
        backward.embeddings(w)?;
    }
    Ok(())
}

impl Backward<'_> {
    /// LayerNorm and dropout: `w.d_x` becomes the gradient to the residual, `w.d_product` that to the product.
    fn norm(
        &self,
        rows: Rows,
        site: Site,
        gamma: Slot,
        kept: NormKept,
        w: &mut Workspace,
    ) -> Result<(), EngineError> {
        let pass = self.pass;
        let (level_rows, keys) = (pass.level_rows(rows), pass.tables.dropout_keys(rows.kind));
        let wanted = pass.members.targets(gamma).is_some();
        let after = site == Site::Embeddings;
        let hidden = if after { pass.config.shape.embedding() } else { pass.hidden() };
        let partial = if wanted { w.partial.room(4 * level_rows.parts() * 3 * hidden)? } else { 0 };
        let product =
            if after { 0 } else { w.d_product.room(pass.bytes(pass.layout.kept(rows) * hidden))? };
        let p = NormBackward {
            chunks: level_rows.chunks,
            draws: pass.tables.draws(),
            examples: keys.examples,
            positions: keys.positions,
            grad: w.d_x.at(),
            x_hats: kept.x_hats,
            rstd: kept.rstd,
            gamma: pass.members.vectors(gamma),
            product,
            partial,
            width: hidden as u32,
            after: u32::from(after),
            site: DeviceSite::new(site, pass.drop_probability(site)),
        };
        pass.runner.norm_backward(level_rows.kept, &p)?;
        self.collect(gamma, &level_rows, PartSums { partial, width: 3 * hidden, vector: hidden, first: 0 })
    }

    fn block(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let reaches = |stage| self.plan.reaches(Depth::Block(layer, stage));
        self.ffn_norm(layer, w)?;
        if reaches(Stage::Output) {
            self.output(layer, w)?;
        }
        if reaches(Stage::Intermediate) {
            self.intermediate(layer, w)?;
        }
        if reaches(Stage::AttentionNorm) {
            self.attention_norm(layer, w)?;
        }
        if reaches(Stage::AttentionOutput) {
            self.attention_output(layer, w)?;
        }
        if reaches(Stage::Qkv) {
            self.attend(layer, w)?;
            self.projections(layer, w)?;
        }
        Ok(())
    }

    /// The LayerNorm after the feed-forward layer.
    fn ffn_norm(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (rows, a) = (Level::ffn_norm(layer).rows(self.pass.row_kind(layer)), self.a);
        let kept = NormKept { x_hats: a.ffn_x_hats.at(layer), rstd: a.ffn_rstd.at(layer) };
        self.norm(rows, Site::FeedForward(layer), NormSlots::feed_forward(layer).gamma, kept, w)
    }

    /// The output matrix: from `w.d_product` to the gradient to the activation's output in `w.d_ffn`.
    fn output(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a) = (self.pass, self.a);
        let rows = Level::intermediate(layer).rows(pass.row_kind(layer));
        let matrix = pass.part(Slot::Block(layer, OutputWeight), 0, 0..pass.hidden());
        pass.weight_gradient(matrix, w.d_product.at(), a.ffn_act.at(layer), rows)?;
        if self.plan.reaches(Depth::Block(layer, Stage::Intermediate)) {
            let d_ffn = w.d_ffn.room(self.size(rows, pass.config.shape.intermediate))?;
            pass.input_gradient(d_ffn, Accumulate::Overwrite, w.d_product.at(), matrix, rows)?;
        }
        Ok(())
    }

    /// The activation and the intermediate matrix: what `w.d_ffn` makes of it is added to `w.d_x`.
    fn intermediate(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, width) = (self.pass, self.a, self.pass.config.shape.intermediate);
        let (kind, bias) = (pass.row_kind(layer), Slot::Block(layer, IntermediateBias));
        let (level_rows, d_ffn) = (pass.level_rows(Level::intermediate(layer).rows(kind)), w.d_ffn.at());
        let wanted = pass.members.targets(bias).is_some();
        let partial = if wanted { w.partial.room(4 * level_rows.parts() * width)? } else { 0 };
        let p = Gelu {
            chunks: level_rows.chunks,
            product: a.ffn_in.at(layer),
            bias: pass.members.vectors(bias),
            out: d_ffn,
            partial,
            width: width as u32,
            activation: device_activation(pass.config.activation),
        };
        pass.runner.gelu_backward(level_rows.kept, &p)?;
        self.collect(bias, &level_rows, PartSums { partial, width, vector: width, first: 0 })?;

        let inputs = Level::attention_norm(layer).rows(kind);
        let matrix = pass.part(Slot::Block(layer, IntermediateWeight), 0, 0..width);
        pass.weight_gradient(matrix, d_ffn, a.attn_out.at(layer), inputs)?;
        if self.plan.reaches(Depth::Block(layer, Stage::AttentionNorm)) {
            pass.input_gradient(w.d_x.at(), Accumulate::Add, d_ffn, matrix, inputs)?;
        }
        Ok(())
    }

    /// The LayerNorm after attention.
    fn attention_norm(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (rows, a) = (Level::attention_norm(layer).rows(self.pass.row_kind(layer)), self.a);
        let kept = NormKept { x_hats: a.attention_x_hats.at(layer), rstd: a.attention_rstd.at(layer) };
        self.norm(rows, Site::Attention(layer), NormSlots::attention(layer).gamma, kept, w)
    }

    /// Attention's output matrix: from `w.d_product` to the gradient to the heads' contexts in `w.d_context`.
    fn attention_output(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a) = (self.pass, self.a);
        let rows = Level::attention(layer).rows(pass.row_kind(layer));
        let matrix = pass.part(Slot::Block(layer, AttentionOutputWeight), 0, 0..pass.hidden());
        pass.weight_gradient(matrix, w.d_product.at(), a.contexts.at(layer), rows)?;
        if self.plan.reaches(Depth::Block(layer, Stage::Qkv)) {
            let d_context = w.d_context.room(self.size(rows, pass.hidden()))?;
            pass.input_gradient(d_context, Accumulate::Overwrite, w.d_product.at(), matrix, rows)?;
        }
        Ok(())
    }

    /// Bytes of gradients to activations of the branched members' rows, of so many each.
    fn size(&self, rows: Rows, width: usize) -> usize {
        self.pass.bytes(self.pass.layout.kept(rows) * width)
    }
}
