//! Who has a home folder, as the lock's file says: for people, and where file systems do not lock between machines.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// More than any of these files has.
const MAX_BYTES: u64 = 4096;

/// Who has a home folder, or had it last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder(Option<Program>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Program {
    host: String,
    pid: u32,
}

impl Holder {
    /// What a lock's file says; nothing where it does not.
    pub(super) fn read(path: &Path) -> Self {
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
        let mut words = text.split_whitespace();
        let program = words.next().zip(words.next().and_then(|pid| pid.parse().ok()));
        Self(program.filter(|_| read.is_ok()).map(|(host, pid)| Program { host: host.to_owned(), pid }))
    }

    /// Writes this program into it: through the file that is locked.
    pub(super) fn write(mut file: &File) -> io::Result<()> {
        file.set_len(0)?;
        writeln!(file, "{} {}", host(), std::process::id())
    }

    /// Whether it is a program of another machine.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.0.as_ref().is_some_and(|program| program.host != host())
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(Program { host, pid }) => write!(f, " (process {pid} on {host})"),
            None => Ok(()),
        }
    }
}

/// The name of this machine in one word.
fn host() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    if name.is_empty() || name.contains(char::is_whitespace) { "this-machine".into() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_lock_says_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        assert_eq!(Holder::read(&path), Holder(None));
        fs::write(&path, "").unwrap();
        assert_eq!(Holder::read(&path).to_string(), "");
        Holder::write(&File::options().write(true).open(&path).unwrap()).unwrap();
        let own = Holder::read(&path);
        assert!(
            !own.is_elsewhere() && own.to_string().contains(&format!("process {} on ", std::process::id()))
        );
        fs::write(&path, "login7 12\n").unwrap();
        assert!(Holder::read(&path).is_elsewhere());
        assert_eq!(Holder::read(&path).to_string(), " (process 12 on login7)");
    }
}
