//! Launches: each kernel's parameter structure, as its `.cu` file beside the processor's version declares it, and
//! the grid it runs over. An address of 0 is a null pointer.

use super::machine::{Address, Machine, Numbers, Plain};
use crate::engine::EngineError;
use crate::engine::kernels::dropout;
use std::sync::Arc;
use tunemask_shared::experiment::EpsilonPlace;
use tunemask_shared::philox::Purpose;

/// A device and the numbers that it computes with.
#[derive(Clone)]
pub struct Runner {
    /// The device.
    pub machine: Arc<dyn Machine>,
    /// Its numbers.
    pub numbers: Numbers,
}

/// Rows of one member or trunk, at most 32; see `common.cuh`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Chunk {
    /// Whose vectors and dropout it reads.
    pub member: u32,
    /// First row in this level's layout.
    pub out: u32,
    /// First row of the product.
    pub product: u32,
    /// First row of the residual.
    pub residual: u32,
    /// First row in the packed batch.
    pub row: u32,
    /// How many.
    pub rows: u32,
    /// Whether the way back needs what is computed.
    pub kept: u32,
}

/// A member's dropout key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Draw {
    /// Seed and purpose.
    pub key: [u32; 2],
    /// Steps done.
    pub step: u32,
    /// Whether anything is dropped.
    pub on: u32,
}

/// A dropout site.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Site {
    /// Its number.
    pub number: u32,
    /// Words below are dropped.
    pub threshold: u32,
    /// Factor of what is kept.
    pub keep: f32,
}

/// One sequence of one member or trunk; see `attention.cu`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Sequence {
    /// Whose biases and dropout it reads.
    pub member: u32,
    /// Keys its dropout.
    pub example: u32,
    /// Keys and values.
    pub tokens: u32,
    /// Queries.
    pub queries: u32,
    /// First row of its context.
    pub out: u32,
    /// First row of its queries' product.
    pub query: u32,
    /// First row of its keys' and values' product.
    pub key: u32,
    /// First row of the gradients to its keys and values.
    pub own: u32,
    /// Its first query's place among the positions.
    pub position: u32,
}

/// Queries from `first` on, or keys of the counters from `first` on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Tile {
    /// Of which sequence.
    pub sequence: u32,
    /// See above.
    pub first: u32,
}

/// Scalars of one member, at most [`PART`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Part {
    /// The member.
    pub member: u32,
    /// First scalar, among all compact vectors end to end.
    pub start: u32,
    /// How many.
    pub count: u32,
}

/// Where a member's rows of a layout are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Span {
    /// First row.
    pub first: u32,
    /// How many.
    pub rows: u32,
}

/// A member's optimizer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Optimizer {
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// ε.
    pub epsilon: f64,
    /// Where ε stands.
    pub keras: u32,
    /// Fills the structure.
    pub padding: u32,
}

/// A member's differences from a matrix; see `sparse.cuh`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Sparse {
    /// Rows of the matrix that have differences.
    pub rows: Address,
    /// Where each row's differences start.
    pub starts: Address,
    /// Column of each.
    pub columns: Address,
    /// Place of each in the member's compact vector.
    pub places: Address,
    /// The model's value of each.
    pub bases: Address,
    /// The member's compact vector.
    pub values: Address,
    /// How many rows.
    pub count: u32,
    /// Fills the structure.
    pub padding: u32,
}

// SAFETY: 32-bit numbers without gaps.
unsafe impl Plain for Chunk {}
// SAFETY: as above.
unsafe impl Plain for Draw {}
// SAFETY: as above.
unsafe impl Plain for Sequence {}
// SAFETY: as above.
unsafe impl Plain for Tile {}
// SAFETY: as above.
unsafe impl Plain for Part {}
// SAFETY: as above.
unsafe impl Plain for Span {}
// SAFETY: three f64 and two u32, without gaps.
unsafe impl Plain for Optimizer {}
// SAFETY: six addresses and two u32, without gaps.
unsafe impl Plain for Sparse {}

