//! The forward pass on a device; as [`crate::forward`].

use super::buffers::Activations;
use super::kernels::{Attention, Embed, Gelu, HeadForward, NormForward, PickRows, Site};
use super::machine::Address;
use super::way::Way;
use crate::EngineError;
use crate::batch::Space;
use crate::kernels::dropout::Site as Place;
use crate::layout::Level;
use crate::pass::attention_scale;
use crate::slots::{BlockSlot::*, Slot};

/// Runs the encoder and the head; logits and all that the way back needs are in `a` afterwards.
///
/// # Errors
/// There is no memory, or the device fails.
pub fn forward(way: &Way<'_>, a: &mut Activations) -> Result<(), EngineError> {
    embed(way, a)?;
    for layer in 0..way.pass.config.shape.layers {
        block(way, layer, a)?;
    }
    head(way, a)
}

fn embed(way: &Way<'_>, a: &mut Activations) -> Result<(), EngineError> {
    let (config, hidden, at) = (way.pass.config, way.hidden(), Level::EMBEDDINGS);
    let rows = way.tables.rows(way.pass, at, Space::Tokens);
    let keys = way.tables.keys(Space::Tokens);
    let [ids, _, segments] = way.tables.embeddings();
    let [words, places, kinds] = way.members.embeddings();
    let kept = way.pass.kept(at, Space::Tokens);
    let p = Embed {
        chunks: rows.chunks,
        draws: way.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        ids,
        segments,
        words,
        places,
        kinds,
        sparse: way.members.tables.map_or(0, |tables| tables.all),
        gamma: way.members.vectors(Slot::EmbeddingGamma),
        beta: way.members.vectors(Slot::EmbeddingBeta),
        hats: a.embedding_hats.room(way.bytes(kept * hidden))?,
        out: a.inputs.room(0, way.bytes(way.total(at, Space::Tokens) * hidden))?,
        inverses: a.embedding_inverses.room(4 * kept)?,
        width: hidden as u32,
        epsilon: config.layer_norm_epsilon,
        site: Site::new(Place::Embeddings, config.hidden_dropout),
    };
    way.runner.embed(rows.count, &p)
}

fn block(way: &Way<'_>, layer: usize, a: &mut Activations) -> Result<(), EngineError> {
    let shape = &way.pass.config.shape;
    let (hidden, inner) = (shape.hidden, shape.intermediate);
    let (space, slot) = (way.pass.space(layer), |slot| Slot::Block(layer, slot));
    let last = space == Space::Reads;
    let size = |level, space, width: usize| way.bytes(way.total(level, space) * width);

    let at = Level::input(layer);
    let input = a.inputs.at(layer);
    let residual = if last {
        let reads = a.head_inputs.room(size(at, Space::Reads, hidden))?;
        let p =
            PickRows { rows: way.tables.reads(), from: input, to: reads, width: hidden as u32, padding: 0 };
        way.runner.gather_rows(way.total(at, Space::Reads), &p)?;
        let queries = a.head_queries.room(size(at, Space::Reads, hidden))?;
        way.forward(queries, reads, way.matrix(slot(QkvWeight), 0, 0..hidden), (at, Space::Reads))?;
        let qkv = a.qkv.room(layer, size(at, Space::Tokens, 2 * hidden))?;
        let matrix = way.matrix(slot(QkvWeight), 1, hidden..3 * hidden);
        way.forward(qkv, input, matrix, (at, Space::Tokens))?;
        reads
    } else {
        let qkv = a.qkv.room(layer, size(at, Space::Tokens, 3 * hidden))?;
        way.forward(qkv, input, way.matrix(slot(QkvWeight), 0, 0..3 * hidden), (at, Space::Tokens))?;
        input
    };

    let at = Level::attention(layer);
    let context = a.contexts.room(layer, size(at, space, hidden))?;
    a.logs.room(layer, 4 * way.total(at, space) * shape.heads)?;
    let heads = way.tables.heads(way.pass, layer);
    way.runner.attention_forward(heads.query_tiles, &way.attention(layer, a))?;

    let product = a.product.room(size(at, space, hidden))?;
    way.forward(product, context, way.matrix(slot(MixWeight), 0, 0..hidden), (at, space))?;
    let at = Level::middle(layer);
    let kept = way.pass.kept(at, space);
    let middle = a.middles.room(layer, size(at, space, hidden))?;
    let hats = a.attention_hats.room(layer, way.bytes(kept * hidden))?;
    let inverses = a.attention_inverses.room(layer, 4 * kept)?;
    let slots = [MixBias, AttentionGamma, AttentionBeta].map(slot);
    let addresses = [product, residual, hats, middle, inverses];
    norm(way, (at, space), (Place::Attention(layer), slots), addresses)?;

    let up = a.ups.room(layer, size(at, space, inner))?;
    way.forward(up, middle, way.matrix(slot(UpWeight), 0, 0..inner), (at, space))?;
    let at = Level::intermediate(layer);
    let out = a.hiddens.room(layer, size(at, space, inner))?;
    let rows = way.tables.rows(way.pass, at, space);
    let p = Gelu {
        chunks: rows.chunks,
        product: up,
        bias: way.members.vectors(slot(UpBias)),
        out,
        partial: 0,
        width: inner as u32,
        padding: 0,
    };
    way.runner.gelu_forward(rows.count, &p)?;

    let product = a.product.room(size(at, space, hidden))?;
    way.forward(product, out, way.matrix(slot(DownWeight), 0, 0..hidden), (at, space))?;
    let at = Level::output(layer);
    let kept = way.pass.kept(at, space);
    let output = a.inputs.room(layer + 1, size(at, space, hidden))?;
    let hats = a.feed_forward_hats.room(layer, way.bytes(kept * hidden))?;
    let inverses = a.feed_forward_inverses.room(layer, 4 * kept)?;
    let slots = [DownBias, FeedForwardGamma, FeedForwardBeta].map(slot);
    norm(way, (at, space), (Place::FeedForward(layer), slots), [product, middle, hats, output, inverses])
}

