//! Programs of the system that a test starts: OpenSSH's server, and others.

use super::PATIENCE;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tunemask_shared::fixtures::Requirement;

/// A program where systems keep it, on the path of root alone too.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder: PathBuf| folder.join(name)).find(|path| path.is_file())
}

/// A port that was free a moment ago.
pub fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A program that a test has started.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

impl Running {
    /// Starts it, and waits until somebody listens at an address.
    pub fn start(command: &mut Command, at: SocketAddr) -> Self {
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        let begin = Instant::now();
        while TcpStream::connect(at).is_err() {
            assert!(child.try_wait().unwrap().is_none() && begin.elapsed() < PATIENCE, "{command:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self(child)
    }
}

/// OpenSSH's server on a port of its own, which lets this very user in by a key of its own.
pub struct SshServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// The user.
    pub user: String,
    folder: TempDir,
    _process: Running,
}

impl SshServer {
    /// Starts it; says that the test is skipped where it or its client is not installed.
    pub fn start() -> Option<Self> {
        let programs = (program("sshd"), program("ssh"), program("ssh-keygen"));
        let (Some(server), Some(_), Some(keys)) = programs else {
            Requirement::Ssh.skip("OpenSSH's server or client is not installed");
            return None;
        };
        // As the service does that starts it for root; for others it needs no such folder.
        _ = fs::create_dir("/run/sshd");
        let folder = tempfile::tempdir().unwrap();
        let (host_key, key) = (folder.path().join("host"), folder.path().join("key"));
        for file in [&host_key, &key] {
            let made = Command::new(&keys).args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(file).status();
            assert!(made.unwrap().success());
        }
        let address = SocketAddr::from(([127, 0, 0, 1], port()));
        let config = folder.path().join("sshd_config");
        let text = format!(
            "ListenAddress {address}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\nStrictModes no\n\
             PermitRootLogin yes\nPasswordAuthentication no\n",
            host_key.display(),
            key.with_extension("pub").display()
        );
        fs::write(&config, text).unwrap();
        let process = Running::start(Command::new(&server).args(["-D", "-e", "-f"]).arg(&config), address);
        let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        Some(Self { address, user: user.trim().to_owned(), folder, _process: process })
    }

    /// What a client needs to come in, besides the machine's name.
    pub fn options(&self) -> Vec<String> {
        let key = self.key().display().to_string();
        let words =
            ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o"];
        let mut options = words.map(str::to_owned).to_vec();
        let port = self.address.port().to_string();
        options.extend(["LogLevel=ERROR", "-p", &port, "-i", &key, "-l", &self.user].map(str::to_owned));
        options
    }

    fn key(&self) -> PathBuf {
        Path::new(self.folder.path()).join("key")
    }
}
