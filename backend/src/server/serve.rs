//! From options to a server that answers, and to its end.

use super::access::{self, Access, Door, Sites, Token};
use super::bundle::Bundle;
use super::connections::{self, Limits, raise_descriptors};
use super::request_worker::RequestWorker;
use super::shutdown::ShutdownSender;
use super::{ServeOptions, ServerError, api, files, guard, socket, uploads};
use crate::lab::{Lab, LabOptions, OlderQueue};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// How long sockets, what they were asked for, and transfers may take to end.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(3);

/// How long pages are told why nothing trains any more, before the server ends by itself.
const FAILURE_NOTICE: Duration = Duration::from_secs(3);

/// Signals within this time of the first one count as the same.
const SIGNAL_DEBOUNCE: Duration = Duration::from_secs(1);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    bundle: Bundle,
    access: Access,
    machine: Option<String>,
    limits: Limits,
    shutdown: ShutdownSender,
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
        if !address.ip().to_canonical().is_loopback() {
            tracing::warn!(
                "listening on {address}: what goes between there and a browser, the token too, is not encrypted; see \
                 docs/serving.md for tunnels and proxies that encrypt it"
            );
        }
        let bundle = Bundle::new(options.page.as_deref());
        let shutdown = ShutdownSender::new();
        let (access, limits, machine) = (options.access.clone(), options.limits, machine_name());
        Ok(Self { listener, address, bundle, access, machine, limits, shutdown })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a browser opens, with the token: the address itself, where it is not every address of the machine, and each
    /// origin of a proxy.
    ///
    /// # Errors
    /// The home folder's token cannot be read or made.
    pub fn urls(&self, home: &Path) -> Result<Vec<String>, ServerError> {
        let (port, token) = (self.address.port(), self.token(home)?);
        let here = match self.address.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) | IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
                format!("http://{}:{port}", self.machine.as_deref().unwrap_or("localhost"))
            }
            ip => format!("http://{}", SocketAddr::new(ip, port)),
        };
        let Access { origins, path_prefix, .. } = &self.access;
        let proxies = origins.iter().map(|origin| format!("{origin}{}", path_prefix.path()));
        Ok(std::iter::once(here).chain(proxies).map(|url| format!("{url}/?token={}", token.text())).collect())
    }

    fn token(&self, home: &Path) -> Result<Token, ServerError> {
        self.access.token.clone().map_or_else(|| Token::of_home(home), Ok)
    }

    /// Answers with the lab until `stop` is ready, then gives every page its last answers and says farewell.
    ///
    /// That may take a few seconds; it does not wait longer.
    ///
    /// # Errors
    /// The home folder's token cannot be read or made.
    pub async fn run(
        self,
        lab: Lab,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let token = self.token(lab.home())?;
        let proxy = self.access.proxy();
        let sites = Sites::new(self.address.ip(), self.machine.as_deref(), self.access.origins);
        let door = Door { proxy, sites, token, port: self.address.port() };
        let sockets = TaskTracker::new();
        let worker = RequestWorker::new(lab.clone());
        let uploads = uploads::routes(lab.home().to_owned(), self.limits);
        let router = Router::new()
            .route("/healthz", get(health))
            .with_state(lab)
            .merge(api::routes(worker.clone(), self.limits))
            .merge(socket::routes(worker, self.limits, self.shutdown.subscribe(), sockets.clone()))
            .merge(uploads)
            .merge(files::routes(self.bundle));
        let router = guard::protect(router, door);
        // Around a router of its own: the one within looks at the address that is left.
        let router = Router::new()
            .fallback_service(router)
            .layer(from_fn_with_state(self.access.path_prefix, access::strip));
        let (sender, shutdown) = (self.shutdown.clone(), self.shutdown.subscribe());
        let stop = async move {
            stop.await;
            sender.request();
        };
        let ended = async {
            connections::serve(self.listener, router, self.limits, shutdown).await;
            // A socket is made while its request is being answered: none is made any more.
            sockets.close();
            sockets.wait().await;
        };
        tokio::spawn(stop);
        let mut shutdown = self.shutdown.subscribe();
        let late = async move {
            shutdown.requested().await;
            tokio::time::sleep(SHUTDOWN_GRACE).await;
        };
        tokio::select! {
            () = ended => {}
            () = late => tracing::warn!("{} sockets or their requests did not end in time", sockets.len()),
        }
        Ok(())
    }
}

/// Opens the lab and serves it until SIGINT or SIGTERM; a second signal ends the program at once.
///
/// `announce` is told the page's addresses once they are answered, and why there is no page if there is none.
///
/// # Errors
/// The address cannot be listened on; the lab does not open; `announce` fails.
pub fn serve<E: From<ServerError>>(
    options: &ServeOptions,
    announce: impl FnOnce(&[String], Option<String>) -> Result<(), E>,
) -> Result<(), E> {
    let options = &ServeOptions { limits: options.limits.within(raise_descriptors()), ..options.clone() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(ServerError::from)?;
    // Before the lab, which trains from when it is open.
    let server = runtime.block_on(Server::bind(options))?;
    let opened = LabOptions {
        home: options.home.clone(),
        older_queue: OlderQueue::Continue,
        device: options.device.clone(),
    };
    let lab = Lab::open_with(&opened, &options.workers).map_err(ServerError::from)?;
    let served = runtime.block_on(async {
        let (asked, failed) = (signal()?, lab.failed());
        let stop = async move {
            tokio::select! {
                () = asked => {}
                // Nothing would train any more, and nothing that is shown would be kept. Pages are told first.
                _ = failed => tokio::time::sleep(FAILURE_NOTICE).await,
            }
        };
        announce(&server.urls(lab.home())?, server.bundle.missing())?;
        Ok(server.run(lab.clone(), stop).await?)
    });
    let served =
        served.and_then(|()| lab.failure().map_or(Ok(()), |error| Err(ServerError::from(error).into())));
    tracing::info!("shutting down after the step that is being taken");
    lab.shut_down();
    runtime.shutdown_timeout(SHUTDOWN_GRACE);
    served
}

/// Whether what is asked for is done, or why it waits. No file is named: this is shown to whoever asks.
async fn health(State(lab): State<Lab>) -> Response {
    let failure = lab.failure().map(|_| "the log cannot be written any more");
    match failure.or_else(|| lab.trouble().map(|trouble| trouble.in_short())) {
        None => "ok".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

/// The name of this machine, if it has one.
fn machine_name() -> Option<String> {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_str().ok().map(str::to_owned);
    #[cfg(not(unix))]
    std::env::var("COMPUTERNAME").ok()
}

/// Ready when the program is asked to end; ends it at once when it is asked again.
fn signal() -> Result<impl Future<Output = ()> + Send + 'static, ServerError> {
    let mut signals = Signals::listen()?;
    let (first, asked) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        signals.next().await;
        _ = first.send(());
        let since = Instant::now();
        // What comes at once is the same wish: `timeout` tells a program, and then its whole group.
        while since.elapsed() < SIGNAL_DEBOUNCE {
            signals.next().await;
        }
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