fn norm(
    way: &Way<'_>,
    (at, space): (Level, Space),
    (place, [bias, gamma, beta]): (Place, [Slot; 3]),
    [product, residual, hats, out, inverses]: [Address; 5],
) -> Result<(), EngineError> {
    let config = way.pass.config;
    let (rows, keys) = (way.tables.rows(way.pass, at, space), way.tables.keys(space));
    let p = NormForward {
        chunks: rows.chunks,
        draws: way.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        product,
        residual,
        bias: way.members.vectors(bias),
        gamma: way.members.vectors(gamma),
        beta: way.members.vectors(beta),
        hats,
        out,
        inverses,
        width: way.hidden() as u32,
        epsilon: config.layer_norm_epsilon,
        site: Site::new(place, config.hidden_dropout),
    };
    way.runner.norm_forward(rows.count, &p)
}

impl Way<'_> {
    /// What attention's kernels read of a block, both ways; gradients are left out.
    pub fn attention(&self, layer: usize, a: &Activations) -> Attention {
        let shape = &self.pass.config.shape;
        let (hidden, last) = (shape.hidden, self.pass.space(layer) == Space::Reads);
        let heads = self.tables.heads(self.pass, layer);
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
            site: Site::new(Place::Probabilities(layer), self.pass.config.attention_dropout),
            ..Attention::default()
        }
    }
}

fn head(way: &Way<'_>, a: &mut Activations) -> Result<(), EngineError> {
    let config = way.pass.config;
    let (layers, hidden, outputs) = (config.shape.layers, way.hidden(), way.pass.objective.outputs());
    let (top, pooled) = (Level::head(layers), way.pass.objective.is_pooled());
    let encoded = a.inputs.at(layers);
    let product = if pooled {
        let at = Level::pooler(layers).before();
        let product = a.product.room(way.bytes(way.total(at, Space::Reads) * hidden))?;
        way.forward(product, encoded, way.matrix(Slot::PoolerWeight, 0, 0..hidden), (at, Space::Reads))?;
        product
    } else {
        encoded
    };
    let (rows, keys) = (way.tables.rows(way.pass, top, Space::Reads), way.tables.keys(Space::Reads));
    let reads = way.total(top, Space::Reads);
    let p = HeadForward {
        chunks: rows.chunks,
        draws: way.tables.draws(),
        examples: keys.examples,
        positions: keys.positions,
        product,
        bias: if pooled { way.members.vectors(Slot::PoolerBias) } else { 0 },
        head: way.members.heads,
        pooled: if pooled { a.pooled.room(4 * reads * hidden)? } else { 0 },
        dropped: a.dropped.room(4 * reads * hidden)?,
        logits: a.logits.room(4 * reads * outputs)?,
        width: hidden as u32,
        outputs: outputs as u32,
        site: Site::new(Place::Pooled, config.head_dropout()),
    };
    way.runner.head_forward(rows.count, &p)
}
