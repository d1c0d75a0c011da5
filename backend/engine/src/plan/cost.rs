//! What a step of a gang costs, in multiply-adds of its matrix products and in bytes.

use super::batch::{Batch, RowKind, Sequence};
use super::layout::{CHUNK_ROWS, Layout};
use super::level::Level;
use super::slots::{BlockSlot::*, Slot, slots};
use super::trained::{goes_alone, level};
use super::waves::{Wave, waves};
use crate::pass::{Parts, Purpose};
use tunemask_shared::shape::{Kind, ModelShape};
use tunemask_shared::trainable::{LowRank, Trainable};

/// What a gang costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Multiply-adds of a step of all members.
    pub step: f64,
    /// The same, if each went alone.
    pub alone: f64,
    /// Multiply-adds of predicting one batch with all members.
    pub predict: f64,
    /// Bytes beside the model.
    pub bytes: f64,
}

/// Multiply-adds of forward and, to train, backward products of members that go at once, those of pairs of low rank left out.
fn products(shape: &ModelShape, layout: &Layout, members: &[&Trainable], purpose: Purpose) -> f64 {
    let trains = |slot: Slot| {
        let range = slots(shape).into_iter().find(|(s, _)| *s == slot).map_or(0..0, |(_, range)| range);
        members.iter().any(|m| !m.selection.within(range.clone()).is_empty()) && goes_alone(shape, members[0])
    };
    let (h, i, layers) = (shape.hidden, shape.intermediate, shape.layers);
    let mut total = 0usize;
    let mut product = |slot: Slot, level: Level, kind: RowKind, size: usize| {
        total += layout.total(level.rows(kind)) * size;
        if purpose == Purpose::Train {
            // The gradient to its input, for those that have something to train below it.
            total += layout.kept(level.rows(kind)) * size;
            total += if trains(slot) { layout.kept(level.rows(kind)) * size } else { 0 };
        }
    };
    for layer in 0..layers {
        let slot = |slot| Slot::Block(layer, slot);
        let kind = if layer + 1 == layers { RowKind::Reads } else { RowKind::Tokens };
        product(slot(QkvWeight), Level::input(layer), RowKind::Tokens, 2 * h * h);
        product(slot(QkvWeight), Level::input(layer), kind, h * h);
        product(slot(AttentionOutputWeight), Level::attention(layer), kind, h * h);
        product(slot(IntermediateWeight), Level::attention_norm(layer), kind, h * i);
        product(slot(OutputWeight), Level::intermediate(layer), kind, h * i);
    }
    if shape.has_projection() {
        product(Slot::ProjectionWeight, Level::EMBEDDINGS, RowKind::Tokens, h * shape.embedding());
    }
    // A pooler, or the dense layer that a head has in its place.
    product(Slot::PoolerWeight, Level::pooler(layers).before(), RowKind::Reads, h * h);
    total as f64
}

/// Multiply-adds of the pairs of low rank of a member that reads such a batch: those of the product and, to train, of the
/// gradients to both factors, for which both halves of it are computed again, and to what it was of.
fn pair_products(shape: &ModelShape, trains: &Trainable, size: BatchSize, purpose: Purpose) -> f64 {
    let times = match purpose {
        Purpose::Predict => 1,
        Purpose::Train => 4,
    };
    let of = |pair: &LowRank| {
        let is_of_reads = pair.weight.layer.is_some_and(|layer| layer + 1 == shape.layers)
            && !matches!(pair.weight.kind, Kind::KeyWeight | Kind::ValueWeight);
        let rows = if is_of_reads { size.sequences } else { size.sequences * size.tokens };
        rows * pair.scalars() * times
    };
    trains.added.iter().map(of).sum::<usize>() as f64
}

