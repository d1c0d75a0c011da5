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
