//! `[limits]` and `[budget]`.

use super::{Key, Shape, Table};

/// `[limits]`, `[tools.NAME.limits]`.
pub(crate) static LIMITS: Table = Table {
    title: "[limits]",
    doc: "The limits of one call. What is absent is the host's default.",
    keys: &[
        Key {
            name: "fuel",
            shape: Shape::Count,
            required: false,
            doc: "Work: about one WebAssembly operator a unit.",
            example: "\"1G\"",
            also: &["cpu", "gas", "instructions", "steps"],
        },
        Key {
            name: "deadline",
            shape: Shape::Deadline,
            required: false,
            doc: "Wall time, at most 120s.",
            example: "\"10s\"",
            also: &["timeout", "time", "wall", "duration"],
        },
        Key {
            name: "memory",
            shape: Shape::Bytes,
            required: false,
            doc: "Bytes of memory.",
            example: "\"64MiB\"",
            also: &["mem", "ram", "heap"],
        },
        Key {
            name: "result",
            shape: Shape::Bytes,
            required: false,
            doc: "Bytes of the result.",
            example: "\"16MiB\"",
            also: &["output", "results"],
        },
        Key {
            name: "text",
            shape: Shape::Bytes,
            required: false,
            doc: "Bytes of text that a model is shown. What is longer goes to `/results`.",
            example: "\"24KiB\"",
            also: &["reply", "tokens"],
        },
        Key {
            name: "stdio",
            shape: Shape::Bytes,
            required: false,
            doc: "Bytes of standard output and standard error, each.",
            example: "\"64KiB\"",
            also: &["stdout", "stderr"],
        },
        Key {
            name: "host-calls",
            shape: Shape::Count,
            required: false,
            doc: "Calls to the host.",
            example: "\"100k\"",
            also: &["hostcalls", "calls"],
        },
        Key {
            name: "transfer",
            shape: Shape::Bytes,
            required: false,
            doc: "Bytes of files that are read and written.",
            example: "\"1GiB\"",
            also: &["io", "traffic"],
        },
        Key {
            name: "descriptors",
            shape: Shape::Count,
            required: false,
            doc: "Files and directories that are open at once.",
            example: "64",
            also: &["fds", "files", "open-files"],
        },
        Key {
            name: "handles",
            shape: Shape::Count,
            required: false,
            doc: "Handles of any kind that the tool holds at once.",
            example: "1000",
            also: &["component-handles"],
        },
        Key {
            name: "resources",
            shape: Shape::Count,
            required: false,
            doc: "What those handles stand for on the host at once: files, directories, streams, timers.",
            example: "256",
            also: &["host-handles"],
        },
        Key {
            name: "crossing",
            shape: Shape::Bytes,
            required: false,
            doc: "Bytes that the tool hands to the host at once, a value counting 40 and more.",
            example: "\"8MiB\"",
            also: &["hostcall", "hostcall-fuel"],
        },
        Key {
            name: "compile-time",
            shape: Shape::Time,
            required: false,
            doc: "Wall time that compiling the tool may take.",
            example: "\"60s\"",
            also: &["compile", "compile-timeout", "compiling"],
        },
        Key {
            name: "compile-memory",
            shape: Shape::Bytes,
            required: false,
            doc: "Bytes of memory that compiling the tool may take.",
            example: "\"2GiB\"",
            also: &[],
        },
    ],
};

/// `budget`, in a policy and in its owner's.
pub(super) const BUDGET_KEY: Key = Key {
    name: "budget",
    shape: Shape::Table(&BUDGET),
    required: false,
    doc: "What all calls of a session may use together.",
    example: "{ fuel = \"100G\", calls = 1000 }",
    also: &["total", "session", "quota"],
};

/// `[budget]`.
pub(crate) static BUDGET: Table = Table {
    title: "[budget]",
    doc: "What all calls of a session may use together. What is absent is the host's default.",
    keys: &[
        Key {
            name: "fuel",
            shape: Shape::Count,
            required: false,
            doc: "Work: about one WebAssembly operator a unit.",
            example: "\"100G\"",
            also: &["cpu", "gas", "instructions", "steps"],
        },
        Key {
            name: "wall",
            shape: Shape::Time,
            required: false,
            doc: "Wall time of the calls, added up.",
            example: "\"3600s\"",
            also: &["time", "deadline", "timeout", "duration"],
        },
        Key {
            name: "transfer",
            shape: Shape::Bytes,
            required: false,
            doc: "Bytes of files that are read and written.",
            example: "\"10GiB\"",
            also: &["io", "traffic", "bytes"],
        },
        Key {
            name: "calls",
            shape: Shape::Count,
            required: false,
            doc: "Calls.",
            example: "1000",
            also: &["requests", "invocations"],
        },
    ],
};
