//! Reports over states of the log as they come.

/// Runs and experiments beside each other.
mod comparison;
/// What diagrams hold beside the tables.
mod diagrams;

use super::*;
use crate::results::render::text;
use crate::results::tests::states as results;
use tunemask_shared::report::{Block, Cell, Figure, File, FileForm, Layout, ReferenceFile, Table};
use tunemask_shared::run::{RunId, RunStatus};

const ID: ExperimentId = ExperimentId(7);

fn make(kind: ReportKind, change: impl FnOnce(&mut ReportRequest)) -> Result<Report, FieldError> {
    let state = results::state(&results::experiment(), results::middle_wins);
    let mut asked = ReportRequest { kind, ..ReportRequest::default() };
    change(&mut asked);
    report(&state, &nowhere(), ID, &asked)
}

/// A home folder in which nothing is stored beside the log.
fn nowhere() -> std::path::PathBuf {
    std::env::temp_dir().join("tunemask-no-such-home")
}

fn tables(report: &Report) -> Vec<&Table> {
    fn of(blocks: &[Block]) -> Vec<&Table> {
        let tables = blocks.iter().map(|block| match block {
            Block::Table(table) => vec![table],
            Block::Fold { blocks, .. } => of(blocks),
            Block::Forest(forest) => forest.claims.iter().flat_map(|claim| of(&claim.details)).collect(),
            _ => Vec::new(),
        });
        tables.flatten().collect()
    }
    of(&report.blocks)
}

fn texts(row: &[Cell]) -> Vec<&str> {
    row.iter().map(|c| c.text.as_str()).collect()
}

/// The text of the file in this form.
fn file_of(report: &Report, form: FileForm) -> String {
    let files = report
        .blocks
        .iter()
        .filter_map(|b| if let Block::Files { files, .. } = b { Some(files) } else { None });
    files.flatten().find(|f| f.form == form).unwrap().text.clone()
}

/// The text of the file in this form of what is folded.
fn folded_file(report: &Report, of: &str, form: FileForm) -> String {
    fn files<'a>(blocks: &'a [Block], of: &str) -> Vec<&'a File> {
        let files = blocks.iter().flat_map(|block| match block {
            Block::Files { what, files } if what == of => files.iter().collect(),
            Block::Fold { blocks, .. } => files(blocks, of),
            _ => Vec::new(),
        });
        files.collect()
    }
    files(&report.blocks, of).into_iter().find(|file| file.form == form).unwrap().text.clone()
}

/// Captions of tables that nobody can take away: neither they nor what they stand in, or are folded in, have a file of each form.
fn without_files(blocks: &[Block], held: bool) -> Vec<&str> {
    let all_forms = |files: &[File]| KEPT.iter().all(|form| files.iter().any(|file| file.form == *form));
    let held =
        held || blocks.iter().any(|block| matches!(block, Block::Files { files, .. } if all_forms(files)));
    let lacking = blocks.iter().flat_map(|block| match block {
        Block::Table(table) if !held && !all_forms(&table.files) => vec![table.caption.as_str()],
        Block::Fold { blocks, .. } => without_files(blocks, held),
        Block::Forest(forest) => {
            forest.claims.iter().flat_map(|claim| without_files(&claim.details, held)).collect()
        }
        _ => Vec::new(),
    });
    lacking.collect()
}

