//! The rows of each level, on the device.

use crate::cuda::arena::{Arena, Spot};
use crate::cuda::launch::{DeviceChunk, PARTS, Span};
use crate::cuda::machine::Address;
use crate::pass::Pass;
use crate::plan::batch::RowKind;
use crate::plan::layout::Chunk;
use crate::plan::level::Rows;
use std::collections::HashMap;

/// The rows of a level.
#[derive(Clone, Copy, Debug, Default)]
struct RowSpots {
    chunks: Spot,
    firsts: Spot,
    spans: Spot,
    count: usize,
    kept: usize,
}

/// The rows of a level, on the device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LevelRows {
    /// A [`DeviceChunk`] for at most 32 of them, branched members first.
    pub chunks: Address,
    /// How many.
    pub count: usize,
    /// How many are branched members'.
    pub kept: usize,
    /// First chunk of each branched member, and the number of their chunks.
    pub firsts: Address,
    /// Where each branched member's rows are.
    pub spans: Address,
    /// Branched members.
    pub members: usize,
}

impl LevelRows {
    /// Blocks that each make sums of their own.
    pub(crate) fn parts(&self) -> usize {
        self.kept * PARTS
    }
}

/// What tells the rows of two levels apart: where those of a level's product and residual are depends on how many members
/// have branched at three levels.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RowsKey {
    branched: [usize; 3],
    kind: RowKind,
}

impl RowsKey {
    fn new(pass: &Pass<'_>, Rows { level, kind }: Rows) -> Self {
        let before = level.before();
        let branched = [level, before, before.before()].map(|level| pass.layout.branched(level));
        Self { branched, kind }
    }
}

/// The rows of all levels of a pass; several levels have the same.
#[derive(Default)]
pub(super) struct RowTables(HashMap<RowsKey, RowSpots>);

impl RowTables {
    /// Forgets the last pass.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds the rows of a level, if another level has not the same.
    pub(super) fn put(&mut self, arena: &mut Arena, pass: &Pass<'_>, rows: Rows) {
        let key = RowsKey::new(pass, rows);
        if self.0.contains_key(&key) {
            return;
        }
        let chunks: Vec<DeviceChunk> =
            pass.layout.chunks(rows).iter().map(|chunk| device_chunk(pass, rows, chunk)).collect();
        let kept = pass.layout.kept_chunks(rows);
        let members = pass.layout.branched(rows.level);
        let firsts: Vec<u32> =
            (0..=members).map(|m| kept.partition_point(|chunk| chunk.member < m) as u32).collect();
        let spans: Vec<Span> = (0..members)
            .map(|member| {
                let size = pass.batch.streams[pass.layout.stream(member)].size[rows.kind as usize];
                Span { first: pass.layout.base(rows, member) as u32, rows: size as u32 }
            })
            .collect();
        let spots = RowSpots {
            chunks: arena.put(&chunks),
            firsts: arena.put(&firsts),
            spans: arena.put(&spans),
            count: chunks.len(),
            kept: kept.len(),
        };
        self.0.insert(key, spots);
    }

    /// The rows of a level, once the arena is sent.
    pub(super) fn at(&self, arena: &Arena, pass: &Pass<'_>, rows: Rows) -> LevelRows {
        let spots = self.0.get(&RowsKey::new(pass, rows)).copied().unwrap_or_default();
        LevelRows {
            chunks: arena.at(spots.chunks),
            count: spots.count,
            kept: spots.kept,
            firsts: arena.at(spots.firsts),
            spans: arena.at(spots.spans),
            members: pass.layout.branched(rows.level),
        }
    }
}

fn device_chunk(pass: &Pass<'_>, rows: Rows, chunk: &Chunk) -> DeviceChunk {
    let base = |rows| (pass.layout.base(rows, chunk.member) + chunk.offset) as u32;
    DeviceChunk {
        member: pass.wave[chunk.member] as u32,
        out: chunk.start as u32,
        product: base(rows.before()),
        residual: base(rows.before().before()),
        row: chunk.row as u32,
        rows: chunk.rows as u32,
        kept: u32::from(pass.keeps(chunk.branched)),
    }
}
