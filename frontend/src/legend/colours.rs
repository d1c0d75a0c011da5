//! Colours that the reader has chosen, for any experiment that has what they are of.
//!
//! What is coloured has the palette's colours in turn. Who chooses another for something has it trade places with what had
//! that colour, so that no two things that could be told apart before look the same.

use super::Dimension;
use crate::style::COLOURS;

/// The colour of a mask, or of whatever else colours tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chosen {
    dimension: Dimension,
    /// Its name, such as `layernorms`.
    value: String,
    /// The place of its colour in the palette.
    colour: usize,
}

/// What the reader has chosen, in that order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colours(Vec<Chosen>);

impl Colours {
    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Chooses a colour for a value; what had that by choice has it no longer. A place beyond the palette is ignored.
    pub fn choose(&mut self, dimension: Dimension, value: &str, colour: usize) {
        if colour < COLOURS {
            self.0.retain(|c| c.dimension != dimension || (c.value != value && c.colour != colour));
            self.0.push(Chosen { dimension, value: value.to_owned(), colour });
        }
    }

    /// Each choice as a word: `mask:layernorms:3`.
    pub fn words(&self) -> Vec<String> {
        self.0.iter().map(|c| format!("{}:{}:{}", c.dimension.key(), c.value, c.colour)).collect()
    }

    /// Reads [`Colours::words`]; what cannot be read is left out.
    pub fn read(words: &[String]) -> Colours {
        let mut colours = Colours::default();
        for word in words {
            let Some((rest, colour)) = word.rsplit_once(':') else { continue };
            let Some((key, value)) = rest.split_once(':') else { continue };
            let dimension = Dimension::ALL.into_iter().find(|dimension| dimension.key() == key);
            if let (Some(dimension), Ok(colour)) = (dimension, colour.parse()) {
                colours.choose(dimension, value, colour);
            }
        }
        colours
    }

    /// The place in the palette of each value of a dimension.
    pub fn places(&self, dimension: Dimension, values: &[String]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..values.len()).map(|i| i % COLOURS).collect();
        for chosen in self.0.iter().filter(|chosen| chosen.dimension == dimension) {
            let Some(at) = values.iter().position(|value| *value == chosen.value) else { continue };
            // Those of another round of the palette have another mark, and may have the same colour.
            let first = at - at % COLOURS;
            let round = first..values.len().min(first + COLOURS);
            match round.clone().find(|&other| places[other] == chosen.colour) {
                Some(other) => places.swap(at, other),
                None => places[at] = chosen.colour,
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("m{i}")).collect()
    }

    #[test]
    fn what_is_chosen_trades_places_so_that_nothing_looks_the_same() {
        let mut colours = Colours::default();
        assert_eq!(colours.places(Dimension::Mask, &values(3)), [0, 1, 2]);
        colours.choose(Dimension::Mask, "m0", 2);
        assert_eq!(colours.places(Dimension::Mask, &values(3)), [2, 1, 0]);
        // Of a short round there may be nobody who has it.
        colours.choose(Dimension::Mask, "m0", 7);
        assert_eq!(colours.places(Dimension::Mask, &values(3)), [7, 1, 2]);
        // The latest choice holds, and other dimensions have their own.
        colours.choose(Dimension::Mask, "m1", 7);
        assert_eq!(colours.places(Dimension::Mask, &values(3)), [0, 7, 2]);
        assert_eq!(colours.places(Dimension::Rate, &values(3)), [0, 1, 2]);
        for count in 0..35 {
            for (value, colour) in [("m3", 9), ("m12", 0), ("m27", 5), ("gone", 1)] {
                colours.choose(Dimension::Mask, value, colour);
            }
            let places = colours.places(Dimension::Mask, &values(count));
            for round in places.chunks(COLOURS) {
                let mut once = round.to_vec();
                once.sort_unstable();
                once.dedup();
                assert_eq!(once.len(), round.len(), "{places:?}");
            }
            assert!(count < 13 || (places[3], places[12]) == (9, 0), "{places:?}");
        }
    }

    #[test]
    fn choices_come_back_from_their_words() {
        let mut colours = Colours::default();
        colours.choose(Dimension::Mask, "single_norm:3", 4);
        colours.choose(Dimension::Contender, "#3: a", 0);
        let words = colours.words();
        assert_eq!(words, ["mask:single_norm:3:4", "column:#3: a:0"]);
        assert_eq!(Colours::read(&words), colours);
        let nonsense = ["mask:x:99", "mask:x", "hat:x:1", "mask:x:-1", ""].map(str::to_owned);
        assert!(Colours::read(&nonsense).is_empty());
    }
}
