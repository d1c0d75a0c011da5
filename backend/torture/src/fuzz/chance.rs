//! Chance, and how it changes an input.
//!
//! The same seed makes the same inputs on every machine, so an input is known by its seed and its number.

use fastrand::Rng;

/// No input becomes longer: room for 20,000 levels of nesting, and what is quadratic in it shows itself, while ten thousand
/// inputs take minutes.
pub(super) const MAX_BYTES: usize = 1 << 18;

/// Numbers at which programs are wrong.
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "2147483648",
    "4294967295",
    "9007199254740993",
    "18446744073709551615",
    "99999999999999999999999",
    "1e308",
    "-0.0",
];

/// Where changes come from.
#[derive(Debug)]
pub struct Chance(Rng);

impl Chance {
    /// The chance of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// A seed of an experiment.
    pub fn seed(&mut self) -> u64 {
        self.0.u64(..1 << 53)
    }

    /// An input of the corpus, changed a few times.
    pub fn mutated(&mut self, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
        let mut bytes = self.pick(corpus).cloned().unwrap_or_default();
        for _ in 0..self.0.usize(1..6).pow(2) {
            self.change(&mut bytes, corpus, words);
            bytes.truncate(MAX_BYTES);
        }
        bytes
    }

    /// A number below another; 0 below 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end.max(1))
    }

    /// A number at which programs are wrong, as text.
    pub(super) fn number(&mut self) -> &'static str {
        self.pick(&NUMBERS).copied().unwrap_or_default()
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.0.usize(..all.len())) }
    }

    /// A part of so many bytes, of at most `most`.
    fn part(&mut self, length: usize, most: usize) -> std::ops::Range<usize> {
        let begin = self.0.usize(..=length);
        begin..begin + self.0.usize(..=most.min(length - begin))
    }

    fn change(&mut self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&str]) {
        let length = bytes.len();
        let at = self.0.usize(..=length);
        match self.0.u8(..11) {
            0 | 1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.0.u8(..8);
                }
            }
            2 => {
                let value = [0, 1, 0x7f, 0x80, 0xff, b'0', b'"', b'\\', b'\n'][self.0.usize(..9)];
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
            3 => _ = bytes.drain(self.part(length, 64)),
            4 => {
                let part = bytes[self.part(length, 64)].to_vec();
                bytes.splice(at..at, part);
            }
            5 => {
                let other = self.pick(corpus).cloned().unwrap_or_default();
                let part = other[self.part(other.len(), 256)].to_vec();
                let over = at..length.min(at + self.0.usize(..=part.len()));
                bytes.splice(over, part);
            }
            6 => {
                let word = self.pick(words).copied().unwrap_or_default();
                bytes.splice(at..at, word.bytes());
            }
            7 => self.change_number(bytes, at),
            8 => {
                // What is nested is nested more deeply.
                let part = bytes[self.part(length, 8)].to_vec();
                let times = [3, 100, 20_000][self.0.usize(..3)];
                bytes.splice(at..at, part.repeat(times));
            }
            9 => {
                let number = [u64::MAX, 1 << 63, 1 << 31, u64::from(u32::MAX), 0, 1][self.0.usize(..6)];
                let width = [2, 4, 8][self.0.usize(..3)];
                let little = number.to_le_bytes();
                bytes.iter_mut().skip(at).zip(&little[..width]).for_each(|(byte, new)| *byte = *new);
            }
            _ if self.0.u8(..4) == 0 => bytes.truncate(at),
            _ => {}
        }
    }

    /// Puts another number in the place of the next one.
    fn change_number(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let begin = bytes.iter().skip(at).position(u8::is_ascii_digit).map(|more| at + more);
        let Some(begin) = begin else { return };
        let end = bytes.iter().skip(begin).position(|byte| !byte.is_ascii_digit());
        let end = end.map_or(bytes.len(), |more| begin + more);
        let number = self.number();
        bytes.splice(begin..end, number.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_inputs_and_another_makes_others() {
        let corpus = [b"{\"a\":[1,22,333]}".to_vec(), b"xyz".to_vec()];
        let many = |seed| {
            let mut chance = Chance::new(seed);
            (0..200).map(|_| chance.mutated(&corpus, &["null", "[["])).collect::<Vec<_>>()
        };
        assert_eq!(many(1), many(1));
        assert_ne!(many(1), many(2));
        let made = many(3);
        assert!(made.iter().filter(|input| !corpus.contains(input)).count() > 150);
        assert!(made.iter().all(|input| input.len() <= MAX_BYTES));
        let has = |part: &str| made.iter().any(|input| String::from_utf8_lossy(input).contains(part));
        assert!(has("18446744073709551615") && has("[[") && has("null"));
        // Nothing to begin with is no reason to stop.
        Chance::new(1).mutated(&[], &[]);
    }
}
