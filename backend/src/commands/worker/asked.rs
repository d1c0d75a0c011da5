//! What asks a worker to end: signals of the user, of the system and of a job system.

use crate::lab::Worker;
use anyhow::{Context, Result};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A signal, by the number that shells know it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Interrupt = 2,
    User1 = 10,
    User2 = 12,
    Terminate = 15,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::User1 => "SIGUSR1",
            Self::User2 => "SIGUSR2",
            Self::Terminate => "SIGTERM",
        }
    }
}

/// Hears signals from when it is made; a hang-up is none, because a worker outlives the terminal of who started it.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked(Arc<Heard>);

#[derive(Debug, Default)]
struct Heard {
    /// The first that came, or the one that says more.
    signal: Mutex<Option<Signal>>,
    worker: OnceLock<Worker>,
}

impl Asked {
    /// Begins to listen.
    ///
    /// # Errors
    /// The system starts no thread, or does not let signals be heard.
    pub(super) fn listen() -> Result<Self> {
        let asked = Self::default();
        #[cfg(unix)]
        asked.clone().hear()?;
        Ok(asked)
    }

    #[cfg(unix)]
    fn hear(self) -> Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut signals = runtime.block_on(async {
            let kinds = [
                SignalKind::interrupt(),
                SignalKind::user_defined1(),
                SignalKind::user_defined2(),
                SignalKind::terminate(),
            ];
            let [a, b, c, d] = kinds.map(signal);
            // Heard and not obeyed: else it would end the program.
            let hang_up = signal(SignalKind::hangup())?;
            Ok::<_, std::io::Error>((a?, b?, c?, d?, hang_up))
        })?;
        let listen = move || {
            runtime.block_on(async {
                loop {
                    let (interrupt, user1, user2, terminate, hang_up) = &mut signals;
                    let heard = tokio::select! {
                        _ = interrupt.recv() => Signal::Interrupt,
                        _ = user1.recv() => Signal::User1,
                        _ = user2.recv() => Signal::User2,
                        _ = terminate.recv() => Signal::Terminate,
                        _ = hang_up.recv() => continue,
                    };
                    self.take(heard);
                }
            });
        };
        std::thread::Builder::new().name("signals".into()).spawn(listen).context("cannot start a thread")?;
        Ok(())
    }

    /// Passes on what was and will be heard to a worker.
    pub(super) fn stop(&self, worker: Worker) {
        _ = self.0.worker.set(worker);
        if let Some(signal) = self.signal() {
            self.take(signal);
        }
    }

    fn take(&self, signal: Signal) {
        {
            let mut first = self.0.signal.lock().unwrap_or_else(PoisonError::into_inner);
            // That its time is up says why it is terminated then.
            if first.is_none() || matches!(signal, Signal::User1 | Signal::User2) {
                *first = Some(signal);
            }
        }
        if let Some(worker) = self.0.worker.get() {
            worker.stop(signal.name());
        }
    }

    fn signal(&self) -> Option<Signal> {
        *self.0.signal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a job system said that its time is nearly up.
    pub(super) fn is_time_up(&self) -> bool {
        matches!(self.signal(), Some(Signal::User1 | Signal::User2))
    }

    /// The exit code that says what asked.
    pub(super) fn code(&self) -> u8 {
        self.signal().map_or(0, |signal| 128 + signal as u8)
    }
}
