//! Two programs on one home.
//!
//! Several programs begin on one home at the same moment. One has it; all others say so and end, whichever they are, while
//! readers read. The one is killed, and the next ones begin.

use crate::ledger::{self, Again};
use crate::program::{Ending, Heard, Means, PATIENCE, Program, cry};
use crate::report::{Order, Report};
use crate::study::{Study, small};
use anyhow::Result;
use fastrand::Rng;
use std::path::Path;
use std::time::{Duration, Instant};

/// Does it.
///
/// # Errors
/// The reference cannot be made.
pub fn two(order: &Order) -> Result<Report> {
    let mut report = Report::new("two", order.seed);
    let mut chance = Rng::with_seed(order.seed);
    let study = Study::new(&order.binary, small())?;
    let mut done = 0;
    while order.goes_on(done) {
        let home = tempfile::tempdir()?;
        // A few times on each home: what the killed one left is there for the next ones.
        for _ in 0..3 {
            if !order.goes_on(done) {
                break;
            }
            if let Err(error) = race(order, &study, home.path(), &mut chance, &mut report) {
                report.violation(format!("{error:#}"));
            }
            done += 1;
        }
        let output = order.binary.ran(&Means::default(), &study.arguments(), home.path())?;
        let errors = String::from_utf8_lossy(&output.stderr);
        report
            .must(output.status.success(), || format!("the last one ends with {}: {errors}", output.status));
        report.violations(ledger::check(home.path(), &study, &[], Again::Never));
        report.count(1, "homes");
    }
    Ok(report.ended())
}

fn race(order: &Order, study: &Study, home: &Path, chance: &mut Rng, report: &mut Report) -> Result<()> {
    let serve = ["serve", "--port", "0", "--device", "cpu", "--threads", "1"];
    let mut programs = Vec::new();
    for _ in 0..chance.usize(2..5) {
        let arguments = if chance.bool() { serve.to_vec() } else { study.arguments() };
        programs.push(order.binary.start(&Means::default(), &arguments, home)?);
    }
    report.count(programs.len() as u64, "programs at once");
    let begin = Instant::now();
    let mut over = vec![false; programs.len()];
    let running = |over: &[bool]| over.iter().filter(|over| !**over).count();
    while running(&over) > 1 && begin.elapsed() < PATIENCE {
        for (program, over) in programs.iter_mut().zip(&mut over) {
            *over = *over || program.ended(Duration::ZERO).is_ok();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let left = running(&over);
    report.must(left <= 1, || format!("{left} programs work on one home"));
    for (program, _) in programs.iter().zip(&over).filter(|(_, over)| **over) {
        refused(program, report);
    }
    // Whoever reads is in nobody's way.
    for _ in 0..2 {
        let table = order.binary.ran(&Means::default(), &["table", "1"], home)?;
        let errors = String::from_utf8_lossy(&table.stderr).into_owned();
        let none = errors.contains("holds no runs yet") || errors.contains("no experiment");
        report.must(table.status.success() || none, || format!("a reader beside a writer: {errors}"));
        report.count(1, "readers beside them");
    }
    for (program, _) in programs.iter_mut().zip(&over).filter(|(_, over)| !**over) {
        program.end(Ending::Kill)?;
        if let Some(cry) = program.cry() {
            report.violation(cry);
        }
        report.count(1, "kills");
    }
    Ok(())
}

/// A program that ended found the home taken and said so, or it had it first and came to its end.
fn refused(program: &Program, report: &mut Report) {
    let errors = program.errors();
    if errors.contains("another tunemask works in") && cry(&errors).is_none() {
        report.count(1, "refused");
        return;
    }
    let mut last = String::new();
    while let Heard::Line(line) = program.hear(Duration::from_secs(1)) {
        last = line;
    }
    report.must(last.contains("\"event\":\"table\""), || format!("a program on a taken home: {errors}"));
    report.count(1, "came to their end");
}