/// Bytes of the sums of chunks of rows from which the gradients of a pair become: of one pair at a time.
fn pair_bytes(members: &[&Trainable], rows: usize) -> usize {
    let widest = members.iter().flat_map(|member| &member.added).map(LowRank::scalars).max();
    size_of::<f32>() * rows.div_ceil(CHUNK_ROWS) * widest.unwrap_or(0)
}

/// Multiply-adds of a step of one member that goes alone.
fn alone(shape: &ModelShape, trains: &Trainable, batch: &[Sequence<'_>]) -> f64 {
    let (mut packed, mut layout) = (Batch::default(), Layout::default());
    packed.pack(shape.family, [batch]);
    layout.arrange(shape.layers, &[level(shape, trains)], &[0], &packed);
    let tokens = batch.first().map_or(0, |example| example.ids.len());
    let size = BatchSize { sequences: batch.len(), tokens };
    products(shape, &layout, &[trains], Purpose::Train) + pair_products(shape, trains, size, Purpose::Train)
}

/// Examples of a batch by which members are compared, and tokens of each: their ratios hardly depend on it.
const COMPARED: BatchSize = BatchSize { sequences: 16, tokens: 32 };

/// Multiply-adds for each token of a batch, of a step of one member that goes alone: what its share of its gang's time
/// is measured by.
pub fn products_per_token(shape: &ModelShape, trains: &Trainable) -> f64 {
    let BatchSize { sequences, tokens } = COMPARED;
    let (ids, segments) = ([0u32; COMPARED.tokens], [0u8; COMPARED.tokens]);
    let example = Sequence { ids: &ids, segments: &segments, reads: &[0], targets: &[0.0], index: 0 };
    alone(shape, trains, &vec![example; sequences]) / (sequences * tokens) as f64
}

/// Examples of a batch, and tokens of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSize {
    /// Examples of the batch.
    pub sequences: usize,
    /// Tokens of an example.
    pub tokens: usize,
}

/// What a device needs for a gang's activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Room for a wave of members, in rows of tokens.
    pub wave_rows: usize,
    /// Bytes of an activation.
    pub activation_bytes: usize,
    /// Whether attention keeps its probabilities, rather than its output and a logarithm for each head.
    pub keeps_probabilities: bool,
}

/// What each member of a gang keeps beside what its mask selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemberRoom {
    /// Scalars of its head, a dense layer's among them.
    pub head: usize,
    /// How many parts of a batch its gradients add up.
    pub parts: Parts,
}

impl MemberRoom {
    /// Bytes of all that a member keeps of its trained scalars, so many of which its mask selects: value, gradient, two moments
    /// and the copy of the best epoch, and where gradients are added up their sum.
    pub fn bytes(self, selected: usize) -> usize {
        let vectors = match self.parts {
            Parts::One => 5,
            Parts::Several => 6,
        };
        vectors * size_of::<f32>() * (selected + self.head)
    }
}

