//! Ctrl-C, for commands that end what they do in good order.

use anyhow::{Context, Result};
use tokio::sync::watch;

/// Exit code of a program that Ctrl-C ended, as shells expect it.
pub const INTERRUPTED: u8 = 130;

/// Hears Ctrl-C from when it is made; the second one ends the program at once.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Begins to listen.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn listen() -> Result<Self> {
        let (sender, receiver) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listen = move || {
            runtime.block_on(async {
                while tokio::signal::ctrl_c().await.is_ok() {
                    if sender.send_replace(true) {
                        std::process::exit(i32::from(INTERRUPTED));
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

    /// Whether it was pressed.
    pub fn is_pressed(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is pressed; returns at once if it was.
    pub async fn pressed(&mut self) {
        if self.0.wait_for(|pressed| *pressed).await.is_err() {
            // Nobody listens any more: it never is.
            std::future::pending::<()>().await;
        }
    }
}
