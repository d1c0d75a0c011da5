//! More messages and experiments than anyone would send.
//!
//! Valid messages that were changed at random come by the thousand, experiments by the hundred, and grids of a thousand million
//! runs by every way there is. Another page hears the server's heartbeat all the while; what is refused is refused in a
//! sentence; the program's memory stays bounded.

use crate::fuzz::{Chance, Target};
use crate::page::Page;
use crate::program::{Binary, Ending, Means, PATIENCE, Program};
use crate::report::{Order, Report};
use crate::study::small;
use anyhow::{Context, Result};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::experiment_file;
use tunemask_shared::protocol::{FromPage, FromServer};

/// Messages of a round.
const MESSAGES: u64 = 500;
/// Experiments of a round.
const EXPERIMENTS: u64 = 50;
/// The longest time in which a page must hear something: twice the heartbeat's, and a little.
const SILENCE: Duration = Duration::from_secs(8);
/// The most memory that the program may ever have had.
const MAX_KIB: u64 = 2 << 20;

/// Does it.
///
/// # Errors
/// The program does not start.
pub fn flood(order: &Order) -> Result<Report> {
    let mut report = Report::new("flood", order.seed);
    let home = tempfile::tempdir()?;
    let mut program = order.binary.serve(&Means::default(), home.path())?;
    let address = program.address(PATIENCE)?.context("it does not say where it serves")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut chance = Chance::new(order.seed);
    let mut done = 0;
    while order.goes_on(done) {
        runtime.block_on(async {
            let witness = tokio::spawn(listen(address));
            if let Err(error) = round(address, &mut chance, &mut report).await {
                report.violation(format!("{error:#}"));
            }
            witness.abort();
            match witness.await {
                Ok(silent) => report.violation(silent),
                Err(_) => report.count(1, "rounds with a witness"),
            }
        });
        grids(&order.binary, address, &mut report)?;
        if let Some(cry) = program.cry() {
            report.violation(cry);
            break;
        }
        done += 1;
    }
    memory(&program, &mut report);
    let status = program.end(Ending::Ask)?;
    report.must(status.success(), || format!("asked to end: {status}: {}", program.errors()));
    crate::log::events(home.path())?;
    Ok(report.ended())
}

/// A page that only listens. It ends when it hears nothing for too long, or is sent away.
async fn listen(address: SocketAddr) -> String {
    let by = || Instant::now() + SILENCE;
    let mut page = match Page::open(address, by()).await {
        Ok(page) => page,
        Err(error) => return format!("a page cannot come: {error}"),
    };
    loop {
        if let Err(error) = page.hear(by()).await {
            return format!("a page that only listens: {error}");
        }
    }
}

async fn round(address: SocketAddr, chance: &mut Chance, report: &mut Report) -> Result<()> {
    let by = || Instant::now() + PATIENCE;
    let mut corpus = Target::Message.corpus()?;
    // Nothing is written but in the home.
    corpus.retain(|message| !String::from_utf8_lossy(message).contains("save_data"));
    let mut page = Page::open(address, by()).await?;
    // What is queued by chance is not trained, so that there is always more of it.
    page.say(&FromPage::Pause).await?;
    for _ in 0..MESSAGES {
        let text = String::from_utf8_lossy(&chance.mutated(&corpus, Target::Message.words())).into_owned();
        report.count(1, "fuzzed messages sent");
        if page.say_text(text).await.is_err() {
            // It broke the rules of the protocol, and was sent away.
            page = Page::open(address, by()).await?;
            report.count(1, "connections ended for one");
        }
    }
    // All at once, and then the answers: each is refused in a sentence or accepted.
    let mut page = Page::open(address, by()).await?;
    let before = page.overview.experiments.len() as u64;
    for number in 0..EXPERIMENTS {
        let request = u32::try_from(number).unwrap_or_default();
        let experiment =
            Experiment { name: format!("flood {number}"), seeds: vec![chance.seed()], ..small() };
        page.say(&FromPage::Start { request, experiment: Box::new(experiment) }).await?;
    }
    let (mut accepted, mut refused) = (0, 0);
    while accepted + refused < EXPERIMENTS {
        match page.answer(by()).await? {
            FromServer::Accepted { .. } => accepted += 1,
            FromServer::Refused { reason, .. } => {
                report.must(reason.contains("too many requests"), || format!("refused: {reason}"));
                refused += 1;
            }
            other => report.violation(format!("an answer to a start: {other:?}")),
        }
    }
    report.count(accepted, "experiments accepted");
    report.count(refused, "refused in a sentence");
    let page = Page::open(address, by()).await?;
    let now = page.overview.experiments.len() as u64;
    report.must(now >= before + accepted, || format!("{accepted} were accepted, {before} became {now}"));
    Ok(())
}

/// A grid of so many runs that only its size can be looked at.
fn endless() -> Experiment {
    let seeds = (0..100_000).collect();
    let learning_rates = (1..=10_000).map(|n| f64::from(n) * 1e-7).collect();
    Experiment { seeds, learning_rates, masks: vec!["frozen".into()], ..Experiment::default() }
}

/// Grids of a thousand million runs, by every way: each is refused in a sentence.
fn grids(binary: &Binary, address: SocketAddr, report: &mut Report) -> Result<()> {
    let experiment = endless();
    let text = serde_json::to_string(&experiment)?;
    for (kind, body) in
        [("application/json", text), ("application/toml", experiment_file::write(&experiment))]
    {
        let begin = std::time::Instant::now();
        let answer = post(address, kind, &body)?;
        report.highest(begin.elapsed().as_millis() as u64, "ms at most until a grid was refused");
        let said =
            ["HTTP/1.1 4", "runs"].iter().all(|part| answer.contains(part)) || answer.contains(" 413 ");
        report.must(said, || format!("a grid of 10^9 runs, as {kind}: {answer:.300}"));
        report.count(1, "grids of 10^9 runs refused");
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("experiment.toml");
    // Few bytes, many runs: what a file says of seeds is not what it holds.
    fs::write(&file, experiment_file::write(&experiment))?;
    refused_by(binary, &["run", file.to_str().unwrap_or_default(), "--device", "cpu"], folder.path(), report)
}

fn refused_by(binary: &Binary, arguments: &[&str], folder: &Path, report: &mut Report) -> Result<()> {
    let home = folder.join("home");
    let output = binary.ran(&Means::default(), arguments, &home)?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = output.status.code() == Some(1) && errors.contains("runs");
    report.must(said, || format!("a grid of 10^9 runs, by `run`: {}: {errors:.300}", output.status));
    report.must(!home.exists(), || "a home was made for a grid that was refused".into());
    report.count(1, "grids of 10^9 runs refused");
    Ok(())
}

fn post(address: SocketAddr, kind: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    let head = format!(
        "POST /api/v1/experiments HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    // A body that is too long is refused before it has come.
    _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    let mut answer = Vec::new();
    _ = stream.read_to_end(&mut answer);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn memory(program: &Program, report: &mut Report) {
    if let Some(kib) = program.peak_kib() {
        report.highest(kib >> 10, "MiB of memory at most");
        report.must(kib < MAX_KIB, || format!("the program had {} MiB of memory", kib >> 10));
    }
}
