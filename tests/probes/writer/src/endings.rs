//! Changes for a call to end after, in whatever way.

use std::hint::black_box;

use bailiwick_guest::fs::write::{Expect, WriteDir};

use crate::report::name;

/// Three files changed and one made.
pub(crate) fn edit(root: &WriteDir) -> Result<(), String> {
    let open = |path| root.open_file(path, Expect::Existing).map_err(name);
    open("a.txt")?.replace(b"edited\n").map_err(name)?;
    open("b.txt")?.append(b"edited\n").map_err(name)?;
    open("c.txt")?.set_size(1).map_err(name)?;
    root.create_dir("new").map_err(name)?;
    let made = root.open_file("new/d.txt", Expect::New).map_err(name)?;
    made.write(0, b"edited\n").map_err(name)
}

/// Burns fuel without end.
pub(crate) fn spin() -> ! {
    let mut state = black_box(1_u64);
    loop {
        state = black_box(
            state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1),
        );
    }
}
