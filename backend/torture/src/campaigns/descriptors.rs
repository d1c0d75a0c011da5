//! No file descriptors are left.
//!
//! A server with a few descriptors trains while others hold all the connections that it takes. Log, checkpoints and weights
//! must not go without: the study ends as it would undisturbed, every run can be exported, and once the others have gone the
//! server answers.

use crate::ledger::{self, Again, Shown};
use crate::page::Page;
use crate::program::{Ending, Means, PATIENCE, Program};
use crate::report::{Order, Report};
use crate::study::{Study, small};
use anyhow::{Context, Result, bail};
use fastrand::Rng;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};
use tunemask_shared::run::RunStatus;

/// Does it.
///
/// # Errors
/// The reference cannot be made.
pub fn descriptors(order: &Order) -> Result<Report> {
    let mut report = Report::new("descriptors", order.seed);
    let mut chance = Rng::with_seed(order.seed);
    let study = Study::new(&order.binary, small())?;
    let mut done = 0;
    while order.goes_on(done) {
        let home = tempfile::tempdir()?;
        let files = chance.u64(8..200);
        if let Err(error) = round(order, &study, home.path(), files, &mut report) {
            report.violation(format!("with {files} descriptors: {error:#}"));
        }
        done += 1;
    }
    Ok(report.ended())
}

fn round(order: &Order, study: &Study, home: &Path, files: u64, report: &mut Report) -> Result<()> {
    let means = Means { open_files: Some(files), ..Means::default() };
    let mut program = order.binary.serve(&means, home)?;
    let address = match program.address(PATIENCE) {
        Ok(address) => address.context("it does not say where it serves")?,
        // With too few of them it cannot begin, and says so.
        Err(_) => {
            let status = program.ended(PATIENCE)?;
            if status.code() != Some(1) || program.cry().is_some() || files > 64 {
                bail!("it ended with {status}: {}", program.errors());
            }
            report.count(1, "starts refused in a sentence");
            return Ok(());
        }
    };
    report.count(1, "servers starved");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (shown, held) = runtime.block_on(train(address, study, files))?;
    report.count(held, "connections held");
    report.count(shown.len() as u64, "lines shown");
    // All are gone: it answers.
    let begin = Instant::now();
    while !is_well(address) {
        if begin.elapsed() > PATIENCE {
            bail!("it does not answer when the others have gone");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let status = program.end(Ending::Ask)?;
    report.must(status.success(), || format!("asked to end: {status}: {}", program.errors()));
    cried(&program, report);
    report.violations(ledger::check(home, study, &shown, Again::Never));
    exported(order, study, home, report)
}

/// Starts the study and holds connections, of both kinds, until it is over.
async fn train(address: SocketAddr, study: &Study, files: u64) -> Result<(Vec<Shown>, u64)> {
    let by = || tokio::time::Instant::now() + PATIENCE;
    let mut page = Page::open(address, by()).await?;
    let id = page.start(&study.experiment, by()).await?;
    page.watch(id, by()).await?;
    let mut held: Vec<TcpStream> = Vec::new();
    let (end, mut most) = (by(), 0);
    while page.part.runs.is_empty() || page.part.runs.values().any(|run| !run.status.is_over()) {
        // Those that the server has closed make room for others.
        held.retain(is_open);
        while (held.len() as u64) < files + 20 {
            let Ok(mut stream) = TcpStream::connect(address) else { break };
            _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
            held.push(stream);
        }
        most = most.max(held.len() as u64);
        page.hear(end).await?;
    }
    if page.part.runs.values().any(|run| run.status != RunStatus::Finished) {
        let why: Vec<_> = page.part.runs.values().filter_map(|run| run.failure.clone()).collect();
        bail!("runs did not finish: {why:?}");
    }
    Ok((page.shown.into_iter().map(Shown::of).collect(), most))
}

fn is_open(stream: &TcpStream) -> bool {
    let mut byte = [0];
    let waits = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut byte));
    waits.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

fn is_well(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

fn cried(program: &Program, report: &mut Report) {
    if let Some(cry) = program.cry() {
        report.violation(cry);
    }
}

/// What finished is there: a run's weights can be taken away.
fn exported(order: &Order, study: &Study, home: &Path, report: &mut Report) -> Result<()> {
    for run in study.reference.keys() {
        let out = home.join("exported").join(&run.0);
        let arguments = ["export", run.0.as_str(), "--delta", "--out", out.to_str().unwrap_or_default()];
        let output = order.binary.ran(&Means::default(), &arguments, home)?;
        let errors = String::from_utf8_lossy(&output.stderr);
        report.must(output.status.success(), || format!("run {} cannot be exported: {errors}", run.0));
        report.count(1, "runs exported");
    }
    Ok(())
}
