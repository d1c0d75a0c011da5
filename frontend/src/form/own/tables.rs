//! What is in the data: the first rows, how often each label stands, how long the examples are.

use super::state::Own;
use crate::component::scroll::Scroll;
use crate::format::{percent, thousands};
use leptos::prelude::*;
use tunemask_shared::dataset::{DatasetFacts, Role};

/// Rows that are shown.
const ROWS: usize = 50;
/// Columns of rows that are shown; of more, the first.
const COLUMNS: usize = 30;
/// Labels that are listed; of more, the first.
const LABELS: usize = 100;

/// A table with its words.
#[derive(Debug, Default, PartialEq)]
struct Table {
    title: &'static str,
    heads: Vec<Head>,
    rows: Vec<Vec<Cell>>,
    /// What is said below it.
    below: Vec<String>,
}

/// A column's head.
#[derive(Debug, Default, PartialEq)]
struct Head {
    text: String,
    /// Below the text.
    under: String,
    /// What it is read as, if it is.
    role: Option<&'static str>,
}

/// A cell.
#[derive(Debug, Default, PartialEq)]
struct Cell {
    text: String,
    /// The share that a bar shows, with whether the limit cuts it.
    bar: Option<(f64, bool)>,
}

/// All tables of a folder.
pub fn tables(own: Own) -> AnyView {
    let finds: [fn(&DatasetFacts) -> Option<Table>; 3] = [rows, labels, lengths];
    let [rows, labels, lengths] = finds.map(|find| shown(own, find));
    view! { {rows} <div class="own-parts">{labels} {lengths}</div> }.into_any()
}

/// A table on the page, where there is one. Its frame stays as long as there is, so that it does not lose its place when something
/// else is said.
fn shown(own: Own, find: fn(&DatasetFacts) -> Option<Table>) -> AnyView {
    let table = Memo::new(move |_| own.read(|own| own.facts.as_ref().ok().and_then(find)));
    let is_there = Memo::new(move |_| table.with(Option::is_some));
    let drawn = move || is_there.get().then(|| draw(table));
    view! { {drawn} }.into_any()
}

fn head(text: &str) -> Head {
    Head { text: text.to_owned(), ..Head::default() }
}

fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), bar: None }
}

fn rows(facts: &DatasetFacts) -> Option<Table> {
    let heads = facts.columns.iter().take(COLUMNS).map(|column| Head {
        text: column.name.clone(),
        under: column.words(),
        role: (column.role != Role::Ignored).then(|| column.role.title()),
    });
    let row = |row: &Vec<Option<String>>| {
        row.iter().take(COLUMNS).map(|text| cell(text.as_deref().unwrap_or("(none)"))).collect()
    };
    let more = facts.columns.len().checked_sub(COLUMNS).filter(|&more| more > 0);
    (!facts.rows.is_empty()).then(|| Table {
        title: "First rows",
        heads: heads.collect(),
        rows: facts.rows.iter().take(ROWS).map(row).collect(),
        below: more.map(|more| format!("and {more} more columns")).into_iter().collect(),
    })
}

fn labels(facts: &DatasetFacts) -> Option<Table> {
    let range = facts.range.map(|[low, high]| format!("Scores from {low} to {high} in training"));
    let majority = facts.majority.map(|share| {
        format!(
            "Always saying the most frequent label of training is right in {} of development",
            percent(share)
        )
    });
    let more = facts.labels.len().checked_sub(LABELS).filter(|&more| more > 0);
    let more = more.map(|more| format!("and {more} more"));
    let sets: Vec<String> = facts
        .sets
        .iter()
        .map(|set| {
            let skipped =
                if set.skipped > 0 { format!(" ({} rows skipped)", set.skipped) } else { String::new() };
            let words = if set.set == "train" { "training" } else { "development" };
            format!("{} for {words}{skipped}", thousands(set.examples))
        })
        .collect();
    let sets = (!sets.is_empty()).then(|| format!("Examples: {}", sets.join(", ")));
    let below: Vec<String> = [more, range, majority, sets].into_iter().flatten().collect();
    let most = facts.labels.iter().map(|label| label.train).max().unwrap_or(0).max(1);
    let rows = facts.labels.iter().take(LABELS).map(|label| {
        let bar = Some((label.train as f64 / most as f64, false));
        let train = Cell { text: thousands(label.train), bar };
        vec![cell(&label.label), train, cell(thousands(label.development))]
    });
    (!below.is_empty()).then(|| Table {
        title: if facts.range.is_some() { "Scores" } else { "Labels" },
        heads: if facts.labels.is_empty() {
            Vec::new()
        } else {
            ["Label", "Training", "Development"].map(head).into()
        },
        rows: rows.collect(),
        below,
    })
}

