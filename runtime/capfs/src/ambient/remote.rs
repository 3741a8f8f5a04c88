//! Filesystems behind which somebody else answers: a server, another program.
//!
//! A call to the kernel about a file on one can wait as long as that somebody likes. Whoever grants one says so, and the session keeps what such calls
//! hold up apart.

use std::io;
use std::os::fd::AsFd;

/// What the filesystem of something open is called, when others answer for it.
#[cfg(target_os = "linux")]
pub(crate) fn remote(opened: impl AsFd) -> io::Result<Option<&'static str>> {
    let magic = rustix::fs::fstatfs(opened)?.f_type;
    // The field is signed or not, and wider or not, by architecture; the numbers are 32 bits.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "see above"
    )]
    let magic = magic as u32;
    Ok(name(magic))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn remote(_opened: impl AsFd) -> io::Result<Option<&'static str>> {
    Ok(None)
}

/// By the number from linux/magic.h, or from the filesystem's own source where it has none.
#[cfg(target_os = "linux")]
fn name(magic: u32) -> Option<&'static str> {
    const REMOTE: &[(u32, &str)] = &[
        (0x0000_6969, "nfs"),
        (0x0000_517b, "smb"),
        (0xff53_4d42, "cifs"),
        (0xfe53_4d42, "smb2"),
        (0x0000_564c, "ncp"),
        (0x5346_414f, "afs"),
        (0x6b41_4653, "kafs"),
        (0x7375_7245, "coda"),
        (0x00c3_6400, "ceph"),
        (0x0bd0_0bd0, "lustre"),
        (0x0116_1970, "gfs2"),
        (0x7461_636f, "ocfs2"),
        (0x1983_0326, "fhgfs"),
        (0x4750_4653, "gpfs"),
        (0xaad7_aaea, "panfs"),
        (0x2003_0528, "pvfs2"),
        (0x0102_1997, "9p"),
        (0x786f_4256, "vboxsf"),
        (0xbacb_acbc, "vmhgfs"),
        // Whatever program is behind it, on this machine or another.
        (0x6573_5546, "fuse"),
    ];
    let found = REMOTE.iter().find(|(number, _)| *number == magic);
    found.map(|(_, name)| *name)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_server_or_a_program_answers_for_some() {
        assert_eq!(name(0x6969), Some("nfs"));
        assert_eq!(name(0x6573_5546), Some("fuse"));
        // ext4, tmpfs.
        assert_eq!((name(0xef53), name(0x0102_1994)), (None, None));
    }
}
