//! Components of wasm-smith: valid ones, without instances.

use arbitrary::Unstructured;
use wasm_smith::{Component, Config};

use crate::random::Random;

/// A component, or none when there were too few random bytes.
pub(crate) fn component(random: &mut Random) -> Option<Vec<u8>> {
    let length = 256 << random.below(6);
    let bytes = random.bytes(length);
    let config = Config {
        // What the host runs, mostly.
        gc_enabled: random.one_in(8),
        simd_enabled: random.one_in(2),
        relaxed_simd_enabled: false,
        threads_enabled: random.one_in(8),
        exceptions_enabled: random.one_in(8),
        memory64_enabled: random.one_in(8),
        max_instructions: 20,
        max_funcs: 20,
        max_components: 6,
        max_modules: 6,
        generate_custom_sections: random.one_in(2),
        ..Config::default()
    };
    let component = Component::new(config, &mut Unstructured::new(&bytes)).ok()?;
    Some(component.to_bytes())
}
