//! The forward pass on a device; as `cpu/forward.rs`, name by name.

use super::activations::Activations;
use super::launch::{
    Attention, DenseForward, DenseInputs, DeviceSite, Embed, Gelu, HeadForward, NO_ACTIVATION, NormForward,
    PickRows, device_activation,
};
use super::machine::Address;
use super::pass::DevicePass;
use crate::EngineError;
use crate::dropout::Site;
use crate::pass::attention_scale;
use crate::plan::batch::RowKind;
use crate::plan::level::{Level, Rows};
use crate::plan::slots::{BlockSlot::*, NormSlots, Slot};
use tunemask_shared::family::{DenseInput, DenseLayer};

/// Runs the encoder and the head; logits and all that the backward pass needs are in `a` afterwards.
///
/// # Errors
/// There is no memory, or the device fails.
pub(super) fn forward(pass: &DevicePass<'_>, a: &mut Activations) -> Result<(), EngineError> {
    embed(pass, a)?;
    for layer in 0..pass.config.shape.layers {
        block(pass, layer, a)?;
    }
    head(pass, a)
}

fn embed(pass: &DevicePass<'_>, a: &mut Activations) -> Result<(), EngineError> {
    let (config, rows) = (pass.config, Level::EMBEDDINGS.tokens());
    // A row of the embeddings; projected where it is not the blocks'.
    let (hidden, is_projected) = (config.shape.embedding(), config.shape.has_projection());
    let (level_rows, keys) = (pass.level_rows(rows), pass.tables.dropout_keys(RowKind::Tokens));
    let [ids, place_rows, segments] = pass.tables.embeddings();
    let [words, places, kinds] = pass.members.embeddings();
    let kept = pass.kept(rows);
    let size = pass.bytes(pass.row_count(rows) * hidden);
    let p = Embed {
        chunks: level_rows.chunks,
        draws: pass.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        ids,
        segments,
        place_rows,
        words,
        places,
        kinds: if config.shape.segments > 0 { kinds } else { 0 },
        sparse: pass.members.tables.map_or(0, |tables| tables.all),
        gamma: pass.members.vectors(Slot::EmbeddingGamma),
        beta: pass.members.vectors(Slot::EmbeddingBeta),
        x_hats: a.embedding_x_hats.room(pass.bytes(kept * hidden))?,
        out: if is_projected { a.embedded.room(size)? } else { a.inputs.room(0, size)? },
        rstd: a.embedding_rstd.room(4 * kept)?,
        width: hidden as u32,
        epsilon: config.layer_norm_epsilon,
        site: DeviceSite::new(Site::Embeddings, pass.drop_probability(Site::Embeddings)),
    };
    pass.runner.embed(level_rows.count, &p)?;
    if is_projected { project(pass, a) } else { Ok(()) }
}

/// From the embeddings' width to the blocks'.
fn project(pass: &DevicePass<'_>, a: &mut Activations) -> Result<(), EngineError> {
    let (hidden, rows) = (pass.hidden(), Level::EMBEDDINGS.tokens());
    let out = a.inputs.room(0, pass.size(rows, hidden))?;
    pass.linear(out, a.embedded.at(), pass.part(Slot::ProjectionWeight, 0, 0..hidden), rows)?;
    let level_rows = pass.level_rows(rows);
    // The product's rows are those of the same level.
    let p = Gelu {
        chunks: level_rows.chunks,
        product: out,
        bias: pass.members.vectors(Slot::ProjectionBias),
        out,
        partial: 0,
        width: hidden as u32,
        activation: NO_ACTIVATION,
    };
    pass.runner.gelu_forward(level_rows.count, &p)
}

fn block(pass: &DevicePass<'_>, layer: usize, a: &mut Activations) -> Result<(), EngineError> {
    qkv(pass, layer, a)?;
    attention(pass, layer, a)?;
    attention_norm(pass, layer, a)?;
    feed_forward(pass, layer, a)?;
    ffn_norm(pass, layer, a)
}

