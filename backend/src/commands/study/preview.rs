//! What they take, before they start.

use super::arguments::Arguments;
use super::grid::{Planned, refused};
use crate::commands::output;
use crate::lab::{Lab, LabError, Preview};
use anyhow::{Result, anyhow};
use indicatif::HumanBytes;
use serde::Serialize;
use std::collections::HashSet;
use std::io::{IsTerminal, Write, stderr, stdin};
use std::time::Duration;
use tunemask_shared::plan::{Plan, PlannedDisk};
use tunemask_shared::study::Study;
use tunemask_shared::text::{count, thousands};

/// What each study takes after those before it.
pub struct Row {
    study: Study,
    preview: Preview,
}

/// A study before it starts. Times are in seconds by this machine's speed.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    study: &'a str,
    /// All of its runs.
    runs: usize,
    /// Those that neither the home folder holds nor a study before it trains.
    to_train: usize,
    gangs: usize,
    shared: f64,
    expected_secs: f64,
    memory_bytes: u64,
    /// What its runs leave, by whose weights it keeps.
    disk_bytes: u64,
    /// What they take at most meanwhile, checkpoints included.
    disk_most_bytes: u64,
    /// What is free now, where the system says it.
    disk_free_bytes: Option<u64>,
    /// Learning rates that a cell may get beyond each edge of the grid; their runs are not counted here.
    extends_edges_by: u32,
}

/// Plans the studies one after the other.
///
/// # Errors
/// Model or data that cannot be read.
pub fn rows(lab: &Lab, studies: &[Planned]) -> Result<Vec<Row>> {
    let mut earlier = HashSet::new();
    studies
        .iter()
        .map(|planned| match lab.plan_after(&planned.experiment, &mut earlier) {
            Ok(preview) => Ok(Row { study: planned.study, preview }),
            Err(LabError::Invalid(errors)) => Err(anyhow!("{}", refused(planned.study, &errors))),
            Err(error) => Err(error.into()),
        })
        .collect()
}

/// Says what the studies take: a table on standard error, or lines of JSON on standard output.
///
/// # Errors
/// It cannot be written.
pub fn show(rows: &[Row], device: &str, arguments: &Arguments) -> Result<()> {
    let most_per_side = arguments.most_per_side();
    if arguments.json {
        for Row { study, preview } in rows {
            let plan = &preview.plan;
            output::json(&Line {
                event: "study_planned",
                study: study.name(),
                runs: preview.runs,
                to_train: plan.runs(),
                gangs: plan.gangs.len(),
                shared: plan.shared(),
                expected_secs: plan.expected_secs(),
                memory_bytes: plan.memory_bytes(),
                disk_bytes: plan.room().kept,
                disk_most_bytes: plan.room().most,
                disk_free_bytes: plan.room().free,
                extends_edges_by: most_per_side,
            })?;
        }
        return Ok(());
    }
    let head = ["study", "runs", "to train", "gangs", "computed once", "time", "memory", "disk"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(|r| line(r.study.title(), r.preview.runs, &r.preview.plan)));
    let rooms = rows.iter().map(|r| r.preview.plan.room());
    let room = rooms.fold(PlannedDisk::default(), PlannedDisk::then);
    if rows.len() > 1 {
        let gangs = rows.iter().flat_map(|r| r.preview.plan.gangs.iter().cloned()).collect();
        let workers = rows.first().and_then(|row| row.preview.plan.workers);
        lines.push(line(
            "together",
            rows.iter().map(|r| r.preview.runs).sum(),
            &Plan { gangs, disk: Some(room), workers, ..Plan::default() },
        ));
    }
    output::note(output::aligned(&lines));
    output::note(format_args!(
        "Times are estimates for {device}; memory is that of the largest gang, besides the model; disk is \
         what the runs leave."
    ));
    let free = room.free.map(|free| format!("; {} are free", HumanBytes(free))).unwrap_or_default();
    output::note(format_args!(
        "While they train they take {} of the disk at most, checkpoints included{free}.",
        HumanBytes(room.most)
    ));
    if most_per_side > 0 {
        let rates = count(most_per_side as usize, "learning rate");
        output::note(format_args!(
            "Where the best learning rate lies on the edge of the grid, up to {rates} beyond it will be trained \
             as well; which ones the results will say, so they are not counted above."
        ));
    }
    Ok(())
}

fn line(title: &str, runs: usize, plan: &Plan) -> Vec<String> {
    let mib = plan.memory_bytes() as f64 / f64::from(1 << 20);
    vec![
        title.to_owned(),
        thousands(runs as u64),
        thousands(plan.runs() as u64),
        thousands(plan.gangs.len() as u64),
        format!("{:.0} %", 100.0 * plan.shared()),
        indicatif::HumanDuration(Duration::from_secs_f64(plan.expected_secs().max(0.0))).to_string(),
        format!("{mib:.0} MiB"),
        HumanBytes(plan.room().kept).to_string(),
    ]
}

/// Asks on a terminal whether to start; yes where nobody can be asked.
///
/// # Errors
/// The terminal cannot be read.
pub fn agreed() -> Result<bool> {
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        return Ok(true);
    }
    let mut terminal = stderr().lock();
    write!(terminal, "Start? [y/N] ")?;
    terminal.flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
