//! Which machine this is, and how much of it is ours.

use std::num::NonZero;
use tunemask_engine::Device;
use tunemask_shared::event::Node;

/// Where a device of this machine trains, and whose bits it computes; `worker` is what tells it from others of the machine.
pub(crate) fn node(device: &Device, worker: Option<String>) -> Node {
    Node { name: host(), arithmetic: device.arithmetic(), worker }
}

/// The name of this machine: what Slurm calls it, else its own.
pub(crate) fn host() -> String {
    if let Ok(name) = std::env::var("SLURMD_NODENAME") {
        return name;
    }
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "here".into())
}

/// Whether a process of this machine is there and is a worker: its number may be another's by now.
#[cfg(unix)]
pub(crate) fn is_worker_alive(pid: u32) -> bool {
    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let is_there = pid.is_some_and(|pid| !matches!(test_kill_process(pid), Err(Errno::SRCH)));
    is_there && !pid.is_some_and(is_something_else)
}

#[cfg(not(unix))]
pub(crate) fn is_worker_alive(_pid: u32) -> bool {
    false
}

/// Whether the system says that a process is no worker, and no ssh that reaches one. Of one that has ended and was not waited for
/// it says no words.
#[cfg(unix)]
fn is_something_else(pid: rustix::process::Pid) -> bool {
    let words = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
    words.is_ok_and(|words| !words.split(|byte| *byte == 0).any(|word| word == b"worker"))
}

/// Processor cores that this program may use: those that the system lets it, and no more than Slurm gave its task.
pub(crate) fn cores() -> usize {
    let own = std::thread::available_parallelism().map_or(1, NonZero::get);
    slurm_cores().map_or(own, |given| own.min(given.max(1)))
}

/// What Slurm gave this task, where it says so.
pub(crate) fn slurm_cores() -> Option<usize> {
    let names = ["SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"];
    names.iter().find_map(|name| std::env::var(name).ok()?.parse().ok())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_worker_is_told_from_one_that_has_its_number() {
        // It waits until its standard input ends.
        let waits = |name: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", "read x", name]).stdin(Stdio::piped()).spawn().unwrap()
        };
        let [mut worker, mut other] = [waits("worker"), waits("anything")];
        assert!(is_worker_alive(worker.id()));
        assert!(!is_worker_alive(other.id()) || !std::path::Path::new("/proc/self/cmdline").exists());
        for child in [&mut worker, &mut other] {
            drop(child.stdin.take());
            child.wait().unwrap();
        }
        assert!(!is_worker_alive(worker.id()));
        assert!(!is_worker_alive(0) && !is_worker_alive(u32::MAX));
    }
}
