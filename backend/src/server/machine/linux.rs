//! What Linux says of its processor and its memory. Elsewhere the files are not there, and nothing is known.

use std::fs::read_to_string;
use std::path::Path;
use tunemask_shared::machine::{Processor, Room};

/// Time of the processor since the machine was started, summed over its cores, in the system's ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ticks {
    all: u64,
    idle: u64,
    own: u64,
    /// The cores of which these are the sums: a container may use fewer of them.
    cores: u32,
}

impl Ticks {
    /// Now; `None` where the system does not say.
    pub(super) fn read() -> Option<Self> {
        let stat = read_to_string("/proc/stat").ok()?;
        let (all, idle) = machine_ticks(&stat)?;
        let own = own_ticks(&read_to_string("/proc/self/stat").ok()?)?;
        Some(Self { all, idle, own, cores: cores(&stat) })
    }

    /// What has passed since.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            all: self.all.saturating_sub(before.all),
            idle: self.idle.saturating_sub(before.idle),
            own: self.own.saturating_sub(before.own),
            cores: self.cores,
        }
    }

    /// The load in this time.
    pub(super) fn load(self) -> Processor {
        let all = self.all.max(1) as f64;
        let share = |ticks: u64| (ticks as f64 / all).clamp(0.0, 1.0);
        Processor { cores: self.cores, busy: share(self.all.saturating_sub(self.idle)), own: share(self.own) }
    }
}

/// All ticks, and the idle ones: the first line of `/proc/stat` has user, nice, system, idle, waiting for disks, … and at the end
/// the time of guests, which is in the first two already.
fn machine_ticks(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = line.split_whitespace().take(8).map_while(|word| word.parse().ok()).collect();
    let idle = ticks.get(3)? + ticks.get(4).copied().unwrap_or(0);
    Some((ticks.iter().sum(), idle))
}

/// The cores that `/proc/stat` has a line for.
fn cores(stat: &str) -> u32 {
    let is_core = |line: &&str| {
        line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
    };
    stat.lines().filter(is_core).count() as u32
}

/// The ticks of a process, its own and the system's for it: fields 14 and 15 of `/proc/self/stat`. The second is a name in
/// brackets that may hold anything.
fn own_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

/// The memory that the program may use, and what it uses itself.
pub(super) fn memory() -> (Option<Room>, Option<u64>) {
    let machine = read_to_string("/proc/meminfo").ok().and_then(|text| machine_memory(&text));
    let group = read_to_string("/proc/self/cgroup").ok();
    let limited = group.and_then(|text| group_memory(Path::new("/sys/fs/cgroup"), own_group(&text)?));
    let room = match (machine, limited) {
        (Some(machine), Some(limited)) if limited.total >= machine.total => Some(machine),
        (machine, limited) => limited.or(machine),
    };
    let own = read_to_string("/proc/self/status").ok().and_then(|text| kilobytes(&text, "VmRSS:"));
    (room, own)
}

fn machine_memory(meminfo: &str) -> Option<Room> {
    let total = kilobytes(meminfo, "MemTotal:")?;
    Some(Room { used: total.saturating_sub(kilobytes(meminfo, "MemAvailable:")?), total })
}

/// A line such as `MemTotal:  24625996 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// The group of the program in the second version of control groups.
fn own_group(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("0::/"))
}

/// The memory of a control group that is limited, or of the nearest above it that is.
fn group_memory(root: &Path, group: &str) -> Option<Room> {
    let folder = root.join(group);
    folder.ancestors().take_while(|folder| folder.starts_with(root)).find_map(|folder| {
        let number = |name: &str| read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
        // The word `max` is no limit.
        let (total, current) = (number("memory.max")?, number("memory.current")?);
        // Files that were read and can be forgotten are not in anyone's way.
        let stat = read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let files = stat.lines().find_map(|line| line.strip_prefix("inactive_file ")?.trim().parse().ok());
        Some(Room { used: current.saturating_sub(files.unwrap_or(0)), total })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_processors_time_is_read_and_made_shares() {
        let stat = "cpu  100 0 50 800 50 0 0 0 7 0\ncpu0 1 2 3 4\ncpu10 1 2 3 4\nintr 5 cpu1\n";
        assert_eq!((machine_ticks(stat), cores(stat)), (Some((1000, 850)), 2));
        assert_eq!(machine_ticks("cpu x"), None);
        let own = "42 (a name) with (brackets)) R 1 1 1 0 -1 4194304 1 0 0 0 30 12 0 0 20 0 1 0 100";
        assert_eq!(own_ticks(own), Some(42));
        let before = Ticks { all: 1000, idle: 850, own: 42, cores: 4 };
        let load = Ticks { all: 1400, idle: 950, own: 242, cores: 4 }.since(before).load();
        assert_eq!(load, Processor { cores: 4, busy: 0.75, own: 0.5 });
        // A clock that stands still, or runs back.
        let still = before.since(Ticks { all: 2000, idle: 900, own: 99, cores: 4 }).load();
        assert_eq!((still.busy, still.own), (0.0, 0.0));
    }

    #[test]
    fn memory_is_the_machines_or_what_a_group_may_use() {
        let meminfo = "MemTotal:       1000 kB\nMemFree:   1 kB\nMemAvailable:   400 kB\n";
        assert_eq!(machine_memory(meminfo), Some(Room { used: 600 << 10, total: 1000 << 10 }));
        assert_eq!(machine_memory("MemTotal: 5 kB\n"), None);
        let root = tempfile::tempdir().unwrap();
        let group = root.path().join("user/app");
        fs::create_dir_all(&group).unwrap();
        assert_eq!(group_memory(root.path(), "user/app"), None);
        for (folder, max) in [(group.as_path(), "max\n"), (&root.path().join("user"), "5000\n")] {
            fs::write(folder.join("memory.max"), max).unwrap();
            fs::write(folder.join("memory.current"), "3000\n").unwrap();
            fs::write(folder.join("memory.stat"), "anon 1\ninactive_file 500\n").unwrap();
        }
        assert_eq!(group_memory(root.path(), "user/app"), Some(Room { used: 2500, total: 5000 }));
        assert_eq!(own_group("1:name=x:/y\n0::/user/app\n"), Some("user/app"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_says_what_it_does() {
        let before = Ticks::read().unwrap();
        let (room, own) = memory();
        let (room, own) = (room.unwrap(), own.unwrap());
        assert!(own > 1 << 20 && own < room.total && room.used <= room.total, "{room:?} {own}");
        assert!(Ticks::read().unwrap().all >= before.all);
    }
}
