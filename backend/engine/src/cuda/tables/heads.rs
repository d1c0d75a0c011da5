//! Attention of each block, on the device.

use crate::cuda::arena::{Arena, Spot};
use crate::cuda::launch::{DeviceSequence, Tile};
use crate::cuda::machine::Address;
use crate::pass::Pass;
use crate::plan::batch::RowKind;
use crate::plan::level::Level;
use std::collections::HashMap;

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
pub(crate) struct LevelHeads {
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

/// What tells the attention of two blocks apart: how many members have branched there and at the block's input, and
/// whether it is the last block.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct HeadsKey {
    branched: [usize; 2],
    is_last: bool,
}

impl HeadsKey {
    fn new(pass: &Pass<'_>, layer: usize) -> Self {
        let levels = [Level::attention(layer), Level::input(layer)];
        Self { branched: levels.map(|level| pass.layout.branched(level)), is_last: pass.is_last(layer) }
    }
}

/// Attention of all blocks of a pass; several blocks have the same.
#[derive(Default)]
pub(super) struct HeadTables(HashMap<HeadsKey, HeadSpots>);

impl HeadTables {
    /// Forgets the last pass.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds a block's attention, if another block has not the same.
    pub(super) fn put(&mut self, arena: &mut Arena, pass: &Pass<'_>, layer: usize) {
        let key = HeadsKey::new(pass, layer);
        if self.0.contains_key(&key) {
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
            sequences: arena.put(&sequences),
            queries: arena.put(&queries),
            keys: arena.put(&keys),
            query_tiles: queries.len(),
            kept_query_tiles,
            kept_key_tiles,
        };
        self.0.insert(key, spots);
    }

    /// A block's attention, once the arena is sent.
    pub(super) fn at(&self, arena: &Arena, pass: &Pass<'_>, layer: usize) -> LevelHeads {
        let spots = self.0.get(&HeadsKey::new(pass, layer)).copied().unwrap_or_default();
        LevelHeads {
            sequences: arena.at(spots.sequences),
            queries: arena.at(spots.queries),
            keys: arena.at(spots.keys),
            query_tiles: spots.query_tiles,
            kept_query_tiles: spots.kept_query_tiles,
            kept_key_tiles: spots.kept_key_tiles,
        }
    }
}
