//! Whether a folder is on a file system that several machines see, where memory is not shared between them.

use std::path::Path;

/// Whether several machines may see the folder, as far as the system says.
#[cfg(target_os = "linux")]
pub(super) fn is_shared(folder: &Path) -> bool {
    // As much of it as there is.
    let about = folder.ancestors().find_map(|folder| rustix::fs::statfs(folder).ok());
    about.is_some_and(|about| is_shared_type(about.f_type as u32))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_shared(_folder: &Path) -> bool {
    false
}

/// By the numbers of `statfs(2)`: NFS, Lustre, GPFS, BeeGFS, Ceph, AFS, SMB, CIFS, FUSE (sshfs and its like) and 9P.
#[cfg(target_os = "linux")]
fn is_shared_type(number: u32) -> bool {
    const SHARED: [u32; 11] = [
        0x6969,
        0x0bd0_0bd0,
        0x4750_4653,
        0x1983_0326,
        0x00c3_6400,
        0x5346_414f,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x6573_5546,
        0x0102_1997,
    ];
    SHARED.contains(&number)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        // NFS and Lustre; ext4, tmpfs, overlayfs and btrfs.
        assert!([0x6969, 0x0bd0_0bd0].into_iter().all(is_shared_type));
        assert!(![0xef53, 0x0102_1994, 0x794c_7630, 0x9123_683e].into_iter().any(is_shared_type));
        assert!(!is_shared(Path::new("/proc/self/not/there")));
    }
}
