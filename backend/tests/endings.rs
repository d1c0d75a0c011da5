//! The program itself: killed in the middle, ended politely, started twice.
// In a test's helpers too, what cannot be unwrapped has failed.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "support/page.rs"]
mod page;

use page::Page;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{PATIENCE, long, small};
use tunemask_shared::protocol::FromPage;
use tunemask_shared::run::RunStatus;

struct Program {
    child: Child,
    address: SocketAddr,
}

fn command(home: &Path) -> Command {
    command_on(0, home)
}

fn command_on(port: u16, home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunemask"));
    command.args(["serve", "--port", &port.to_string(), "--threads", "1", "--home"]).arg(home);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Program {
    fn start(home: &Path) -> Self {
        let mut child = command(home).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("it says where it is: {line:?}"));
        Self { address: address.trim().parse().unwrap(), child }
    }

    fn end(&mut self, signal: &str) -> std::process::ExitStatus {
        let told = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "it ends");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_middle_loses_nothing_that_was_shown() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::start(home.path());
    let mut page = Page::open(program.address).await;
    let id = page.start(long()).await;
    let next = page.start(small()).await;
    page.say(&FromPage::Watch { experiment_id: Some(id) }).await;
    let run = page.state.experiments[&id].runs[0].clone();
    page.until("a hundred steps", |s| s.runs[&run].step > 100).await;
    assert!(!program.end("-KILL").success());
    // What was on its way is shown too.
    while page.try_hear().await.is_some() {}
    let (shown, seen) = (page.state.clone(), page.series[&run].1.clone());
    assert_eq!(seen.step.last(), Some(&shown.runs[&run].step));

    let program = Program::start(home.path());
    let mut page = Page::open(program.address).await;
    assert!(page.state.seq > shown.seq, "the interruption is told behind all that was shown");
    assert_eq!(page.state.runs[&run].status, RunStatus::Interrupted);
    assert!(page.state.runs[&run].step >= shown.runs[&run].step);
    assert_eq!(page.state.experiments, shown.experiments);
    page.say(&FromPage::Watch { experiment_id: Some(id) }).await;
    while !page.series.contains_key(&run) {
        page.hear().await;
    }
    let kept = &page.series[&run].1;
    assert_eq!(kept.loss[..seen.len()], seen.loss, "every point that was shown is there");
    assert!(kept.step.iter().copied().eq(1..=kept.len() as u64));
    page.until_over(next).await;
    assert!(
        page.state.experiments[&next].runs.iter().all(|r| page.state.runs[r].status == RunStatus::Finished)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_end_it_says_farewell_and_what_was_interrupted() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::start(home.path());
    let mut page = Page::open(program.address).await;
    let id = page.start(long()).await;
    let run = page.state.experiments[&id].runs[0].clone();
    page.until("it trains", |s| s.runs[&run].step > 0).await;
    assert!(program.end("-TERM").success());
    while page.try_hear().await.is_some() {}
    let state = tunemask::store::Reader::open(home.path()).unwrap().state().unwrap();
    assert_eq!(state.runs[&run].status, RunStatus::Interrupted);
}

#[test]
fn a_home_or_a_port_that_is_taken_is_said() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = Program::start(home.path());
    let error = |mut command: Command| {
        let mut child = command.spawn().unwrap();
        let mut text = String::new();
        child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{text}");
        text
    };
    let text = error(command(home.path()));
    assert!(text.contains("another tunemask works in") && text.contains("--home"), "{text}");
    let text = error(command_on(program.address.port(), other.path()));
    assert!(text.contains("is taken") && text.contains("--port"), "{text}");
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0, "the home is not opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_leaves_the_queue_as_it_is() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut program = Program::start(home.path());
    let mut page = Page::open(program.address).await;
    page.start(long()).await;
    page.start(small()).await;
    program.end("-KILL");
    let state = || tunemask::store::Reader::open(home.path()).unwrap().state().unwrap();
    let before = state();
    assert!(before.runs.values().any(|run| run.status == RunStatus::Queued));
    let holder = Program::start(other.path());
    let output = command_on(holder.address.port(), home.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(state().seq, before.seq, "not a line was written");
}
