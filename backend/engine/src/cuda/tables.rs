//! All that the kernels of one pass read beside numbers: rows, chunks, sequences, targets. One upload a pass.

use super::arena::{Arena, Spot};
use super::launch::{DeviceChunk, DeviceDraw, DeviceSequence, PARTS, Span, Tile};
use super::machine::{Address, Buffer};
use crate::EngineError;
use crate::pass::{Pass, Purpose};
use crate::plan::batch::RowKind;
use crate::plan::layout::Chunk;
use crate::plan::level::{Level, Rows};
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
pub struct LevelRows {
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

/// A block's attention.
#[derive(Clone, Copy, Debug, Default)]
struct HeadSpots {
    sequences: Spot,
    queries: Spot,
    keys: Spot,
    query_tiles: usize,
    kept_query_tiles: usize,
    kept_key_tiles: usize,
}

/// A block's attention, on the device.
#[derive(Clone, Copy, Debug)]
pub struct LevelHeads {
    /// A [`DeviceSequence`] for each of each lane.
    pub sequences: Address,
    /// Tiles of queries, branched members first.
    pub queries: Address,
    /// Tiles of keys of branched members.
    pub keys: Address,
    /// How many tiles of queries.
    pub query_tiles: usize,
    /// How many are branched members'.
    pub kept_query_tiles: usize,
    /// How many tiles of keys.
    pub kept_key_tiles: usize,
}

/// What keys dropout, by row of the batch.
#[derive(Clone, Copy, Debug)]
pub struct DropoutKeys {
    /// Example of each row.
    pub examples: Address,
    /// Position of each row in its sequence.
    pub positions: Address,
}

/// Rows of a table of embeddings that occur, and where.
#[derive(Clone, Copy, Debug)]
pub struct Occurrences {
    /// The table's rows, ascending.
    pub numbers: Address,
    /// Where each one's rows start.
    pub starts: Address,
    /// Rows of the batch, by the table's.
    pub rows: Address,
    /// How many of the table's rows occur.
    pub count: usize,
}

/// Tables of a pass.
pub struct Tables {
    arena: Arena,
    buffer: Buffer,
    rows: HashMap<[usize; 4], RowSpots>,
    heads: HashMap<[usize; 3], HeadSpots>,
    draws: Spot,
    keys: [[Spot; 2]; 2],
    embeddings: [Spot; 3],
    reads: Spot,
    targets: Spot,
    read_firsts: Spot,
    who: Spot,
    occurrences: Vec<([Spot; 3], usize)>,
    tokens: Spot,
}

impl LevelRows {
    /// Blocks that each make sums of their own.
    pub fn parts(&self) -> usize {
        self.kept * PARTS
    }
}

impl Tables {
    /// None yet; their memory is `buffer`'s.
    pub fn new(buffer: Buffer) -> Self {
        Self {
            arena: Arena::default(),
            buffer,
            rows: HashMap::new(),
            heads: HashMap::new(),
            draws: Spot::default(),
            keys: Default::default(),
            embeddings: Default::default(),
            reads: Spot::default(),
            targets: Spot::default(),
            read_firsts: Spot::default(),
            who: Spot::default(),
            occurrences: Vec::new(),
            tokens: Spot::default(),
        }
    }

    /// Gathers and sends the tables of a pass over a wave of so many `members` of a gang.
    /// `occurrences`: whether the embeddings' gradient needs them.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub fn send(&mut self, pass: &Pass<'_>, members: usize, occurrences: bool) -> Result<(), EngineError> {
        self.arena.clear();
        self.rows.clear();
        self.heads.clear();
        let (batch, layers) = (pass.batch, pass.config.shape.layers);
        let mut draws = vec![DeviceDraw::default(); members];
        for (draw, &member) in pass.draws.iter().zip(pass.wave) {
            draws[member] = draw.as_ref().map_or(DeviceDraw::default(), |d| DeviceDraw::new(d.seed, d.step));
        }
        let put = &mut self.arena;
        self.draws = put.put(&draws);
        self.who = put.put(&pass.wave.iter().map(|&member| member as u32).collect::<Vec<_>>());
        let examples = |sequences: &[u32]| -> Vec<u32> {
            sequences.iter().map(|&sequence| batch.examples[sequence as usize]).collect()
        };
        self.keys = [
            [put.put(&examples(&batch.token_sequences)), put.put(&batch.positions)],
            [put.put(&examples(&batch.read_sequences)), put.put(&batch.read_positions)],
        ];
        let segments: Vec<u32> = batch.segments.iter().map(|&s| u32::from(s)).collect();
        self.embeddings = [put.put(&batch.ids), self.keys[0][1], put.put(&segments)];

