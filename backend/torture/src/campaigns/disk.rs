//! Disks that are full, or cannot be written.
//!
//! A study trains on a disk of its own that is too small for it; meanwhile it gets room, or the program is killed. However
//! that went, the same command comes to the same end once there is room, and nothing that was shown is lost. Where no disk can be
//! mounted, a limit on the size of files stands for one that is full.

use crate::ledger::{self, Again, Shown};
use crate::log::events;
use crate::program::{Ending, Heard, Means, PATIENCE, Program, cry};
use crate::report::{Order, Report};
use crate::study::{Study, small};
use anyhow::{Context, Result, bail};
use fastrand::Rng;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tunemask_shared::event::EventKind;
use tunemask_shared::experiment::Experiment;

/// A disk in memory, unmounted when it is dropped.
#[derive(Debug)]
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path, kib: u64) -> Result<Self> {
        mount(&["-t", "tmpfs", "-o", &format!("size={kib}k"), "tunemask-torture"], at)?;
        Ok(Self(at.to_owned()))
    }

    /// Mounts it anew with these options.
    fn remount(&self, options: &str) -> Result<()> {
        mount(&["-o", &format!("remount,{options}")], &self.0)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What still has a file open there has been killed, and is about to end.
        for _ in 0..50 {
            if Command::new("umount").arg(&self.0).stderr(Stdio::null()).status().is_ok_and(|s| s.success()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn mount(options: &[&str], at: &Path) -> Result<()> {
    let output = Command::new("mount").args(options).arg(at).output().context("mount")?;
    if !output.status.success() {
        bail!("mount: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Whose runs leave whole models, so that the disk is what there is not enough of.
fn large() -> Experiment {
    let masks = vec!["full".into(), "layernorms".into(), "frozen".into()];
    Experiment { masks, tasks: vec!["sentiment".into()], ..small() }
}

/// Does it.
///
/// # Errors
/// The reference cannot be made.
pub fn disk(order: &Order) -> Result<Report> {
    let mut report = Report::new("disk", order.seed);
    let mut chance = Rng::with_seed(order.seed);
    let study = Study::new(&order.binary, large())?;
    let probe = tempfile::tempdir()?;
    let mounts = Disk::mount(probe.path(), 64).is_ok();
    if !mounts {
        report.skip("no disk can be mounted here: a limit on the size of files stands for a full one");
    }
    let mut done = 0;
    while order.goes_on(done) {
        let folder = tempfile::tempdir()?;
        let round = if mounts && chance.u8(..4) > 0 {
            small_disk(order, &study, folder.path(), &mut chance, &mut report)
        } else {
            small_files(order, &study, folder.path(), &mut chance, &mut report)
        };
        if let Err(error) = round {
            report.violation(format!("{error:#}"));
        }
        done += 1;
    }
    Ok(report.ended())
}

/// Room for all.
const ROOM_KIB: u64 = 256 << 10;

/// A disk that is too small at first.
fn small_disk(
    order: &Order,
    study: &Study,
    folder: &Path,
    chance: &mut Rng,
    report: &mut Report,
) -> Result<()> {
    let disk = Disk::mount(folder, chance.u64(16..6000))?;
    let home = folder.join("home");
    report.count(1, "full disks");
    let mut program = order.binary.start(&Means::default(), &study.arguments(), &home)?;
    let (mut shown, ended) = listen(&program, Duration::from_millis(chance.u64(200..6000)));
    let kills = chance.bool();
    if !ended && kills {
        program.end(Ending::Kill)?;
        report.count(1, "kills on them");
    }
    disk.remount(&format!("size={ROOM_KIB}k"))?;
    if !ended && !kills {
        // What waits for room goes on by itself.
        report.count(1, "given room");
        let (more, ended) = listen(&program, PATIENCE);
        shown.extend(more);
        report.must(ended, || "a program that got room did not come to its end".into());
        program.end(Ending::Kill)?;
    } else {
        shown.extend(listen(&program, PATIENCE).0);
    }
    says_why(&program, report);
    drop(program);
    finish(order, study, &home, shown, report)?;
    read_only(order, study, &disk, &home, report)
}

/// Files that may not grow beyond a size.
fn small_files(
    order: &Order,
    study: &Study,
    folder: &Path,
    chance: &mut Rng,
    report: &mut Report,
) -> Result<()> {
    let home = folder.join("home");
    let means = Means { file_kib: Some(chance.u64(8..3000)), ..Means::default() };
    report.count(1, "limits on files");
    let mut program = order.binary.start(&means, &study.arguments(), &home)?;
    let (shown, ended) = listen(&program, Duration::from_millis(chance.u64(500..6000)));
    if !ended {
        program.end(Ending::Kill)?;
    }
    says_why(&program, report);
    drop(program);
    finish(order, study, &home, shown, report)
}

/// What a program prints until then, and whether it has ended.
fn listen(program: &Program, within: Duration) -> (Vec<Shown>, bool) {
    let (begin, mut shown) = (Instant::now(), Vec::new());
    loop {
        match program.hear(within.saturating_sub(begin.elapsed())) {
            Heard::Line(line) => shown.extend(serde_json::from_str(&line).ok().map(Shown::Printed)),
            Heard::Nothing => return (shown, false),
            Heard::End => return (shown, true),
        }
    }
}

/// Whatever it says, it does not cry; and where it fails it says that there is no room.
fn says_why(program: &Program, report: &mut Report) {
    if let Some(cry) = program.cry() {
        report.violation(format!("without room: {cry}"));
    }
}

/// The same command, with room: it comes to its end, and the log has all that was shown.
fn finish(order: &Order, study: &Study, home: &Path, shown: Vec<Shown>, report: &mut Report) -> Result<()> {
    report.count(shown.len() as u64, "lines shown");
    let output = order.binary.ran(&Means::default(), &study.arguments(), home)?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    report.must(output.status.success(), || format!("with room it ends with {}: {errors}", output.status));
    if let Ok(events) = events(home) {
        let failed = events.iter().filter_map(|event| match &event.kind {
            EventKind::Failed { reason, .. } => Some(reason),
            _ => None,
        });
        for reason in failed {
            report.count(1, "runs failed for want of room and trained again");
            let said =
                reason.contains("no room") || reason.contains("full") || reason.contains("File too large");
            report.must(said, || format!("a run failed on a full disk for another reason: {reason}"));
        }
    }
    report.violations(ledger::check(home, study, &shown, Again::AfterFailure));
    Ok(())
}

/// A disk that cannot be written: programs say so and end, what is there can be read, and nothing of it changes.
fn read_only(order: &Order, study: &Study, disk: &Disk, home: &Path, report: &mut Report) -> Result<()> {
    let before = events(home)?.len();
    disk.remount("ro")?;
    report.count(1, "read-only disks");
    for arguments in [study.arguments(), vec!["serve", "--port", "0", "--device", "cpu"]] {
        let output = order.binary.ran(&Means::default(), &arguments, home)?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let said = output.status.code() == Some(1) && cry(&errors).is_none() && errors.contains("home");
        report.must(said, || format!("`{}` on a read-only disk: {}: {errors}", arguments[0], output.status));
    }
    let table = order.binary.ran(&Means::default(), &["table", "1"], home)?;
    report.must(table.status.success(), || {
        format!("a read-only log is not tabled: {}", String::from_utf8_lossy(&table.stderr))
    });
    disk.remount("rw")?;
    report.must(events(home)?.len() == before, || "lines came to a disk that could not be written".into());
    Ok(())
}
