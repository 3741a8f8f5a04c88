//! Filesystems that find a file by other names than its own.

use std::io;
use std::os::fd::AsFd;

/// Whether the filesystem of something open does so. See [`is_alias`](crate::guard::is_alias).
#[cfg(target_os = "linux")]
pub(crate) fn finds_by_alias(opened: impl AsFd) -> io::Result<bool> {
    let magic = rustix::fs::fstatfs(opened)?.f_type;
    // The field is signed or not, and wider or not, by architecture; the numbers are 32 bits.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "see above"
    )]
    let magic = magic as u32;
    Ok(does(magic))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn finds_by_alias(_opened: impl AsFd) -> io::Result<bool> {
    Ok(false)
}

/// By the number from linux/magic.h, or from the filesystem's own source where it has none.
#[cfg(target_os = "linux")]
fn does(magic: u32) -> bool {
    matches!(
        magic,
        // msdos and vfat, exfat, ntfs of old, ntfs3.
        0x0000_4d44 | 0x2011_bab0 | 0x5346_544e | 0x7366_746e
            // What another machine has, which may be any of these: smb, cifs, smb2, and 9p, by which Linux sees a
            // Windows host.
            | 0x0000_517b | 0xff53_4d42 | 0xfe53_4d42 | 0x0102_1997
            // In user space: ntfs-3g, and directories that a virtual machine shares with its host.
            | 0x6573_5546
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn known_by_their_numbers() {
        for magic in [0x4d44, 0x2011_bab0, 0x5346_544e, 0x7366_746e, 0x6573_5546] {
            assert!(does(magic), "{magic:#x}");
        }
        // ext4, tmpfs, btrfs, xfs, overlayfs.
        for magic in [0xef53, 0x0102_1994, 0x9123_683e, 0x5846_5342, 0x794c_7630] {
            assert!(!does(magic), "{magic:#x}");
        }
    }
}