        let top = Level::head(layers).reads();
        let (mut targets, mut firsts, mut tokens) = (Vec::new(), vec![0u32], Vec::new());
        for member in 0..pass.wave.len() {
            let stream = &batch.streams[pass.layout.stream(member)];
            let (first, size) = (stream.start[RowKind::Reads as usize], stream.size[RowKind::Reads as usize]);
            targets.extend_from_slice(&batch.targets[first..first + size]);
            firsts.push(targets.len() as u32);
            let (first, rows) =
                (stream.start[RowKind::Tokens as usize], stream.size[RowKind::Tokens as usize]);
            tokens.push(Span { first: first as u32, rows: rows as u32 });
        }
        debug_assert_eq!(targets.len(), pass.layout.total(top));
        self.targets = put.put(&targets);
        self.read_firsts = put.put(&firsts);
        self.tokens = put.put(&tokens);

        let input = Level::input(layers - 1).reads();
        let mut reads = Vec::with_capacity(pass.layout.total(input));
        for chunk in pass.layout.chunks(input) {
            let row = |i| pass.read_row(input.level, chunk.member, chunk.row + i) as u32;
            reads.extend((0..chunk.rows).map(row));
        }
        self.reads = put.put(&reads);

        self.occurrences.clear();
        if occurrences {
            for numbers in [&batch.ids, &batch.positions, &segments] {
                self.occurrences.push(occur(&mut self.arena, numbers));
            }
        }
        for level in Level::all(layers) {
            self.put_rows(pass, level.tokens());
            self.put_rows(pass, level.reads());
        }
        for layer in 0..layers {
            self.put_heads(pass, layer);
        }
        self.arena.send(&mut self.buffer)
    }

    /// Where rows of a level's product and residual are hangs on how many members have branched at three levels.
    fn row_key(pass: &Pass<'_>, Rows { level, kind }: Rows) -> [usize; 4] {
        let branched = |level| pass.layout.branched(level);
        let before = level.before();
        [branched(level), branched(before), branched(before.before()), kind as usize]
    }

