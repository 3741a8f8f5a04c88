//! What stand-ins answer.

use wasmtime::component::Val;

use crate::standin::Running;

fn ok(value: Option<Val>) -> Val {
    Val::Result(Ok(value.map(Box::new)))
}

fn err(value: Val) -> Val {
    Val::Result(Err(Some(Box::new(value))))
}

fn case(name: &str) -> Val {
    Val::Variant(name.into(), None)
}

fn bytes(length: usize) -> Val {
    Val::List(vec![Val::U8(7); length])
}

#[test]
fn output_is_swallowed() {
    let mut running = Running::of("wasi:cli/stdout");
    let streams = "wasi:io/streams";
    let stream = running.call("wasi:cli/stdout", "get-stdout", &[]);
    assert!(matches!(stream, Val::Resource(_)));
    let mut method = |name: &str, arguments: &[Val]| {
        let arguments = [std::slice::from_ref(&stream), arguments].concat();
        running.call(
            streams,
            &format!("[method]output-stream.{name}"),
            &arguments,
        )
    };
    assert_eq!(method("check-write", &[]), ok(Some(Val::U64(65_536))));
    assert_eq!(method("write", &[bytes(65_536)]), ok(None));
    assert_eq!(method("write", &[bytes(0)]), ok(None));
    assert_eq!(
        method("blocking-write-and-flush", &[bytes(300_000)]),
        ok(None)
    );
    assert_eq!(method("flush", &[]), ok(None));
    assert_eq!(method("blocking-flush", &[]), ok(None));
    assert_eq!(method("write-zeroes", &[Val::U64(9)]), ok(None));
    assert_eq!(
        method("blocking-write-zeroes-and-flush", &[Val::U64(9)]),
        ok(None)
    );
    let Val::Resource(pollable) = method("subscribe", &[]) else {
        panic!("no pollable");
    };
    let pollable = Val::Resource(pollable);
    let ready = running.call("wasi:io/poll", "[method]pollable.ready", &[pollable]);
    assert_eq!(ready, Val::Bool(true));
}

#[test]
fn memory_does_not_grow_with_calls() {
    let mut running = Running::of("wasi:cli/stdout");
    let stream = running.call("wasi:cli/stdout", "get-stdout", &[]);
    for size in [200_000, 1_000, 200_000, 0, 199_999] {
        for _ in 0..50 {
            let arguments = [stream.clone(), bytes(size)];
            running.call("wasi:io/streams", "[method]output-stream.write", &arguments);
        }
    }
    let grown = running.store.data().0;
    assert!((200_000..=5 << 16).contains(&grown), "{grown}");
}

#[test]
fn a_list_that_has_no_room_ends_the_call() {
    let mut running = Running::of("wasi:random/insecure");
    let too_many = [Val::U64(100 << 20)];
    let name = "get-insecure-random-bytes";
    let interface = "wasi:random/insecure@0.2.12";
    assert!(running.try_call(interface, name, &too_many).is_err());
    let mut running = Running::of("wasi:random/insecure");
    let too_many = [Val::U64(u64::MAX)];
    assert!(running.try_call(interface, name, &too_many).is_err());
}

#[test]
fn input_is_at_its_end() {
    let mut running = Running::of("wasi:cli/stdin");
    let stream = running.call("wasi:cli/stdin", "get-stdin", &[]);
    for name in ["read", "blocking-read", "skip", "blocking-skip"] {
        let name = format!("[method]input-stream.{name}");
        let result = running.call("wasi:io/streams", &name, &[stream.clone(), Val::U64(10)]);
        assert_eq!(result, err(case("closed")), "{name}");
    }
    let name = "[method]input-stream.subscribe";
    assert!(matches!(
        running.call("wasi:io/streams", name, &[stream]),
        Val::Resource(_)
    ));
}

