//! Colours that the reader has chosen, for any experiment that has what they are of.
//!
//! What is coloured has the palette's colours in turn. Who chooses another for something has it trade places with what had
//! that colour, so that no two things that could be told apart before look the same. Both sides of a trade are written down:
//! what is chosen later changes the colours of nothing else.

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

    /// Chooses a colour for one of these values of a dimension; what had that gets the old one, and all others stay as they
    /// are. A place beyond the palette is ignored.
    pub fn choose(&mut self, dimension: Dimension, values: &[String], value: &str, colour: usize) {
        let Some(at) = values.iter().position(|known| known == value).filter(|_| colour < COLOURS) else {
            return;
        };
        let before = self.places(dimension, values);
        let mut after = before.clone();
        trade(&mut after, at, colour);
        let own = |c: &Chosen| c.dimension == dimension && values.contains(&c.value);
        let (had, mut kept): (Vec<Chosen>, Vec<Chosen>) = self.0.drain(..).partition(own);
        for (i, known) in values.iter().enumerate() {
            let was_chosen = i == at || had.iter().any(|c| c.value == *known);
            if was_chosen || before[i] != after[i] {
                kept.push(Chosen { dimension, value: known.clone(), colour: after[i] });
            }
        }
        self.0 = kept;
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
            if let (Some(dimension), Ok(colour @ 0..COLOURS)) = (dimension, colour.parse()) {
                colours.0.retain(|c| c.dimension != dimension || c.value != value);
                colours.0.push(Chosen { dimension, value: value.to_owned(), colour });
            }
        }
        colours
    }

    /// The place in the palette of each value of a dimension.
    pub fn places(&self, dimension: Dimension, values: &[String]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..values.len()).map(|i| i % COLOURS).collect();
        for chosen in self.0.iter().filter(|chosen| chosen.dimension == dimension) {
            if let Some(at) = values.iter().position(|value| *value == chosen.value) {
                trade(&mut places, at, chosen.colour);
            }
        }
        places
    }
}

/// Gives one a colour, and the one that had it that one's. Those of another round of the palette have another mark, and may have
/// the same colour.
fn trade(places: &mut [usize], at: usize, colour: usize) {
    let first = at - at % COLOURS;
    let mut round = first..places.len().min(first + COLOURS);
    match round.find(|&other| places[other] == colour) {
        Some(other) => places.swap(at, other),
        None => places[at] = colour,
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
        colours.choose(Dimension::Mask, &values(3), "m0", 2);
        assert_eq!(colours.places(Dimension::Mask, &values(3)), [2, 1, 0]);
        // Of a short round there may be nobody who has it.
        colours.choose(Dimension::Mask, &values(3), "m0", 7);
        assert_eq!(colours.places(Dimension::Mask, &values(3)), [7, 1, 0]);
        // The latest choice holds, and other dimensions have their own.
        colours.choose(Dimension::Mask, &values(3), "m1", 7);
        assert_eq!(colours.places(Dimension::Mask, &values(3)), [1, 7, 0]);
        assert_eq!(colours.places(Dimension::Rate, &values(3)), [0, 1, 2]);
        for count in 0..35 {
            for (value, colour) in [("m3", 9), ("m12", 0), ("m27", 5), ("gone", 1)] {
                colours.choose(Dimension::Mask, &values(count), value, colour);
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

    /// The places of the values after these choices, one by one.
    fn after(count: usize, choices: &[(&str, usize)]) -> Vec<usize> {
        let mut colours = Colours::default();
        for &(value, colour) in choices {
            colours.choose(Dimension::Mask, &values(count), value, colour);
            // As the address says it.
            assert_eq!(Colours::read(&colours.words()), colours);
        }
        colours.places(Dimension::Mask, &values(count))
    }

    #[test]
    fn a_choice_changes_the_colours_of_two_at_most() {
        assert_eq!(after(4, &[("m0", 1), ("m1", 3)]), [1, 3, 2, 0]);
        assert_eq!(after(4, &[("m0", 1), ("m1", 3), ("m0", 2)]), [2, 3, 1, 0]);
        assert_eq!(after(3, &[("m1", 5), ("m0", 5)]), [5, 0, 2]);
        let mut choices: Vec<(&str, usize)> = Vec::new();
        for (i, value) in
            ["m3", "m12", "m0", "m4", "m12", "m11", "m3", "m7", "m0", "m1"].into_iter().enumerate()
        {
            let before = after(14, &choices);
            choices.push((value, (7 * i + 3) % COLOURS));
            let now = after(14, &choices);
            let changed = before.iter().zip(&now).filter(|(before, now)| before != now).count();
            assert!(changed <= 2, "{choices:?}: {before:?} {now:?}");
        }
    }

    #[test]
    fn what_was_chosen_elsewhere_is_kept_and_the_latest_holds() {
        let mut colours = Colours::default();
        colours.choose(Dimension::Mask, &["elsewhere".into(), "m1".into()], "elsewhere", 4);
        colours.choose(Dimension::Mask, &values(2), "m0", 4);
        assert_eq!(colours.places(Dimension::Mask, &["elsewhere".into(), "m0".into()]), [1, 4]);
        assert_eq!(colours.places(Dimension::Mask, &["elsewhere".into()]), [4]);
    }

    #[test]
    fn choices_come_back_from_their_words() {
        let mut colours = Colours::default();
        colours.choose(Dimension::Mask, &["single_norm:3".into()], "single_norm:3", 4);
        colours.choose(Dimension::Contender, &["#3: a".into()], "#3: a", 0);
        let words = colours.words();
        assert_eq!(words, ["mask:single_norm:3:4", "column:#3: a:0"]);
        assert_eq!(Colours::read(&words), colours);
        let nonsense = ["mask:x:99", "mask:x", "hat:x:1", "mask:x:-1", ""].map(str::to_owned);
        assert!(Colours::read(&nonsense).is_empty());
    }
}
