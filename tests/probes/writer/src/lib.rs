//! Changes files through handles: first as a tool should, then as it should not. Nothing outside of a handle may be seen or
//! changed, nothing inside that is hidden or protected, and of a call that does not end well nothing may stay.

bailiwick_guest::tool!(edits {
    path: ["../../../wit", "wit"],
    world: "probe:writer/probe",
});

mod attack;
mod check;
mod endings;
mod exhaust;
mod report;

use std::cell::RefCell;

use bailiwick_guest::fs::read::{ReadDir, ReadFile};
use bailiwick_guest::fs::write::{Expect, WriteDir, WriteFile};

use report::{Report, name, shown};

thread_local! {
    /// What a call kept for the next one. Guests have one thread.
    static KEPT: RefCell<Option<(WriteDir, WriteFile)>> = const { RefCell::new(None) };
}

struct Probe;

impl bindings::Guest for Probe {
    fn check(root: &WriteDir) -> Result<Vec<String>, String> {
        check::check(root)
    }

    fn attack(root: &WriteDir, other: &ReadDir, outside: Vec<String>) -> Vec<(String, String)> {
        attack::attack(root, other, &outside)
    }

    fn carry(root: &WriteDir, path: String, to: &WriteDir) -> Vec<(String, String)> {
        let mut report = Report::default();
        report.tried("rename", root.rename(&path, to, &path, false));
        report.tried("replace", root.rename(&path, to, &path, true));
        report.tried("back", to.rename(&path, root, &path, false));
        report.tried("replace back", to.rename(&path, root, &path, true));
        report.0
    }

    fn edit(root: &WriteDir) -> Result<(), String> {
        endings::edit(root)
    }

    fn edit_then_spin(root: &WriteDir) {
        let edited = endings::edit(root);
        assert_eq!(edited, Ok(()));
        endings::spin()
    }

    fn edit_then_trap(root: &WriteDir) {
        panic!("edited: {:?}", endings::edit(root));
    }

    fn edit_then_error(root: &WriteDir) -> Result<(), String> {
        endings::edit(root)?;
        Err("edited".into())
    }

    fn append_line(file: &WriteFile, line: String) -> Result<(), String> {
        file.append(format!("{line}\n").as_bytes()).map_err(name)
    }

    fn read_and_replace(file: &WriteFile, line: String) -> Result<(), String> {
        let mut bytes = file.as_read().read(0, 1 << 20).map_err(name)?.bytes;
        bytes.extend_from_slice(format!("{line}\n").as_bytes());
        file.replace(&bytes).map_err(name)
    }

    fn write_until_refused(file: &WriteFile, most: u32) -> (u32, String) {
        for count in 0..most {
            if let Err(code) = file.replace(count.to_string().as_bytes()) {
                return (count, name(code));
            }
        }
        (most, String::new())
    }

    fn fill(root: &WriteDir, bytes: u64, entries: u32) -> Vec<(String, String)> {
        exhaust::fill(root, bytes, entries)
    }

    fn hoard(root: &WriteDir, most: u32) -> Vec<(String, String)> {
        exhaust::hoard(root, most)
    }

    fn hoard_readers(root: &WriteDir, most: u32) -> u32 {
        exhaust::readers(root, most)
    }

    fn keep(root: &WriteDir) -> Result<(), String> {
        let dir = root.open_dir("").map_err(name)?;
        let file = root.open_file("kept.txt", Expect::Either).map_err(name)?;
        file.replace(b"kept").map_err(name)?;
        KEPT.set(Some((dir, file)));
        Ok(())
    }

    fn kept() -> String {
        KEPT.with_borrow(|kept| match kept {
            None => "nothing".into(),
            Some((dir, file)) => {
                let made = shown(dir.create_dir("later"));
                format!("{made} {}", shown(file.replace(b"later")))
            }
        })
    }

    fn make_file(root: &WriteDir, path: String, text: String) -> Result<ReadFile, String> {
        let file = root.open_file(&path, Expect::New).map_err(name)?;
        file.replace(text.as_bytes()).map_err(name)?;
        Ok(file.as_read())
    }

    fn make_dir(root: &WriteDir, path: String, text: String) -> Result<ReadDir, String> {
        root.create_dir(&path).map_err(name)?;
        let dir = root.open_dir(&path).map_err(name)?;
        let file = dir.open_file("inner.txt", Expect::New).map_err(name)?;
        file.replace(text.as_bytes()).map_err(name)?;
        Ok(dir.as_read())
    }
}

bindings::export!(Probe);
