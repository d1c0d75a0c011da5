//! The program itself: killed in the middle, ended politely, started twice.

use crate::support::page::Page;
use crate::support::{PATIENCE, long, small};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tunemask::store::{FILE_NAME, Reader};
use tunemask_shared::protocol::{FromPage, FromServer};
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
        let address = address.split('/').next().unwrap_or_default();
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
    page.watch(id).await;
    let run = page.state.experiments[&id].runs[0].clone();
    page.until("a hundred steps", |s| s.runs[&run].step > 100).await;
    assert!(!program.end("-KILL").success());
    // What was on its way is shown too.
    while page.try_hear().await.is_some() {}
    let (shown, seen) = (page.state.clone(), page.series[&run].1.points().clone());
    assert_eq!(seen.step.last(), Some(&shown.runs[&run].step));

    let program = Program::start(home.path());
    let mut page = Page::open(program.address).await;
    page.watch(id).await;
    assert!(
        page.state.seq > shown.seq && page.overview.seq > shown.seq,
        "the interruption is told behind all that was shown"
    );
    assert_eq!(page.state.runs[&run].status, RunStatus::Interrupted);
    assert!(page.state.runs[&run].step >= shown.runs[&run].step);
    assert_eq!(page.state.experiments, shown.experiments);
    while !page.series.contains_key(&run) {
        page.hear().await;
    }
    let kept = page.series[&run].1.points();
    assert_eq!(kept.loss[..seen.len()], seen.loss, "every point that was shown is there");
    assert!(kept.step.iter().copied().eq(1..=kept.len() as u64));
    page.until_over(next).await;
    let progress = &page.overview.experiments[&next].progress;
    assert_eq!(progress.finished, progress.runs);
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
    // A copy of the log's one file has all of it.
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(home.path().join(FILE_NAME), copy.path().join(FILE_NAME)).unwrap();
    let state = Reader::open(copy.path()).unwrap().state().unwrap();
    assert_eq!(state.runs[&run].status, RunStatus::Interrupted);
    assert!(!home.path().join(format!("{FILE_NAME}-wal")).exists(), "both connections were closed");
}

/// A log that is locked for a moment holds up one request, and with it the next, while the program is asked to end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_end_it_answers_what_was_asked_before_and_says_farewell_to_every_page() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::start(home.path());
    let mut page = Page::open(program.address).await;
    let mut others = [Page::open(program.address).await, Page::open(program.address).await];
    let other = rusqlite::Connection::open(home.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    page.say(&FromPage::Start { request: 1, experiment: Box::new(small()) }).await;
    page.say(&FromPage::Inspect { request: 2, model: "builtin:tiny".into(), data: None }).await;
    assert!(page.refusal().await.contains("locked"), "the first request is carried out and waits");
    let unlocked = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.execute_batch("ROLLBACK").unwrap();
    });
    let ended = tokio::task::spawn_blocking(move || program.end("-TERM"));
    let answer = page.answer().await;
    assert!(matches!(answer, FromServer::Accepted { request: 1, .. }), "{answer:?}");
    let answer = page.answer().await;
    assert!(matches!(answer, FromServer::Facts { request: 2, .. }), "{answer:?}");
    for page in others.iter_mut().chain([&mut page]) {
        assert_eq!(page.farewell().await.as_deref(), Some("tunemask was stopped"));
    }
    unlocked.await.unwrap();
    assert!(ended.await.unwrap().success());
}

/// Training waits for a log that another program locks, pages and whoever watches over it are told so, and it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_another_program_locks_is_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let program = Program::start(home.path());
    let mut page = Page::open(program.address).await;
    let id = page.start(long()).await;
    let run = page.state.experiments[&id].runs[0].clone();
    page.until("it trains", |s| s.runs[&run].step > 0).await;
    assert!(health(program.address).contains("200 OK"));
    let other = rusqlite::Connection::open(home.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let told = page.refusal().await;
    assert!(told.contains("locked by another program") && told.contains("continues by itself"), "{told}");
    let health_of_waiting = health(program.address);
    assert!(
        health_of_waiting.contains(" 503 ") && health_of_waiting.contains("locked"),
        "{health_of_waiting}"
    );
    let before = page.state.runs[&run].step;
    other.execute_batch("ROLLBACK").unwrap();
    page.until("it goes on", |s| s.runs[&run].step > before + 200).await;
    assert!(health(program.address).contains("200 OK"));
}

fn health(address: SocketAddr) -> String {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Starts `tunemask run` on an experiment of an hour, and gives it when it trains, with what it says on.
#[cfg(unix)]
fn training(folder: &Path) -> (Child, BufReader<std::process::ChildStdout>) {
    let text = "tasks = [\"sentiment\"]\nmasks = [\"layernorms\"]\nlearning_rates = [1e-3]\nseeds = [1]\n\
                epochs = 2000\ntrain_limit = 400\neval_limit = 8\n";
    std::fs::write(folder.join("experiment.toml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunemask"));
    command
        .args(["run", "experiment.toml", "--home", "home", "--threads", "1", "--json"])
        .current_dir(folder);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"event\":\"points\"") {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "it trains");
    }
    (child, output)
}

#[cfg(unix)]
fn ended(mut child: Child, mut output: impl Read) -> (Option<i32>, String, String) {
    let (mut written, mut printed) = (String::new(), String::new());
    output.read_to_string(&mut written).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
    (child.wait().unwrap().code(), written, printed)
}

#[test]
#[cfg(unix)]
fn a_job_system_or_a_closed_terminal_ends_a_run_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let mut steps = 0;
    for (signal, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        let (child, output) = training(folder.path());
        // `timeout` tells a program, and then its whole group: twice is once.
        for _ in 0..2 {
            assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        }
        let (status, _, printed) = ended(child, output);
        assert_eq!(status, Some(code), "{printed}");
        assert!(printed.contains("The same command again trains the rest"), "{printed}");
        assert!(!home.join(format!("{FILE_NAME}-wal")).exists(), "the log is closed");
        let state = Reader::open(&home).unwrap().state().unwrap();
        let run = state.runs.values().next().unwrap();
        assert_eq!((run.status, run.checkpoint), (RunStatus::Cancelled, Some(run.step)));
        assert!(run.step > steps, "it goes on where it was");
        steps = run.step;
    }
}

#[test]
#[cfg(unix)]
fn a_home_that_is_deleted_ends_the_program_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let (child, output) = training(folder.path());
    std::fs::remove_dir_all(folder.path().join("home")).unwrap();
    let (status, _, printed) = ended(child, output);
    assert_eq!(status, Some(1), "{printed}");
    assert!(printed.contains("was deleted, moved or replaced"), "{printed}");
    assert!(!folder.path().join("home").exists(), "nothing comes back in its place");
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
