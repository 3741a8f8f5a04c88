//! Components that take a compiler much longer than they are large.

use wasm_encoder::{
    CodeSection, Component, ExportKind, ExportSection, Function, FunctionSection, Module,
    ModuleSection, TypeSection,
};

/// One of each kind, with its name.
pub(crate) fn three() -> [(&'static str, Vec<u8>); 3] {
    [
        (
            "50,000 nested blocks",
            bomb(std::iter::once(blocks(50_000))),
        ),
        (
            "one function of 4.8 MiB",
            bomb(std::iter::once(long(4_800 << 10))),
        ),
        ("100,000 functions", bomb((0..100_000).map(|_| long(200)))),
    ]
}

/// A component that exports a function, with a core module of these functions besides.
pub(crate) fn bomb(bodies: impl Iterator<Item = Function>) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    for body in bodies {
        functions.function(0);
        code.function(&body);
    }
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&exports)
        .section(&code);
    // One that can be loaded, and the module behind it.
    let mut component = wat::parse_str(
        r#"(component
            (core module $m (func (export "go")))
            (core instance $i (instantiate $m))
            (func (export "go") (canon lift (core func $i "go"))))"#,
    )
    .unwrap();
    let mut outer = Component::new();
    outer.section(&ModuleSection(&module));
    component.extend(&outer.finish()[8..]);
    component
}

pub(crate) fn blocks(count: usize) -> Function {
    let mut body = Function::new([]);
    for _ in 0..count {
        body.instructions().block(wasm_encoder::BlockType::Empty);
    }
    for _ in 0..count {
        body.instructions().end();
    }
    body.instructions().end();
    body
}

/// So many bytes of what a compiler finds hard: one long chain of values.
pub(crate) fn long(bytes: usize) -> Function {
    let mut body = Function::new([(1, wasm_encoder::ValType::I64)]);
    for number in 0..bytes / 10 {
        let mut sink = body.instructions();
        sink.local_get(0)
            .i64_const(number as i64)
            .i64_mul()
            .local_get(0)
            .i64_xor()
            .local_set(0);
    }
    body.instructions().end();
    body
}
