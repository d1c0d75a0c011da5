//! Which word pieces are hidden, and by what.

use super::PretrainingError;
use crate::model::{Encoding, Tokenizer};
use tunemask_shared::philox::{Purpose, philox4x32};

/// Which word pieces are hidden, and by what: of a share of them 80 % become `[MASK]`, 10 % another word piece, and 10 %
/// stay (Devlin et al., 2019). What is drawn is a function of seed, epoch, text and position.
pub struct Masking {
    seed: u64,
    /// A word below it is drawn.
    threshold: u64,
    mask: u32,
    special: Vec<u32>,
    vocabulary: u32,
}

/// A text of which some word pieces are hidden.
#[derive(Clone, Debug, PartialEq)]
pub struct Masked {
    /// The word pieces that the encoder sees.
    pub ids: Vec<u32>,
    /// Where it must find one, ascending.
    pub reads: Vec<u32>,
    /// Which stands there.
    pub targets: Vec<f32>,
}

/// 2³².
const WORDS: f64 = 4_294_967_296.0;

impl Masking {
    /// For a tokenizer's word pieces.
    ///
    /// # Errors
    /// A vocabulary without `[MASK]`.
    pub fn new(seed: u64, share: f64, tokenizer: &Tokenizer) -> Result<Self, PretrainingError> {
        let mask = tokenizer.mask().ok_or_else(|| {
            PretrainingError::Text("the vocabulary has no [MASK], which stands for what is hidden".into())
        })?;
        Ok(Self {
            seed,
            threshold: (share * WORDS) as u64,
            mask,
            special: tokenizer.special().to_vec(),
            vocabulary: tokenizer.vocabulary_size() as u32,
        })
    }

    fn draw(&self, epoch: u32, text: u32, position: u32) -> [u32; 4] {
        let counter = [position, text, epoch, Purpose::Masking as u32];
        philox4x32(counter, [self.seed as u32, (self.seed >> 32) as u32])
    }

    /// The word pieces that the encoder sees, and what it must find; of a text with any word piece that is not special at
    /// least one. `None` if it has none.
    pub fn hide(&self, encoding: &Encoding, epoch: u32, text: u32) -> Option<Masked> {
        let open = |id: &u32| !self.special.contains(id);
        let places: Vec<usize> = (0..encoding.ids.len()).filter(|&i| open(&encoding.ids[i])).collect();
        let drawn = |&place: &usize| u64::from(self.draw(epoch, text, place as u32)[0]) < self.threshold;
        let mut hidden: Vec<usize> = places.iter().copied().filter(drawn).collect();
        if hidden.is_empty() {
            let word = u64::from(self.draw(epoch, text, u32::MAX)[0]);
            hidden.push(*places.get(((word * places.len() as u64) >> 32) as usize)?);
        }
        let mut ids = encoding.ids.clone();
        let targets = hidden.iter().map(|&place| ids[place] as f32).collect();
        for &place in &hidden {
            let [_, how, which, _] = self.draw(epoch, text, place as u32);
            match f64::from(how) / WORDS {
                0.0..0.8 => ids[place] = self.mask,
                0.8..0.9 => ids[place] = ((u64::from(which) * u64::from(self.vocabulary)) >> 32) as u32,
                _ => {}
            }
        }
        let reads = hidden.into_iter().map(|place| place as u32).collect();
        Some(Masked { ids, reads, targets })
    }
}
