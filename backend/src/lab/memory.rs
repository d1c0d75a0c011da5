//! Memory for what a gang trains.

use tunemask_engine::Device;

/// Bytes that the trained scalars of a gang may take: half of what the machine can give now, as Linux says it, and half
/// of what a GPU has left, where one trains.
pub(super) fn memory_for_scalars(device: &Device) -> u64 {
    let host = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| available_bytes(&text));
    // Elsewhere: enough for any gang of vectors.
    let host = host.map_or(1 << 32, |bytes| bytes / 2);
    device.free_bytes().map_or(host, |free| host.min(free / 2))
}

/// What Linux says it can give without swapping.
fn available_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
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
        if let Ok(text) = std::fs::read_to_string("/proc/meminfo") {
            let total = text.lines().find_map(|l| l.strip_prefix("MemTotal:")).unwrap();
            let total: u64 = total.trim().strip_suffix("kB").unwrap().trim().parse().unwrap();
            assert!(memory_for_scalars(&Device::cpu()) <= total * 1024 / 2);
        }
    }
}
