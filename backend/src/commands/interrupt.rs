//! Ctrl-C and the system's ways to ask a program to end, for commands that end what they do in good order.

use anyhow::{Context, Result};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What comes within this time of the first is the same wish: `timeout` tells a program, and then its whole group.
const SIGNAL_DEBOUNCE: Duration = Duration::from_secs(1);

/// What it means if the system does not let signals be heard.
const DEAF: &str = "cannot listen for Ctrl-C";

/// What asks a program to end, by the number that the system knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// A terminal that is closed.
    HangUp = 1,
    /// Ctrl-C.
    Interrupt = 2,
    /// A job system whose time is up, `timeout`, a shutdown.
    Terminate = 15,
}

impl Asked {
    /// Exit code of a program that it ended, as shells expect it.
    fn code(self) -> u8 {
        128 + self as u8
    }
}

/// What becomes of runs when the program is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInterrupt {
    /// They are cancelled; what was trained is saved.
    Cancel,
    /// They go on elsewhere.
    Leave,
}

/// Hears Ctrl-C and its like from when it is made; the second one ends the program at once.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<Option<Asked>>);

impl Interrupt {
    /// Begins to listen.
    ///
    /// # Errors
    /// The system starts no thread, or does not let signals be heard.
    pub fn listen() -> Result<Self> {
        let (sender, receiver) = watch::channel(None);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context(DEAF)?;
        // Before this returns: what comes then is heard.
        let mut signals = runtime.block_on(async { Signals::listen() }).context(DEAF)?;
        let listen = move || {
            runtime.block_on(async {
                let mut since: Option<Instant> = None;
                loop {
                    let asked = signals.next().await;
                    match since {
                        None => {
                            since = Some(Instant::now());
                            sender.send_replace(Some(asked));
                        }
                        Some(since) if since.elapsed() < SIGNAL_DEBOUNCE => {}
                        Some(_) => std::process::exit(i32::from(asked.code())),
                    }
                }
            });
        };
        std::thread::Builder::new()
            .name("interrupt".into())
            .spawn(listen)
            .context("cannot start the thread that hears Ctrl-C")?;
        Ok(Self(receiver))
    }

    /// Whether the program was asked to end.
    pub fn is_pressed(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// The exit code that says what asked.
    pub fn code(&self) -> u8 {
        self.0.borrow().unwrap_or(Asked::Interrupt).code()
    }

    /// Waits until the program is asked to end; returns at once if it was.
    pub async fn pressed(&mut self) {
        if self.0.wait_for(Option::is_some).await.is_err() {
            // Nobody listens any more: it never is.
            std::future::pending::<()>().await;
        }
    }
}

/// What is listened to.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// `None` where it is to be ignored, as under `nohup`.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: if hang_ups_count() { Some(signal(SignalKind::hangup())?) } else { None },
        })
    }

    async fn next(&mut self) -> Asked {
        let Self { interrupt, terminate, hang_up } = self;
        let hang_up = async {
            match hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => Asked::Interrupt,
            _ = terminate.recv() => Asked::Terminate,
            _ = hang_up => Asked::HangUp,
        }
    }
}

/// Whether a hang-up would end this program, as far as the system says: who started it under `nohup` wants it to go on.
#[cfg(unix)]
fn hang_ups_count() -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 0)
}

/// What is listened to.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Asked {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Asked::Interrupt
    }
}
