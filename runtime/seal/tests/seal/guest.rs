//! A sealed component runs.

use wasmtime::component::Val;

use crate::component::{guest, imports, sealed};
use crate::standin::Running;

/// Prints so many bytes so many times, and returns how often that went well.
const PRINTER: &str = r#"(module
  (import "wasi:cli/stdout@0.2.12" "get-stdout" (func $stdout (result i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.check-write" (func $room (param i32 i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.write" (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-flush" (func $flush (param i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop (param i32)))
  (memory (export "memory") 4)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "print") (param $times i32) (param $bytes i32) (result i32)
    (local $stream i32) (local $went i32)
    (loop $again
      (local.set $stream (call $stdout))
      (call $room (local.get $stream) (i32.const 16))
      (call $write (local.get $stream) (i32.const 64) (local.get $bytes) (i32.const 32))
      (call $flush (local.get $stream) (i32.const 48))
      (call $drop (local.get $stream))
      (local.set $went (i32.add (local.get $went)
        (i32.and
          (i32.eqz (i32.or (i32.load8_u (i32.const 16))
            (i32.or (i32.load8_u (i32.const 32)) (i32.load8_u (i32.const 48)))))
          (i64.ge_u (i64.load (i32.const 24)) (i64.const 4096)))))
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (local.get $times)))
    (local.get $went)))"#;

const WORLD: &str =
    "world w { import wasi:cli/stdout@0.2.12; export print: func(times: u32, bytes: u32) -> u32; }";

#[test]
fn prints_into_nothing() {
    let sealed = sealed(&guest(WORLD, PRINTER), &[]);
    assert_eq!(imports(&sealed.bytes), [""; 0]);
    let mut running = Running::new(&sealed.bytes);
    for (times, bytes) in [(1, 0), (1_000, 4_096), (100, 200_000)] {
        let arguments = [Val::U32(times), Val::U32(bytes)];
        let went = running.try_call("", "print", &arguments).unwrap();
        assert_eq!(went, Some(Val::U32(times)));
    }
    // The guest's four pages, and as many for the largest write and one before it.
    let grown = running.store.data().0;
    assert!(grown <= 9 << 16, "{grown}");
}

#[test]
fn costs_little() {
    let component = guest(WORLD, PRINTER);
    let sealed = sealed(&component, &[]);
    let grown = sealed.bytes.len() - component.len();
    assert!(grown <= 8 << 10, "{grown}");
}

/// A closed function by itself, and one that gives a large record back through the guest's memory.
#[test]
fn functions_of_the_world_are_closed() {
    let body = "interface host { record big { a: u64, b: string, c: list<u8>, d: u32 } get: func(name: string) -> big; }
      world w {
        import now: func() -> u64;
        import tell: func(text: string, more: list<string>);
        import host;
        import inline: interface { answer: func() -> result<u32, string>; }
        export sum: func() -> u64;
      }";
    let code = r#"(module
      (import "$root" "now" (func $now (result i64)))
      (import "$root" "tell" (func $tell (param i32 i32 i32 i32)))
      (import "test:test/host@1.0.0" "get" (func $get (param i32 i32 i32)))
      (import "inline" "answer" (func $answer (param i32)))
      (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
      (func (export "sum") (result i64)
        (i64.store (i32.const 64) (i64.const -1))
        (i64.store (i32.const 72) (i64.const -1))
        (i64.store (i32.const 88) (i64.const -1))
        (call $tell (i32.const 1000) (i32.const 1000) (i32.const 0) (i32.const 0))
        (call $get (i32.const 0) (i32.const 10) (i32.const 64))
        (call $answer (i32.const 128))
        (i64.add (i64.add (call $now) (i64.load (i32.const 64)))
          (i64.add (i64.load32_u (i32.const 76)) (i64.load (i32.const 128))))))"#;
    let sealed = sealed(&guest(body, code), &[]);
    assert_eq!(
        sealed.sealed,
        ["test:test/host@1.0.0", "inline", "now", "tell"]
    );
    let sum = Running::new(&sealed.bytes).try_call("", "sum", &[]);
    assert_eq!(sum.unwrap(), Some(Val::U64(0)));
}

/// A component that ends by itself, or asks for a secret, ends.
#[test]
fn what_ends_the_call_ends_it() {
    for (interface, name, call) in [
        ("cli/exit", "exit", "(call $f (i32.const 0))"),
        ("random/random", "get-random-u64", "(drop (call $f))"),
    ] {
        let params = if name == "exit" {
            "(param i32)"
        } else {
            "(result i64)"
        };
        let code = format!(
            r#"(module (import "wasi:{interface}@0.2.12" "{name}" (func $f {params}))
              (memory (export "memory") 1) (func (export "go") {call}))"#
        );
        let body = format!("world w {{ import wasi:{interface}@0.2.12; export go: func(); }}");
        let sealed = sealed(&guest(&body, &code), &[]);
        assert_eq!(sealed.traps, [format!("wasi:{interface}@0.2.12#{name}")]);
        assert!(Running::new(&sealed.bytes).try_call("", "go", &[]).is_err());
    }
}
