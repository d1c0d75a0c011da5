//! From the gradient to attention's output to those of its projections and their input.

use super::Backward;
use crate::EngineError;
use crate::cpu::kernels::matmul::Accumulate;
use crate::cuda::launch::{Attention, PickRows};
use crate::cuda::workspace::Workspace;
use crate::plan::level::Level;
use crate::plan::slots::{BlockSlot::*, Slot};
use crate::plan::{Depth, Stage};

impl Backward<'_> {
    /// From the gradient to the context to those of queries, keys and values.
    pub(super) fn attend(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, level) = (self.pass, Level::attention(layer));
        let (hidden, last) = (pass.hidden(), pass.is_last(layer));
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
    pub(super) fn projections(&self, layer: usize, w: &mut Workspace) -> Result<(), EngineError> {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.hidden());
        let last = pass.is_last(layer);
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
        if pass.is_last(layer) {
            let reads = pass.level_rows(level.reads());
            self.columns(bias, 0, d_queries, hidden, &reads, w)?;
            return self.columns(bias, hidden, d_qkv, 2 * hidden, &tokens, w);
        }
        self.columns(bias, 0, d_qkv, 3 * hidden, &tokens, w)
    }
}
