//! Connections that break, stall and trickle.
//!
//! Pages watch a server that trains without an end, through a proxy that breaks their connections at random. They come
//! back, over and over. Between two breaks each holds what it shows against the log: the part, the points, and every
//! line that it was ever shown. Beside them stand connections that begin and never go on, and pages that never read.

use crate::cutter::{Cutter, Fault};
use crate::ledger::{Shown, missing};
use crate::page::{Page, PageError};
use crate::program::{Ending, Means, PATIENCE};
use crate::report::{Order, Report};
use crate::study::small;
use anyhow::{Context, Result};
use fastrand::Rng;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tunemask::store::Reader;
use tunemask_shared::buckets::{Buckets, most_buckets};
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::protocol::FromPage;
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::Watched;

/// Pages at once.
const PAGES: u64 = 6;
/// How often a page holds what it shows against the log: once in so many connections.
const COMPARED: u64 = 8;

/// Runs that go on for as long as there are pages, and some that end.
fn endless(seed: u64) -> Experiment {
    Experiment {
        epochs: Some(1000),
        seeds: vec![seed, seed + 1],
        masks: vec!["layernorms".into()],
        ..small()
    }
}

fn short(seed: u64) -> Experiment {
    Experiment { epochs: Some(2), seeds: vec![seed], masks: vec!["frozen".into(), "ffn".into()], ..small() }
}

/// Does it.
///
/// # Errors
/// The program does not start.
pub fn sockets(order: &Order) -> Result<Report> {
    let mut report = Report::new("sockets", order.seed);
    let home = tempfile::tempdir()?;
    let mut program = order.binary.serve(&Means::default(), home.path())?;
    let address = program.address(PATIENCE)?.context("it does not say where it serves")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let told = runtime.block_on(flap(order, address, home.path()))?;
    report.count(told.broken, "connections broken");
    report.count(told.lines, "lines shown");
    report.count(told.compared, "comparisons with the log");
    report.count(told.held, "connections held half-open or unread");
    report.violations(told.wrong);
    let status = program.end(Ending::Ask)?;
    report.must(status.success(), || format!("asked to end: {status}"));
    if let Some(cry) = program.cry() {
        report.violation(cry);
    }
    Ok(report.ended())
}

/// What pages tell.
#[derive(Debug, Default)]
struct Told {
    broken: u64,
    lines: u64,
    compared: u64,
    held: u64,
    wrong: Vec<String>,
}

