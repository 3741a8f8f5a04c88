//! Whole trees, as a handle shows them and as they are on disk.

use bailiwick_capfs::{Kind, ReadDir};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// All that a handle shows.
pub(crate) fn seen(look: &ReadDir) -> BTreeMap<String, String> {
    let (mut all, mut left) = (BTreeMap::new(), vec![String::new()]);
    while let Some(at) = left.pop() {
        for entry in look.entries(&at).unwrap() {
            let path = format!("{at}{}", entry.name);
            let what = match entry.kind {
                Kind::Directory => {
                    left.push(format!("{path}/"));
                    "directory".to_owned()
                }
                Kind::Symlink => format!("link {}", look.read_link(&path).unwrap()),
                Kind::File => {
                    let chunk = look
                        .open_file_nofollow(&path)
                        .unwrap()
                        .read(0, u32::MAX)
                        .unwrap();
                    format!("file {}", String::from_utf8_lossy(&chunk.bytes))
                }
                Kind::Other => panic!("{path} is something else"),
            };
            all.insert(path, what);
        }
    }
    all
}

/// All that is in a folder on disk.
pub(crate) fn on_disk(folder: &Path) -> BTreeMap<String, String> {
    let (mut all, mut left) = (BTreeMap::new(), vec![(String::new(), folder.to_path_buf())]);
    while let Some((at, folder)) = left.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let (path, kind) = (format!("{at}{name}"), entry.file_type().unwrap());
            if name.starts_with(".bailiwick-") {
                continue;
            }
            let what = if kind.is_dir() {
                left.push((format!("{path}/"), entry.path()));
                "directory".to_owned()
            } else if kind.is_symlink() {
                format!("link {}", fs::read_link(entry.path()).unwrap().display())
            } else {
                format!(
                    "file {}",
                    String::from_utf8_lossy(&fs::read(entry.path()).unwrap())
                )
            };
            all.insert(path, what);
        }
    }
    all
}
