//! What is known of a folder, for people: `tunemask data check` prints it.

use super::dataset::Dataset;
use super::definition::name_of;
use super::distinct::values;
use super::files;
use super::settings::{text, wrong_split};
use super::target::Target;
use crate::data::DataError;
use crate::data::example;
use crate::data::frame::{Column, Watch};
use crate::data::record::{Record, RecordSet};
use crate::data::report::Skipped;
use crate::model::Tokenizer;
use std::path::{Path, PathBuf};
use tunemask_shared::dataset::{
    ColumnFacts, DatasetFacts, DatasetSettings, FileFacts, LabelFacts, Lengths, Role, SetFacts,
};
use tunemask_shared::experiment::FieldError;
use tunemask_shared::task::Range;
use tunemask_shared::text::count;

/// Rows that are shown.
const ROWS: usize = 50;
/// Characters of a cell that are shown.
const CELL: usize = 300;
/// Examples that are tokenised, for their lengths.
const SAMPLE: usize = 10_000;
/// Bins of the lengths, as wide as they must be for the limit to lie on an edge.
const BINS: u32 = 16;

/// What lengths are measured with.
pub(crate) struct Limits<'a> {
    /// The model's tokenizer.
    pub tokenizer: &'a Tokenizer,
    /// Tokens of an example at most.
    pub max_length: u32,
}

/// What is known of a folder under settings, which may be others than its file's. Where a row cannot be an example, that
/// is said among the questions, beside everything else that is known.
///
/// # Errors
/// A folder or a file that cannot be read at all; a text that cannot be tokenised.
pub(crate) fn check(
    folder: &Path,
    settings: DatasetSettings,
    limits: Option<&Limits<'_>>,
    watch: Watch<'_>,
) -> Result<DatasetFacts, DataError> {
    let mut dataset = Dataset::open(folder, settings, watch)?;
    let ask = |field: &str, message: String| FieldError { field: field.to_owned(), message };
    let wrong_split = wrong_split(&dataset.settings).map(|why| ask("split", why));
    let sets = match dataset.sets() {
        _ if wrong_split.is_some() => Vec::new(),
        Ok(sets) => sets.unwrap_or_default(),
        Err(error) => {
            dataset.questions.push(ask("label", error.within(folder).to_string()));
            Vec::new()
        }
    };
    dataset.questions.extend(wrong_split);
    if !sets.is_empty() {
        dataset.settings.metric = dataset.metrics(&sets);
        if let Err(error) = dataset.task(&sets) {
            let field = if name_of(folder, &dataset.settings).is_none() { "name" } else { "metric" };
            dataset.questions.push(ask(field, error.within(folder).to_string()));
        }
        dataset.notes.extend(Dataset::leaks(&sets));
        dataset.notes.extend(sets.iter().flat_map(skipped));
    }
    let labels = labels(&dataset, &sets);
    let of_set = |set: &RecordSet| SetFacts {
        set: set.name.clone(),
        examples: set.records.len() as u64,
        skipped: set.skipped.iter().map(|skipped| skipped.rows as u64).sum(),
    };
    let several = matches!(dataset.target, Some(Target::LabelSets(_)));
    if several {
        dataset.notes.extend(sets.iter().filter_map(bare));
    }
    Ok(DatasetFacts {
        folder: folder.to_string_lossy().into_owned(),
        task: name_of(folder, &dataset.settings).map(String::from).unwrap_or_default(),
        files: file_facts(&dataset),
        columns: columns(&dataset),
        rows: rows(&dataset),
        sets: sets.iter().map(of_set).collect(),
        toml: text(&dataset.settings),
        majority: if several { None } else { majority(&labels) },
        labels,
        range: match dataset.target {
            Some(Target::Scores(Range { low, high })) => Some([f64::from(low), f64::from(high)]),
            Some(Target::Classes(_) | Target::Tags(_) | Target::LabelSets(_)) | None => None,
        },
        lengths: limits.map(|limits| lengths(&sets, limits)).transpose()?.flatten(),
        settings: dataset.settings,
        questions: dataset.questions,
        notes: dataset.notes,
    })
}

/// How many examples have none of several labels, which may be meant or not.
fn bare(set: &RecordSet) -> Option<String> {
    let bare = set.records.iter().filter(|record| record.targets.iter().all(|&there| there == 0.0)).count();
    let all = set.records.len();
    (bare > 0).then(|| format!("{}: {bare} of {all} examples have none of the labels", set.name))
}

