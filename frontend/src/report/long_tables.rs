//! What stays of long tables when their report comes anew: how far they are scrolled, and which rows are sought.

use crate::component::virtual_rows::VirtualRows;
use leptos::html::Div;
use leptos::prelude::*;
use std::collections::BTreeMap;
use tunemask_shared::report::Cell;

/// About how high a row is, in pixels.
const ROW: f64 = 32.0;

/// The long tables of a report, by their captions. Copies are the same.
#[derive(Clone)]
pub struct LongTables {
    /// Whose they are: they live as long as what shows the reports, and not as long as one of these.
    owner: Owner,
    held: RwSignal<BTreeMap<String, HeldTable>>,
}

/// A long table. Copies are the same.
#[derive(Clone, Copy)]
pub struct HeldTable {
    /// What scrolls it.
    pub region: NodeRef<Div>,
    /// Its rows, a cell for each column.
    pub rows: RwSignal<Vec<Vec<Cell>>>,
    /// What is sought.
    pub text: RwSignal<String>,
    /// Places of the rows that are found.
    pub found: Memo<Vec<usize>>,
    /// Those of them that are there.
    pub list: VirtualRows,
}

impl LongTables {
    /// None yet, for all that is below.
    pub fn provide() {
        provide_context(LongTables::new());
    }

    /// Those of the reports around; of a report alone its own.
    pub fn around() -> LongTables {
        use_context().unwrap_or_else(LongTables::new)
    }

    fn new() -> LongTables {
        LongTables { owner: Owner::current().unwrap_or_default(), held: RwSignal::new(BTreeMap::new()) }
    }

    /// The table with this caption, which has these rows from now on.
    pub fn hold(&self, caption: &str, rows: Vec<Vec<Cell>>) -> HeldTable {
        if let Some(known) = self.held.with_untracked(|held| held.get(caption).copied()) {
            known.rows.set(rows);
            return known;
        }
        let new = self.owner.with(|| HeldTable::new(rows));
        self.held.update_untracked(|held| _ = held.insert(caption.to_owned(), new));
        new
    }
}

impl HeldTable {
    fn new(rows: Vec<Vec<Cell>>) -> HeldTable {
        let (region, rows, text) = (NodeRef::new(), RwSignal::new(rows), RwSignal::new(String::new()));
        let found = Memo::new(move |_| text.with(|text| rows.with(|rows| matching(rows, text))));
        let list = VirtualRows::new(region, Memo::new(move |_| found.with(Vec::len)), ROW);
        HeldTable { region, rows, text, found, list }
    }
}

/// The rows that have every word of a text in one of their cells.
fn matching(rows: &[Vec<Cell>], text: &str) -> Vec<usize> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let has = |row: &[Cell], word: &str| {
        let texts = row.iter().flat_map(|cell| [&cell.text, &cell.under]);
        texts.into_iter().any(|text| text.to_lowercase().contains(word))
    };
    let matches = |row: &Vec<Cell>| words.iter().all(|word| has(row, word));
    (0..rows.len()).filter(|&at| matches(&rows[at])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_all_words_wherever_they_stand() {
        let row =
            |texts: [&str; 2]| texts.map(|text| Cell { text: text.to_owned(), ..Cell::default() }).to_vec();
        let mut rows = vec![row(["full", "81.5"]), row(["Frozen", "74.1"]), row(["frozen", "60.0"])];
        rows[2][1].under = "2 of 3 seeds".into();
        assert_eq!(matching(&rows, " "), [0, 1, 2]);
        assert_eq!(matching(&rows, "frozen"), [1, 2]);
        assert_eq!(matching(&rows, "SEEDS froz"), [2]);
        assert!(matching(&rows, "bitfit").is_empty());
    }
}
