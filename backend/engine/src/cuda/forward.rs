//! The forward pass on a device; as `cpu/forward.rs`.

use super::activations::Activations;
use super::launch::{Attention, Embed, Gelu, HeadForward, NormForward, PickRows, Site};
use super::machine::Address;
use super::pass::DevicePass;
use crate::EngineError;
use crate::dropout::Site as Place;
use crate::pass::attention_scale;
use crate::plan::batch::Space;
use crate::plan::level::Level;
use crate::plan::slots::{BlockSlot::*, Slot};

/// Runs the encoder and the head; logits and all that the pass back needs are in `a` afterwards.
///
/// # Errors
/// There is no memory, or the device fails.
pub fn forward(pass: &DevicePass<'_>, a: &mut Activations) -> Result<(), EngineError> {
    embed(pass, a)?;
    for layer in 0..pass.config.shape.layers {
        block(pass, layer, a)?;
    }
    head(pass, a)
}

fn embed(pass: &DevicePass<'_>, a: &mut Activations) -> Result<(), EngineError> {
    let (config, hidden, at) = (pass.config, pass.hidden(), Level::EMBEDDINGS);
    let rows = pass.level_rows(at, Space::Tokens);
    let keys = pass.tables.keys(Space::Tokens);
    let [ids, _, segments] = pass.tables.embeddings();
    let [words, places, kinds] = pass.members.embeddings();
    let kept = pass.kept(at, Space::Tokens);
    let p = Embed {
        chunks: rows.chunks,
        draws: pass.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        ids,
        segments,
        words,
        places,
        kinds,
        sparse: pass.members.tables.map_or(0, |tables| tables.all),
        gamma: pass.members.vectors(Slot::EmbeddingGamma),
        beta: pass.members.vectors(Slot::EmbeddingBeta),
        hats: a.embedding_hats.room(pass.bytes(kept * hidden))?,
        out: a.inputs.room(0, pass.bytes(pass.rows(at, Space::Tokens) * hidden))?,
        inverses: a.embedding_inverses.room(4 * kept)?,
        width: hidden as u32,
        epsilon: config.layer_norm_epsilon,
        site: Site::new(Place::Embeddings, config.hidden_dropout),
    };
    pass.runner.embed(rows.count, &p)
}

fn block(pass: &DevicePass<'_>, layer: usize, a: &mut Activations) -> Result<(), EngineError> {
    let shape = &pass.config.shape;
    let (hidden, inner) = (shape.hidden, shape.intermediate);
    let (space, slot) = (pass.space(layer), |slot| Slot::Block(layer, slot));
    let last = space == Space::Reads;
    let size = |level, space, width: usize| pass.bytes(pass.rows(level, space) * width);

    let at = Level::input(layer);
    let input = a.inputs.at(layer);
    let residual = if last {
        let reads = a.head_inputs.room(size(at, Space::Reads, hidden))?;
        let p =
            PickRows { rows: pass.tables.reads(), from: input, to: reads, width: hidden as u32, padding: 0 };
        pass.runner.gather_rows(pass.rows(at, Space::Reads), &p)?;
        let queries = a.head_queries.room(size(at, Space::Reads, hidden))?;
        pass.linear(queries, reads, pass.matrix(slot(QkvWeight), 0, 0..hidden), (at, Space::Reads))?;
        let qkv = a.qkv.room(layer, size(at, Space::Tokens, 2 * hidden))?;
        let matrix = pass.matrix(slot(QkvWeight), 1, hidden..3 * hidden);
        pass.linear(qkv, input, matrix, (at, Space::Tokens))?;
        reads
    } else {
        let qkv = a.qkv.room(layer, size(at, Space::Tokens, 3 * hidden))?;
        pass.linear(qkv, input, pass.matrix(slot(QkvWeight), 0, 0..3 * hidden), (at, Space::Tokens))?;
        input
    };

    let at = Level::attention(layer);
    let context = a.contexts.room(layer, size(at, space, hidden))?;
    a.logs.room(layer, 4 * pass.rows(at, space) * shape.heads)?;
    let heads = pass.level_heads(layer);
    pass.runner.attention_forward(heads.query_tiles, &pass.attention(layer, a))?;

    let product = a.product.room(size(at, space, hidden))?;
    pass.linear(product, context, pass.matrix(slot(MixWeight), 0, 0..hidden), (at, space))?;
    let at = Level::middle(layer);
    let kept = pass.kept(at, space);
    let middle = a.middles.room(layer, size(at, space, hidden))?;
    let hats = a.attention_hats.room(layer, pass.bytes(kept * hidden))?;
    let inverses = a.attention_inverses.room(layer, 4 * kept)?;
    let slots = [MixBias, AttentionGamma, AttentionBeta].map(slot);
    let addresses = [product, residual, hats, middle, inverses];
    norm(pass, (at, space), (Place::Attention(layer), slots), addresses)?;

    let up = a.ups.room(layer, size(at, space, inner))?;
    pass.linear(up, middle, pass.matrix(slot(UpWeight), 0, 0..inner), (at, space))?;
    let at = Level::intermediate(layer);
    let out = a.hiddens.room(layer, size(at, space, inner))?;
    let rows = pass.level_rows(at, space);
    let p = Gelu {
        chunks: rows.chunks,
        product: up,
        bias: pass.members.vectors(slot(UpBias)),
        out,
        partial: 0,
        width: inner as u32,
        padding: 0,
    };
    pass.runner.gelu_forward(rows.count, &p)?;

    let product = a.product.room(size(at, space, hidden))?;
    pass.linear(product, out, pass.matrix(slot(DownWeight), 0, 0..hidden), (at, space))?;
    let at = Level::output(layer);
    let kept = pass.kept(at, space);
    let output = a.inputs.room(layer + 1, size(at, space, hidden))?;
    let hats = a.feed_forward_hats.room(layer, pass.bytes(kept * hidden))?;
    let inverses = a.feed_forward_inverses.room(layer, 4 * kept)?;
    let slots = [DownBias, FeedForwardGamma, FeedForwardBeta].map(slot);
    norm(pass, (at, space), (Place::FeedForward(layer), slots), [product, middle, hats, output, inverses])
}