#[test]
fn every_table_can_be_taken_away() {
    let (_, state) = lacking();
    for kind in [ReportKind::Results, ReportKind::Table, ReportKind::Rates, ReportKind::Verdicts] {
        let made = made(&state, kind);
        assert_eq!(without_files(&made.blocks, false), [""; 0], "{kind:?}");
        let own = tables(&made).into_iter().flat_map(|table| &table.files);
        for file in own.filter(|file| file.form == FileForm::Latex) {
            assert!(file.text.contains("\\toprule") && file.text.contains("\\label{tab:experiment-7-"));
        }
    }
    // Verdicts have one for each form beside their lines of JSON.
    let verdicts = made(&state, ReportKind::Verdicts);
    let all = tables(&verdicts).into_iter().find(|table| table.caption.starts_with("Verdicts")).unwrap();
    assert_eq!(all.files.iter().map(|file| file.form).collect::<Vec<_>>(), KEPT);
    let named = |table: &&Table| table.files[0].name.clone();
    let evidence: Vec<String> = tables(&verdicts)
        .into_iter()
        .filter(|table| table.caption.starts_with("Evidence"))
        .map(|t| named(&t))
        .collect();
    assert!(evidence.len() > 1 && evidence.iter().all(|name| name.contains("evidence-")), "{evidence:?}");
    let front = tables(&verdicts).into_iter().find(|table| table.caption.starts_with("Which masks")).unwrap();
    assert!(front.rows.iter().all(|row| !row[2].runs.is_empty()) && front.files.len() == 3);
}

/// The forms of a table to keep.
const KEPT: [FileForm; 3] = [FileForm::Markdown, FileForm::Latex, FileForm::Csv];

#[test]
fn results_mark_the_best_and_the_files_hold_the_table() {
    let made = make(ReportKind::Results, |_| {}).unwrap();
    let table = tables(&made)[0];
    assert_eq!(texts(&table.rows[0])[..3], ["layernorms", "4,608", "70.0 ± 14.1"]);
    assert!(table.rows[0][2].strong && table.rows[0][2].under.starts_with("lr 1e-3 · n 2"));
    assert_eq!(table.columns.len(), table.rows[0].len());
    assert!(
        file_of(&made, FileForm::Latex).contains("\\toprule")
            && file_of(&made, FileForm::Csv).starts_with("mask,trainable")
    );
    let none = results::state(&results::experiment(), |_| Err(RunStatus::Queued));
    let waiting = report(&none, &nowhere(), ID, &ReportRequest::default()).unwrap();
    assert!(matches!(&waiting.blocks[..], [Block::Paragraph(text)] if text.contains("as soon as")));
}

#[test]
fn a_table_has_its_layout_and_the_figures_of_others_beside() {
    let csv = |text: &str| Some(ReferenceFile { name: "paper.csv".into(), text: text.into() });
    let made =
        make(ReportKind::Table, |a| a.reference = csv("mask,task,percent\nfrozen,rte,61.5\n")).unwrap();
    let table = tables(&made)[0];
    let frozen = table.rows.iter().find(|row| row[0].text == "frozen").unwrap();
    assert_eq!(frozen[2].under, "lr 1e-3 · [61.5]");
    let notes =
        made.blocks.iter().find_map(|b| if let Block::Notes(n) = b { Some(n) } else { None }).unwrap();
    assert_eq!(notes.last().unwrap(), "In brackets: paper.csv.");
    assert!(file_of(&made, FileForm::Markdown).contains("[61.5]"));

    let wrong = make(ReportKind::Table, |a| a.reference = csv("mask,task\n")).unwrap_err();
    assert_eq!((&*wrong.field, &wrong.message[..15]), ("reference", "line 1, percent"));
    let large = make(ReportKind::Table, |a| a.reference = csv(&"x".repeat(MAX_REFERENCE_BYTES + 1)));
    assert!(large.unwrap_err().message.contains("at most 200 kB"));
    let empty = make(ReportKind::Table, |a| a.layout = Some(Layout::Layers)).unwrap();
    // `frozen` and `layernorms` stand above the blocks.
    assert_eq!(tables(&empty)[0].rows.len(), 2);
    assert!(tables(&make(ReportKind::Table, |a| a.layout = Some(Layout::Outliers)).unwrap()).is_empty());
}