/// Queries, keys and values, without bias. The last block has queries of the rows that the head reads, and no others.
fn qkv(pass: &DevicePass<'_>, layer: usize, a: &mut Activations) -> Result<(), EngineError> {
    let (hidden, weight) = (pass.hidden(), Slot::Block(layer, QkvWeight));
    let (tokens, reads) = (Level::input(layer).tokens(), Level::input(layer).reads());
    let input = a.inputs.at(layer);
    if !pass.is_last(layer) {
        let qkv = a.qkv.room(layer, pass.size(tokens, 3 * hidden))?;
        return pass.linear(qkv, input, pass.part(weight, 0, 0..3 * hidden), tokens);
    }
    let head_inputs = a.head_inputs.room(pass.size(reads, hidden))?;
    gather_reads(pass, reads, input, head_inputs)?;
    let queries = a.head_queries.room(pass.size(reads, hidden))?;
    pass.linear(queries, head_inputs, pass.part(weight, 0, 0..hidden), reads)?;
    let qkv = a.qkv.room(layer, pass.size(tokens, 2 * hidden))?;
    pass.linear(qkv, input, pass.part(weight, 1, hidden..3 * hidden), tokens)
}

/// The heads' contexts, and the logarithms of attention's sums.
fn attention(pass: &DevicePass<'_>, layer: usize, a: &mut Activations) -> Result<(), EngineError> {
    let rows = Level::attention(layer).rows(pass.row_kind(layer));
    a.contexts.room(layer, pass.size(rows, pass.hidden()))?;
    a.logs.room(layer, 4 * pass.row_count(rows) * pass.config.shape.heads)?;
    attend(pass, layer, a)
}

/// Attention's output matrix, and the LayerNorm behind it.
fn attention_norm(pass: &DevicePass<'_>, layer: usize, a: &mut Activations) -> Result<(), EngineError> {
    let (hidden, kind) = (pass.hidden(), pass.row_kind(layer));
    let contexts = Level::attention(layer).rows(kind);
    let product = a.product.room(pass.size(contexts, hidden))?;
    let weight = pass.part(Slot::Block(layer, AttentionOutputWeight), 0, 0..hidden);
    pass.linear(product, a.contexts.at(layer), weight, contexts)?;

    let rows = Level::attention_norm(layer).rows(kind);
    let kept = pass.kept(rows);
    let residual = if pass.is_last(layer) { a.head_inputs.at() } else { a.inputs.at(layer) };
    let input = NormInput { product, residual };
    let output = NormOutput {
        x_hats: a.attention_x_hats.room(layer, pass.bytes(kept * hidden))?,
        rstd: a.attention_rstd.room(layer, 4 * kept)?,
        out: a.attn_out.room(layer, pass.size(rows, hidden))?,
    };
    norm(pass, rows, Site::Attention(layer), NormSlots::attention(layer), input, output)
}

/// The intermediate matrix and the activation.
fn feed_forward(pass: &DevicePass<'_>, layer: usize, a: &mut Activations) -> Result<(), EngineError> {
    let (intermediate, kind) = (pass.config.shape.intermediate, pass.row_kind(layer));
    let inputs = Level::attention_norm(layer).rows(kind);
    let ffn_in = a.ffn_in.room(layer, pass.size(inputs, intermediate))?;
    let weight = pass.part(Slot::Block(layer, IntermediateWeight), 0, 0..intermediate);
    pass.linear(ffn_in, a.attn_out.at(layer), weight, inputs)?;

    let rows = Level::intermediate(layer).rows(kind);
    let ffn_act = a.ffn_act.room(layer, pass.size(rows, intermediate))?;
    activate(pass, rows, Slot::Block(layer, IntermediateBias), ffn_in, ffn_act)
}

/// The output matrix, and the LayerNorm behind it.
fn ffn_norm(pass: &DevicePass<'_>, layer: usize, a: &mut Activations) -> Result<(), EngineError> {
    let (hidden, kind) = (pass.hidden(), pass.row_kind(layer));
    let activated = Level::intermediate(layer).rows(kind);
    let product = a.product.room(pass.size(activated, hidden))?;
    let weight = pass.part(Slot::Block(layer, OutputWeight), 0, 0..hidden);
    pass.linear(product, a.ffn_act.at(layer), weight, activated)?;

    let rows = Level::ffn_norm(layer).rows(kind);
    let kept = pass.kept(rows);
    let input = NormInput { product, residual: a.attn_out.at(layer) };
    let output = NormOutput {
        x_hats: a.ffn_x_hats.room(layer, pass.bytes(kept * hidden))?,
        rstd: a.ffn_rstd.room(layer, 4 * kept)?,
        out: a.inputs.room(layer + 1, pass.size(rows, hidden))?,
    };
    norm(pass, rows, Site::FeedForward(layer), NormSlots::feed_forward(layer), input, output)
}