#[test]
fn nothing_is_inherited() {
    let mut running = Running::standin(
        "world w {
          import wasi:cli/environment@0.2.12;
          import wasi:cli/terminal-stdin@0.2.12;
          import wasi:cli/terminal-stdout@0.2.12;
          import wasi:cli/terminal-stderr@0.2.12;
          import wasi:filesystem/preopens@0.2.12;
          export f: func();
        }",
    );
    for (interface, name) in [
        ("wasi:cli/environment", "get-environment"),
        ("wasi:cli/environment", "get-arguments"),
        ("wasi:filesystem/preopens", "get-directories"),
    ] {
        assert_eq!(
            running.call(interface, name, &[]),
            Val::List(Vec::new()),
            "{name}"
        );
    }
    for (interface, name) in [
        ("wasi:cli/environment", "initial-cwd"),
        ("wasi:cli/terminal-stdin", "get-terminal-stdin"),
        ("wasi:cli/terminal-stdout", "get-terminal-stdout"),
        ("wasi:cli/terminal-stderr", "get-terminal-stderr"),
    ] {
        assert_eq!(
            running.call(interface, name, &[]),
            Val::Option(None),
            "{name}"
        );
    }
}

#[test]
fn everything_is_ready_at_once() {
    let mut running = Running::of("wasi:clocks/monotonic-clock");
    let clock = "wasi:clocks/monotonic-clock";
    let mut wait =
        |nanoseconds: u64| running.call(clock, "subscribe-duration", &[Val::U64(nanoseconds)]);
    let pollables = [wait(0), wait(u64::MAX), wait(1)];
    let block = "[method]pollable.block";
    running.call("wasi:io/poll", block, &pollables[1..2]);
    for count in [1, 3, 2] {
        let result = running.call(
            "wasi:io/poll",
            "poll",
            &[Val::List(pollables[..count].into())],
        );
        let all = (0..).take(count).map(Val::U32).collect();
        assert_eq!(result, Val::List(all));
    }
    let many = Val::List(vec![pollables[0].clone(); 70_000]);
    let Val::List(ready) = running.call("wasi:io/poll", "poll", &[many]) else {
        panic!("no list");
    };
    assert_eq!(ready.len(), 70_000);
    assert!(
        (0..)
            .zip(&ready)
            .all(|(number, ready)| *ready == Val::U32(number))
    );
    // As the standard says.
    let none = [Val::List(Vec::new())];
    assert!(
        running
            .try_call("wasi:io/poll@0.2.12", "poll", &none)
            .is_err()
    );
}

#[test]
fn clocks_stand_still() {
    let mut running = Running::standin(
        "world w {
          import wasi:clocks/monotonic-clock@0.2.12;
          import wasi:clocks/wall-clock@0.2.12;
          export f: func();
        }",
    );
    let record = |seconds, nanoseconds| {
        Val::Record(vec![
            ("seconds".into(), Val::U64(seconds)),
            ("nanoseconds".into(), Val::U32(nanoseconds)),
        ])
    };
    let clock = "wasi:clocks/monotonic-clock";
    assert_eq!(running.call(clock, "now", &[]), Val::U64(0));
    assert_eq!(running.call(clock, "resolution", &[]), Val::U64(1));
    let clock = "wasi:clocks/wall-clock";
    assert_eq!(running.call(clock, "now", &[]), record(0, 0));
    assert_eq!(running.call(clock, "resolution", &[]), record(0, 1));
}

#[test]
fn what_must_not_be_a_constant_is_none() {
    let mut running = Running::standin(
        "world w {
          import wasi:random/random@0.2.12;
          import wasi:random/insecure@0.2.12;
          import wasi:random/insecure-seed@0.2.12;
          export f: func();
        }",
    );
    let seed = running.call("wasi:random/insecure-seed", "insecure-seed", &[]);
    let Val::Tuple(parts) = &seed else {
        panic!("{seed:?}");
    };
    assert!(parts.len() == 2 && parts[0] != parts[1] && !parts.contains(&Val::U64(0)));
    let number = running.call("wasi:random/insecure", "get-insecure-random-u64", &[]);
    assert_eq!(number, parts[0]);
    for length in [0, 5, 100_000, 3] {
        let name = "get-insecure-random-bytes";
        let bytes = running.call("wasi:random/insecure", name, &[Val::U64(length)]);
        assert_eq!(bytes, Val::List(vec![Val::U8(0x24); length as usize]));
    }
    for (name, arguments) in [
        ("get-random-u64", vec![]),
        ("get-random-bytes", vec![Val::U64(0)]),
    ] {
        let result = running.try_call("wasi:random/random@0.2.12", name, &arguments);
        assert!(result.is_err(), "{name}");
        // A component that trapped is not entered again.
        running = Running::of("wasi:random/random");
    }
}