#[test]
fn a_table_is_laid_out_by_what_its_masks_are() {
    for (masks, layout) in [
        (vec!["full", "frozen", "single_norm:1", "single_norm:2"], Layout::Layers),
        (vec!["frozen", "layernorms", "outliers:4", "outliers_random:4"], Layout::Outliers),
        (vec!["full", "frozen", "layernorms"], Layout::Modules),
        (vec!["mha", "single_norm:1"], Layout::Modules),
    ] {
        let masks = masks.into_iter().map(str::to_owned).collect();
        let e = Experiment { masks, ..results::experiment() };
        let state = results::state(&e, |_| Ok(0.5));
        let asked = ReportRequest { kind: ReportKind::Table, ..ReportRequest::default() };
        let made = report(&state, &nowhere(), ID, &asked).unwrap();
        let Block::Links { links, .. } = &made.blocks[0] else { panic!("no layouts") };
        let here = links.iter().find(|l| l.here).unwrap();
        assert_eq!((here.target.kind, here.target.layout), (ReportKind::Table, Some(layout)));
    }
}

#[test]
fn rates_show_every_run_and_mark_those_that_are_reported() {
    let e =
        Experiment { masks: vec!["layernorms".into()], tasks: vec!["rte".into()], ..results::experiment() };
    let state = results::state(&e, |cell| match (cell.learning_rate, cell.seed) {
        (1e-4, 2) => Err(RunStatus::Failed),
        (1e-2, _) => Ok(0.9),
        (rate, seed) => Ok(rate * 100.0 + seed as f64 / 10.0),
    });
    let asked = ReportRequest { kind: ReportKind::Rates, ..ReportRequest::default() };
    let made = report(&state, &nowhere(), ID, &asked).unwrap();
    let rows = &tables(&made)[0].rows;
    assert_eq!(texts(&rows[0]), ["layernorms", "1e-4", "11.0", "–", "11.0 ± –", ""]);
    assert_eq!(rows[0][3].under, "failed");
    assert_eq!(texts(&rows[2]), ["layernorms", "1e-2", "90.0", "90.0", "90.0 ± 0.0", "picked"]);
    assert_eq!(rows.iter().flatten().filter(|c| c.strong).count(), 3);
    assert_eq!(rows[2][5].warning.as_ref().unwrap().sign, '↑');
    let csv = file_of(&made, FileForm::Csv);
    assert_eq!(csv.lines().count(), 7);
    assert_eq!(csv.lines().filter(|l| l.ends_with(",true")).count(), 2);
    assert_eq!(csv.lines().filter(|l| l.contains(",failed,,diverged at step 3,false")).count(), 1);
    assert!(
        text::report(&made).contains("| layernorms |          1e-2 | **90.0** |"),
        "{}",
        text::report(&made)
    );
}

/// The rows of the table of all verdicts.
fn verdict_rows(report: &Report) -> &[Vec<Cell>] {
    let all = tables(report);
    &all.iter().find(|table| table.caption == "Verdicts on the paper's claims").unwrap().rows
}

/// Of three seeds one has no number at either rate; `full` is best.
fn lacking() -> (Experiment, LabState) {
    let e = Experiment {
        data: None,
        tasks: vec!["similarity".into()],
        masks: ["full", "mha", "ffn", "layernorms", "frozen"].map(String::from).into(),
        learning_rates: vec![1e-4, 1e-3],
        seeds: vec![1, 2, 3],
        ..results::experiment()
    };
    let state = results::state(&e, |cell| {
        Ok(match cell.mask.to_string().as_str() {
            "frozen" if cell.seed == 3 => f64::NAN,
            "frozen" => 0.85,
            "full" => 0.9,
            "mha" => 0.8,
            _ => 0.7,
        })
    });
    (e, state)
}

fn made(state: &LabState, kind: ReportKind) -> Report {
    report(state, &nowhere(), ID, &ReportRequest { kind, ..ReportRequest::default() }).unwrap()
}

