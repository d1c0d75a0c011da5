//! The backward pass on a device; as `cpu/backward/`.

use super::activations::Activations;
use super::launch::*;
use super::machine::Address;
use super::members::TABLES;
use super::pass::DevicePass;
use super::tables::LevelRows;
use super::workspace::Workspace;
use crate::dropout::Site as Place;
use crate::plan::batch::Space;
use crate::plan::level::Level;
use crate::plan::slots::{BlockSlot, BlockSlot::*, Slot};
use crate::plan::{Depth, Plan, Stage};
use crate::{EngineError, Objective};

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
    let down = Down { pass, plan, a };
    down.loss(w)?;
    for layer in (0..pass.config.shape.layers).rev() {
        if !plan.reaches(Depth::Block(layer, Stage::FeedForwardNorm)) {
            return Ok(());
        }
        down.block(layer, w)?;
    }
    if plan.reaches(Depth::Embeddings) {
        down.embeddings(w)?;
    }
    Ok(())
}

struct Down<'a> {
    pass: &'a DevicePass<'a>,
    plan: &'a Plan,
    a: &'a Activations,
}

impl Down<'_> {
    fn loss(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a) = (self.pass, self.a);
        let (hidden, outputs) = (pass.hidden(), pass.objective.outputs());
        let (members, reads) =
            (pass.wave.len(), pass.rows(Level::head(pass.config.shape.layers), Space::Reads));
        let ((targets, firsts), who) = (pass.tables.targets(), pass.tables.who());
        let slopes = w.slopes.room(4 * reads * outputs)?;
        pass.runner.loss(
            members,
            &Loss {
                logits: a.logits.at(),
                targets,
                firsts,
                who,
                slopes,
                losses: pass.members.losses.at(),
                outputs: outputs as u32,
                classes: u32::from(pass.objective != Objective::Regression),
            },
        )?;
        let gradients = pass.members.head_gradients;
        let (width, outputs) = (hidden as u32, outputs as u32);
        let dropped = a.dropped.at();
        pass.runner.head_gradient(
            members,
            &HeadGradient { slopes, dropped, firsts, who, gradients, width, outputs },
        )?;
        if self.plan.reaches(Depth::Pooler) {
            self.features(w)?;
        }
        Ok(())
    }

    /// From the gradient to the logits to that of the encoder's output.
    fn features(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, config) = (self.pass, self.a, self.pass.config);
        let (at, pooled, hidden) = (pass.features(), pass.objective.is_pooled(), pass.hidden());
        let rows = pass.level_rows(at, Space::Reads);
        let keys = pass.tables.keys(Space::Reads);
        let buffer = if pooled { &mut w.product } else { &mut w.down };
        let product = buffer.room(pass.bytes(pass.layout.kept(at, Space::Reads) * hidden))?;
        pass.runner.head_backward(
            rows.kept,
            &HeadBackward {
                chunks: rows.chunks,
                draws: pass.tables.draws(),
                examples: keys.examples,
                positions: keys.positions,
                slopes: w.slopes.at(),
                head: pass.members.heads,
                pooled: if pooled { a.pooled.at() } else { 0 },
                product,
                width: hidden as u32,
                outputs: pass.objective.outputs() as u32,
                site: Site::new(Place::Pooled, config.head_dropout()),
            },
        )?;
        if !pooled {
            return Ok(());
        }
        self.columns(Slot::PoolerBias, (product, hidden, 0), &rows, w)?;
        let before = (at.before(), Space::Reads);
        let matrix = pass.matrix(Slot::PoolerWeight, 0, 0..hidden);
        pass.weight_gradient(product, a.inputs.at(config.shape.layers), matrix, before)?;
        if self.plan.lowest < Depth::Pooler {
            let down = w.down.room(pass.bytes(pass.layout.kept(before.0, before.1) * hidden))?;
            pass.input_gradient((down, false), product, matrix, before)?;
        }
        Ok(())
    }

    /// Sums of columns of the branched members' rows, into the gradient of a vector from its `first` scalar on.
    fn columns(
        &self,
        slot: Slot,
        (from, width, first): (Address, usize, usize),
        rows: &LevelRows,
        w: &mut Workspace,
    ) -> Result<(), EngineError> {
        if self.pass.members.targets(slot).is_none() {
            return Ok(());
        }
        let partial = w.partial.room(4 * rows.parts() * width)?;
        let (stride, width) = (width as u32, width as u32);
        let p = ColumnSums { chunks: rows.chunks, from, partial, stride, width };
        self.pass.runner.column_sums(rows.kept, &p)?;
        self.collect(slot, rows, partial, (width as usize, width as usize, first))
    }

    /// Adds up the parts' sums `[.., width]` of vectors of `vector` scalars each, into their gradients.
    fn collect(
        &self,
        slot: Slot,
        rows: &LevelRows,
        partial: Address,
        (width, vector, first): (usize, usize, usize),
    ) -> Result<(), EngineError> {
        let Some(targets) = self.pass.members.targets(slot) else { return Ok(()) };
        let p = Collect {
            partial,
            firsts: rows.firsts,
            who: self.pass.tables.who(),
            targets,
            width: width as u32,
            vector: vector as u32,
            stride: self.pass.members.len() as u32,
            first: first as u32,
        };
        self.pass.runner.collect(rows.members, &p)
    }

    /// LayerNorm and dropout: `down` becomes the gradient to the residual, `product` that to the product.
    fn norm(
        &self,
        (at, space): (Level, Space),
        (place, gamma): (Place, Slot),
        (hats, inverses): (Address, Address),
        w: &mut Workspace,
    ) -> Result<(), EngineError> {
        let (pass, hidden) = (self.pass, self.pass.hidden());
        let rows = pass.level_rows(at, space);
        let keys = pass.tables.keys(space);
        let wanted = pass.members.targets(gamma).is_some();
        let after = place == Place::Embeddings;
        let partial = if wanted { w.partial.room(4 * rows.parts() * 3 * hidden)? } else { 0 };
        let product =
            if after { 0 } else { w.product.room(pass.bytes(pass.layout.kept(at, space) * hidden))? };
        let p = NormBackward {
            chunks: rows.chunks,
            draws: pass.tables.draws(),
            examples: keys.examples,
            positions: keys.positions,
            slope: w.down.at(),
            hats,
            inverses,
            gamma: pass.members.vectors(gamma),
            product,
            partial,
            width: hidden as u32,
            after: u32::from(after),
            site: Site::new(place, pass.config.hidden_dropout),
        };
        pass.runner.norm_backward(rows.kept, &p)?;
        self.collect(gamma, &rows, partial, (3 * hidden, hidden, 0))
    }

    fn block(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a) = (self.pass, self.a);
        let (hidden, inner) = (pass.hidden(), pass.config.shape.intermediate);
        let space = pass.space(layer);
        let slot = |slot: BlockSlot| Slot::Block(layer, slot);
        let reaches = |stage| self.plan.reaches(Depth::Block(layer, stage));
        let room = |level, width: usize| pass.bytes(pass.layout.kept(level, space) * width);

        let hats = (a.feed_forward_hats.at(layer), a.feed_forward_inverses.at(layer));
        let at = Level::output(layer);
        self.norm((at, space), (Place::FeedForward(layer), slot(FeedForwardGamma)), hats, w)?;
        if !reaches(Stage::Down) {
            return Ok(());
        }
        let at = Level::intermediate(layer);
        let down = pass.matrix(slot(DownWeight), 0, 0..hidden);
        pass.weight_gradient(w.product.at(), a.hiddens.at(layer), down, (at, space))?;
        if !reaches(Stage::Up) {
            return Ok(());
        }
        let slope = w.hidden.room(room(at, inner))?;
        pass.input_gradient((slope, false), w.product.at(), down, (at, space))?;
        let rows = pass.level_rows(at, space);
        let wanted = pass.members.targets(slot(UpBias)).is_some();
        let partial = if wanted { w.partial.room(4 * rows.parts() * inner)? } else { 0 };
        let p = Gelu {
            chunks: rows.chunks,
            product: a.ups.at(layer),
            bias: pass.members.vectors(slot(UpBias)),
            out: slope,
            partial,
            width: inner as u32,
            padding: 0,
        };
        pass.runner.gelu_backward(rows.kept, &p)?;
        self.collect(slot(UpBias), &rows, partial, (inner, inner, 0))?;
        let at = Level::middle(layer);
        let up = pass.matrix(slot(UpWeight), 0, 0..inner);
        pass.weight_gradient(slope, a.middles.at(layer), up, (at, space))?;
        if !reaches(Stage::AttentionNorm) {
            return Ok(());
        }
        pass.input_gradient((w.down.at(), true), slope, up, (at, space))?;

        let hats = (a.attention_hats.at(layer), a.attention_inverses.at(layer));
        self.norm((at, space), (Place::Attention(layer), slot(AttentionGamma)), hats, w)?;
        if !reaches(Stage::Mix) {
            return Ok(());
        }
        let at = Level::attention(layer);
        let mix = pass.matrix(slot(MixWeight), 0, 0..hidden);
        pass.weight_gradient(w.product.at(), a.contexts.at(layer), mix, (at, space))?;
        if !reaches(Stage::Qkv) {
            return Ok(());
        }
        let context = w.context.room(room(at, hidden))?;
        pass.input_gradient((context, false), w.product.at(), mix, (at, space))?;
        self.attend(layer, w)?;
        self.projections(layer, w)
    }

    /// From the gradient to the context to those of queries, keys and values.
    fn attend(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, at, space) = (self.pass, Level::attention(layer), self.pass.space(layer));
        let (hidden, last) = (pass.hidden(), space == Space::Reads);
        let stride = if last { 2 * hidden } else { 3 * hidden };
        let qkv = w.qkv.room(pass.bytes(pass.layout.kept(at, Space::Tokens) * stride))?;
        let (dquery, dquery_stride) = if last {
            (w.queries.room(pass.bytes(pass.layout.kept(at, Space::Reads) * hidden))?, hidden)
        } else {
            (qkv, stride)
        };
        let heads = pass.level_heads(layer);
        let p = Attention {
            slope: w.context.at(),
            deltas: w.deltas.room(4 * pass.layout.kept(at, space) * pass.config.shape.heads)?,
            dquery,
            dkey: pass.offset(qkv, stride - 2 * hidden),
            dvalue: pass.offset(qkv, stride - hidden),
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
        let last = pass.space(layer) == Space::Reads;
        let (bias, weight) = (Slot::Block(layer, QkvBias), Slot::Block(layer, QkvWeight));
        let at = Level::attention(layer);
        let tokens = pass.level_rows(at, Space::Tokens);
        let (qkv, queries) = (w.qkv.at(), w.queries.at());
        if last {
            let reads = pass.level_rows(at, Space::Reads);
            self.columns(bias, (queries, hidden, 0), &reads, w)?;
            self.columns(bias, (qkv, 2 * hidden, hidden), &tokens, w)?;
        } else {
            self.columns(bias, (qkv, 3 * hidden, 0), &tokens, w)?;
        }
        let at = Level::input(layer);
        let (all, some) = ((at, Space::Tokens), (at, Space::Reads));
        let goes_on = self.plan.lowest < Depth::Block(layer, Stage::Qkv);
        if !last {
            let matrix = pass.matrix(weight, 0, 0..3 * hidden);
            pass.weight_gradient(qkv, a.inputs.at(layer), matrix, all)?;
            return if goes_on { pass.input_gradient((w.down.at(), true), qkv, matrix, all) } else { Ok(()) };
        }
        let (query, rest) = (pass.matrix(weight, 0, 0..hidden), pass.matrix(weight, 1, hidden..3 * hidden));
        pass.weight_gradient(queries, a.head_inputs.at(), query, some)?;
        pass.weight_gradient(qkv, a.inputs.at(layer), rest, all)?;
        if !goes_on {
            return Ok(());
        }
        pass.input_gradient((w.down.at(), true), queries, query, some)?;
        let to = w.context.room(pass.bytes(pass.layout.kept(at, Space::Tokens) * hidden))?;
        pass.input_gradient((to, false), qkv, rest, all)?;
        let p =
            PickRows { rows: pass.tables.reads(), from: w.down.at(), to, width: hidden as u32, padding: 0 };
        pass.runner.add_rows(pass.layout.kept(at, Space::Reads), &p)?;
        std::mem::swap(&mut w.down, &mut w.context);
        Ok(())
    }

    fn embeddings(&self, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.hidden());
        let at = Level::EMBEDDINGS;
        let hats = (a.embedding_hats.at(), a.embedding_inverses.at());
        self.norm((at, Space::Tokens), (Place::Embeddings, Slot::EmbeddingGamma), hats, w)?;
        let rows = pass.level_rows(at, Space::Tokens);
        let shape = &pass.config.shape;
        let sizes = [shape.vocabulary, shape.positions, shape.segments];
        for (table, slot) in TABLES.into_iter().enumerate() {
            if let (Some(to), Some(found)) =
                (pass.members.matrix_gradient(slot), pass.tables.occurrences(table))
            {
                pass.runner.machine.clear(to, 4 * sizes[table] * hidden)?;
                let p = TableGradient {
                    slope: w.down.at(),
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
                    spans: rows.spans,
                    tokens: pass.tables.tokens(),
                    who: pass.tables.who(),
                    sparse: differences.all,
                    numbers: pass.tables.embeddings()[table],
                    slope: w.down.at(),
                    gradients: pass.members.gradients,
                    width: hidden as u32,
                    table: table as u32,
                };
                pass.runner.sparse_table(differences.lists[table], rows.members, &p)?;
            }
        }
        Ok(())
    }
}