#[test]
fn leaving_ends_the_call() {
    for (name, argument) in [("exit", ok(None)), ("exit-with-code", Val::U8(0))] {
        let mut running = Running::of("wasi:cli/exit");
        let trap = running.try_call("wasi:cli/exit@0.2.12", name, &[argument]);
        let trap = trap.unwrap_err();
        let trap = trap.downcast_ref::<wasmtime::Trap>();
        assert_eq!(trap, Some(&wasmtime::Trap::UnreachableCodeReached));
    }
}

#[test]
fn the_network_says_no() {
    let mut running = Running::standin(
        "world w {
          import wasi:sockets/instance-network@0.2.12;
          import wasi:sockets/ip-name-lookup@0.2.12;
          import wasi:sockets/tcp-create-socket@0.2.12;
          import wasi:sockets/udp-create-socket@0.2.12;
          export f: func();
        }",
    );
    let denied = err(Val::Enum("access-denied".into()));
    for protocol in ["tcp", "udp"] {
        let interface = format!("wasi:sockets/{protocol}-create-socket");
        let name = format!("create-{protocol}-socket");
        let result = running.call(&interface, &name, &[Val::Enum("ipv4".into())]);
        assert_eq!(result, denied);
    }
    let network = running.call("wasi:sockets/instance-network", "instance-network", &[]);
    let arguments = [network, Val::String("localhost".into())];
    let result = running.call(
        "wasi:sockets/ip-name-lookup",
        "resolve-addresses",
        &arguments,
    );
    assert_eq!(result, denied);
}

#[test]
fn progress_is_told_to_nobody() {
    let body = "world w { import bailiwick:tool/progress@0.1.0; export f: func(); }";
    let mut running = Running::standin(body);
    for size in [0, 100_000] {
        let arguments = [
            Val::U64(1),
            Val::Option(None),
            Val::String("x".repeat(size)),
        ];
        let result = running.try_call("bailiwick:tool/progress@0.1.0", "report", &arguments);
        assert!(result.unwrap().is_none());
    }
}

/// Each way in which a type has, or has no, value that means nothing.
const SHAPES: &str = "
interface shapes {
  resource thing { constructor(n: u32); new: static func() -> thing; get: func() -> string; }
  flags many { a, b, c, d, e, f, g, h, i }
  enum color { red, green }
  record inner { a: u8, b: f64, t: thing }
  record outer { name: string, inner: inner, more: list<inner>, last: option<thing> }
  variant choice { first(string), second }
  variant deep { pair(tuple<u8, thing, thing>) }
  enum not-you { other, access-denied, access }
  variant no { other(string), not-permitted(tuple<u16, string>) }
  variant yes { fine, good(u64) }
  u: func() -> u8; s: func() -> s64; f: func() -> f32; g: func() -> f64; c: func() -> char; b: func() -> bool;
  text: func() -> string;
  flags9: func() -> many;
  color1: func() -> color;
  outer1: func() -> outer;
  choice1: func() -> choice;
  deep1: func() -> deep;
  plain: func() -> result;
  no-error: func() -> result<thing>;
  denied: func() -> result<thing, not-you>;
  denied2: func() -> result<u64, no>;
  fine: func() -> result<u64, yes>;
  worded: func() -> result<outer, string>;
  many1: func(a: string, b: string, c: string, d: string, e: string, f: string, g: string, h: string,
    i: list<list<string>>) -> s8;
}
world w { import shapes; export f: func(); }";

