//! How wide columns are in print, about, and how they are spread over floats.

use super::cell::Cell;

/// The text's width of a page of LaTeX's article in letters of 10 points, in points.
const PAGE: f64 = 345.0;
/// Between two columns.
const BETWEEN: f64 = 6.0;
/// A letter or digit of `\footnotesize`, on average.
const LETTER: f64 = 4.0;
/// The same of `\scriptsize`.
const SMALL_LETTER: f64 = 3.6;

/// The width of a column, in points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    /// Of all that stands in a line.
    whole: f64,
    /// Of the longest word, in which no line ends.
    word: f64,
}

impl Width {
    /// Of a column with this head and nothing below.
    pub fn of_column(head: &str) -> Self {
        Self { whole: head.chars().count() as f64 * LETTER, word: 0.0 }
    }

    /// Makes it hold a cell.
    pub fn hold(&mut self, cell: &Cell) {
        for (text, letter) in [(&cell.text, LETTER), (&cell.under, SMALL_LETTER)] {
            let word = text.split(' ').map(printed).fold(0.0, f64::max);
            self.whole = self.whole.max(printed(text) * letter);
            self.word = self.word.max(word * letter);
        }
    }

    fn is_of_sentences(self) -> bool {
        self.whole > SENTENCES
    }

    /// With the room beside it.
    pub fn points(self) -> f64 {
        self.whole + BETWEEN
    }
}

/// A column that is wider holds sentences, which are set in lines.
const SENTENCES: f64 = 120.0;
/// The least that such lines are long: shorter ones break every few words.
const LEAST_LINE: f64 = 90.0;

/// How wide the columns of a table are.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    widths: Vec<Width>,
    /// How long the lines of those are that hold sentences: what the others leave of a page.
    line: f64,
}

impl Columns {
    /// Columns that are as wide as what they hold, but for sentences.
    pub fn new(widths: Vec<Width>) -> Self {
        let (long, short): (Vec<Width>, Vec<Width>) =
            widths.iter().partition(|width| width.is_of_sentences());
        let room = PAGE - short.iter().map(|width| width.points()).sum::<f64>();
        let line = (room / long.len().max(1) as f64 - BETWEEN).max(LEAST_LINE);
        Self { widths, line }
    }

    /// How long the lines of a column are, in points, if it holds sentences. The name of a mask has no place to break, and is not
    /// printed over the column beside it.
    pub fn line(&self, column: usize) -> Option<f64> {
        let width = self.widths[column];
        width.is_of_sentences().then_some(self.line.max(width.word))
    }

    /// The width of a column and the room beside it, in points.
    pub fn points(&self, column: usize) -> f64 {
        self.line(column).map_or(self.widths[column].points(), |line| line + BETWEEN)
    }
}

/// What a letter of an index takes of the room of another.
const INDEX: f64 = 0.75;

/// Letters that LaTeX prints: commands are signs of one letter, or none that change how others look. What stands as an index
/// up to its brace is smaller.
fn printed(latex: &str) -> f64 {
    const LOOKS: [&str; 5] = ["mathbf", "textbf", "boldmath", "texttt", "scriptsize"];
    let (mut letters, mut size) = (0.0, 1.0);
    let mut rest = latex;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                let (command, behind) = rest.split_at(end);
                // An escaped sign has no letters.
                rest = if command.is_empty() { behind.get(1..).unwrap_or("") } else { behind };
                letters += if LOOKS.contains(&command) { 0.0 } else { size };
            }
            '_' | '^' => size = INDEX,
            '}' => size = 1.0,
            '$' | '{' => {}
            // Between a command and what follows.
            ' ' if size < 1.0 => {}
            _ => letters += size,
        }
    }
    letters
}

/// How many groups of columns stand in each float, so that as few floats as may be have them, none of them wider than the
/// page unless a single group is, and none much wider than the others. `fixed` stands in every float and `last` in the last.
pub(super) fn parts(groups: &[f64], fixed: f64, last: f64) -> Vec<usize> {
    let room = (PAGE - fixed).max(1.0);
    let mut best = filled(groups, last, room);
    let mut limit = room;
    // The narrowest limit that takes as few floats.
    while limit > 5.0 {
        limit -= 5.0;
        let narrower = filled(groups, last, limit);
        if narrower.len() > best.len() {
            break;
        }
        best = narrower;
    }
    best
}

/// Floats that are filled one after the other up to a limit.
fn filled(groups: &[f64], last: f64, limit: f64) -> Vec<usize> {
    let mut counts: Vec<usize> = Vec::new();
    let mut width = f64::INFINITY;
    for (i, group) in groups.iter().enumerate() {
        let needed = group + if i + 1 == groups.len() { last } else { 0.0 };
        match counts.last_mut() {
            Some(count) if width + needed <= limit => *count += 1,
            _ => {
                counts.push(1);
                width = 0.0;
            }
        }
        width += group;
    }
    if counts.is_empty() { vec![0] } else { counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_counted() {
        assert_eq!(printed("$\\mathbf{66.4}_{\\pm 1.3}$"), 4.0 + 4.0 * INDEX);
        assert_eq!(printed("\\texttt{layernorm\\_a}"), 11.0);
        assert_eq!([printed("1e-3$\\downarrow$"), printed("4{,}608"), printed("\\")], [5.0, 5.0, 1.0]);
    }

    #[test]
    fn sentences_have_lines_of_what_the_other_columns_leave() {
        let [short, long] = [44.0, 700.0].map(|whole| Width { whole, word: 40.0 });
        let lines = |widths: &[Width]| -> Vec<Option<f64>> {
            let columns = Columns::new(widths.to_vec());
            (0..widths.len()).map(|column| columns.line(column)).collect()
        };
        assert_eq!(lines(&[short, short]), [None, None]);
        assert_eq!(lines(&[short, long]), [None, Some(PAGE - 50.0 - BETWEEN)]);
        assert_eq!(lines(&[long, short, long])[2], Some((PAGE - 50.0) / 2.0 - BETWEEN));
        assert_eq!(lines(&[long; 9])[0], Some(LEAST_LINE));
        let columns = Columns::new(vec![short, long, long]);
        assert_eq!((0..3).map(|column| columns.points(column)).sum::<f64>(), PAGE);
    }

    #[test]
    fn a_line_is_as_long_as_the_longest_word_in_it() {
        let mut mask = Width::of_column("Mask");
        let name = "\\texttt{layers(1,3,5,7,9,11).attention\\_output.weight}";
        mask.hold(&Cell { text: name.to_owned(), ..Cell::default() });
        let columns = Columns::new(std::iter::once(mask).chain([Width::of_column("81.5"); 12]).collect());
        assert_eq!(columns.line(0), Some(44.0 * LETTER));
        mask.hold(&Cell { text: "two words".to_owned(), ..Cell::default() });
        assert_eq!(mask.word, mask.whole);
    }

    #[test]
    fn columns_are_spread_over_as_few_floats_as_hold_them() {
        assert_eq!(parts(&[80.0, 80.0], 100.0, 0.0), [2]);
        assert_eq!(parts(&[80.0; 8], 100.0, 0.0), [3, 3, 2], "245 points of room");
        assert_eq!(parts(&[80.0; 4], 100.0, 0.0), [2, 2], "not three and one");
        assert_eq!(parts(&[80.0; 3], 100.0, 40.0), [2, 1], "the last columns need room, too");
        assert_eq!(parts(&[400.0, 80.0], 100.0, 0.0), [1, 1], "one that is too wide stands alone");
        assert_eq!(parts(&[], 100.0, 40.0), [0]);
    }
}
