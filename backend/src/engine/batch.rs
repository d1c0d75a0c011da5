//! A batch is its real tokens, end to end.

/// One tokenised example.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a> {
    /// Word pieces, special tokens included; at least one, at most the model's positions.
    pub ids: &'a [u32],
    /// Segment of each word piece.
    pub segments: &'a [u8],
    /// The label's number, or the score of a regression.
    pub target: f32,
    /// The example's number in its data set: keys its dropout.
    pub index: u32,
}