#[test]
fn every_type_has_a_value_that_means_nothing() {
    let mut running = Running::standin(SHAPES);
    let mut call = |name: &str| {
        let result = running.try_call("test:test/shapes@1.0.0", name, &[]);
        result.unwrap().unwrap()
    };
    assert_eq!(call("u"), Val::U8(0));
    assert_eq!(call("s"), Val::S64(0));
    assert_eq!(call("f"), Val::Float32(0.0));
    assert_eq!(call("g"), Val::Float64(0.0));
    assert_eq!(call("c"), Val::Char('\0'));
    assert_eq!(call("b"), Val::Bool(false));
    assert_eq!(call("text"), Val::String(String::new()));
    assert_eq!(call("flags9"), Val::Flags(Vec::new()));
    assert_eq!(call("color1"), Val::Enum("red".into()));
    let empty = Val::String(String::new());
    assert_eq!(
        call("choice1"),
        Val::Variant("first".into(), Some(Box::new(empty.clone())))
    );
    assert_eq!(call("plain"), ok(None));
    assert_eq!(call("denied"), err(Val::Enum("access".into())));
    let payload = Val::Tuple(vec![Val::U16(0), empty]);
    let no = Val::Variant("not-permitted".into(), Some(Box::new(payload)));
    assert_eq!(call("denied2"), err(no));
    assert_eq!(call("fine"), ok(Some(Val::U64(0))));
    for (name, handles) in [("outer1", 1), ("deep1", 2), ("worded", 1), ("no-error", 1)] {
        let text = format!("{:?}", call(name));
        assert_eq!(text.matches("Resource(").count(), handles, "{text}");
    }
    let text = Val::String("x".into());
    let mut arguments = vec![text.clone(); 8];
    arguments.push(Val::List(vec![Val::List(vec![text; 10]); 1_000]));
    let result = running.try_call("test:test/shapes@1.0.0", "many1", &arguments);
    assert_eq!(result.unwrap(), Some(Val::S8(0)));
}

#[test]
fn handles_are_new_and_can_be_used() {
    let mut running = Running::standin(SHAPES);
    let shapes = "test:test/shapes@1.0.0";
    let made = running.try_call(shapes, "[constructor]thing", &[Val::U32(3)]);
    let other = running.try_call(shapes, "[static]thing.new", &[]);
    let (made, other) = (made.unwrap().unwrap(), other.unwrap().unwrap());
    assert_ne!(made, other);
    for thing in [made, other] {
        let text = running.try_call(shapes, "[method]thing.get", std::slice::from_ref(&thing));
        assert_eq!(text.unwrap(), Some(Val::String(String::new())));
        let Val::Resource(thing) = thing else {
            panic!("{thing:?}");
        };
        thing.resource_drop(&mut running.store).unwrap();
    }
}

#[test]
fn a_name_from_wasi_with_another_shape_is_no_special_case() {
    let mut running = Running::standin(
        "interface poll { poll: func(a: u64) -> string; }
         world w { import wasi:random/insecure-seed@7.0.0; import wasi:io/poll@7.0.0; export f: func(); }
         package wasi:io@7.0.0 { interface poll { poll: func(a: u64) -> string; other: func() -> list<u8>; } }
         package wasi:random@7.0.0 { interface insecure-seed { insecure-seed: func() -> u8; get: func(); } }",
    );
    let text = running.try_call("wasi:io/poll@7.0.0", "poll", &[Val::U64(3)]);
    assert_eq!(text.unwrap(), Some(Val::String(String::new())));
    let seed = running.try_call("wasi:random/insecure-seed@7.0.0", "insecure-seed", &[]);
    assert_eq!(seed.unwrap(), Some(Val::U8(0x24)));
    let none = running.try_call("wasi:random/insecure-seed@7.0.0", "get", &[]);
    assert!(none.unwrap().is_none());
}
