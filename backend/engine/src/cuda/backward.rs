//! The backward pass on a device; as `cpu/backward/`, name by name.

use super::activations::Activations;
use super::launch::*;
use super::machine::Address;
use super::members::TABLES;
use super::pass::DevicePass;
use super::tables::LevelRows;
use super::workspace::Workspace;
use crate::cpu::kernels::matmul::Accumulate;
use crate::dropout::Site;
use crate::plan::batch::RowKind;
use crate::plan::level::{Level, Rows};
use crate::plan::slots::{BlockSlot, BlockSlot::*, Slot};
use crate::plan::{Depth, Plan, Stage};
use crate::{EngineError, LossFunction};

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
pub fn backward(
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
    if plan.reaches(Depth::Embeddings) {
        backward.embeddings(w)?;
    }
    Ok(())
}

impl Backward<'_> {
    fn loss(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a) = (self.pass, self.a);
        let (hidden, outputs, members) = (pass.hidden(), pass.objective.outputs(), pass.wave.len());
        let reads = pass.row_count(Level::head(pass.config.shape.layers).reads());
        let ((targets, firsts), who) = (pass.tables.targets(), pass.tables.who());
        let d_logits = w.d_logits.room(4 * reads * outputs)?;
        let p = Loss {
            logits: a.logits.at(),
            targets,
            firsts,
            who,
            d_logits,
            losses: pass.members.losses.at(),
            outputs: outputs as u32,
            classes: u32::from(pass.objective.loss() == LossFunction::CrossEntropy),
        };
        pass.runner.loss(members, &p)?;
        let p = HeadGradient {
            d_logits,
            dropped: a.dropped.at(),
            firsts,
            who,
            gradients: pass.members.head_gradients,
            width: hidden as u32,
            outputs: outputs as u32,
        };
        pass.runner.head_gradient(members, &p)?;
        if self.plan.reaches(Depth::Pooler) {
            self.features(w)?;
        }
        Ok(())
    }

    /// From the gradient to the logits to that of the encoder's output.
    fn features(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, config) = (self.pass, self.a, self.pass.config);
        let (rows, pooled, hidden) = (pass.features().reads(), pass.objective.is_pooled(), pass.hidden());
        let (there, keys) = (pass.level_rows(rows), pass.tables.dropout_keys(RowKind::Reads));
        let buffer = if pooled { &mut w.d_product } else { &mut w.d_x };
        let product = buffer.room(pass.bytes(pass.layout.kept(rows) * hidden))?;
        let p = HeadBackward {
            chunks: there.chunks,
            draws: pass.tables.draws(),
            examples: keys.examples,
            positions: keys.positions,
            d_logits: w.d_logits.at(),
            head: pass.members.heads,
            pooled: if pooled { a.pooled.at() } else { 0 },
            product,
            width: hidden as u32,
            outputs: pass.objective.outputs() as u32,
            site: DeviceSite::new(Site::Pooled, config.head_dropout()),
        };
        pass.runner.head_backward(there.kept, &p)?;
        if !pooled {
            return Ok(());
        }
        self.columns(Slot::PoolerBias, 0, product, hidden, &there, w)?;
        let (before, matrix) = (rows.before(), pass.part(Slot::PoolerWeight, 0, 0..hidden));
        pass.weight_gradient(matrix, product, a.inputs.at(config.shape.layers), before)?;
        if self.plan.lowest < Depth::Pooler {
            let d_x = w.d_x.room(pass.bytes(pass.layout.kept(before) * hidden))?;
            pass.input_gradient(d_x, Accumulate::Overwrite, product, matrix, before)?;
        }
        Ok(())
    }

    /// Sums of columns of the branched members' rows `[rows, width]`, into the gradient of a vector from its `first`
    /// scalar on.
    fn columns(
        &self,
        slot: Slot,
        first: usize,
        from: Address,
        width: usize,
        there: &LevelRows,
        w: &mut Workspace,
    ) -> Result<(), EngineError> {
        if self.pass.members.targets(slot).is_none() {
            return Ok(());
        }
        let partial = w.partial.room(4 * there.parts() * width)?;
        let p = ColumnSums { chunks: there.chunks, from, partial, stride: width as u32, width: width as u32 };
        self.pass.runner.column_sums(there.kept, &p)?;
        self.collect(slot, there, PartSums { partial, width, vector: width, first })
    }

    /// Adds up the parts' sums into the gradients of the vectors whose first is `slot`.
    fn collect(&self, slot: Slot, there: &LevelRows, sums: PartSums) -> Result<(), EngineError> {
        let Some(targets) = self.pass.members.targets(slot) else { return Ok(()) };
        let p = Collect {
            partial: sums.partial,
            firsts: there.firsts,
            who: self.pass.tables.who(),
            targets,
            width: sums.width as u32,
            vector: sums.vector as u32,
            stride: self.pass.members.len() as u32,
            first: sums.first as u32,
        };
        self.pass.runner.collect(there.members, &p)
    }

    /// LayerNorm and dropout: `w.d_x` becomes the gradient to the residual, `w.d_product` that to the product.
    fn norm(
        &self,
        rows: Rows,
        site: Site,
        gamma: Slot,
        kept: NormKept,
        w: &mut Workspace,
    ) -> Result<(), EngineError> {
        let (pass, hidden) = (self.pass, self.pass.hidden());
        let (there, keys) = (pass.level_rows(rows), pass.tables.dropout_keys(rows.kind));
        let wanted = pass.members.targets(gamma).is_some();
        let after = site == Site::Embeddings;
        let partial = if wanted { w.partial.room(4 * there.parts() * 3 * hidden)? } else { 0 };
        let product =
            if after { 0 } else { w.d_product.room(pass.bytes(pass.layout.kept(rows) * hidden))? };
        let p = NormBackward {
            chunks: there.chunks,
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
            site: DeviceSite::new(site, pass.config.hidden_dropout),
        };
        pass.runner.norm_backward(there.kept, &p)?;
        self.collect(gamma, &there, PartSums { partial, width: 3 * hidden, vector: hidden, first: 0 })
    }

    fn block(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a) = (self.pass, self.a);
        let (hidden, intermediate) = (pass.hidden(), pass.config.shape.intermediate);
        let (kind, slot) = (pass.row_kind(layer), |slot: BlockSlot| Slot::Block(layer, slot));
        let reaches = |stage| self.plan.reaches(Depth::Block(layer, stage));
        let room = |rows: Rows, width: usize| pass.bytes(pass.layout.kept(rows) * width);

        let rows = Level::ffn_norm(layer).rows(kind);
        let kept = NormKept { x_hats: a.ffn_x_hats.at(layer), rstd: a.ffn_rstd.at(layer) };
        self.norm(rows, Site::FeedForward(layer), slot(FeedForwardGamma), kept, w)?;
        if !reaches(Stage::Output) {
            return Ok(());
        }
        let rows = Level::intermediate(layer).rows(kind);
        let matrix = pass.part(slot(OutputWeight), 0, 0..hidden);
        pass.weight_gradient(matrix, w.d_product.at(), a.ffn_act.at(layer), rows)?;
        if !reaches(Stage::Intermediate) {
            return Ok(());
        }
        let d_ffn = w.d_ffn.room(room(rows, intermediate))?;
        pass.input_gradient(d_ffn, Accumulate::Overwrite, w.d_product.at(), matrix, rows)?;
        let there = pass.level_rows(rows);
        let wanted = pass.members.targets(slot(IntermediateBias)).is_some();
        let partial = if wanted { w.partial.room(4 * there.parts() * intermediate)? } else { 0 };
        let p = Gelu {
            chunks: there.chunks,
            product: a.ffn_in.at(layer),
            bias: pass.members.vectors(slot(IntermediateBias)),
            out: d_ffn,
            partial,
            width: intermediate as u32,
            padding: 0,
        };
        pass.runner.gelu_backward(there.kept, &p)?;
        let sums = PartSums { partial, width: intermediate, vector: intermediate, first: 0 };
        self.collect(slot(IntermediateBias), &there, sums)?;
        let rows = Level::attention_norm(layer).rows(kind);
        let matrix = pass.part(slot(IntermediateWeight), 0, 0..intermediate);
        pass.weight_gradient(matrix, d_ffn, a.attn_out.at(layer), rows)?;
        if !reaches(Stage::AttentionNorm) {
            return Ok(());
        }
        pass.input_gradient(w.d_x.at(), Accumulate::Add, d_ffn, matrix, rows)?;

        let kept = NormKept { x_hats: a.attention_x_hats.at(layer), rstd: a.attention_rstd.at(layer) };
        self.norm(rows, Site::Attention(layer), slot(AttentionGamma), kept, w)?;
        if !reaches(Stage::AttentionOutput) {
            return Ok(());
        }
        let rows = Level::attention(layer).rows(kind);
        let matrix = pass.part(slot(AttentionOutputWeight), 0, 0..hidden);
        pass.weight_gradient(matrix, w.d_product.at(), a.contexts.at(layer), rows)?;
        if !reaches(Stage::Qkv) {
            return Ok(());
        }
        let d_context = w.d_context.room(room(rows, hidden))?;
        pass.input_gradient(d_context, Accumulate::Overwrite, w.d_product.at(), matrix, rows)?;
        self.attend(layer, w)?;
        self.projections(layer, w)
    }

    /// From the gradient to the context to those of queries, keys and values.
    fn attend(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, level) = (self.pass, Level::attention(layer));
        let (hidden, last) = (pass.hidden(), pass.row_kind(layer) == RowKind::Reads);
        let stride = if last { 2 * hidden } else { 3 * hidden };
        let d_qkv = w.d_qkv.room(pass.bytes(pass.layout.kept(level.tokens()) * stride))?;
        let (dquery, dquery_stride) = if last {
            (w.d_queries.room(pass.bytes(pass.layout.kept(level.reads()) * hidden))?, hidden)
        } else {
            (d_qkv, stride)
        };
        let heads = pass.level_heads(layer);
        let count = pass.layout.kept(level.rows(pass.row_kind(layer)));
        let p = Attention {
            grad: w.d_context.at(),
            deltas: w.deltas.room(4 * count * pass.config.shape.heads)?,
            dquery,
            dkey: pass.offset(d_qkv, stride - 2 * hidden),
            dvalue: pass.offset(d_qkv, stride - hidden),
            dquery_stride: dquery_stride as u32,
            dkey_stride: stride as u32,
            ..pass.attention(layer, self.a)
        };
        pass.runner.attention_queries(heads.kept_query_tiles, &p)?;
        pass.runner.attention_keys(heads.kept_key_tiles, &Attention { tiles: heads.keys, ..p })
    }

    /// From the gradients to queries, keys and values to their weights, biases and input.
    fn projections(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.hidden());
        let last = pass.row_kind(layer) == RowKind::Reads;
        let weight = Slot::Block(layer, QkvWeight);
        self.projection_bias(layer, w)?;

        let (tokens, reads) = (Level::input(layer).tokens(), Level::input(layer).reads());
        let (d_qkv, d_queries) = (w.d_qkv.at(), w.d_queries.at());
        let goes_on = self.plan.lowest < Depth::Block(layer, Stage::Qkv);
        if !last {
            let matrix = pass.part(weight, 0, 0..3 * hidden);
            pass.weight_gradient(matrix, d_qkv, a.inputs.at(layer), tokens)?;
            if goes_on {
                pass.input_gradient(w.d_x.at(), Accumulate::Add, d_qkv, matrix, tokens)?;
            }
            return Ok(());
        }
        let (query, rest) = (pass.part(weight, 0, 0..hidden), pass.part(weight, 1, hidden..3 * hidden));
        pass.weight_gradient(query, d_queries, a.head_inputs.at(), reads)?;
        pass.weight_gradient(rest, d_qkv, a.inputs.at(layer), tokens)?;
        if !goes_on {
            return Ok(());
        }
        pass.input_gradient(w.d_x.at(), Accumulate::Add, d_queries, query, reads)?;
        let to = w.d_context.room(pass.bytes(pass.layout.kept(tokens) * hidden))?;
        pass.input_gradient(to, Accumulate::Overwrite, d_qkv, rest, tokens)?;
        let width = hidden as u32;
        let p = PickRows { rows: pass.tables.reads(), from: w.d_x.at(), to, width, padding: 0 };
        pass.runner.add_rows(pass.layout.kept(reads), &p)?;
        std::mem::swap(&mut w.d_x, &mut w.d_context);
        Ok(())
    }

    /// The gradient of the biases of queries, keys and values. In the last block those of the queries are sums over
    /// other rows than the rest: reads.
    fn projection_bias(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, hidden, level) = (self.pass, self.pass.hidden(), Level::attention(layer));
        let bias = Slot::Block(layer, QkvBias);
        let (d_qkv, d_queries) = (w.d_qkv.at(), w.d_queries.at());
        let tokens = pass.level_rows(level.tokens());
        if pass.row_kind(layer) == RowKind::Reads {
            let reads = pass.level_rows(level.reads());
            self.columns(bias, 0, d_queries, hidden, &reads, w)?;
            return self.columns(bias, hidden, d_qkv, 2 * hidden, &tokens, w);
        }
        self.columns(bias, 0, d_qkv, 3 * hidden, &tokens, w)
    }

    fn embeddings(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.hidden());
        let rows = Level::EMBEDDINGS.tokens();
        let kept = NormKept { x_hats: a.embedding_x_hats.at(), rstd: a.embedding_rstd.at() };
        self.norm(rows, Site::Embeddings, Slot::EmbeddingGamma, kept, w)?;
        let there = pass.level_rows(rows);
        let shape = &pass.config.shape;
        let sizes = [shape.vocabulary, shape.positions, shape.segments];
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
                    spans: there.spans,
                    tokens: pass.tables.tokens(),
                    who: pass.tables.who(),
                    sparse: differences.all,
                    numbers: pass.tables.embeddings()[table],
                    grad: w.d_x.at(),
                    gradients: pass.members.gradients,
                    width: hidden as u32,
                    table: table as u32,
                };
                pass.runner.sparse_table(differences.lists[table], there.members, &p)?;
            }
        }
        Ok(())
    }
}
