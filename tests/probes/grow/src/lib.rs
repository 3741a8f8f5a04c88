//! Takes more memory than it may have: it must end as `memory-exceeded`, also when the guest sees the failure and
//! goes on to return an error.

use std::hint::black_box;

#[allow(clippy::all, missing_docs, unreachable_pub)]
mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "probe:grow/probe" });
}

const MIB: usize = 1 << 20;
const PAGE: usize = 64 << 10;

struct Probe;

/// Write to every page, so that the memory is really there.
fn touch(block: &mut Vec<u8>, bytes: usize) {
    block.resize(bytes, 0);
    for page in block.chunks_mut(PAGE) {
        page[0] = 1;
    }
    black_box(block);
}

impl bindings::Guest for Probe {
    fn allocate(mib: u32) -> u32 {
        let mut kept = Vec::new();
        for _ in 0..mib {
            let mut block = Vec::with_capacity(MIB);
            touch(&mut block, MIB);
            kept.push(block);
        }
        black_box(&kept).len() as u32
    }

    fn try_allocate(mib: u32) -> Result<u32, String> {
        let mut kept = Vec::new();
        for taken in 0..mib {
            let mut block = Vec::new();
            block
                .try_reserve_exact(MIB)
                .map_err(|_| format!("no more than {taken} MiB"))?;
            touch(&mut block, MIB);
            kept.push(block);
        }
        Ok(black_box(&kept).len() as u32)
    }

    fn at_once(mib: u32) -> Result<u32, String> {
        let refused = || format!("{mib} MiB were refused");
        let bytes = (mib as usize).checked_mul(MIB).ok_or_else(refused)?;
        let mut block = Vec::new();
        block.try_reserve_exact(bytes).map_err(|_| refused())?;
        touch(&mut block, bytes);
        Ok(mib)
    }
}

bindings::export!(Probe with_types_in bindings);
