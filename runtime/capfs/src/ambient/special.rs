//! Filesystems that show the kernel or devices, not files.

use std::io;
use std::os::fd::AsFd;

/// What the filesystem of something open on the device `number` is called, when it is not one for files.
#[cfg(target_os = "linux")]
#[allow(clippy::disallowed_methods, reason = "the edge")]
pub(crate) fn special(opened: impl AsFd, number: u64) -> io::Result<Option<&'static str>> {
    use std::os::unix::fs::MetadataExt as _;

    // From linux/magic.h, and from the filesystems' own sources where it has none. What is not in it is one for files:
    // those on disks, in memory, over the network, in user space.
    const SPECIAL: &[(u32, &str)] = &[
        // The kernel's view of processes, drivers and itself.
        (0x0000_9fa0, "proc"),
        (0x6265_6572, "sysfs"),
        (0x6462_6720, "debugfs"),
        (0x7472_6163, "tracefs"),
        (0x6265_6570, "configfs"),
        (0x6f70_726f, "oprofilefs"),
        (0x0068_7970, "hypfs"),
        (0x0000_9fa1, "openpromfs"),
        (0xabba_1974, "xenfs"),
        (0x1234_5678, "ibmasmfs"),
        // Who may do what.
        (0x7363_6673, "securityfs"),
        (0xf97c_ff8c, "selinuxfs"),
        (0x4341_5d53, "smackfs"),
        (0x5a3c_69f0, "apparmorfs"),
        // How much may be used.
        (0x0027_e0eb, "cgroup"),
        (0x6367_7270, "cgroup2"),
        (0x0765_5821, "resctrl"),
        // Devices.
        (0x0000_1cd1, "devpts"),
        (0x6c6f_6f70, "binder"),
        (0x6264_6576, "bdev"),
        (0x6461_7864, "dax"),
        (0x1130_7854, "mtd_inodefs"),
        (0x0000_9fa2, "usbdevfs"),
        (0x0a64_7361, "functionfs"),
        (0xaee7_1ee7, "gadgetfs"),
        (0x0072_6a77, "ipathfs"),
        (0x23c9_b64e, "spufs"),
        (0x5a4f_4653, "zonefs"),
        (0x444d_4142, "dmabuf"),
        (0x454d_444d, "devmem"),
        // Kernel objects under names.
        (0xcafe_4a11, "bpf"),
        (0x1980_0202, "mqueue"),
        (0x6e73_6673, "nsfs"),
        (0x5049_4446, "pidfs"),
        (0x5049_5045, "pipefs"),
        (0x534f_434b, "sockfs"),
        (0x0904_1934, "anon_inodefs"),
        (0x0bad_1dea, "futexfs"),
        (0x5345_434d, "secretmem"),
        (0x9584_58f6, "hugetlbfs"),
        // Firmware, and what a crash left.
        (0x6165_676c, "pstore"),
        (0xde5e_81e4, "efivarfs"),
        // Switches of other parts of the kernel.
        (0x4249_4e4d, "binfmt_misc"),
        (0x6573_5543, "fusectl"),
        (0x6759_6969, "rpc_pipefs"),
        (0x6e66_7364, "nfsd"),
        (0x76a9_f425, "ocfs2_dlmfs"),
        // Looking mounts something.
        (0x0000_0187, "autofs"),
    ];
    let magic = rustix::fs::fstatfs(opened)?.f_type;
    // The field is signed or not, and wider or not, by architecture; the numbers are 32 bits.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "see above"
    )]
    let magic = magic as u32;
    if let Some((_, name)) = SPECIAL.iter().find(|(number, _)| *number == magic) {
        return Ok(Some(name));
    }
    // The filesystem of devices cannot be told from one in memory by its number.
    let on = |path: &str| std::fs::metadata(path).map(|metadata| metadata.dev());
    match (on("/dev"), on("/")) {
        (Ok(devices), Ok(system)) if number == devices && number != system => Ok(Some("devtmpfs")),
        _ => Ok(None),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn special(_opened: impl AsFd, _number: u64) -> io::Result<Option<&'static str>> {
    Ok(None)
}
