//! Functions whose stand-ins do not follow from their types.

/// What a stand-in does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// What its type says.
    Inert,
    /// It says that all went well, with this payload.
    Ok(&'static [u8]),
    /// Its result in memory.
    Value(&'static [u8]),
    /// The numbers of all that it is given: `func(list<…>) -> list<u32>`.
    AllReady,
    /// As many bytes as it is asked for, each this one: `func(u64) -> list<u8>`.
    Bytes(u8),
    /// It ends the call.
    Trap,
}

/// How much an output stream takes at once. It drops what it is given, so this only bounds the stand-in's memory.
const ROOM: &[u8] = &(64_u64 << 10).to_le_bytes();

/// Constants for who asks for randomness that is not meant to be secret: digits of π, since zeros may be taken for a
/// fault.
const SEED: &[u8; 16] = &0x2437_6a88_85a3_08d3_1319_8a2e_0370_7344_u128.to_be_bytes();

const ONE: &[u8] = &1_u64.to_le_bytes();

/// What the stand-in for a function does. `interface` is without its version.
pub(crate) fn answer(interface: &str, function: &str) -> Answer {
    match (interface, function) {
        // A tool that wants to end gets its wish.
        ("wasi:cli/exit", _) => Answer::Trap,
        // Keys and tokens must not be made of a constant.
        ("wasi:random/random", _) => Answer::Trap,
        ("wasi:random/insecure", "get-insecure-random-bytes") => Answer::Bytes(SEED[0]),
        ("wasi:random/insecure", "get-insecure-random-u64") => Answer::Value(SEED),
        ("wasi:random/insecure-seed", _) => Answer::Value(SEED),
        // An output stream swallows; printing must not fail.
        ("wasi:io/streams", "[method]output-stream.check-write") => Answer::Ok(ROOM),
        ("wasi:io/streams", "[method]output-stream.splice") => Answer::Inert,
        ("wasi:io/streams", "[method]output-stream.blocking-splice") => Answer::Inert,
        ("wasi:io/streams", method) if method.starts_with("[method]output-stream.") => {
            Answer::Ok(&[])
        }
        ("wasi:io/poll", "[method]pollable.ready") => Answer::Value(&[1]),
        ("wasi:io/poll", "poll") => Answer::AllReady,
        ("wasi:clocks/monotonic-clock", "resolution") => Answer::Value(ONE),
        // Seconds, and a nanosecond.
        ("wasi:clocks/wall-clock", "resolution") => Answer::Value(&[0, 0, 0, 0, 0, 0, 0, 0, 1]),
        _ => Answer::Inert,
    }
}
