//! Which rows of an activation are whose: members that branched, and the trunks of those that did not yet.
//!
//! A member's *level* is the lowest point of the network at which it reads something of its own. Members of one
//! *stream* see the same batch and the same dropout: below their levels their activations are equal, and are
//! computed once, on the stream's *trunk*. Members stand in the order of their levels, so at every level
//!
//! ```text
//! | member 0 | member 1 | … | member b-1 | trunk | trunk | …
//! ```
//!
//! are the rows: `b` members have branched, each at an offset that does not change any more, and one trunk is
//! left for each stream that has a member without a branch. The backward pass goes down with the branched members
//! alone; as it descends, the last of them are done: what it needs is always a prefix.

use super::batch::{Batch, RowKind, Sizes};
use super::level::{Level, Rows};

/// Rows that are computed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The member whose vectors and dropout are read: on a trunk, any that is still on it.
    pub member: usize,
    /// Its stream.
    pub stream: usize,
    /// Whether the member has branched: then the backward pass needs what is kept of it.
    pub branched: bool,
}

/// Rows of a chunk. Enough to hide a task's start, few enough to spread a small batch over the threads.
pub(crate) const CHUNK_ROWS: usize = 32;

/// Rows of one member or trunk, and where they stand.
///
/// Chunks never cross a member, and their borders count from its first row: a member's sums are added up
/// in the same order alone and in a gang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The member whose vectors and dropout are read.
    pub member: usize,
    /// Whether the rows are that member's alone: then the backward pass needs what is kept of them.
    pub branched: bool,
    /// First row among those of the level.
    pub start: usize,
    /// First row among those of the member or trunk.
    pub offset: usize,
    /// First row in the batch.
    pub row: usize,
    /// How many rows it has.
    pub rows: usize,
}

/// The rows at one level.
#[derive(Clone, Debug, Default)]
struct LevelLayout {
    /// Members that have branched.
    branched: usize,
    /// What they have.
    kept: Sizes,
    /// What all lanes have.
    total: Sizes,
    /// Start of each stream's trunk, if it has one.
    trunks: Vec<Option<Sizes>>,
    /// In the order of their rows.
    lanes: Vec<Lane>,
    /// The lanes' tokens, cut.
    tokens: Vec<Chunk>,
    /// The lanes' reads, cut.
    reads: Vec<Chunk>,
}

/// The rows of every level for one batch.
#[derive(Default)]
pub struct Layout {
    levels: Vec<Level>,
    streams: Vec<usize>,
    bases: Vec<Sizes>,
    /// By number of branched members; several levels have the same rows.
    by_branched: Vec<Option<Box<LevelLayout>>>,
    branched: Vec<usize>,
}

fn add(a: Sizes, b: Sizes) -> Sizes {
    std::array::from_fn(|i| a[i] + b[i])
}

impl Layout {
    /// Lays out members in ascending order of their levels, of which member i reads stream `streams[i]`.
    pub fn arrange(&mut self, layers: usize, levels: &[Level], streams: &[usize], batch: &Batch) {
        debug_assert!(levels.is_sorted());
        self.levels.clear();
        self.levels.extend_from_slice(levels);
        self.streams.clear();
        self.streams.extend_from_slice(streams);
        self.bases.clear();
        let mut at = [0; 4];
        for &stream in streams {
            self.bases.push(at);
            at = add(at, batch.streams[stream].size);
        }
        self.bases.push(at);
        self.branched =
            Level::all(layers).map(|at| self.levels.partition_point(|level| *level <= at)).collect();
        self.by_branched.clear();
        self.by_branched.resize_with(self.levels.len() + 1, || None);
        for k in 0..self.branched.len() {
            let branched = self.branched[k];
            if self.by_branched[branched].is_none() {
                self.by_branched[branched] = Some(Box::new(self.rows_at(branched, batch)));
            }
        }
    }

    fn rows_at(&self, branched: usize, batch: &Batch) -> LevelLayout {
        let kept = self.bases[branched];
        let mut rows = LevelLayout {
            branched,
            kept,
            total: kept,
            trunks: vec![None; batch.streams.len()],
            ..LevelLayout::default()
        };
        let member = |member: usize| Lane { member, stream: self.streams[member], branched: true };
        rows.lanes.extend((0..branched).map(member));
        for member in branched..self.levels.len() {
            let stream = self.streams[member];
            if rows.trunks[stream].is_none() {
                rows.trunks[stream] = Some(rows.total);
                rows.total = add(rows.total, batch.streams[stream].size);
                rows.lanes.push(Lane { member, stream, branched: false });
            }
        }
        for lane in &rows.lanes {
            let stream = &batch.streams[lane.stream];
            let base = match lane.branched {
                true => self.bases[lane.member],
                false => rows.trunks[lane.stream].unwrap_or_default(),
            };
            for (kind, out) in [(RowKind::Tokens, &mut rows.tokens), (RowKind::Reads, &mut rows.reads)] {
                let i = kind as usize;
                out.extend((0..stream.size[i]).step_by(CHUNK_ROWS).map(|offset| Chunk {
                    member: lane.member,
                    branched: lane.branched,
                    start: base[i] + offset,
                    offset,
                    row: stream.start[i] + offset,
                    rows: CHUNK_ROWS.min(stream.size[i] - offset),
                }));
            }
        }
        rows
    }

    fn at(&self, level: Level) -> &LevelLayout {
        match &self.by_branched[self.branched[level.number()]] {
            Some(rows) => rows,
            None => unreachable!("every level's rows were laid out"),
        }
    }

    /// Members that have branched at a level: those that the backward pass goes down with.
    pub fn branched(&self, level: Level) -> usize {
        self.at(level).branched
    }

    /// What the branched members have.
    pub fn kept(&self, rows: Rows) -> usize {
        self.at(rows.level).kept[rows.kind as usize]
    }

    /// What all lanes have.
    pub fn total(&self, rows: Rows) -> usize {
        self.at(rows.level).total[rows.kind as usize]
    }

    /// Where a member's rows start: its own, or its trunk's.
    pub fn base(&self, rows: Rows, member: usize) -> usize {
        if self.levels[member] <= rows.level {
            return self.bases[member][rows.kind as usize];
        }
        self.at(rows.level).trunks[self.streams[member]].map_or(0, |trunk| trunk[rows.kind as usize])
    }

    /// The lanes of a level.
    pub fn lanes(&self, level: Level) -> &[Lane] {
        &self.at(level).lanes
    }

    /// The rows of all lanes, cut; branched members first.
    pub fn chunks(&self, rows: Rows) -> &[Chunk] {
        match rows.kind {
            RowKind::Tokens | RowKind::Squares => &self.at(rows.level).tokens,
            RowKind::Reads | RowKind::ReadSquares => &self.at(rows.level).reads,
        }
    }

    /// The same without the trunks.
    pub fn kept_chunks(&self, rows: Rows) -> &[Chunk] {
        let chunks = self.chunks(rows);
        &chunks[..chunks.partition_point(|chunk| chunk.branched)]
    }

    /// The stream that a member reads.
    pub fn stream(&self, member: usize) -> usize {
        self.streams[member]
    }

    /// Rows over all levels: what all members would have alone, and what there is.
    pub fn rows(&self) -> (usize, usize) {
        let alone = self.bases[self.levels.len()][0] * self.branched.len();
        (
            alone,
            self.branched
                .iter()
                .map(|&branched| {
                    self.by_branched[branched].as_ref().map_or(0, |rows| rows.total[RowKind::Tokens as usize])
                })
                .sum(),
        )
    }
}