/// Copies the rows that the head reads out of the last block's input `[tokens, hidden]`.
fn gather_reads(pass: &DevicePass<'_>, reads: Rows, input: Address, out: Address) -> Result<(), EngineError> {
    let width = pass.hidden() as u32;
    let p = PickRows { rows: pass.tables.reads(), from: input, to: out, width, padding: 0 };
    pass.runner.gather_rows(pass.row_count(reads), &p)
}

/// Attention of a block: its context `[rows, hidden]`, and the logarithms of its sums.
fn attend(pass: &DevicePass<'_>, layer: usize, a: &Activations) -> Result<(), EngineError> {
    pass.runner.attention_forward(pass.level_heads(layer).query_tiles, &pass.attention(layer, a))
}

/// What a LayerNorm reads.
struct NormInput {
    /// The product before it, without bias `[rows, hidden]`, of the level below.
    product: Address,
    /// What its dropout is added to `[rows, hidden]`.
    residual: Address,
}

/// What a LayerNorm writes.
struct NormOutput {
    /// x̂ `[kept rows, hidden]`.
    x_hats: Address,
    /// 1 / √(var + ε), f32 `[kept rows]`.
    rstd: Address,
    /// `[rows, hidden]`.
    out: Address,
}

/// Dropout, residual and LayerNorm, and the bias of the product before them.
fn norm(
    pass: &DevicePass<'_>,
    rows: Rows,
    site: Site,
    slots: NormSlots,
    input: NormInput,
    output: NormOutput,
) -> Result<(), EngineError> {
    let (level_rows, keys) = (pass.level_rows(rows), pass.tables.dropout_keys(rows.kind));
    let p = NormForward {
        chunks: level_rows.chunks,
        draws: pass.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        product: input.product,
        residual: input.residual,
        bias: pass.members.vectors(slots.bias),
        gamma: pass.members.vectors(slots.gamma),
        beta: pass.members.vectors(slots.beta),
        x_hats: output.x_hats,
        out: output.out,
        rstd: output.rstd,
        width: pass.hidden() as u32,
        epsilon: pass.config.layer_norm_epsilon,
        site: DeviceSite::new(site, pass.drop_probability(site)),
    };
    pass.runner.norm_forward(level_rows.count, &p)
}

/// Bias and activation of a block: from `ffn_in` of the level below to `out`, both `[rows, intermediate]`.
fn activate(
    pass: &DevicePass<'_>,
    rows: Rows,
    bias: Slot,
    ffn_in: Address,
    out: Address,
) -> Result<(), EngineError> {
    let level_rows = pass.level_rows(rows);
    let p = Gelu {
        chunks: level_rows.chunks,
        product: ffn_in,
        bias: pass.members.vectors(bias),
        out,
        partial: 0,
        width: pass.config.shape.intermediate as u32,
        activation: device_activation(pass.config.activation),
    };
    pass.runner.gelu_forward(level_rows.count, &p)
}

