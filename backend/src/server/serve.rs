use super::bundle::Bundle;
use super::{ServeOptions, ServerError, files, guard, socket};
use crate::lab::{Lab, LabOptions, OlderQueue};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long sockets and transfers may take to end.
const FAREWELL: Duration = Duration::from_secs(3);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    bundle: Bundle,
    closing: watch::Sender<bool>,
}

impl Server {
    /// Listens; who asks waits until it runs.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind(options: &ServeOptions) -> Result<Self, ServerError> {
        let wanted = options.address()?;
        let listener = TcpListener::bind(wanted).await.map_err(|cause| match cause.kind() {
            ErrorKind::AddrInUse => ServerError::Taken(wanted),
            _ => ServerError::Bind { address: wanted, cause },
        })?;
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            tracing::warn!(
                "listening on {address}: everyone who reaches this machine can start runs and read files' names"
            );
        }
        let bundle = Bundle::new(options.page.as_deref());
        let (closing, _) = watch::channel(false);
        Ok(Self { listener, address, bundle, closing })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers with the lab until `stop` is ready, then says farewell to every page.
    ///
    /// # Errors
    /// The system fails the listener.
    pub async fn run(
        self,
        lab: Lab,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let router = Router::new()
            .route("/healthz", get(health))
            .with_state(lab.clone())
            .merge(socket::routes(lab, self.closing.subscribe()))
            .merge(files::routes(self.bundle));
        let router = guard::protect(router, self.address.ip());
        let closing = self.closing.clone();
        let stop = async move {
            stop.await;
            _ = closing.send(true);
        };
        let answered = axum::serve(self.listener, router).with_graceful_shutdown(stop);
        let mut closed = self.closing.subscribe();
        let late = async move {
            _ = closed.wait_for(|closed| *closed).await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! {
            result = answered.into_future() => Ok(result?),
            () = late => Ok(()),
        }
    }
}

/// Opens the lab and serves it until SIGINT or SIGTERM; a second signal ends the program at once.
///
/// `announce` is told the page's address once it is answered, and why there is no page if there is none.
///
/// # Errors
/// The address cannot be listened on; the lab does not open; `announce` fails.
pub fn serve<E: From<ServerError>>(
    options: &ServeOptions,
    announce: impl FnOnce(SocketAddr, Option<String>) -> Result<(), E>,
) -> Result<(), E> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(ServerError::from)?;
    // Before the lab, which trains from when it is open.
    let server = runtime.block_on(Server::bind(options))?;
    let lab = Lab::open(&LabOptions {
        home: options.home.clone(),
        older_queue: OlderQueue::Continue,
        device: options.device.clone(),
    })
    .map_err(ServerError::from)?;
    let served = runtime.block_on(async {
        let (asked, failed) = (signal()?, lab.failed());
        let stop = async move {
            tokio::select! {
                () = asked => {}
                // Nothing would train any more, and nothing that is shown would be kept. Pages are told first.
                _ = failed => tokio::time::sleep(FAREWELL).await,
            }
        };
        announce(server.address(), server.bundle.missing())?;
        Ok(server.run(lab.clone(), stop).await?)
    });
    let served =
        served.and_then(|()| lab.failure().map_or(Ok(()), |error| Err(ServerError::from(error).into())));
    tracing::info!("shutting down after the step that is being taken");
    lab.shut_down();
    runtime.shutdown_timeout(FAREWELL);
    served
}

/// Whether what is asked for is done, or why it waits.
async fn health(State(lab): State<Lab>) -> Response {
    let failure = lab.failure().map(|error| error.to_string());
    match failure.or_else(|| lab.trouble().map(|trouble| trouble.to_string())) {
        None => "ok".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

/// Ready when the program is asked to end; ends it at once when it is asked again.
fn signal() -> Result<impl Future<Output = ()> + Send + 'static, ServerError> {
    let mut signals = Signals::listen()?;
    let (first, asked) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        signals.next().await;
        _ = first.send(());
        signals.next().await;
        // The log is whole at every moment: a run that trained is interrupted, as after a power cut.
        std::process::exit(130);
    });
    Ok(async move { _ = asked.await })
}

/// The ways in which a program is asked to end.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())? })
    }
    #[cfg(not(unix))]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = self.terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    async fn next(&mut self) {
        _ = tokio::signal::ctrl_c().await;
    }
}
