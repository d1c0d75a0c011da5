//! That the server is to end: said once, heard by every connection.

use tokio::sync::watch;

/// Says that the server is to end.
#[derive(Clone, Debug)]
pub(super) struct ShutdownSender(watch::Sender<bool>);

/// Hears that the server is to end.
#[derive(Clone, Debug)]
pub(super) struct Shutdown(watch::Receiver<bool>);

impl ShutdownSender {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Tells all that listen, and all that will.
    pub(super) fn request(&self) {
        self.0.send_replace(true);
    }

    pub(super) fn subscribe(&self) -> Shutdown {
        Shutdown(self.0.subscribe())
    }
}

impl Shutdown {
    /// Ready when the server is to end, or is gone.
    pub(super) async fn requested(&mut self) {
        // An error means that it is gone already.
        _ = self.0.wait_for(|requested| *requested).await;
    }
}