async fn flap(order: &Order, address: SocketAddr, home: &Path) -> Result<Told> {
    let by = || Instant::now() + PATIENCE;
    let mut first = Page::open(address, by()).await?;
    let endless = first.start(&endless(order.seed % 1000 + 1), by()).await?;
    let over = Arc::new(AtomicBool::new(false));
    let broken = Arc::new(AtomicU64::new(0));
    let mut pages = Vec::new();
    for number in 0..PAGES {
        let mut chance = Rng::with_seed(order.seed ^ (number + 1));
        let faults = Rng::with_seed(chance.u64(..));
        let cutter = Cutter::before(address, faulty(faults)).await?;
        let page =
            Flapping { through: cutter.address, home: home.to_owned(), watches: endless, over: over.clone() };
        pages.push((cutter, tokio::spawn(page.come_back(chance))));
    }
    let holder = tokio::spawn(hold(address, endless, over.clone(), Rng::with_seed(order.seed ^ 99)));
    let mut seed = 1000;
    loop {
        // New experiments come, so that what every page knows changes too.
        seed += 1;
        first.start(&short(seed), by()).await?;
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            match first.hear(until).await {
                Ok(_) | Err(PageError::Silent(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        broken.store(pages.iter().map(|(cutter, _)| cutter.broken()).sum(), Ordering::Relaxed);
        if !order.goes_on(broken.load(Ordering::Relaxed)) || pages.iter().any(|(_, page)| page.is_finished())
        {
            break;
        }
    }
    over.store(true, Ordering::Relaxed);
    let mut told = Told { broken: broken.load(Ordering::Relaxed), ..Told::default() };
    for (_, page) in pages {
        let page = page.await?;
        told.lines += page.lines;
        told.compared += page.compared;
        told.wrong.extend(page.wrong);
    }
    told.held = holder.await?;
    // At last, undisturbed: a page that comes now, and one that has been there all the time.
    let mut last = Page::open(address, by()).await?;
    last.watch(endless, by()).await?;
    told.wrong.extend(compare(&mut last, home).await?);
    told.compared += 1;
    let runs = last.part.runs.keys().cloned().collect();
    last.say(&FromPage::Cancel { runs }).await?;
    Ok(told)
}

/// The faults of one connection after the other. Now and then one has none, until its page leaves.
fn faulty(mut chance: Rng) -> impl FnMut() -> Fault + Send + 'static {
    move || match chance.u8(..8) {
        0..4 => Fault::CutAfter(chance.u64(..60_000)),
        4 => Fault::StallAfter(chance.u64(..20_000), Duration::from_millis(chance.u64(100..3000))),
        5 | 6 => Fault::Trickle(
            chance.usize(1..2000),
            Duration::from_millis(chance.u64(1..20)),
            chance.u32(1..200),
        ),
        _ => Fault::None,
    }
}

/// A page that comes back.
struct Flapping {
    through: SocketAddr,
    home: std::path::PathBuf,
    watches: ExperimentId,
    over: Arc<AtomicBool>,
}

impl Flapping {
    async fn come_back(self, mut chance: Rng) -> Told {
        let mut told = Told::default();
        let mut connections = 0;
        while !self.over.load(Ordering::Relaxed) && told.wrong.is_empty() {
            connections += 1;
            let by = Instant::now() + Duration::from_millis(chance.u64(50..4000));
            let Ok(mut page) = self.until_it_breaks(by, &mut told).await else { continue };
            if connections % COMPARED == 0 {
                match compare(&mut page, &self.home).await {
                    Ok(wrong) => told.wrong.extend(wrong),
                    Err(error) => told.wrong.push(format!("the log cannot be read: {error:#}")),
                }
                told.compared += 1;
            }
            told.lines += page.shown.len() as u64;
        }
        told
    }

    /// A page with all that it heard until its connection broke, or its time was over.
    async fn until_it_breaks(&self, by: Instant, told: &mut Told) -> Result<Page, ()> {
        let wrong = |told: &mut Told, error: PageError| match error {
            PageError::Wrong(why) => told.wrong.push(why),
            PageError::Gone(_) | PageError::Silent(_) => {}
        };
        let mut page = Page::open(self.through, by).await.map_err(|error| wrong(told, error))?;
        if let Err(error) = page.watch(self.watches, by).await {
            wrong(told, error);
            return Err(());
        }
        loop {
            if let Err(error) = page.hear(by).await {
                wrong(told, error);
                return Ok(page);
            }
        }
    }
}

/// What a page shows that the log does not say.
async fn compare(page: &mut Page, home: &Path) -> Result<Vec<String>> {
    let home = home.to_owned();
    let events = tokio::task::spawn_blocking(move || Reader::open(&home)?.events(0)).await??;
    let mut wrong = missing(&events, &page.shown.iter().cloned().map(Shown::of).collect::<Vec<_>>());
    let mut state = LabState::default();
    let until = events.iter().take_while(|event| event.seq <= page.part.seq);
    until.clone().try_for_each(|event| state.apply(event))?;
    let part = Watched::new(&state, page.watched.clone())?.part(&state);
    if format!("{part:?}") != format!("{:?}", page.part) {
        wrong.push(format!("at line {} the page shows another part than the log has", page.part.seq));
    }
    let most = most_buckets(page.part.runs.len());
    for (run, (seq, shown)) in &page.series {
        if shown.most() != most {
            wrong.push(format!("run {} has room for {} buckets, not for {most}", run.0, shown.most()));
        }
        let held = series(&events, run, *seq, shown.most());
        if format!("{held:?}") != format!("{shown:?}") {
            let (had, has) = (shown.steps(), held.steps());
            wrong.push(format!(
                "run {} has {had} steps on the page and {has} in the log at line {seq}, or others",
                run.0
            ));
        }
    }
    Ok(wrong)
}

/// The points of a run up to a line, in at most `most` buckets.
fn series(events: &[Event], run: &RunId, until: u64, most: usize) -> Buckets {
    let mut whole = Buckets::new(most);
    for event in events.iter().take_while(|event| event.seq <= until) {
        match &event.kind {
            EventKind::Points { run: of, points } if of == run => whole.extend(points),
            EventKind::Queued { run: of, .. } if of == run => whole = Buckets::new(most),
            _ => {}
        }
    }
    whole
}

/// Holds connections that never go on, and pages that never read, and gives their number at the end.
async fn hold(address: SocketAddr, watches: ExperimentId, over: Arc<AtomicBool>, mut chance: Rng) -> u64 {
    let (mut begun, mut unread, mut held) = (Vec::new(), Vec::new(), 0);
    while !over.load(Ordering::Relaxed) {
        for text in ["", "GET /ws HTTP/1.1\r\nHost: ", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "] {
            let Ok(mut stream) = std::net::TcpStream::connect(address) else { continue };
            if stream.write_all(text.as_bytes()).is_ok() {
                begun.push(stream);
                held += 1;
            }
        }
        let by = Instant::now() + Duration::from_secs(2);
        if let Ok(mut page) = Page::open(address, by).await
            && page.watch(watches, by).await.is_ok()
        {
            unread.push(page);
            held += 1;
        }
        // So many that all others still have a place.
        while begun.len() > 40 {
            begun.swap_remove(chance.usize(..begun.len()));
        }
        while unread.len() > 12 {
            unread.swap_remove(chance.usize(..unread.len()));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    held
}
