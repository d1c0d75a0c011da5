use super::ServerError;
use crate::engine::Device;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Where the page's files are looked for, below the current folder and those above the program.
const STATIC: &str = "static/pkg";

/// How a server is started.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// An address of this machine, or `localhost`.
    pub host: String,
    /// Its port; 0 lets the system choose one.
    pub port: u16,
    /// The home folder, see [`crate::store::default_home`].
    pub home: PathBuf,
    /// The folder of the built page; else `$TUNEMASK_STATIC`, else `static/pkg` below the current folder or a
    /// folder above the program.
    pub static_dir: Option<PathBuf>,
    /// What trains.
    pub device: Device,
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

    /// The folder of the built page, whether or not it is there.
    pub fn static_folder(&self) -> PathBuf {
        let named =
            self.static_dir.clone().or_else(|| std::env::var_os("TUNEMASK_STATIC").map(PathBuf::from));
        named.unwrap_or_else(|| {
            let program = std::env::current_exe().ok();
            // `target/release/tunemask` lies two folders below the repository, an unpacked archive's beside.
            let above =
                program.iter().flat_map(|path| path.ancestors().skip(1).take(4)).map(Path::to_path_buf);
            std::iter::once(PathBuf::new())
                .chain(above)
                .map(|folder| folder.join(STATIC))
                .find(|folder| folder.join("index.html").is_file())
                .unwrap_or_else(|| PathBuf::from(STATIC))
        })
    }
}