/// Rows of a chunk that one block works on, and blocks of a chunk.
pub const BLOCK_ROWS: usize = 8;
/// See [`BLOCK_ROWS`].
pub const PARTS: usize = 4;
/// Most scalars of a [`Part`].
pub const PART: usize = 4096;
/// Words whose hashes one sum of a digest holds.
pub const DIGEST_WORDS: usize = 4096;
/// Most columns of a head that attention works on.
pub const MOST_WIDTH: usize = 128;
/// Most columns of a row that the row kernels work on: eight of them fit shared memory.
pub const MOST_HIDDEN: usize = (99 << 10) / (4 * BLOCK_ROWS);

impl Runner {
    fn run<P>(
        &self,
        kernel: &str,
        grid: [usize; 3],
        threads: u32,
        shared: usize,
        p: &P,
    ) -> Result<(), EngineError> {
        if grid.contains(&0) {
            return Ok(());
        }
        let grid = grid.map(|n| n as u32);
        let parameters = std::ptr::from_ref(p).cast();
        // SAFETY: `P` is this kernel's structure: the launches below are the only callers, each beside its
        // declaration, and the emulator checks the sizes. Addresses are those of the step's own buffers.
        unsafe { self.machine.launch(kernel, grid, threads, shared, parameters, size_of::<P>()) }
    }

    fn typed<P>(
        &self,
        kernel: &str,
        grid: [usize; 3],
        threads: u32,
        shared: usize,
        p: &P,
    ) -> Result<(), EngineError> {
        let kernel = format!("tunemask_{kernel}_{}", self.numbers.suffix());
        self.run(&kernel, grid, threads, shared, p)
    }
}

