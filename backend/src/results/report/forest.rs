//! Verdicts as intervals on one axis: the differences and their ends that the tables of evidence hold, in percentage points.

use super::evidence::{evidence, name};
use super::{csv_text, kept};
use crate::results::claims::{Claim, Comparison, Options, Outcome, Verdict, sentence};
use crate::results::format::points;
use crate::results::table::ResultTable;
use tunemask_shared::report::{Block, Finding, Forest, ForestClaim, ForestRow, OpenClaim, Table};

/// The forest plot of these verdicts; claims of which nothing was compared stand by themselves.
pub(super) fn forest(results: &ResultTable, verdicts: &[Verdict], options: Options) -> Forest {
    let (compared, open): (Vec<&Verdict>, Vec<&Verdict>) =
        verdicts.iter().partition(|verdict| !verdict.evidence.is_empty());
    let claim = |verdict: &&Verdict| ForestClaim {
        sentence: verdict.claim.sentence().into(),
        finding: finding(verdict.outcome),
        plain: verdict.plain(options),
        comparisons: verdict.evidence.iter().map(|c| row(c, options)).collect(),
        details: vec![Block::Table(numbers(results, verdict))],
    };
    let reason = |verdict: &&Verdict| OpenClaim {
        sentence: verdict.claim.sentence().into(),
        reason: verdict.reason.clone(),
    };
    Forest {
        title: format!("{}: verdicts", results.name),
        margin: options.points(),
        intervals: "90 % intervals".into(),
        claims: compared.iter().map(claim).collect(),
        open: open.iter().map(reason).collect(),
        csv: csv(&compared, options),
    }
}

/// The numbers of a claim's comparisons with their files, named by the claim.
fn numbers(results: &ResultTable, verdict: &Verdict) -> Table {
    let claim = verdict.claim.sentence();
    let number = Claim::ALL.iter().position(|claim| *claim == verdict.claim).map_or(0, |at| at + 1);
    let label = format!("experiment-{}-evidence-{number}", results.experiment_id);
    kept(evidence(verdict), &[&results.name, "evidence", claim], &label, &[])
}

fn finding(outcome: Outcome) -> Finding {
    match outcome {
        Outcome::Supported => Finding::Supported,
        Outcome::NotSupported => Finding::NotSupported,
        Outcome::Undecided => Finding::Undecided,
    }
}

fn row(c: &Comparison, options: Options) -> ForestRow {
    let ends = ends(c);
    ForestRow {
        name: name(c),
        finding: finding(c.outcome(options.alpha)),
        difference: c.difference * 100.0,
        low: ends[0] * 100.0,
        high: ends[1] * 100.0,
        text: format!("{} [{}, {}]", points(c.difference), points(ends[0]), points(ends[1])),
        said: sentence(c, options.alpha),
        runs: c.runs.clone(),
    }
}

fn ends(c: &Comparison) -> [f64; 2] {
    [0, 1].map(|end| c.interval.get(end).copied().unwrap_or(f64::NAN))
}

/// A line for each comparison, unrounded, in percentage points.
fn csv(verdicts: &[&Verdict], options: Options) -> String {
    let number = |x: f64| if x.is_finite() { (x * 100.0).to_string() } else { String::new() };
    let chance = |p: f64| if p.is_nan() { String::new() } else { p.to_string() };
    let head =
        ["claim", "verdict", "compared", "shows", "difference", "low", "high", "bound", "p", "p_contrary"];
    let mut lines = vec![head.map(str::to_owned)];
    for verdict in verdicts {
        lines.extend(verdict.evidence.iter().map(|c| {
            [
                verdict.claim.sentence().to_owned(),
                verdict.outcome.title().to_owned(),
                name(c),
                c.outcome(options.alpha).title().to_owned(),
                number(c.difference),
                number(ends(c)[0]),
                number(ends(c)[1]),
                number(c.bound),
                chance(c.p),
                chance(c.p_contrary),
            ]
        }));
    }
    csv_text(&lines)
}
