//! Launches: the grid that each kernel runs over. In reading order:

/// What tables hold.
mod records;
/// Each kernel's parameters.
mod parameters;
/// The names of all kernels.
#[cfg(any(test, feature = "cuda"))]
mod names;

#[cfg(feature = "cuda")]
pub(super) use names::names;
pub(super) use parameters::*;
pub(super) use records::*;

use super::machine::{self, Machine, Precision};
use crate::EngineError;
use std::sync::Arc;

/// A device and the precision that it computes in.
#[derive(Clone)]
pub(super) struct Runner {
    /// The device.
    pub machine: Arc<dyn Machine>,
    /// Its precision.
    pub precision: Precision,
}

/// Rows of a chunk that one block works on, and blocks of a chunk.
pub(super) const BLOCK_ROWS: usize = 8;
/// See [`BLOCK_ROWS`].
pub(super) const PARTS: usize = 4;
/// Most scalars of a [`Part`].
pub(super) const PART: usize = 4096;
/// Words whose hashes one sum of a digest holds.
pub(super) const DIGEST_WORDS: usize = 4096;
/// Most columns of a head that attention works on.
pub(super) const MAX_HEAD_WIDTH: usize = 128;
/// Most columns of a row that the row kernels work on: eight of them fit shared memory.
pub(super) const MAX_HIDDEN: usize = (99 << 10) / (4 * BLOCK_ROWS);

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
        let kernel = format!("tunemask_{kernel}_{}", machine::suffix(self.precision));
        self.run(&kernel, grid, threads, shared, p)
    }
}

/// Bytes of an `Update` of `adam.cu`.
pub(super) const UPDATE_BYTES: usize = 32;
/// Bytes of a `Report` of `adam.cu`: loss and norm.
pub(super) const REPORT_BYTES: usize = 16;

const F32: usize = 4;

fn rows_in_shared(width: u32) -> usize {
    BLOCK_ROWS * width as usize * F32
}

impl Runner {
    /// Embeddings of `chunks` chunks.
    pub(super) fn embed(&self, chunks: usize, p: &Embed) -> Result<(), EngineError> {
        self.typed("embed", [chunks, PARTS, 1], 256, rows_in_shared(p.width), p)
    }

    /// Gradient of a table of which `numbers` rows occur.
    pub(super) fn table_gradient(&self, numbers: usize, p: &TableGradient) -> Result<(), EngineError> {
        self.typed("table_gradient", [numbers, p.width.div_ceil(32) as usize, 1], 256, 256 * F32, p)
    }

    /// Bias, dropout, residual, LayerNorm.
    pub(super) fn norm_forward(&self, chunks: usize, p: &NormForward) -> Result<(), EngineError> {
        self.typed("norm_forward", [chunks, PARTS, 1], 256, rows_in_shared(p.width), p)
    }

    /// The backward pass.
    pub(super) fn norm_backward(&self, chunks: usize, p: &NormBackward) -> Result<(), EngineError> {
        // A thread a dropout counter, so that none idles through the columns.
        let threads = p.width.div_ceil(4).next_multiple_of(32).clamp(64, 256);
        self.typed("norm_backward", [chunks, PARTS, 1], threads, 2 * BLOCK_ROWS * F32, p)
    }

    /// Bias and activation.
    pub(super) fn gelu_forward(&self, chunks: usize, p: &Gelu) -> Result<(), EngineError> {
        self.typed("gelu_forward", [chunks, PARTS, p.width.div_ceil(256) as usize], 256, 0, p)
    }

    /// The backward pass.
    pub(super) fn gelu_backward(&self, chunks: usize, p: &Gelu) -> Result<(), EngineError> {
        self.typed("gelu_backward", [chunks, PARTS, p.width.div_ceil(256) as usize], 256, 0, p)
    }

    /// Column sums of each part of each chunk.
    pub(super) fn column_sums(&self, chunks: usize, p: &ColumnSums) -> Result<(), EngineError> {
        self.typed("column_sums", [chunks, PARTS, p.width.div_ceil(256) as usize], 256, 0, p)
    }

    /// Sums of parts to sums of members.
    pub(super) fn collect(&self, members: usize, p: &Collect) -> Result<(), EngineError> {
        let grid = [p.width.div_ceil(32) as usize, members, 1];
        self.run("tunemask_collect", grid, 256, 256 * F32, p)
    }

    /// Picks rows out.
    pub(super) fn gather_rows(&self, rows: usize, p: &PickRows) -> Result<(), EngineError> {
        self.typed("gather_rows", [rows, 1, 1], 128, 0, p)
    }

    /// Adds rows to where they were picked.
    pub(super) fn add_rows(&self, rows: usize, p: &PickRows) -> Result<(), EngineError> {
        self.typed("add_rows", [rows, 1, 1], 128, 0, p)
    }

    /// bf16 copies.
    pub(super) fn round(&self, p: &Round) -> Result<(), EngineError> {
        self.run("tunemask_round_all", [p.count.div_ceil(1024) as usize, 1, 1], 256, 0, p)
    }

