//! Reports on an experiment: the blocks that the page gets, or one of the files among them.

use super::context::Api;
use super::experiments::json;
use super::format::Format;
use super::problem::Problem;
use super::request::{Found, query};
use crate::results::render::text;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tunemask_shared::report::{
    Block, LAYOUT_WORDS, Layout, REPORT_WORDS, Report, ReportKind, ReportRequest, kind_word,
};
use tunemask_shared::run::RunId;

/// What is asked for of a report.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportQuery {
    format: Option<String>,
    /// How a table is laid out.
    layout: Option<String>,
    /// The margin of verdicts.
    margin: Option<f64>,
    /// The run whose weights are shown.
    run: Option<String>,
}

/// A report that there is.
#[derive(Debug, Serialize)]
struct Offer {
    kind: &'static str,
    formats: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct List {
    reports: Vec<Offer>,
}

/// What a report can be had as.
fn offered(kind: ReportKind) -> &'static [Format] {
    match kind {
        ReportKind::Results | ReportKind::Table => {
            &[Format::Json, Format::Markdown, Format::Csv, Format::Latex]
        }
        ReportKind::Verdicts => &[Format::Json, Format::Markdown, Format::JsonLines],
        ReportKind::Rates | ReportKind::Weights => &[Format::Json, Format::Markdown, Format::Csv],
    }
}

/// Which reports there are.
pub(super) async fn list(State(api): State<Api>, Path(named): Path<String>) -> Result<Response, Problem> {
    Found::new(api.worker.lab().state(), &named)?;
    let offer = |(kind, word): &(ReportKind, &'static str)| Offer {
        kind: word,
        formats: offered(*kind).iter().map(|format| format.word()).collect(),
    };
    json(&List { reports: REPORT_WORDS.iter().map(offer).collect() })
}

/// Shows one report.
pub(super) async fn show(
    State(api): State<Api>,
    Path((named, kind)): Path<(String, String)>,
    asked: Result<Query<ReportQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let known = REPORT_WORDS.iter().find(|(_, word)| *word == kind).map(|(kind, _)| *kind);
    let kind = known.ok_or_else(|| {
        let words: Vec<&str> = REPORT_WORDS.iter().map(|(_, word)| *word).collect();
        Problem::absent(format!("there is no report `{kind}`; there are {}", words.join(", ")))
    })?;
    let asked = query(asked)?;
    let format = Format::choose(asked.format.as_deref(), &headers, offered(kind))?;
    let request = wanted(kind, asked)?;
    api.carry_out(move |worker| {
        let found = Found::new(worker.lab().state(), &named)?;
        let report = worker.report(&found.state, found.id, &request);
        let report = report.map_err(|error| Problem::fields(vec![error]))?;
        match format {
            Format::Json => json(&report),
            _ => Ok(format.answer(file(&report, kind, format)?)),
        }
    })
    .await
}

/// The report that is asked for.
///
/// # Errors
/// A parameter of another kind; a layout that there is none of.
fn wanted(kind: ReportKind, asked: ReportQuery) -> Result<ReportRequest, Problem> {
    let foreign = [
        ("layout", asked.layout.is_some(), ReportKind::Table),
        ("margin", asked.margin.is_some(), ReportKind::Verdicts),
        ("run", asked.run.is_some(), ReportKind::Weights),
    ];
    if let Some((name, _, of)) = foreign.into_iter().find(|(_, given, of)| *given && *of != kind) {
        return Err(Problem::bad(format!(
            "{name}: only the report `{}` has one; leave it out",
            kind_word(of)
        )));
    }
    Ok(ReportRequest {
        kind,
        layout: asked.layout.map(|word| layout(&word)).transpose()?,
        margin: asked.margin,
        run: asked.run.map(RunId),
        reference: None,
    })
}

fn layout(asked: &str) -> Result<Layout, Problem> {
    let found = LAYOUT_WORDS.iter().find(|(_, word)| *word == asked).map(|(layout, _)| *layout);
    found.ok_or_else(|| {
        let words: Vec<&str> = LAYOUT_WORDS.iter().map(|(_, word)| *word).collect();
        Problem::bad(format!("layout: `{asked}` is none; there are {}", words.join(", ")))
    })
}

/// The report as a text: the file that it has of this form; in Markdown else all of it.
fn file(report: &Report, kind: ReportKind, format: Format) -> Result<String, Problem> {
    let files = report.blocks.iter().flat_map(|block| match block {
        Block::Files { files, .. } => &files[..],
        _ => &[],
    });
    let mut own = files.filter(|file| Some(file.form) == format.of_file());
    match own.next() {
        Some(file) => Ok(file.text.clone()),
        None if format == Format::Markdown => Ok(text::report(report)),
        None => {
            let why = format!(
                "the report `{}` has nothing to write as {} yet; ask for markdown, which says why",
                kind_word(kind),
                format.word()
            );
            Err(Problem::new(StatusCode::CONFLICT, why))
        }
    }
}
