//! Dropout factors from Philox, keyed by (seed, step, site, example, element): the same on every device,
//! alone or in a gang, forward and backward. No factor is stored.

use multiversion::multiversion;
use tunemask_shared::philox::{Purpose, philox4x32};

/// What keys the factors of one step of one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Probability that an element is dropped; 0 turns dropout off.
    pub probability: f32,
    /// Seed of the run.
    pub seed: u64,
    /// Step, counted from 0.
    pub step: u32,
}

/// A place in the network where elements are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// Behind the embeddings' LayerNorm.
    Embeddings,
    /// Attention probabilities of a block.
    Probabilities(usize),
    /// Attention output of a block.
    Attention(usize),
    /// Feed-forward output of a block.
    FeedForward(usize),
    /// What the head's outputs read.
    Pooled,
    /// What a head's dense layer reads.
    Features,
}

impl Site {
    /// What keys its factors.
    pub fn number(self) -> u32 {
        match self {
            Site::Embeddings => 0,
            Site::Pooled => 1,
            // Beyond all blocks'.
            Site::Features => u32::MAX,
            Site::Probabilities(l) => 2 + 3 * l as u32,
            Site::Attention(l) => 3 + 3 * l as u32,
            Site::FeedForward(l) => 4 + 3 * l as u32,
        }
    }
}

impl Dropout {
    /// No dropout.
    pub const OFF: Dropout = Dropout { probability: 0.0, seed: 0, step: 0 };

    /// Whether nothing is dropped.
    pub fn is_off(&self) -> bool {
        self.probability == 0.0
    }

    /// Fills `out` with the factors of a row: 0, or 1 / (1 − p) for what is kept.
    ///
    /// `row` counts the rows of this width within the example: a token's position at a hidden site, head and
    /// query position at an attention site. Element `e` of a row of `n` is word `e / b` of counter
    /// `row · b + e % b`, where `b = ⌈n / 4⌉`.
    pub fn factors(&self, site: Site, example: u32, row: usize, out: &mut [f32]) {
        if self.is_off() {
            out.fill(1.0);
            return;
        }
        // The key's upper bits tell dropout from every other purpose under the same seed.
        let key = [self.seed as u32, (self.seed >> 32) as u32 ^ (Purpose::Dropout as u32) << 24];
        let blocks = out.len().div_ceil(4);
        let first = (row * blocks) as u32;
        let threshold = (f64::from(self.probability) * 4_294_967_296.0) as u32;
        let keep = 1.0 / (1.0 - self.probability);
        fill(out, blocks, [first, example, site.number(), self.step], key, threshold, keep);
    }
}

/// Counters that are worked on side by side.
const WIDE: usize = 16;

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn fill(out: &mut [f32], blocks: usize, counter: [u32; 4], key: [u32; 2], threshold: u32, keep: f32) {
    let factor = |word: u32| if word < threshold { 0.0 } else { keep };
    let mut block = 0;
    // Four quarters of full width: the last one may be short, then the slow way finishes it.
    while block < blocks {
        let width = WIDE.min(blocks - block);
        let mut words = [[0u32; WIDE]; 4];
        if width == WIDE {
            let mut c0: [u32; WIDE] = std::array::from_fn(|i| counter[0].wrapping_add((block + i) as u32));
            let mut c1 = [counter[1]; WIDE];
            let mut c2 = [counter[2]; WIDE];
            let mut c3 = [counter[3]; WIDE];
            let mut k = key;
            for _ in 0..10 {
                for i in 0..WIDE {
                    let p0 = 0xD251_1F53_u64 * u64::from(c0[i]);
                    let p1 = 0xCD9E_8D57_u64 * u64::from(c2[i]);
                    c0[i] = (p1 >> 32) as u32 ^ c1[i] ^ k[0];
                    c1[i] = p1 as u32;
                    c2[i] = (p0 >> 32) as u32 ^ c3[i] ^ k[1];
                    c3[i] = p0 as u32;
                }
                k = [k[0].wrapping_add(0x9E37_79B9), k[1].wrapping_add(0xBB67_AE85)];
            }
            words = [c0, c1, c2, c3];
        } else {
            for i in 0..width {
                let c = [counter[0].wrapping_add((block + i) as u32), counter[1], counter[2], counter[3]];
                let w = philox4x32(c, key);
                for (quarter, word) in words.iter_mut().zip(w) {
                    quarter[i] = word;
                }
            }
        }
        for (quarter, words) in words.iter().enumerate() {
            let start = quarter * blocks + block;
            let end = (start + width).min(out.len());
            if let Some(part) = out.get_mut(start..end) {
                for (out, &word) in part.iter_mut().zip(words) {
                    *out = factor(word);
                }
            }
        }
        block += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_follows_the_definition() {
        let d = Dropout { probability: 0.3, seed: 99 << 30 | 7, step: 12 };
        for n in [1, 3, 4, 5, 63, 64, 65, 70, 127, 384, 515] {
            for row in [0, 3] {
                let mut got = vec![9.0; n];
                d.factors(Site::Attention(2), 41, row, &mut got);
                let blocks = n.div_ceil(4);
                let key = [d.seed as u32, (d.seed >> 32) as u32 ^ 16 << 24];
                for (e, &got) in got.iter().enumerate() {
                    let words = philox4x32([(row * blocks + e % blocks) as u32, 41, 9, 12], key);
                    let dropped = f64::from(words[e / blocks]) < 0.3f32 as f64 * 4_294_967_296.0 - 1.0;
                    assert_eq!(got == 0.0, dropped, "{n} {row} {e}");
                }
            }
        }
    }

    #[test]
    fn the_share_and_the_mean_are_right() {
        let d = Dropout { probability: 0.1, seed: 3, step: 0 };
        let mut out = vec![0.0; 400];
        let mut sum = 0.0;
        for row in 0..500 {
            d.factors(Site::Embeddings, 0, row, &mut out);
            sum += out.iter().sum::<f32>();
        }
        assert!((sum / 200_000.0 - 1.0).abs() < 3e-3, "{sum}");
    }
}
