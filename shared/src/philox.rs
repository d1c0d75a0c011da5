//! Philox 4x32-10, a counter-based generator: the same four words for the same counter and key on
//! every device, in any order (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).

const M0: u32 = 0xD251_1F53;
const M1: u32 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;

/// Four random words for a counter under a key.
#[inline(always)]
pub fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    let mut round = 0;
    while round < 10 {
        let p0 = M0 as u64 * counter[0] as u64;
        let p1 = M1 as u64 * counter[2] as u64;
        counter = [
            (p1 >> 32) as u32 ^ counter[1] ^ key[0],
            p1 as u32,
            (p0 >> 32) as u32 ^ counter[3] ^ key[1],
            p0 as u32,
        ];
        key = [key[0].wrapping_add(W0), key[1].wrapping_add(W1)];
        round += 1;
    }
    counter
}

/// What a stream of words is drawn for. Two purposes never share a word under one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Initial values of the task head.
    Head = 1,
    /// The order of the training examples of an epoch.
    Order = 2,
    /// Scalars of a `random` or `outliers_random` mask.
    Mask = 3,
    /// Sentences of the built-in language.
    Language = 4,
    /// Initial values of a model without checkpoint.
    Weights = 5,
    /// The seed-independent order that `train_limit` and `eval_limit` cut.
    Limit = 6,
    /// Word pieces that are hidden in pre-training.
    Masking = 7,
    /// Initial values of what is added to a model's matrices.
    Added = 8,
    /// Examples that are halved, and scores that are drawn again.
    Bootstrap = 12,
    /// Dropout; the engine numbers its sites from here.
    Dropout = 16,
}

/// A sequential stream of random words over [`philox4x32`].
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    words: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream of `purpose` under `seed`; `part` tells streams of one purpose apart (an epoch, a task).
    pub fn new(seed: u64, purpose: Purpose, part: u32) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            counter: [0, 0, part, purpose as u32],
            words: [0; 4],
            used: 4,
        }
    }
    /// The next word.
    pub fn next_u32(&mut self) -> u32 {
        if self.used == 4 {
            self.words = philox4x32(self.counter, self.key);
            let low = self.counter[0].wrapping_add(1);
            self.counter[0] = low;
            if low == 0 {
                self.counter[1] = self.counter[1].wrapping_add(1);
            }
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }
    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        (self.next_u32() as u64) << 32 | self.next_u32() as u64
    }
    /// Uniform in `0..bound`, without bias (Lemire, 2019). `bound` must not be 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "an empty range has no element to draw");
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let wide = self.next_u64() as u128 * bound as u128;
            if wide as u64 >= threshold {
                return (wide >> 64) as u64;
            }
        }
    }
    /// Uniform in `[0, 1)` with 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
    /// Standard normal (Box and Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
    /// A uniform permutation in place (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
    /// `count` distinct numbers of `0..total`, ascending, uniform over all such sets (Floyd, 1987).
    pub fn distinct(&mut self, count: usize, total: usize) -> Vec<usize> {
        let mut chosen = std::collections::BTreeSet::new();
        for j in total.saturating_sub(count)..total {
            let t = self.below(j as u64 + 1) as usize;
            if !chosen.insert(t) {
                chosen.insert(j);
            }
        }
        chosen.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers published with Random123 (kat_vectors, philox4x32 10).
    #[test]
    fn known_answers() {
        assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox4x32([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox4x32([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn distinct_numbers_are_distinct_and_cover_the_range() {
        let mut s = Stream::new(7, Purpose::Mask, 0);
        assert_eq!(s.distinct(5, 5), vec![0, 1, 2, 3, 4]);
        let mut hits = [0; 10];
        for part in 0..2000 {
            let d = Stream::new(1, Purpose::Mask, part).distinct(3, 10);
            assert_eq!(d.len(), 3);
            d.iter().for_each(|&i| hits[i] += 1);
        }
        assert!(hits.iter().all(|&h| (500..700).contains(&h)), "{hits:?}");
    }

    #[test]
    fn normals_have_the_normal_moments() {
        let mut s = Stream::new(3, Purpose::Head, 0);
        let x: Vec<f64> = (0..20_000).map(|_| s.normal()).collect();
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let var = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64;
        assert!(mean.abs() < 0.02 && (var - 1.0).abs() < 0.03, "{mean} {var}");
    }
}