/// The cost of members that train `members`, of which member i reads the same batches as all of the same
/// `streams[i]`, each example read once; `footprint` says how they are cut into waves and what an activation takes, `room` what
/// each member keeps.
pub fn cost(
    shape: &ModelShape,
    members: &[&Trainable],
    streams: &[usize],
    BatchSize { sequences, tokens }: BatchSize,
    footprint: Footprint,
    room: MemberRoom,
) -> Cost {
    let wave_rows = footprint.wave_rows;
    let ids = vec![0u32; tokens.max(1)];
    let segments = vec![0u8; tokens.max(1)];
    let example = Sequence { ids: &ids, segments: &segments, reads: &[0], targets: &[0.0], index: 0 };
    let batch = vec![example; sequences];
    let levels: Vec<Level> = members.iter().map(|s| level(shape, s)).collect();
    let count = streams.iter().max().map_or(0, |most| most + 1);
    let rows = vec![batch.len() * ids.len(); count];
    let in_waves = |streams: &[usize], purpose: Purpose| {
        let (mut packed, mut layout, mut total) = (Batch::default(), Layout::default(), 0.0);
        for wave in waves(shape.layers, &levels, streams, &rows, wave_rows) {
            let Wave { members: wave, streams: present, own } = wave;
            packed.pack(shape.family, present.iter().map(|_| &batch[..]));
            let own_levels: Vec<Level> = wave.iter().map(|&i| levels[i]).collect();
            layout.arrange(shape.layers, &own_levels, &own, &packed);
            let members: Vec<&Trainable> = wave.iter().map(|&i| members[i]).collect();
            total += products(shape, &layout, &members, purpose);
        }
        total
    };
    let trained: usize = members.iter().map(|member| room.bytes(member.len())).sum();
    let size = BatchSize { sequences, tokens: ids.len() };
    let pairs = |purpose: Purpose| {
        members.iter().map(|member| pair_products(shape, member, size, purpose)).sum::<f64>()
    };
    let largest = rows.iter().copied().max().unwrap_or(0).max(if members.len() > 1 { wave_rows } else { 0 });
    Cost {
        step: in_waves(streams, Purpose::Train) + pairs(Purpose::Train),
        alone: members.iter().map(|m| alone(shape, m, &batch)).sum(),
        predict: in_waves(&vec![0; members.len()], Purpose::Predict) + pairs(Purpose::Predict),
        bytes: (trained
            + pair_bytes(members, sequences * ids.len())
            + largest * row_bytes(shape, tokens, footprint)) as f64,
    }
}

/// Bytes of a row's activations, and of the gradients to them.
fn row_bytes(shape: &ModelShape, tokens: usize, footprint: Footprint) -> usize {
    let ModelShape { hidden, intermediate, layers, heads, .. } = *shape;
    let passing = 8 * hidden + 3 * intermediate;
    if footprint.keeps_probabilities {
        footprint.activation_bytes * (layers * (5 * hidden + intermediate + heads * tokens) + passing)
    } else {
        let kept = layers * (6 * hidden + intermediate);
        footprint.activation_bytes * (kept + passing) + 4 * layers * heads
    }
}