fn skipped(set: &RecordSet) -> Vec<String> {
    let sentence = |Skipped { reason, rows, first_line }: &Skipped| {
        let (are, first) = if *rows == 1 { ("is", "") } else { ("are", "the first ") };
        format!("{}: {} {are} skipped ({reason}; {first}at line {first_line})", set.name, count(*rows, "row"))
    };
    set.skipped.iter().map(sentence).collect()
}

fn file_facts(dataset: &Dataset) -> Vec<FileFacts> {
    let files = &dataset.files;
    let read = |path: &PathBuf| files.train.contains(path) || files.development.contains(path);
    let mut unread = files::data_files(&dataset.place.folder).unwrap_or_default();
    unread.retain(|path| !read(path));
    let sets = [("train", &files.train), ("dev", &files.development), ("", &unread)];
    let facts = sets.into_iter().flat_map(|(set, paths)| {
        paths.iter().map(move |path| FileFacts {
            set: set.to_owned(),
            path: files::name(&dataset.place.folder, path),
            bytes: path.metadata().map_or(0, |m| m.len()),
        })
    });
    facts.collect()
}

fn columns(dataset: &Dataset) -> Vec<ColumnFacts> {
    let role = |place: usize| match &dataset.roles {
        Some(roles) if roles.text == place => Role::Text,
        Some(roles) if roles.pair == Some(place) => Role::Pair,
        Some(roles) if roles.labels.contains(&place) => Role::Label,
        _ => Role::Ignored,
    };
    let facts = dataset.train.columns.iter().enumerate().map(|(place, column)| {
        let values = values(column);
        let kind = match &column.class_names {
            Some(names) => format!("{} classes", names.len()),
            None => column.cell_type.name().to_owned(),
        };
        ColumnFacts {
            name: column.name.clone(),
            cells: if column.is_list() { format!("lists of {kind}") } else { kind },
            distinct: values.distinct,
            missing: values.missing,
            longest: values.longest,
            role: role(place),
        }
    });
    facts.collect()
}

fn rows(dataset: &Dataset) -> Vec<Vec<Option<String>>> {
    let frame = &dataset.train;
    let shorten = |text: &str| match text.char_indices().nth(CELL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    let cell = |column: &Column, row: usize| {
        if column.is_list() {
            let items: Vec<&str> = column.items(row).map(Option::unwrap_or_default).collect();
            return Some(shorten(&items.join(" ")));
        }
        column.cell(row).map(shorten)
    };
    let row = |row| frame.columns.iter().map(|column| cell(column, row)).collect();
    (0..frame.rows().min(ROWS)).map(row).collect()
}

fn labels(dataset: &Dataset, sets: &[RecordSet]) -> Vec<LabelFacts> {
    let (Some(target), [train, development]) = (&dataset.target, sets) else { return Vec::new() };
    let [train, development] = [train, development].map(|set| target.counts(&set.records));
    let facts = target.labels().iter().zip(train.into_iter().zip(development));
    facts
        .map(|(label, (train, development))| LabelFacts { label: label.clone(), train, development })
        .collect()
}

fn majority(labels: &[LabelFacts]) -> Option<f64> {
    let all: u64 = labels.iter().map(|label| label.development).sum();
    // The first of equals, as whoever counts from above would say.
    let most = labels.iter().rev().max_by_key(|label| label.train)?;
    (all > 0).then(|| most.development as f64 / all as f64)
}

fn lengths(sets: &[RecordSet], limits: &Limits<'_>) -> Result<Option<Lengths>, DataError> {
    let Some(train) = sets.first() else { return Ok(None) };
    let step = train.records.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<&Record> = train.records.iter().step_by(step).collect();
    let tokens = example::lengths(&sample, limits.tokenizer).map_err(DataError::Tokenize)?;
    let bin = limits.max_length.div_ceil(BINS / 2).max(1);
    let mut bins = vec![0; BINS as usize];
    for &length in &tokens {
        bins[((length.saturating_sub(1)) / bin).min(BINS - 1) as usize] += 1;
    }
    Ok(Some(Lengths {
        sampled: tokens.len() as u64,
        examples: train.records.len() as u64,
        bin,
        bins,
        longest: tokens.iter().copied().max().unwrap_or_default(),
        limit: limits.max_length,
        cut: tokens.iter().filter(|&&length| length > limits.max_length).count() as u64,
    }))
}