#[test]
fn every_report_says_what_a_cell_lacks() {
    let (_, state) = lacking();
    let frozen =
        |report: &Report| tables(report)[0].rows.iter().find(|row| row[0].text == "frozen").unwrap().clone();
    let results = frozen(&made(&state, ReportKind::Results));
    assert_eq!((&*results[2].text, &*results[2].under), ("85.0 ± 0.0", "lr 1e-4 · n 2 of 3: 1 undefined"));
    let table = frozen(&made(&state, ReportKind::Table));
    assert_eq!(table[2].under, "lr 1e-4 · n 2 of 3: 1 undefined");
    let rates = made(&state, ReportKind::Rates);
    let row = frozen(&rates);
    assert_eq!((&*row[4].text, &*row[4].under), ("–", "undefined"));
    assert_eq!((&*row[5].text, &*row[5].under), ("85.0 ± 0.0", "n 2 of 3"));
    assert_eq!(
        file_of(&rates, FileForm::Csv).lines().filter(|l| l.ends_with(",finished,,undefined,false")).count(),
        2
    );
    let verdicts = made(&state, ReportKind::Verdicts);
    let reasons: Vec<&str> = verdict_rows(&verdicts).iter().map(|row| row[2].text.as_str()).collect();
    let without = "Without frozen on Similarity: of 3 seeds 1 undefined.";
    assert!(
        reasons[1].starts_with("No task has finished runs of ") && reasons[1].ends_with(without),
        "{reasons:?}"
    );
    for kind in [ReportKind::Results, ReportKind::Table, ReportKind::Rates] {
        let text = text::report(&made(&state, kind));
        assert!(text.contains("frozen on Similarity: of 6 runs 2 have no Spearman correlation"), "{text}");
    }
    let nothing = results::state(&lacking().0, |_| Ok(f64::NAN));
    let empty = frozen(&made(&nothing, ReportKind::Results));
    assert_eq!((&*empty[2].text, &*empty[2].under), ("–", "3 undefined"));
}

#[test]
fn the_same_cells_stand_bold_in_results_and_table() {
    let (_, state) = lacking();
    let strong = |kind| -> Vec<Vec<bool>> {
        let report = made(&state, kind);
        assert!(text::report(&report).contains(crate::results::table::BOLD), "{}", text::report(&report));
        tables(&report)[0].rows.iter().map(|row| row.iter().map(|cell| cell.strong).collect()).collect()
    };
    let results = strong(ReportKind::Results);
    assert_eq!(results, strong(ReportKind::Table));
    // Not `full`, and not `frozen` over two of three seeds.
    assert_eq!(results.iter().map(|row| row[2]).collect::<Vec<_>>(), [false, true, false, false, false]);
}

#[test]
fn verdicts_say_their_margin_and_their_evidence() {
    let masks = ["full", "mha", "ffn", "layernorms", "frozen"].map(String::from).into();
    let e = Experiment { masks, seeds: vec![1, 2, 3], ..results::experiment() };
    let state = results::state(&e, |cell| {
        Ok(if cell.mask.to_string() == "frozen" { 0.5 } else { 0.8 } + cell.seed as f64 / 1000.0)
    });
    let asked = ReportRequest { kind: ReportKind::Verdicts, margin: Some(4.0), ..ReportRequest::default() };
    let made = report(&state, &nowhere(), ID, &asked).unwrap();
    let verdicts = verdict_rows(&made);
    assert_eq!(verdicts.len(), 10);
    // Equal differences at every seed: a t-test has nothing to measure by.
    assert_eq!(verdicts[0][1].text, "undecided");
    let evidence = tables(&made)[0];
    assert_eq!((evidence.rows.len(), &*evidence.rows[0][0].text), (3, "mha − full"));
    assert_eq!(evidence.rows[0][8].text, "3 seeds alone (no stored predictions)");
    assert!(matches!(&made.blocks[0], Block::Links { links, .. }
        if links.iter().find(|l| l.here).is_some_and(|l| l.target == asked)));
    assert_eq!(file_of(&made, FileForm::JsonLines).lines().count(), 10);
    for bad in [0.0, -1.0, 101.0, f64::NAN] {
        assert!(make(ReportKind::Verdicts, |a| a.margin = Some(bad)).is_err(), "{bad}");
    }
}