/// Bytes of a gang's frozen matrices in bf16, packed for both directions; those that train are counted, too.
pub fn packed_bytes(shape: &ModelShape) -> f64 {
    let (h, i) = (shape.hidden, shape.intermediate);
    let pooler = if shape.family.has_pooler() { h * h } else { 0 };
    let projection = if shape.has_projection() { h * shape.embedding() } else { 0 };
    let matrices = shape.layers * (4 * h * h + 2 * h * i) + pooler + projection;
    2.0 * 2.0 * matrices as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::waves::WAVE_ROWS;
    use tunemask_shared::mask::{Mask, MaskSwitches};

    #[test]
    fn trunks_cost_once_and_frozen_matrices_have_no_gradient() {
        let shape = ModelShape { layers: 4, ..ModelShape::BERT_BASE_UNCASED };
        let cost_of = |masks: &[&str], streams: &[usize]| {
            let select = |m: &&str| {
                m.parse::<Mask>().unwrap().trains(&shape, MaskSwitches::default(), 1, None).unwrap()
            };
            let members: Vec<Trainable> = masks.iter().map(select).collect();
            let batch = BatchSize { sequences: 16, tokens: 64 };
            let footprint =
                Footprint { wave_rows: WAVE_ROWS, activation_bytes: 4, keeps_probabilities: true };
            let room = MemberRoom { head: 0, parts: Parts::One };
            cost(&shape, &members.iter().collect::<Vec<_>>(), streams, batch, footprint, room)
        };
        let frozen = cost_of(&["frozen"], &[0]);
        assert_eq!((frozen.step, frozen.alone), (frozen.predict, frozen.predict));
        assert!(cost_of(&["frozen"; 7], &[0; 7]).step < 1.01 * frozen.step);
        let apart = cost_of(&["frozen", "frozen"], &[0, 1]);
        assert!((apart.step - 2.0 * frozen.step).abs() < 1.0 && apart.predict < 1.01 * frozen.step);
        let (norms, full) = (cost_of(&["layernorms"], &[0]), cost_of(&["full"], &[0]));
        assert!((1.8..2.01).contains(&(norms.step / frozen.step)), "{norms:?}");
        assert!((2.9..3.01).contains(&(full.step / frozen.step)), "{full:?}");
        let top = cost_of(&["single_norm:4"; 7], &[0; 7]);
        assert!(top.step < 1.2 * frozen.step && top.alone > 7.0 * frozen.step);
        let per_token = |mask: &str| {
            let mask: Mask = mask.parse().unwrap();
            products_per_token(&shape, &mask.trains(&shape, MaskSwitches::default(), 1, None).unwrap())
        };
        assert!(1.8 * per_token("frozen") < per_token("layernorms"));
        assert!(
            per_token("single_norm:4") < per_token("layernorms")
                && per_token("layernorms") < per_token("full")
        );
    }

    #[test]
    fn pairs_of_low_rank_cost_products_and_sums_by_their_rank() {
        let shape = ModelShape { layers: 2, ..ModelShape::BERT_BASE_UNCASED };
        let size = BatchSize { sequences: 16, tokens: 64 };
        let cost_of = |mask: &str, members: usize| {
            let trains =
                mask.parse::<Mask>().unwrap().trains(&shape, MaskSwitches::default(), 1, None).unwrap();
            let footprint =
                Footprint { wave_rows: WAVE_ROWS, activation_bytes: 4, keeps_probabilities: true };
            let room = MemberRoom { head: 0, parts: Parts::One };
            cost(&shape, &vec![&trains; members], &vec![0; members], size, footprint, room)
        };
        // A pair beside each query; the upper one is of the token that the head reads.
        let rows = (16 * 64 + 16) as f64;
        let scalars = |rank: usize| (rank * 2 * 768) as f64;
        let [low, high] = [8, 512].map(|rank| cost_of(&format!("lora:{rank} in layers(*).query"), 3));
        let more = scalars(512) - scalars(8);
        assert_eq!(high.predict - low.predict, 3.0 * rows * more);
        assert_eq!(
            (high.step - low.step, high.alone - low.alone),
            (4.0 * 3.0 * rows * more, 12.0 * rows * more)
        );
        // Two pairs a member with value, gradient, moments and copy, and the sums of one pair for each chunk of the batch.
        let chunks = (16 * 64 / CHUNK_ROWS) as f64;
        assert_eq!(high.bytes - low.bytes, 4.0 * more * (3.0 * 2.0 * 5.0 + chunks));
    }

    #[test]
    fn a_dense_head_and_the_sum_of_gradients_take_room_for_each_member() {
        let shape = ModelShape { layers: 2, ..ModelShape::BERT_BASE_UNCASED };
        let trains = Mask::LayerNorms.trains(&shape, MaskSwitches::default(), 1, None).unwrap();
        let bytes = |members: usize, room: MemberRoom| {
            let (members, streams) = (vec![&trains; members], vec![0; members]);
            let batch = BatchSize { sequences: 16, tokens: 64 };
            let footprint =
                Footprint { wave_rows: WAVE_ROWS, activation_bytes: 4, keeps_probabilities: true };
            cost(&shape, &members, &streams, batch, footprint, room).bytes
        };
        let plain = MemberRoom { head: 0, parts: Parts::One };
        let dense = MemberRoom { head: 768 * 769 + 2 * 769, ..plain };
        let summed = MemberRoom { parts: Parts::Several, ..dense };
        assert_eq!(bytes(7, dense) - bytes(7, plain), (7 * 5 * 4 * dense.head) as f64);
        assert_eq!(bytes(7, summed) - bytes(7, dense), (7 * 4 * (trains.len() + dense.head)) as f64);
        assert_eq!(summed.bytes(10), 6 * 4 * (10 + dense.head));
    }
}
