//! `machines.toml`: machines that are reached over ssh.

use super::devices::{Devices, DevicesError, Processors, WorkerDevice};
use super::settings_file::{self, SettingsFileError};
use super::slurm::quoted;
use serde::Deserialize;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use tunemask_shared::places::{HERE, SLURM};

/// Machines that are reached over ssh.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machines {
    /// Each of them.
    #[serde(default)]
    pub machine: Vec<Machine>,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// What ssh calls it.
    pub host: String,
    /// Its devices, one worker each: `cuda:0,cuda:1` or `cpu*2`; without, its processor.
    devices: Option<String>,
    /// The program on it; without, `tunemask` as its shell finds it.
    program: Option<PathBuf>,
    /// Threads of each worker; without, what the worker finds.
    pub threads: Option<usize>,
    /// Further options of ssh.
    #[serde(default)]
    options: Vec<String>,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MachinesError {
    /// It cannot be read, or is not such a file.
    #[error(transparent)]
    File(#[from] SettingsFileError),
    /// The devices of a machine.
    #[error("{host}: {cause}")]
    Devices {
        /// The machine.
        host: String,
        /// What is wrong.
        cause: DevicesError,
    },
    /// Every GPU of a machine that is not this one.
    #[error("{0}: `all` is not known from here; name its GPUs, such as cuda:0,cuda:1")]
    All(String),
}

impl Machines {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, has a field that is not known, or names no machine.
    pub fn read(path: &Path) -> Result<Self, MachinesError> {
        let machines: Self = settings_file::read(path)?;
        let wrong = |why: String| Err(SettingsFileError::wrong(path, why).into());
        if machines.machine.is_empty() {
            return wrong("it names no [[machine]]".into());
        }
        if let Some(machine) =
            machines.machine.iter().find(|machine| machine.host.is_empty() || machine.host.starts_with('-'))
        {
            return wrong(format!("`{}` is not a host", machine.host));
        }
        match machines.machine.iter().find(|machine| [HERE, SLURM].contains(&&*machine.host)) {
            Some(Machine { host, .. }) => wrong(format!(
                "a machine cannot be called `{host}`, which is what experiments call another place; give it another name in \
                 ~/.ssh/config"
            )),
            None => Ok(machines),
        }
    }
}

impl Machine {
    /// What starts a program on it. It ends when the connection does, because its standard input ends then.
    pub fn program(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> =
            ["ssh", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15"].map(OsString::from).to_vec();
        words.extend(self.options.iter().map(OsString::from));
        words.push("--".into());
        words.push(self.host.clone().into());
        // The other side's shell reads what follows.
        let program = self.program.as_deref().map_or(OsStr::new("tunemask"), Path::as_os_str);
        words.push(quoted(program).into());
        words
    }

    /// The device of each worker.
    ///
    /// # Errors
    /// They cannot be read, or are all.
    pub fn devices(&self) -> Result<Vec<WorkerDevice>, MachinesError> {
        let failed = |cause| MachinesError::Devices { host: self.host.clone(), cause };
        let devices = match &self.devices {
            Some(text) => text.parse().map_err(failed)?,
            None => Devices::Processor(Processors(1)),
        };
        if devices == Devices::All {
            return Err(MachinesError::All(self.host.clone()));
        }
        devices.of_workers().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::settings_file::tests::{of_text, refuses};

    fn read(text: &str) -> Result<Machines, String> {
        of_text(Machines::read, text)
    }

    #[test]
    fn machines_are_read_and_their_programs_quoted() {
        let text = "[[machine]]\nhost = \"desk\"\ndevices = \"cuda:0,cuda:1\"\nprogram = \"/opt/my tools/tunemask\"\noptions = \
                    [\"-p\", \"2222\"]\n[[machine]]\nhost = \"me@attic\"\n";
        let machines = read(text).unwrap().machine;
        assert_eq!(machines[0].devices().unwrap(), [WorkerDevice::Gpu(0), WorkerDevice::Gpu(1)]);
        let words = machines[0].program();
        assert_eq!(words.last().unwrap(), "'/opt/my tools/tunemask'");
        assert!(words.windows(2).any(|pair| pair[0] == "-p" && pair[1] == "2222"));
        assert_eq!(machines[1].devices().unwrap(), [WorkerDevice::Processor]);
        assert_eq!(machines[1].program().last().unwrap(), "tunemask");
    }

    #[test]
    fn what_is_no_machine_is_refused() {
        let texts = [
            ("", "no [[machine]]"),
            ("[[machine]]\n", "host"),
            ("[[machine]]\nhost = \"-oProxyCommand=x\"\n", "not a host"),
            ("[[machine]]\nhost = \"here\"\n", "cannot be called `here`"),
            ("[[machine]]\nhost = \"a\"\n[[machine]]\nhost = \"slurm\"\n", "cannot be called `slurm`"),
            ("[[machine]]\nhost = \"a\"\ncolour = 1\n", "colour"),
        ];
        refuses(Machines::read, &texts);
        let all = read("[[machine]]\nhost = \"a\"\ndevices = \"all\"\n").unwrap();
        assert!(all.machine[0].devices().unwrap_err().to_string().contains("cuda:0,cuda:1"));
    }
}