fn lengths(facts: &DatasetFacts) -> Option<Table> {
    let lengths = facts.lengths.as_ref()?;
    let most = lengths.bins.iter().copied().max().unwrap_or(0).max(1);
    let rows = lengths.filled().into_iter().map(|(first, last, count)| {
        let cut = first > lengths.limit;
        let text = format!("{}{}", thousands(count), if cut { " cut" } else { "" });
        let bar = Some((count as f64 / most as f64, cut));
        vec![cell(format!("{first}–{last}")), Cell { text, bar }]
    });
    Some(Table {
        title: "Tokens of a training example",
        heads: ["Tokens", "Examples"].map(head).into(),
        rows: rows.collect(),
        below: vec![format!("The {}", lengths.words())],
    })
}

/// A table's words, with what is drawn of it.
fn draw(table: Memo<Option<Table>>) -> AnyView {
    let title = move || table.with(|table| table.as_ref().map_or("", |table| table.title));
    let has_rows =
        Memo::new(move |_| table.with(|table| table.as_ref().is_some_and(|t| !t.heads.is_empty())));
    let content = move || table.with(|table| table.as_ref().map(grid));
    let drawn = move || {
        let label = Signal::derive(move || title().to_owned());
        has_rows.get().then(|| view! { <Scroll label=label>{content}</Scroll> })
    };
    let line = |text: &String| view! { <p class="hint">{text.clone()}</p> };
    let below = move || table.with(|t| t.iter().flat_map(|table| &table.below).map(line).collect_view());
    view! { <div class="own-part"><h3>{title}</h3> {drawn} {below}</div> }.into_any()
}

/// Heads and rows.
fn grid(Table { heads, rows, .. }: &Table) -> AnyView {
    let head = |Head { text, under, role }: &Head| {
        view! {
            <th scope="col" class:read=role.is_some()>
                <span class="column">{text.clone()}</span>
                <span class="role">{*role}</span>
                <span class="under">{under.clone()}</span>
            </th>
        }
    };
    let cell = |Cell { text, bar }: &Cell| {
        let bar = bar.map(|(share, cut)| {
            view! { <span class="share" class:cut=cut style=format!("--share: {share:.4}")></span> }
        });
        view! { <td><span class="counted">{bar} <span>{text.clone()}</span></span></td> }
    };
    let row = |cells: &Vec<Cell>| view! { <tr>{cells.iter().map(cell).collect_view()}</tr> };
    view! {
        <table>
            <thead>
                <tr>{heads.iter().map(head).collect_view()}</tr>
            </thead>
            <tbody>{rows.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::dataset::{LabelFacts, Lengths, SetFacts};

    #[test]
    fn labels_are_said_with_their_baseline() {
        let label = |n: u64| LabelFacts { label: n.to_string(), train: 2 * n, development: 1 };
        let set = |set: &str, examples, skipped| SetFacts { set: set.into(), examples, skipped };
        let facts = DatasetFacts {
            labels: (0..102).map(label).collect(),
            majority: Some(0.5),
            sets: vec![set("train", 1200, 0), set("dev", 8, 1)],
            ..DatasetFacts::default()
        };
        let table = labels(&facts).unwrap();
        assert_eq!((table.rows.len(), table.rows[1][1].bar), (100, Some((2.0 / 202.0, false))));
        let below = [
            "and 2 more",
            "Always saying the most frequent label of training is right in 50.0 % of development",
            "Examples: 1,200 for training, 8 for development (1 rows skipped)",
        ];
        assert_eq!(table.below, below);
        let scores = labels(&DatasetFacts { range: Some([0.5, 5.0]), ..DatasetFacts::default() }).unwrap();
        assert_eq!((scores.title, scores.heads.len(), scores.below.len()), ("Scores", 0, 1));
        assert_eq!(labels(&DatasetFacts::default()), None);
    }

    #[test]
    fn what_is_cut_is_told_apart() {
        let known =
            Lengths { sampled: 9, examples: 9, bin: 4, bins: vec![1, 0, 8], longest: 11, limit: 8, cut: 8 };
        let facts = DatasetFacts { lengths: Some(known), ..DatasetFacts::default() };
        let table = lengths(&facts).unwrap();
        assert_eq!(table.rows[2], [cell("9–11"), Cell { text: "8 cut".into(), bar: Some((1.0, true)) }]);
        assert_eq!(table.below, ["The longest 11; 8 are cut to 8"]);
    }
}