    /// Sums of the hashes of words.
    pub(super) fn digest(&self, p: &Digest) -> Result<(), EngineError> {
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
        let kernel = format!("tunemask_attention_{name}_{}_{lanes}", machine::suffix(self.precision));
        let wide = p.width.next_multiple_of(4) as usize;
        // `rows` matrices of 32 rows, of which two (forward one) have four floats more a row.
        let padded = if rows == 3 { 4 } else { 8 };
        let shared = (32 * (rows * wide + padded) + warps * 4 * 8 * 32) * F32;
        self.run(&kernel, [tiles, p.heads as usize, 1], 128, shared, p)
    }

    /// Context of tiles of queries.
    pub(super) fn attention_forward(&self, tiles: usize, p: &Attention) -> Result<(), EngineError> {
        self.attention("forward", tiles, p, 3, 1)
    }

    /// Gradient to tiles of queries.
    pub(super) fn attention_queries(&self, tiles: usize, p: &Attention) -> Result<(), EngineError> {
        self.attention("queries", tiles, p, 4, 1)
    }

    /// Gradients to tiles of keys, behind those to queries.
    pub(super) fn attention_keys(&self, tiles: usize, p: &Attention) -> Result<(), EngineError> {
        self.attention("keys", tiles, p, 4, 2)
    }

    /// Pooler, dropout, logits.
    pub(super) fn head_forward(&self, chunks: usize, p: &HeadForward) -> Result<(), EngineError> {
        self.typed("head_forward", [chunks, PARTS, 1], 256, rows_in_shared(p.width), p)
    }

    /// Losses of members.
    pub(super) fn loss(&self, members: usize, p: &Loss) -> Result<(), EngineError> {
        self.run("tunemask_loss", [members, 1, 1], 128, 128 * 8, p)
    }

    /// Gradients of members' heads.
    pub(super) fn head_gradient(&self, members: usize, p: &HeadGradient) -> Result<(), EngineError> {
        // Labels first: there may be more than the 65,535 that a grid has in its other directions.
        let grid = [p.outputs as usize, (p.width as usize + 1).div_ceil(32), members];
        self.run("tunemask_head_gradient", grid, 256, 256 * F32, p)
    }

    /// From logits to what the head reads.
    pub(super) fn head_backward(&self, chunks: usize, p: &HeadBackward) -> Result<(), EngineError> {
        self.typed("head_backward", [chunks, PARTS, 1], 256, 0, p)
    }

    /// What a head's dense layer reads.
    pub(super) fn dense_inputs(&self, chunks: usize, p: &DenseInputs) -> Result<(), EngineError> {
        self.typed("dense_inputs", [chunks, PARTS, 1], 256, 0, p)
    }

    /// A head's dense layer, and its activation.
    pub(super) fn dense_forward(&self, chunks: usize, p: &DenseForward) -> Result<(), EngineError> {
        self.run("tunemask_dense_forward", [chunks, PARTS, p.width.div_ceil(8) as usize], 256, 0, p)
    }

    /// From its sums to the encoder's output.
    pub(super) fn dense_backward(&self, chunks: usize, p: &DenseBackward) -> Result<(), EngineError> {
        self.typed("dense_backward", [chunks, PARTS, p.width.div_ceil(256) as usize], 256, 0, p)
    }

    /// Adds products with differences.
    pub(super) fn sparse_apply(&self, chunks: usize, p: &SparseApply) -> Result<(), EngineError> {
        self.typed("sparse_apply", [chunks, PARTS, 1], 256, 0, p)
    }

    /// Gradients of differences, of at most `lists` rows with some.
    pub(super) fn sparse_gradient(
        &self,
        lists: usize,
        members: usize,
        p: &SparseGradient,
    ) -> Result<(), EngineError> {
        self.typed("sparse_gradient", [lists.div_ceil(8), members, 1], 256, 0, p)
    }

    /// The same for a table of embeddings.
    pub(super) fn sparse_table(
        &self,
        lists: usize,
        members: usize,
        p: &SparseTable,
    ) -> Result<(), EngineError> {
        self.typed("sparse_table", [lists.div_ceil(8), members, 1], 256, 0, p)
    }

    /// Copies scalars from places to places.
    pub(super) fn move_scalars(&self, p: &Pairs) -> Result<(), EngineError> {
        self.run("tunemask_move_scalars", [p.count.div_ceil(256) as usize, 1, 1], 256, 0, p)
    }

    /// Adds up gradients and losses of parts of a batch.
    pub(super) fn add_up(&self, parts: usize, p: &AddUp) -> Result<(), EngineError> {
        self.run("tunemask_add_up", [parts, 1, 1], 256, 0, p)
    }

    /// Sums of squares of parts.
    pub(super) fn squares(&self, parts: usize, p: &Squares) -> Result<(), EngineError> {
        self.run("tunemask_squares", [parts, 1, 1], 256, 8 * 8, p)
    }

    /// Norms, and which members go on.
    pub(super) fn step_check(&self, members: usize, p: &StepCheck) -> Result<(), EngineError> {
        self.run("tunemask_step_check", [members, 1, 1], 256, 256 * 8, p)
    }

    /// One update of all compact vectors.
    pub(super) fn adam(&self, parts: usize, p: &AdamUpdate) -> Result<(), EngineError> {
        self.run("tunemask_adam", [parts, 1, 1], 256, 0, p)
    }
}