#[test]
fn weights_have_their_figure_moments_and_outliers() {
    let e = Experiment {
        model: "builtin:tiny".into(),
        data: None,
        tasks: vec!["sentiment".into()],
        ..results::experiment()
    };
    let state = results::state(&e, |_| Ok(0.5));
    let asked = ReportRequest { kind: ReportKind::Weights, ..ReportRequest::default() };
    let made = report(&state, &nowhere(), ID, &asked).unwrap();
    let folded = made.blocks.iter().find_map(|b| match b {
        Block::Fold { blocks, .. } => Some(blocks),
        _ => None,
    });
    let figures: Vec<&Figure> = folded
        .unwrap()
        .iter()
        .filter_map(|b| if let Block::Figure(f) = b { Some(f) } else { None })
        .collect();
    assert_eq!((figures.len(), &*figures[0].caption), (1, "Weights of builtin:tiny by module"));
    assert_eq!(figures[0].panels.len(), 8);
    assert!(figures[0].panels.iter().all(|p| p.svg.starts_with("<svg") && p.summary.contains(" scalars, ")));
    let [csv, svg] = &figures[0].files[..] else { panic!("two files") };
    assert!(svg.text.starts_with("<svg") && csv.text.starts_with("group,block,low"));
    assert_eq!(csv.name, "weights-of-builtin-tiny-by-module.csv");
    let all = tables(&made);
    assert_eq!((all[0].rows.len(), &*all[0].rows[0][1].text), (8, "pretrained"));
    let norms = 2 * crate::model::shape("builtin:tiny").unwrap().shape.layers;
    assert_eq!(all[1].rows.len(), (4 * norms).min(60));
    // The reported runs can be looked at; what one left is not there.
    let Block::Links { links, .. } = &made.blocks[0] else { panic!("no runs") };
    assert_eq!(report(&state, &nowhere(), ID, &links[1].target).unwrap_err().field, "run");
}

/// A report is data: what users write comes through it as it is, whatever it would be elsewhere.
#[test]
fn what_users_write_stays_as_it_is() {
    let evil = "<script>alert('1')</script>\" & co";
    let reference = ReferenceFile { name: evil.into(), text: "mask,task,percent\nfrozen,rte,6\n".into() };
    let made = make(ReportKind::Table, |a| a.reference = Some(reference)).unwrap();
    let notes =
        made.blocks.iter().find_map(|b| if let Block::Notes(n) = b { Some(n) } else { None }).unwrap();
    assert_eq!(notes.last().unwrap(), &format!("In brackets: {evil}."));
    let written = serde_json::to_string(&made).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&written).unwrap(), made);
}

#[test]
fn a_cell_leads_to_the_runs_behind_it() {
    let state = results::state(&results::experiment(), results::middle_wins);
    let spec = |run: &RunId| {
        let spec = &state.runs[run].spec;
        (spec.mask.to_string(), spec.task.name().as_str(), spec.learning_rate, spec.seed)
    };
    let specs = |cell: &Cell| cell.runs.iter().map(spec).collect::<Vec<_>>();
    for kind in [ReportKind::Results, ReportKind::Table] {
        let made = made(&state, kind);
        let row = &tables(&made)[0].rows[1];
        let seeds = |task| [1, 2].map(|seed| ("frozen".to_owned(), task, 1e-3, seed));
        assert_eq!((specs(&row[2]), specs(&row[3])), (seeds("rte").into(), seeds("mrpc").into()));
        assert!(row[0].runs.is_empty() && row[1].runs.is_empty());
    }
    let rates = made(&state, ReportKind::Rates);
    let row = &tables(&rates)[0].rows[2];
    assert_eq!(specs(&row[3]), [("layernorms".to_owned(), "rte", 1e-2, 2)]);
    assert_eq!(specs(&row[4]).len(), 2);
    // Where no run has a number, those are behind the cell that have none.
    let failed = results::state(&results::experiment(), |_| Err(RunStatus::Failed));
    assert_eq!(tables(&made(&failed, ReportKind::Results))[0].rows[0][2].runs.len(), 3 * 2);
}