/// Declares a kernel's structure, all of whose fields are public.
macro_rules! parameters {
    ($(#[$note:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$note])*
        #[derive(Clone, Copy, Debug, Default)]
        #[repr(C)]
        #[allow(missing_docs)]
        pub struct $name { $(pub $field: $type),* }
    };
}

parameters!(
    /// See `embedding.cu`.
    Embed {
        chunks: Address, draws: Address, examples: Address, positions: Address, ids: Address, segments: Address,
        words: Address, places: Address, kinds: Address, sparse: Address, gamma: Address, beta: Address,
        hats: Address, out: Address, inverses: Address, width: u32, epsilon: f32, site: Site,
    }
);

parameters!(
    /// See `embedding.cu`.
    TableGradient { slope: Address, numbers: Address, starts: Address, rows: Address, table: Address, width: u32, padding: u32 }
);

parameters!(
    /// See `layer_norm.cu`.
    NormForward {
        chunks: Address, draws: Address, examples: Address, positions: Address, product: Address, residual: Address,
        bias: Address, gamma: Address, beta: Address, hats: Address, out: Address, inverses: Address,
        width: u32, epsilon: f32, site: Site,
    }
);

parameters!(
    /// See `layer_norm.cu`.
    NormBackward {
        chunks: Address, draws: Address, examples: Address, positions: Address, slope: Address, hats: Address,
        inverses: Address, gamma: Address, product: Address, partial: Address, width: u32, after: u32, site: Site,
    }
);

parameters!(
    /// See `gelu.cu`.
    Gelu { chunks: Address, product: Address, bias: Address, out: Address, partial: Address, width: u32, padding: u32 }
);

parameters!(
    /// See `rows.cu`.
    ColumnSums { chunks: Address, from: Address, partial: Address, stride: u32, width: u32 }
);

parameters!(
    /// See `rows.cu`.
    Collect { partial: Address, firsts: Address, who: Address, targets: Address, width: u32, vector: u32, stride: u32, first: u32 }
);

parameters!(
    /// See `rows.cu`.
    PickRows { rows: Address, from: Address, to: Address, width: u32, padding: u32 }
);

parameters!(
    /// See `rows.cu`.
    Digest { from: Address, sums: Address, count: u64 }
);

parameters!(
    /// See `rows.cu`.
    Round { from: Address, to: Address, count: u64 }
);

parameters!(
    /// See `attention.cu`.
    Attention {
        tiles: Address, sequences: Address, draws: Address, positions: Address, query: Address, key: Address,
        value: Address, bias: Address, context: Address, logs: Address, slope: Address, deltas: Address,
        dquery: Address, dkey: Address, dvalue: Address, query_stride: u32, key_stride: u32, dquery_stride: u32,
        dkey_stride: u32, heads: u32, width: u32, scale: f32, site: Site,
    }
);

parameters!(
    /// See `head.cu`.
    HeadForward {
        chunks: Address, draws: Address, examples: Address, positions: Address, product: Address, bias: Address,
        head: Address, pooled: Address, dropped: Address, logits: Address, width: u32, outputs: u32, site: Site,
    }
);

parameters!(
    /// See `head.cu`.
    Loss { logits: Address, targets: Address, firsts: Address, who: Address, slopes: Address, losses: Address, outputs: u32, classes: u32 }
);

parameters!(
    /// See `head.cu`.
    HeadGradient { slopes: Address, dropped: Address, firsts: Address, who: Address, gradients: Address, width: u32, outputs: u32 }
);

parameters!(
    /// See `head.cu`.
    HeadBackward {
        chunks: Address, draws: Address, examples: Address, positions: Address, slopes: Address, head: Address,
        pooled: Address, product: Address, width: u32, outputs: u32, site: Site,
    }
);

parameters!(
    /// See `sparse.cu`.
    SparseApply { chunks: Address, sparse: Address, input: Address, out: Address, input_stride: u32, out_stride: u32 }
);

parameters!(
    /// See `sparse.cu`.
    SparseGradient {
        spans: Address, who: Address, sparse: Address, slope: Address, input: Address, gradients: Address, slope_stride: u32,
        input_stride: u32,
    }
);

parameters!(
    /// See `sparse.cu`.
    SparseTable {
        spans: Address, tokens: Address, who: Address, sparse: Address, numbers: Address, slope: Address, gradients: Address,
        width: u32, table: u32,
    }
);

parameters!(
    /// See `adam.cu`.
    Pairs { to: Address, from: Address, to_places: Address, from_places: Address, count: u32, padding: u32 }
);

parameters!(
    /// See `adam.cu`.
    Squares { parts: Address, gradient: Address, sums: Address }
);

parameters!(
    /// See `adam.cu`.
    Verdict {
        sums: Address, firsts: Address, losses: Address, rates: Address, optimizers: Address, steps: Address,
        updates: Address, reports: Address,
    }
);

parameters!(
    /// See `adam.cu`.
    Adam {
        parts: Address, updates: Address, gradient: Address, values: Address, first: Address, second: Address,
        rounded: Address,
    }
);

/// Bytes of an `Update` of `adam.cu`.
pub const UPDATE_BYTES: usize = 24;
/// Bytes of a `Report` of `adam.cu`: loss and norm.
pub const REPORT_BYTES: usize = 16;

const F32: usize = 4;

fn rows_in_shared(width: u32) -> usize {
    BLOCK_ROWS * width as usize * F32
}

impl Runner {
    /// Embeddings of `chunks` chunks.
    pub fn embed(&self, chunks: usize, p: &Embed) -> Result<(), EngineError> {
        self.typed("embed", [chunks, PARTS, 1], 256, rows_in_shared(p.width), p)
    }

    /// Gradient of a table of which `numbers` rows occur.
    pub fn table_gradient(&self, numbers: usize, p: &TableGradient) -> Result<(), EngineError> {
        self.typed("table_gradient", [numbers, p.width.div_ceil(32) as usize, 1], 256, 256 * F32, p)
    }

    /// Bias, dropout, residual, LayerNorm.
    pub fn norm_forward(&self, chunks: usize, p: &NormForward) -> Result<(), EngineError> {
        self.typed("norm_forward", [chunks, PARTS, 1], 256, rows_in_shared(p.width), p)
    }

    /// The way back.
    pub fn norm_backward(&self, chunks: usize, p: &NormBackward) -> Result<(), EngineError> {
        // A thread a dropout counter, so that none idles through the columns.
        let threads = p.width.div_ceil(4).next_multiple_of(32).clamp(64, 256);
        self.typed("norm_backward", [chunks, PARTS, 1], threads, 2 * BLOCK_ROWS * F32, p)
    }

    /// Bias and GELU.
    pub fn gelu_forward(&self, chunks: usize, p: &Gelu) -> Result<(), EngineError> {
        self.typed("gelu_forward", [chunks, PARTS, p.width.div_ceil(256) as usize], 256, 0, p)
    }

    /// The way back.
    pub fn gelu_backward(&self, chunks: usize, p: &Gelu) -> Result<(), EngineError> {
        self.typed("gelu_backward", [chunks, PARTS, p.width.div_ceil(256) as usize], 256, 0, p)
    }

    /// Column sums of each part of each chunk.
    pub fn column_sums(&self, chunks: usize, p: &ColumnSums) -> Result<(), EngineError> {
        self.typed("column_sums", [chunks, PARTS, p.width.div_ceil(256) as usize], 256, 0, p)
    }

    /// Sums of parts to sums of members.
    pub fn collect(&self, members: usize, p: &Collect) -> Result<(), EngineError> {
        let grid = [p.width.div_ceil(32) as usize, members, 1];
        self.run("tunemask_collect", grid, 256, 256 * F32, p)
    }

    /// Picks rows out.
    pub fn gather_rows(&self, rows: usize, p: &PickRows) -> Result<(), EngineError> {
        self.typed("gather_rows", [rows, 1, 1], 128, 0, p)
    }

    /// Adds rows to where they were picked.
    pub fn add_rows(&self, rows: usize, p: &PickRows) -> Result<(), EngineError> {
        self.typed("add_rows", [rows, 1, 1], 128, 0, p)
    }

    /// bf16 copies.
    pub fn round(&self, p: &Round) -> Result<(), EngineError> {
        self.run("tunemask_round_all", [p.count.div_ceil(1024) as usize, 1, 1], 256, 0, p)
    }

    /// Sums of the hashes of words.
    pub fn digest(&self, p: &Digest) -> Result<(), EngineError> {
        self.run("tunemask_digest", [(p.count as usize).div_ceil(DIGEST_WORDS), 1, 1], 256, 8 * 8, p)
    }

    fn attention(
        &self,
        name: &str,
        tiles: usize,
        p: &Attention,
        rows: usize,
        warps: usize,
    ) -> Result<(), EngineError> {
        let lanes = match p.width {
            0..=32 => 1,
            33..=64 => 2,
            _ => 4,
        };
        let kernel = format!("tunemask_attention_{name}_{}_{lanes}", self.numbers.suffix());
        let wide = p.width.next_multiple_of(4) as usize;
        // `rows` matrices of 32 rows, of which two (forward one) have four floats more a row.
        let padded = if rows == 3 { 4 } else { 8 };
        let shared = (32 * (rows * wide + padded) + warps * 4 * 8 * 32) * F32;
        self.run(&kernel, [tiles, p.heads as usize, 1], 128, shared, p)
    }

    /// Context of tiles of queries.
    pub fn attention_forward(&self, tiles: usize, p: &Attention) -> Result<(), EngineError> {
        self.attention("forward", tiles, p, 3, 1)
    }

    /// Gradient to tiles of queries.
    pub fn attention_queries(&self, tiles: usize, p: &Attention) -> Result<(), EngineError> {
        self.attention("queries", tiles, p, 4, 1)
    }

    /// Gradients to tiles of keys, behind those to queries.
    pub fn attention_keys(&self, tiles: usize, p: &Attention) -> Result<(), EngineError> {
        self.attention("keys", tiles, p, 4, 2)
    }

    /// Pooler, dropout, logits.
    pub fn head_forward(&self, chunks: usize, p: &HeadForward) -> Result<(), EngineError> {
        self.typed("head_forward", [chunks, PARTS, 1], 256, rows_in_shared(p.width), p)
    }

    /// Losses of members.
    pub fn loss(&self, members: usize, p: &Loss) -> Result<(), EngineError> {
        self.run("tunemask_loss", [members, 1, 1], 128, 128 * 8, p)
    }

    /// Gradients of members' heads.
    pub fn head_gradient(&self, members: usize, p: &HeadGradient) -> Result<(), EngineError> {
        let grid = [(p.width as usize + 1).div_ceil(32), p.outputs as usize, members];
        self.run("tunemask_head_gradient", grid, 256, 256 * F32, p)
    }

    /// From logits to what the head reads.
    pub fn head_backward(&self, chunks: usize, p: &HeadBackward) -> Result<(), EngineError> {
        self.typed("head_backward", [chunks, PARTS, 1], 256, 0, p)
    }

    /// Adds products with differences.
    pub fn sparse_apply(&self, chunks: usize, p: &SparseApply) -> Result<(), EngineError> {
        self.typed("sparse_apply", [chunks, PARTS, 1], 256, 0, p)
    }

    /// Gradients of differences, of at most `lists` rows with some.
    pub fn sparse_gradient(
        &self,
        lists: usize,
        members: usize,
        p: &SparseGradient,
    ) -> Result<(), EngineError> {
        self.typed("sparse_gradient", [lists.div_ceil(8), members, 1], 256, 0, p)
    }

    /// The same for a table of embeddings.
    pub fn sparse_table(&self, lists: usize, members: usize, p: &SparseTable) -> Result<(), EngineError> {
        self.typed("sparse_table", [lists.div_ceil(8), members, 1], 256, 0, p)
    }

    /// Copies scalars from places to places.
    pub fn move_scalars(&self, p: &Pairs) -> Result<(), EngineError> {
        self.run("tunemask_move_scalars", [p.count.div_ceil(256) as usize, 1, 1], 256, 0, p)
    }

    /// Sums of squares of parts.
    pub fn squares(&self, parts: usize, p: &Squares) -> Result<(), EngineError> {
        self.run("tunemask_squares", [parts, 1, 1], 256, 8 * 8, p)
    }

    /// Norms, and which members go on.
    pub fn verdict(&self, members: usize, p: &Verdict) -> Result<(), EngineError> {
        self.run("tunemask_verdict", [members, 1, 1], 256, 256 * 8, p)
    }

    /// One update of all compact vectors.
    pub fn adam(&self, parts: usize, p: &Adam) -> Result<(), EngineError> {
        self.run("tunemask_adam", [parts, 1, 1], 256, 0, p)
    }
}

impl Site {
    /// A site whose elements are dropped with this probability.
    pub fn new(site: dropout::Site, probability: f32) -> Self {
        let threshold = (f64::from(probability) * 4_294_967_296.0) as u32;
        Self { number: site.number(), threshold, keep: 1.0 / (1.0 - probability) }
    }
}

impl Draw {
    /// A member's key at a step.
    pub fn new(seed: u64, step: u32) -> Self {
        // The key's upper bits tell dropout from every other purpose under the same seed.
        Self { key: [seed as u32, (seed >> 32) as u32 ^ (Purpose::Dropout as u32) << 24], step, on: 1 }
    }
}

impl Optimizer {
    /// A member's.
    pub fn of(adam: &crate::engine::Adam) -> Self {
        Self {
            beta1: adam.beta1,
            beta2: adam.beta2,
            epsilon: adam.epsilon,
            keras: u32::from(adam.epsilon_place == EpsilonPlace::Keras),
            padding: 0,
        }
    }
}