impl DevicePass<'_> {
    /// What attention's kernels read of a block, forward and backward; gradients are left out.
    pub(super) fn attention(&self, layer: usize, a: &Activations) -> Attention {
        let shape = &self.config.shape;
        let (hidden, last) = (shape.hidden, self.is_last(layer));
        let heads = self.level_heads(layer);
        let qkv = a.qkv.at(layer);
        let stride = if last { 2 * hidden } else { 3 * hidden };
        let (query, query_stride) = if last { (a.head_queries.at(), hidden) } else { (qkv, stride) };
        Attention {
            tiles: heads.queries,
            sequences: heads.sequences,
            draws: self.tables.draws(),
            positions: if last { self.tables.dropout_keys(RowKind::Reads).positions } else { 0 },
            query,
            key: self.offset(qkv, stride - 2 * hidden),
            value: self.offset(qkv, stride - hidden),
            bias: self.members.vectors(Slot::Block(layer, QkvBias)),
            context: a.contexts.at(layer),
            logs: a.logs.at(layer),
            query_stride: query_stride as u32,
            key_stride: stride as u32,
            heads: shape.heads as u32,
            width: (hidden / shape.heads) as u32,
            scale: attention_scale(hidden / shape.heads),
            site: DeviceSite::new(Site::Probabilities(layer), self.config.attention_dropout),
            ..Attention::default()
        }
    }

    /// Where a head's dense layer drops from what it reads.
    pub(super) fn dense_site(&self, layer: DenseLayer) -> DeviceSite {
        match layer.input {
            DenseInput::Dropped => DeviceSite::new(Site::Features, self.drop_probability(Site::Features)),
            DenseInput::Plain => DeviceSite::new(Site::Features, 0.0),
        }
    }
}

fn head(pass: &DevicePass<'_>, a: &mut Activations) -> Result<(), EngineError> {
    let config = pass.config;
    let (layers, hidden, outputs) = (config.shape.layers, pass.hidden(), pass.objective.outputs());
    let (top, pooled) = (Level::head(layers).reads(), pass.objective.is_pooled());
    let (encoded, dense) = (a.inputs.at(layers), pass.dense());
    let features = dense.map_or(Ok(0), |layer| dense_layer(pass, layer, a))?;
    let product = if pooled && dense.is_none() {
        let before = Level::pooler(layers).before().reads();
        let product = a.product.room(pass.bytes(pass.row_count(before) * hidden))?;
        pass.linear(product, encoded, pass.part(Slot::PoolerWeight, 0, 0..hidden), before)?;
        product
    } else {
        encoded
    };
    let (level_rows, keys) = (pass.level_rows(top), pass.tables.dropout_keys(RowKind::Reads));
    let reads = pass.row_count(top);
    let p = HeadForward {
        chunks: level_rows.chunks,
        draws: pass.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        product,
        features,
        bias: if pooled && dense.is_none() { pass.members.vectors(Slot::PoolerBias) } else { 0 },
        head: pass.members.heads,
        pooled: if dense.is_some() {
            features
        } else if pooled {
            a.pooled.room(4 * reads * hidden)?
        } else {
            0
        },
        dropped: a.dropped.room(4 * reads * hidden)?,
        logits: a.logits.room(4 * reads * outputs)?,
        width: hidden as u32,
        outputs: outputs as u32,
        site: DeviceSite::new(Site::Pooled, pass.drop_probability(Site::Pooled)),
    };
    pass.runner.head_forward(level_rows.count, &p)
}

/// A head's dense layer: what the outputs read, before dropout, f32 `[reads, hidden]`.
fn dense_layer(
    pass: &DevicePass<'_>,
    layer: DenseLayer,
    a: &mut Activations,
) -> Result<Address, EngineError> {
    let (rows, hidden) = (pass.features().reads(), pass.hidden());
    let (level_rows, keys) = (pass.level_rows(rows), pass.tables.dropout_keys(RowKind::Reads));
    let bytes = 4 * pass.row_count(rows) * hidden;
    let inputs = a.dense_inputs.room(bytes)?;
    let p = DenseInputs {
        chunks: level_rows.chunks,
        draws: pass.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        features: a.inputs.at(pass.config.shape.layers),
        inputs,
        width: hidden as u32,
        site: pass.dense_site(layer),
    };
    pass.runner.dense_inputs(level_rows.count, &p)?;
    let out = a.pooled.room(bytes)?;
    let p = DenseForward {
        chunks: level_rows.chunks,
        inputs,
        head: pass.members.heads,
        out,
        act_grad: a.dense_grad.room(bytes)?,
        width: hidden as u32,
        first: pass.objective.head(&pass.config.shape).dense_weight().start as u32,
        activation: device_activation(layer.activation),
        padding: 0,
    };
    pass.runner.dense_forward(level_rows.count, &p)?;
    Ok(out)
}
