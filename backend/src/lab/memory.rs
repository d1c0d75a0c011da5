//! Memory for what a gang trains.

use std::fs;
use std::path::Path;
use tunemask_engine::Device;

/// Memory that gangs may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    host: u64,
    gpu: Option<u64>,
}

impl Memory {
    /// What the machine can give now: as Linux says it, but no more than the program's control group and Slurm leave it, and
    /// what a GPU has left, where one trains.
    pub(super) fn of(device: &Device) -> Self {
        let system = fs::read_to_string("/proc/meminfo").ok().and_then(|text| available_bytes(&text));
        // Elsewhere: enough for any gang of vectors.
        let host = system.unwrap_or(1 << 33);
        let limits =
            [group_bytes(Path::new("/sys/fs/cgroup"), Path::new("/proc/self/cgroup")), slurm_bytes()];
        let host = limits.into_iter().flatten().fold(host, u64::min);
        Self { host, gpu: device.free_bytes() }
    }

    /// A part of it for each of so many workers. Each has a GPU of its own, where GPUs train.
    pub(super) fn shared_among(self, workers: usize) -> Self {
        Self { host: self.host / workers.max(1) as u64, ..self }
    }

    /// Bytes that the trained scalars of a gang may take: half of it.
    pub(super) fn for_scalars(self) -> u64 {
        self.gpu.map_or(self.host, |gpu| self.host.min(gpu)) / 2
    }
}

/// What Linux says it can give without swapping.
fn available_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// What is left of the limit of the control group in which this program is, and of those above it; `None` without one.
fn group_bytes(root: &Path, own: &Path) -> Option<u64> {
    let groups = fs::read_to_string(own).ok()?;
    let left = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let names = match controllers {
            "" => &VERSION_2,
            "memory" => &VERSION_1,
            _ => return None,
        };
        // Version 1 has a tree for each controller, which may stand beside the one of version 2.
        let tree = if controllers.is_empty() { root.to_owned() } else { root.join("memory") };
        let path = Path::new(path.trim_start_matches('/'));
        path.ancestors().filter_map(|above| names.left_in(&tree.join(above))).min()
    });
    left.min()
}

/// How a version of control groups names what it says of memory.
struct Names {
    limit: &'static str,
    used: &'static str,
    /// Files that were read and can be forgotten: they are in nobody's way.
    forgettable: &'static str,
}

const VERSION_1: Names = Names {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    forgettable: "total_inactive_file",
};
const VERSION_2: Names = Names { limit: "memory.max", used: "memory.current", forgettable: "inactive_file" };

impl Names {
    fn left_in(&self, group: &Path) -> Option<u64> {
        let number = |name: &str| fs::read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
        // `max` is none, and so is what version 1 says where there is none.
        let limit = number(self.limit).filter(|limit| *limit < 1 << 60)?;
        let stat = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        let mut lines = stat.lines().filter_map(|line| line.split_once(' '));
        let files = lines
            .find(|(name, _)| *name == self.forgettable)
            .and_then(|(_, bytes)| bytes.trim().parse().ok());
        Some(limit.saturating_sub(number(self.used).unwrap_or(0).saturating_sub(files.unwrap_or(0))))
    }
}

/// What Slurm gave the job on this node, where it says so.
fn slurm_bytes() -> Option<u64> {
    let megabytes: u64 = std::env::var("SLURM_MEM_PER_NODE").ok()?.parse().ok()?;
    (megabytes > 0).then_some(megabytes << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_can_give_is_read_and_half_of_it_taken() {
        let meminfo = "MemTotal:       24625996 kB\nMemFree:         1000 kB\nMemAvailable:   23012345 kB\n";
        assert_eq!(available_bytes(meminfo), Some(23_012_345 * 1024));
        assert_eq!(available_bytes("MemTotal: 5 kB\n"), None);
        assert_eq!(available_bytes("MemAvailable: many kB\n"), None);
        // The processor's own answer lies within the machine's memory.
        if let Ok(text) = fs::read_to_string("/proc/meminfo") {
            let total = text.lines().find_map(|l| l.strip_prefix("MemTotal:")).unwrap();
            let total: u64 = total.trim().strip_suffix("kB").unwrap().trim().parse().unwrap();
            let memory = Memory::of(&Device::cpu());
            assert!(memory.for_scalars() <= total * 1024 / 2);
            assert!(memory.shared_among(2).for_scalars() <= memory.for_scalars() / 2 + 1);
        }
    }

    #[test]
    fn a_control_groups_limit_counts_and_so_do_those_above_it() {
        let root = tempfile::tempdir().unwrap();
        let own = root.path().join("own");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let left = || group_bytes(root.path(), &own);
        assert_eq!(left(), None);
        fs::write(&own, "0::/slurm/job/task\n").unwrap();
        assert_eq!(left(), None);
        write("slurm/job/task/memory.max", "max\n");
        write("slurm/job/memory.max", "1000\n");
        write("slurm/job/memory.current", "300\n");
        assert_eq!(left(), Some(700));
        write("slurm/job/memory.stat", "anon 100\ninactive_file 200\n");
        assert_eq!(left(), Some(900));
        write("slurm/memory.max", "500\n");
        assert_eq!(left(), Some(500));
        // Version 1, with its number for none.
        fs::write(&own, "5:memory:/job\n4:cpu:/job\n").unwrap();
        write("memory/job/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(left(), None);
        write("memory/memory.limit_in_bytes", "800\n");
        assert_eq!(left(), Some(800));
    }
}
