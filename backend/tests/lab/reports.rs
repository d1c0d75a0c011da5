//! Reports on what a lab has trained, as the server and the command line ask for them.

use crate::support::{Listener, open, small};
use tunemask::results::report::report;
use tunemask_shared::report::{Block, Report, ReportKind, ReportRequest};
use tunemask_shared::run::RunId;

#[test]
fn layernorms_after_every_epoch_come_with_words_or_with_the_reason_why_not() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let id = lab.submit(&small()).unwrap();
    let make = |run: Option<RunId>| {
        let asked = ReportRequest { kind: ReportKind::Weights, run, ..ReportRequest::default() };
        report(&lab.state(), home.path(), id, &asked).unwrap()
    };
    Listener::new(&lab)
        .until("both have finished", |s| s.runs.len() == 2 && s.runs.values().all(|r| r.outcome.is_some()));
    let run = |mask: &str| {
        let state = lab.state();
        state.runs.iter().find(|(_, r)| r.spec.mask.to_string() == mask).unwrap().0.clone()
    };

    let (paragraph, csv) = norms(&make(Some(run("layernorms"))));
    let of = format!("that `layernorms` on Sentiment (run {}) trained, 2,048 scalars", run("layernorms"));
    assert!(paragraph.contains(&of) && paragraph.contains("each of 2 epochs"), "{paragraph}");
    assert_eq!(csv.unwrap().lines().count(), 1 + 3 * 2048);
    let (paragraph, csv) = norms(&make(Some(run("frozen"))));
    assert!(paragraph.ends_with("it trained no scalar of a LayerNorm.") && csv.is_none(), "{paragraph}");
    let (paragraph, csv) = norms(&make(None));
    assert!(paragraph.ends_with("choose the run at the top.") && csv.is_none(), "{paragraph}");
}

/// The words and the file below the heading, and below the values over the epochs where there are any.
fn norms(report: &Report) -> (String, Option<String>) {
    let heading = Block::Heading("LayerNorms after every epoch".into());
    let at = report.blocks.iter().position(|block| *block == heading).unwrap();
    let mut below = report.blocks[at + 1..].iter().skip_while(|block| matches!(block, Block::NormEpochs(_)));
    let Some(Block::Paragraph(paragraph)) = below.next() else { panic!("no words") };
    let file = below.next().map(|block| match block {
        Block::Files { files, .. } => files[0].text.clone(),
        other => panic!("{other:?}"),
    });
    (paragraph.clone(), file)
}
