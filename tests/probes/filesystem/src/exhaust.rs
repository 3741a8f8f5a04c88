//! Taking as much as there is.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::code::code;

const MIB: usize = 1 << 20;
const TIB: u64 = 1 << 40;

/// How often an attempt works before it does not, at most `most` times, and what `attempt` gave is kept until then.
fn until_refused<T>(most: u32, mut attempt: impl FnMut(u32) -> io::Result<T>) -> String {
    let mut kept = Vec::new();
    for count in 0..most {
        match attempt(count) {
            Ok(one) => kept.push(one),
            Err(error) => return format!("{count} {}", code(&error)),
        }
    }
    format!("{most}")
}

/// Everything that can be used up. What was made stays, so that a test can count it.
pub(crate) fn exhaust(root: &Path, most: u32) -> Vec<(String, String)> {
    let mut report = Vec::new();
    let mut tried = |what: &str, came: String| report.push((what.to_owned(), came));
    let spare = root.join("spare.txt");
    tried(
        "write one",
        until_refused(1, |_| fs::write(&spare, "spare")),
    );
    tried("open", until_refused(most, |_| File::open(&spare)));
    tried("list", until_refused(most, |_| fs::read_dir(root)));
    tried(
        "lengthen to 8 TiB",
        until_refused(1, |_| {
            File::options().write(true).open(&spare)?.set_len(8 * TIB)
        }),
    );
    tried(
        "write past 8 TiB",
        until_refused(1, |_| {
            use std::io::Seek as _;
            let mut file = File::options().write(true).open(&spare)?;
            file.seek(io::SeekFrom::Start(8 * TIB))?;
            file.write_all(b"far")
        }),
    );
    let long = root.join("long.bin");
    let piece = vec![7; MIB];
    tried(
        "append MiB",
        until_refused(most, |_| {
            File::options()
                .append(true)
                .create(true)
                .open(&long)?
                .write_all(&piece)
        }),
    );
    tried(
        "files",
        until_refused(most, |count| {
            fs::write(root.join(format!("many-{count}")), "")
        }),
    );
    tried(
        "folders",
        until_refused(most, |count| {
            fs::create_dir(root.join(format!("folder-{count}")))
        }),
    );
    tried("open after all", until_refused(1, |_| File::open(&spare)));
    report
}
