//! How a server is started.

use super::{Access, Limits, ServerError};
use crate::lab::Workers;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use tunemask_engine::Device;

/// How a server is started.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// An address of this machine, or `localhost`.
    pub host: String,
    /// Its port; 0 lets the system choose one.
    pub port: u16,
    /// The home folder, see [`crate::store::default_home`].
    pub home: PathBuf,
    /// The folder of a built page; else the one within the program.
    pub page: Option<PathBuf>,
    /// What trains.
    pub device: Device,
    /// Who trains with it.
    pub workers: Workers,
    /// Who is let in, beside this user on this machine.
    pub access: Access,
    /// How many may be connected, and how long anyone may keep the server waiting.
    pub limits: Limits,
}

impl ServeOptions {
    /// The address to listen on.
    ///
    /// # Errors
    /// The host is neither an address nor `localhost`.
    pub fn address(&self) -> Result<SocketAddr, ServerError> {
        let host = self.host.trim();
        let plain = host.trim_start_matches('[').trim_end_matches(']');
        let ip = if plain == "localhost" { Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { plain.parse() };
        let ip = ip.map_err(|_| ServerError::Host(host.to_owned()))?;
        Ok(SocketAddr::new(ip, self.port))
    }
}
