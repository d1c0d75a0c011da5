//! All that the kernels of one pass read beside numbers: rows, chunks, sequences, targets. One upload a pass. In reading
//! order:

/// The rows of each level.
mod rows;
/// Attention of each block.
mod heads;
/// Which rows of the embeddings occur.
mod occurrences;

pub(super) use heads::LevelHeads;
pub(super) use occurrences::Occurrences;
pub(super) use rows::LevelRows;

use super::arena::{Arena, Spot};
use super::launch::{DeviceDraw, Span};
use super::machine::{Address, Buffer};
use crate::EngineError;
use crate::pass::{Matrices, Pass};
use crate::plan::batch::RowKind;
use crate::plan::level::{Level, Rows};
use heads::HeadTables;
use occurrences::OccurrenceSpots;
use rows::RowTables;

/// What keys dropout, by row of the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct DropoutKeys {
    /// Example of each row.
    pub examples: Address,
    /// Position of each row in its sequence.
    pub positions: Address,
}

/// Targets of the members' reads, end to end, and what their losses are the mean of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Targets {
    /// Target of each read.
    pub values: Address,
    /// Where each member's start, and where the last one's end.
    pub firsts: Address,
    /// What the sum of each member's losses is divided by.
    pub divisors: Address,
    /// A weight a class; 0 where all are 1.
    pub weights: Address,
}

/// Tables of a pass.
pub(super) struct Tables {
    arena: Arena,
    buffer: Buffer,
    rows: RowTables,
    heads: HeadTables,
    draws: Spot,
    keys: [[Spot; 2]; 2],
    embeddings: [Spot; 3],
    reads: Spot,
    targets: Spot,
    read_firsts: Spot,
    divisors: Spot,
    class_weights: Option<Spot>,
    wave: Spot,
    occurrences: Vec<OccurrenceSpots>,
    tokens: Spot,
}

impl Tables {
    /// None yet; their memory is `buffer`'s.
    pub(super) fn new(buffer: Buffer) -> Self {
        Self {
            arena: Arena::default(),
            buffer,
            rows: RowTables::default(),
            heads: HeadTables::default(),
            draws: Spot::default(),
            keys: Default::default(),
            embeddings: Default::default(),
            reads: Spot::default(),
            targets: Spot::default(),
            read_firsts: Spot::default(),
            divisors: Spot::default(),
            class_weights: None,
            wave: Spot::default(),
            occurrences: Vec::new(),
            tokens: Spot::default(),
        }
    }

    /// Gathers and sends the tables of a pass over a wave of so many `members` of a gang. The gradient of `embeddings` that
    /// train needs to know which of their rows occur.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub(super) fn send(
        &mut self,
        pass: &Pass<'_>,
        members: usize,
        embeddings: Matrices,
    ) -> Result<(), EngineError> {
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
        self.wave = put.put(&pass.wave.iter().map(|&member| member as u32).collect::<Vec<_>>());
        let examples = |sequences: &[u32]| -> Vec<u32> {
            sequences.iter().map(|&sequence| batch.examples[sequence as usize]).collect()
        };
        self.keys = [
            [put.put(&examples(&batch.token_sequences)), put.put(&batch.positions)],
            [put.put(&examples(&batch.read_sequences)), put.put(&batch.read_positions)],
        ];
        let segments: Vec<u32> = batch.segments.iter().map(|&s| u32::from(s)).collect();
        self.embeddings = [put.put(&batch.ids), put.put(&batch.position_rows), put.put(&segments)];

        let top = Level::head(layers).reads();
        let width = pass.objective.targets();
        let (mut targets, mut firsts, mut tokens) = (Vec::new(), vec![0u32], Vec::new());
        for member in 0..pass.wave.len() {
            let stream = &batch.streams[pass.layout.stream(member)];
            let (first, size) = (stream.start[RowKind::Reads as usize], stream.size[RowKind::Reads as usize]);
            targets.extend_from_slice(&batch.targets[first * width..(first + size) * width]);
            firsts.push((targets.len() / width) as u32);
            let (first, rows) =
                (stream.start[RowKind::Tokens as usize], stream.size[RowKind::Tokens as usize]);
            tokens.push(Span { first: first as u32, rows: rows as u32 });
        }
        debug_assert_eq!(targets.len(), pass.layout.total(top) * width);
        self.targets = put.put(&targets);
        self.read_firsts = put.put(&firsts);
        self.divisors = put.put(pass.divisors);
        self.class_weights = pass.class_weights.map(|weights| put.put(weights));
        self.tokens = put.put(&tokens);

        let input = Level::input(layers - 1).reads();
        let mut reads = Vec::with_capacity(pass.layout.total(input));
        for chunk in pass.layout.chunks(input) {
            let row = |i| pass.read_row(input.level, chunk.member, chunk.row + i) as u32;
            reads.extend((0..chunk.rows).map(row));
        }
        self.reads = put.put(&reads);

        self.occurrences.clear();
        if embeddings == Matrices::Trained {
            for numbers in [&batch.ids, &batch.position_rows, &segments] {
                self.occurrences.push(OccurrenceSpots::put(&mut self.arena, numbers));
            }
        }
        for level in Level::all(layers) {
            self.rows.put(&mut self.arena, pass, level.tokens());
            self.rows.put(&mut self.arena, pass, level.reads());
        }
        for layer in 0..layers {
            self.heads.put(&mut self.arena, pass, layer);
        }
        self.arena.send(&mut self.buffer)
    }

    /// The rows of a level.
    pub(super) fn rows(&self, pass: &Pass<'_>, rows: Rows) -> LevelRows {
        self.rows.at(&self.arena, pass, rows)
    }

    /// A block's attention.
    pub(super) fn heads(&self, pass: &Pass<'_>, layer: usize) -> LevelHeads {
        self.heads.at(&self.arena, pass, layer)
    }

    /// A [`DeviceDraw`] a member.
    pub(super) fn draws(&self) -> Address {
        self.arena.at(self.draws)
    }

    /// What keys the dropout of tokens or of reads.
    pub(super) fn dropout_keys(&self, kind: RowKind) -> DropoutKeys {
        let [examples, positions] = match kind {
            RowKind::Tokens | RowKind::Squares => self.keys[0],
            RowKind::Reads | RowKind::ReadSquares => self.keys[1],
        };
        DropoutKeys { examples: self.arena.at(examples), positions: self.arena.at(positions) }
    }

    /// Rows of the tables of words, positions and segments, of each token.
    pub(super) fn embeddings(&self) -> [Address; 3] {
        self.embeddings.map(|spot| self.arena.at(spot))
    }

    /// Which rows of a table of embeddings occur where.
    pub(super) fn occurrences(&self, table: usize) -> Option<Occurrences> {
        Some(self.occurrences.get(table)?.at(&self.arena))
    }

    /// Rows of the last block's input that the head reads.
    pub(super) fn reads(&self) -> Address {
        self.arena.at(self.reads)
    }

    /// Targets of the members' reads.
    pub(super) fn targets(&self) -> Targets {
        Targets {
            values: self.arena.at(self.targets),
            firsts: self.arena.at(self.read_firsts),
            divisors: self.arena.at(self.divisors),
            weights: self.class_weights.map_or(0, |spot| self.arena.at(spot)),
        }
    }

    /// Which of the gang's members each of the wave's is.
    pub(super) fn wave(&self) -> Address {
        self.arena.at(self.wave)
    }

    /// Each member's tokens in the batch.
    pub(super) fn tokens(&self) -> Address {
        self.arena.at(self.tokens)
    }
}
