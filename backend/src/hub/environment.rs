//! What the environment says of hub and cache, as `huggingface_hub` reads it.

use super::HubError;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// Where requests go if nothing else is said.
const ENDPOINT: &str = "https://huggingface.co";
/// How long one answer may take if nothing else is said.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why this process makes no requests, if its arguments say so: as much the process's own as its variables are.
static OFFLINE: OnceLock<&str> = OnceLock::new();

/// Makes no request from now on.
pub fn forbid_requests(because: &'static str) {
    // A second reason changes nothing.
    _ = OFFLINE.set(because);
}

/// Whether requests may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requests {
    /// They may.
    Allowed,
    /// They may not, because of this variable or argument.
    Forbidden(&'static str),
}

/// What the environment says.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The cache's folder.
    pub cache: PathBuf,
    /// Where the hub is, without a slash at its end.
    pub endpoint: String,
    /// What lets this user read what is not everybody's, and where it comes from.
    pub token: Option<Token>,
    /// Whether requests may be made.
    pub requests: Requests,
    /// How long the hub may take to say what it holds.
    pub answer_timeout: Duration,
    /// How long a download may stand still.
    pub download_timeout: Duration,
    /// The first pause before a request is tried again; each further one is twice as long.
    pub pause: Duration,
}

/// A token of the hub.
#[derive(Clone)]
pub struct Token {
    /// What the hub is sent.
    pub secret: String,
    /// Where it was found, for people.
    pub source: String,
}

// A secret has no place in a log.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token from {}", self.source)
    }
}

impl Environment {
    /// What the environment of this process says.
    ///
    /// # Errors
    /// Neither a variable nor the system names a folder for the cache.
    pub fn of_process() -> Result<Self, HubError> {
        let read = Self::read(|name| std::env::var_os(name), dirs::home_dir())?;
        Ok(OFFLINE.get().copied().map_or(read.clone(), |because| read.offline(because)))
    }

    /// What these variables say. Empty ones count as not set.
    ///
    /// # Errors
    /// As [`Environment::of_process`].
    pub(super) fn read(
        variable: impl Fn(&str) -> Option<OsString>,
        user: Option<PathBuf>,
    ) -> Result<Self, HubError> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).map(|value| value.to_string_lossy().trim().to_owned());
        let folder = |name: &str| set(name).map(|value| at_home(PathBuf::from(value), user.as_deref()));
        let is_set = |name: &str| {
            text(name).is_some_and(|v| ["1", "ON", "YES", "TRUE"].contains(&v.to_ascii_uppercase().as_str()))
        };
        let seconds = |name: &str| {
            let value = text(name)?.parse().ok()?;
            Duration::try_from_secs_f64(value).ok().filter(|time| !time.is_zero())
        };
        let shared = || folder("XDG_CACHE_HOME").or_else(|| Some(user.as_ref()?.join(".cache")));
        let home = folder("HF_HOME").or_else(|| Some(shared()?.join("huggingface")));
        let cache = folder("HF_HUB_CACHE")
            .or_else(|| folder("HUGGINGFACE_HUB_CACHE"))
            .or_else(|| Some(home.as_ref()?.join("hub")))
            .ok_or(HubError::NoCache)?;
        let offline = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].into_iter().find(|name| is_set(name));
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
        let file = || folder("HF_TOKEN_PATH").or_else(|| Some(home.as_ref()?.join("token")));
        let token = match text("HF_TOKEN").or_else(|| text("HUGGING_FACE_HUB_TOKEN")) {
            _ if is_set("HF_HUB_DISABLE_IMPLICIT_TOKEN") => None,
            Some(secret) => Token::new(&secret, "HF_TOKEN".to_owned()),
            None => file().and_then(|path| {
                let secret = std::fs::read_to_string(&path).ok()?;
                Token::new(&secret, path.display().to_string())
            }),
        };
        Ok(Self {
            cache,
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token,
            requests: offline.map_or(Requests::Allowed, Requests::Forbidden),
            answer_timeout: seconds("HF_HUB_ETAG_TIMEOUT").unwrap_or(DEFAULT_TIMEOUT),
            download_timeout: seconds("HF_HUB_DOWNLOAD_TIMEOUT").unwrap_or(DEFAULT_TIMEOUT),
            pause: Duration::from_millis(500),
        })
    }

    /// The same, and no request is made.
    #[must_use]
    pub(super) fn offline(self, because: &'static str) -> Self {
        match self.requests {
            Requests::Allowed => Self { requests: Requests::Forbidden(because), ..self },
            Requests::Forbidden(_) => self,
        }
    }
}

impl Token {
    /// `None` if there is nothing in it, or what no header can hold.
    fn new(secret: &str, source: String) -> Option<Self> {
        let secret = secret.trim();
        let fits = !secret.is_empty() && secret.chars().all(|c| c.is_ascii_graphic());
        fits.then(|| Self { secret: secret.to_owned(), source })
    }
}

/// `~` at the beginning of a path is the user's folder.
fn at_home(path: PathBuf, user: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), user) {
        (Ok(rest), Some(user)) => user.join(rest),
        _ => path,
    }
}