fn norm(
    pass: &DevicePass<'_>,
    (at, space): (Level, Space),
    (place, [bias, gamma, beta]): (Place, [Slot; 3]),
    [product, residual, hats, out, inverses]: [Address; 5],
) -> Result<(), EngineError> {
    let config = pass.config;
    let (rows, keys) = (pass.level_rows(at, space), pass.tables.keys(space));
    let p = NormForward {
        chunks: rows.chunks,
        draws: pass.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        product,
        residual,
        bias: pass.members.vectors(bias),
        gamma: pass.members.vectors(gamma),
        beta: pass.members.vectors(beta),
        hats,
        out,
        inverses,
        width: pass.hidden() as u32,
        epsilon: config.layer_norm_epsilon,
        site: Site::new(place, config.hidden_dropout),
    };
    pass.runner.norm_forward(rows.count, &p)
}

impl DevicePass<'_> {
    /// What attention's kernels read of a block, both ways; gradients are left out.
    pub fn attention(&self, layer: usize, a: &Activations) -> Attention {
        let shape = &self.config.shape;
        let (hidden, last) = (shape.hidden, self.space(layer) == Space::Reads);
        let heads = self.level_heads(layer);
        let qkv = a.qkv.at(layer);
        let stride = if last { 2 * hidden } else { 3 * hidden };
        let (query, query_stride) = if last { (a.head_queries.at(), hidden) } else { (qkv, stride) };
        Attention {
            tiles: heads.queries,
            sequences: heads.sequences,
            draws: self.tables.draws(),
            positions: if last { self.tables.keys(Space::Reads).positions } else { 0 },
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
            site: Site::new(Place::Probabilities(layer), self.config.attention_dropout),
            ..Attention::default()
        }
    }
}

fn head(pass: &DevicePass<'_>, a: &mut Activations) -> Result<(), EngineError> {
    let config = pass.config;
    let (layers, hidden, outputs) = (config.shape.layers, pass.hidden(), pass.objective.outputs());
    let (top, pooled) = (Level::head(layers), pass.objective.is_pooled());
    let encoded = a.inputs.at(layers);
    let product = if pooled {
        let at = Level::pooler(layers).before();
        let product = a.product.room(pass.bytes(pass.rows(at, Space::Reads) * hidden))?;
        pass.linear(product, encoded, pass.matrix(Slot::PoolerWeight, 0, 0..hidden), (at, Space::Reads))?;
        product
    } else {
        encoded
    };
    let (rows, keys) = (pass.level_rows(top, Space::Reads), pass.tables.keys(Space::Reads));
    let reads = pass.rows(top, Space::Reads);
    let p = HeadForward {
        chunks: rows.chunks,
        draws: pass.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        product,
        bias: if pooled { pass.members.vectors(Slot::PoolerBias) } else { 0 },
        head: pass.members.heads,
        pooled: if pooled { a.pooled.room(4 * reads * hidden)? } else { 0 },
        dropped: a.dropped.room(4 * reads * hidden)?,
        logits: a.logits.room(4 * reads * outputs)?,
        width: hidden as u32,
        outputs: outputs as u32,
        site: Site::new(Place::Pooled, config.head_dropout()),
    };
    pass.runner.head_forward(rows.count, &p)
}