    fn put_rows(&mut self, pass: &Pass<'_>, rows: Rows) {
        let key = Self::row_key(pass, rows);
        if self.rows.contains_key(&key) {
            return;
        }
        let keeps = pass.purpose == Purpose::Train;
        let base = |rows, chunk: &Chunk| (pass.layout.base(rows, chunk.member) + chunk.offset) as u32;
        let of = |chunk: &Chunk| DeviceChunk {
            member: pass.wave[chunk.member] as u32,
            out: chunk.start as u32,
            product: base(rows.before(), chunk),
            residual: base(rows.before().before(), chunk),
            row: chunk.row as u32,
            rows: chunk.rows as u32,
            kept: u32::from(chunk.branched && keeps),
        };
        let chunks: Vec<DeviceChunk> = pass.layout.chunks(rows).iter().map(of).collect();
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
            chunks: self.arena.put(&chunks),
            firsts: self.arena.put(&firsts),
            spans: self.arena.put(&spans),
            count: chunks.len(),
            kept: kept.len(),
        };
        self.rows.insert(key, spots);
    }

    fn head_key(pass: &Pass<'_>, layer: usize) -> [usize; 3] {
        let branched = |level| pass.layout.branched(level);
        let last = pass.row_kind(layer) == RowKind::Reads;
        [branched(Level::attention(layer)), branched(Level::input(layer)), usize::from(last)]
    }

    fn put_heads(&mut self, pass: &Pass<'_>, layer: usize) {
        let key = Self::head_key(pass, layer);
        if self.heads.contains_key(&key) {
            return;
        }
        let (at, input, kind) = (Level::attention(layer), Level::input(layer), pass.row_kind(layer));
        let (mut sequences, mut queries, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let (mut kept_query_tiles, mut kept_key_tiles) = (0, 0);
        for lane in pass.layout.lanes(at) {
            for sequence in pass.batch.streams[lane.stream].sequences.clone() {
                let tokens = pass.batch.range(sequence, RowKind::Tokens);
                let asked = pass.batch.range(sequence, kind);
                let row = |level, kind, row| pass.row(level, lane.member, kind, row) as u32;
                let number = sequences.len() as u32;
                sequences.push(DeviceSequence {
                    member: pass.wave[lane.member] as u32,
                    example: pass.batch.examples[sequence],
                    tokens: tokens.len() as u32,
                    queries: asked.len() as u32,
                    out: row(at, kind, asked.start),
                    query: row(input, kind, asked.start),
                    key: row(input, RowKind::Tokens, tokens.start),
                    own: row(at, RowKind::Tokens, tokens.start),
                    position: asked.start as u32,
                });
                let tile = |first: usize| Tile { sequence: number, first: first as u32 };
                queries.extend((0..asked.len()).step_by(32).map(tile));
                if lane.branched {
                    kept_query_tiles = queries.len();
                    keys.extend((0..tokens.len().div_ceil(4)).step_by(8).map(tile));
                    kept_key_tiles = keys.len();
                }
            }
        }
        let spots = HeadSpots {
            sequences: self.arena.put(&sequences),
            queries: self.arena.put(&queries),
            keys: self.arena.put(&keys),
            query_tiles: queries.len(),
            kept_query_tiles,
            kept_key_tiles,
        };
        self.heads.insert(key, spots);
    }

    /// The rows of a level.
    pub fn rows(&self, pass: &Pass<'_>, rows: Rows) -> LevelRows {
        let spots = self.rows.get(&Self::row_key(pass, rows)).copied().unwrap_or_default();
        LevelRows {
            chunks: self.arena.at(spots.chunks),
            count: spots.count,
            kept: spots.kept,
            firsts: self.arena.at(spots.firsts),
            spans: self.arena.at(spots.spans),
            members: pass.layout.branched(rows.level),
        }
    }

    /// A block's attention.
    pub fn heads(&self, pass: &Pass<'_>, layer: usize) -> LevelHeads {
        let spots = self.heads.get(&Self::head_key(pass, layer)).copied().unwrap_or_default();
        LevelHeads {
            sequences: self.arena.at(spots.sequences),
            queries: self.arena.at(spots.queries),
            keys: self.arena.at(spots.keys),
            query_tiles: spots.query_tiles,
            kept_query_tiles: spots.kept_query_tiles,
            kept_key_tiles: spots.kept_key_tiles,
        }
    }

    /// A [`DeviceDraw`] a member.
    pub fn draws(&self) -> Address {
        self.arena.at(self.draws)
    }

    /// What keys the dropout of tokens or of reads.
    pub fn dropout_keys(&self, kind: RowKind) -> DropoutKeys {
        let [examples, positions] = match kind {
            RowKind::Tokens | RowKind::Squares => self.keys[0],
            RowKind::Reads | RowKind::ReadSquares => self.keys[1],
        };
        DropoutKeys { examples: self.arena.at(examples), positions: self.arena.at(positions) }
    }

    /// Rows of the tables of words, positions and segments, of each token.
    pub fn embeddings(&self) -> [Address; 3] {
        self.embeddings.map(|spot| self.arena.at(spot))
    }

    /// Which rows of a table of embeddings occur where.
    pub fn occurrences(&self, table: usize) -> Option<Occurrences> {
        let (spots, count) = self.occurrences.get(table)?;
        let [numbers, starts, rows] = spots.map(|spot| self.arena.at(spot));
        Some(Occurrences { numbers, starts, rows, count: *count })
    }

    /// Rows of the last block's input that the head reads.
    pub fn reads(&self) -> Address {
        self.arena.at(self.reads)
    }

    /// Target of each member's reads, end to end, and where each member's start.
    pub fn targets(&self) -> (Address, Address) {
        (self.arena.at(self.targets), self.arena.at(self.read_firsts))
    }

    /// Which of the gang's members each of the wave's is.
    pub fn who(&self) -> Address {
        self.arena.at(self.who)
    }

    /// Each member's tokens in the batch.
    pub fn tokens(&self) -> Address {
        self.arena.at(self.tokens)
    }
}

fn occur(arena: &mut Arena, numbers: &[u32]) -> ([Spot; 3], usize) {
    let mut rows: Vec<u32> = (0..numbers.len() as u32).collect();
    // Rows of one number stay in their order.
    rows.sort_by_key(|&row| numbers[row as usize]);
    let (mut unique, mut starts) = (Vec::new(), Vec::new());
    for (i, &row) in rows.iter().enumerate() {
        let number = numbers[row as usize];
        if unique.last() != Some(&number) {
            unique.push(number);
            starts.push(i as u32);
        }
    }
    starts.push(rows.len() as u32);
    ([arena.put(&unique), arena.put(&starts), arena.put(&rows)], unique.len())
}
