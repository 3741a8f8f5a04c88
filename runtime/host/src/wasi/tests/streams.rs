//! Streams over files.

use wasmtime_wasi::p2::bindings::io::streams::{HostInputStream as _, HostOutputStream as _};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, StreamError};

use super::*;
use crate::counts::HostCallsExceeded;

fn input(guest: &mut Guest, path: &str, offset: u64) -> u32 {
    let file = guest.open(path, none(), READ).expect("it is there");
    let stream = guest.state.read_via_stream(file.into(), offset);
    guest.code(stream).expect("it is a file").rep()
}

fn output(guest: &mut Guest, path: &str, offset: Option<u64>) -> u32 {
    let file = guest
        .open(path, OpenFlags::CREATE, WRITE)
        .expect("it can be made");
    let stream = match offset {
        Some(offset) => guest.state.write_via_stream(file.into(), offset),
        None => guest.state.append_via_stream(file.into()),
    };
    guest.code(stream).expect("it is a file").rep()
}

fn from(stream: u32) -> Resource<DynInputStream> {
    Resource::new_borrow(stream)
}

fn to(stream: u32) -> Resource<DynOutputStream> {
    Resource::new_borrow(stream)
}

fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(future)
}

#[test]
fn reading_goes_on_to_the_end_and_then_is_closed() {
    for mut guest in Guest::writers() {
        let stream = input(&mut guest, "file", 2);
        let table = &mut guest.state.table;
        assert_eq!(table.read(from(stream), 3).expect("there is more"), b"234");
        let next = wait(table.blocking_read(from(stream), 2));
        assert_eq!(next.expect("there is more"), b"56");
        assert_eq!(table.read(from(stream), 0).expect("it is open"), b"");
        assert_eq!(table.skip(from(stream), 2).expect("there is more"), 2);
        assert_eq!(table.read(from(stream), u64::MAX).expect("more"), b"9");
        for _ in 0..2 {
            let end = table.read(from(stream), 1);
            assert!(matches!(end, Err(StreamError::Closed)));
            let end = wait(table.blocking_skip(from(stream), 1));
            assert!(matches!(end, Err(StreamError::Closed)));
        }
        assert_eq!(guest.state.io.read(), 6, "what was skipped was not read");
    }
}

#[test]
fn writing_and_appending_are_there_at_once() {
    for mut guest in Guest::writers() {
        let at = output(&mut guest, "file", Some(4));
        let end = output(&mut guest, "file", None);
        let table = &mut guest.state.table;
        assert!(table.check_write(to(at)).expect("it is open") >= 4096);
        table.write(to(at), b"ab".to_vec()).expect("it fits");
        table.write(to(end), b"!".to_vec()).expect("it fits");
        wait(table.blocking_write_and_flush(to(at), b"cd".to_vec())).expect("it fits");
        table.write_zeroes(to(end), 2).expect("it fits");
        table.flush(to(end)).expect("it is open");
        wait(table.blocking_flush(to(end))).expect("it is open");
        let contents = guest.contents("file");
        assert_eq!(contents.as_deref(), Ok("0123abcd89!\0\0"));
        assert_eq!(guest.state.io.written(), 7);
    }
}

#[test]
fn a_file_can_be_copied_with_splice_and_a_gap_reads_as_zeros() {
    for mut guest in Guest::writers() {
        let source = input(&mut guest, "file", 0);
        let copy = output(&mut guest, "copy", Some(1));
        let table = &mut guest.state.table;
        let moved = table.splice(to(copy), from(source), 4);
        assert_eq!(moved.expect("there is more"), 4);
        let moved = wait(table.blocking_splice(to(copy), from(source), 1 << 20));
        assert_eq!(moved.expect("there is more"), 6);
        assert_eq!(guest.contents("copy").as_deref(), Ok("\x000123456789"));
    }
}

#[test]
fn streams_are_always_ready() {
    let mut guest = Guest::writer();
    let (source, sink) = (
        input(&mut guest, "file", 0),
        output(&mut guest, "new", None),
    );
    use wasmtime_wasi::p2::bindings::io::poll::{Host as _, HostPollable as _};
    let table = &mut guest.state.table;
    let readable = table.subscribe_input(source);
    let writable = table.subscribe_output(sink);
    let both = vec![
        Resource::new_borrow(readable),
        Resource::new_borrow(writable),
    ];
    let mut ready = wait(table.poll(both)).expect("they are there");
    ready.sort_unstable();
    assert_eq!(ready, [0, 1]);
    assert!(wait(table.ready(Resource::new_borrow(readable))).expect("it is there"));
}

/// The two `subscribe`s have one name.
trait Subscribe {
    fn subscribe_input(&mut self, stream: u32) -> u32;
    fn subscribe_output(&mut self, stream: u32) -> u32;
}

impl Subscribe for wasmtime::component::ResourceTable {
    fn subscribe_input(&mut self, stream: u32) -> u32 {
        use wasmtime_wasi::p2::bindings::io::streams::HostInputStream;
        HostInputStream::subscribe(self, from(stream))
            .expect("it is there")
            .rep()
    }

    fn subscribe_output(&mut self, stream: u32) -> u32 {
        use wasmtime_wasi::p2::bindings::io::streams::HostOutputStream;
        HostOutputStream::subscribe(self, to(stream))
            .expect("it is there")
            .rep()
    }
}

#[test]
fn a_stream_that_failed_is_closed() {
    let mut guest = Guest::writer();
    let sink = output(&mut guest, "new", Some(QUOTA));
    let table = &mut guest.state.table;
    let over = table.write(to(sink), b"!".to_vec());
    assert!(matches!(over, Err(StreamError::LastOperationFailed(_))));
    let after = table.check_write(to(sink));
    assert!(matches!(after, Err(StreamError::Closed)));
    let after = table.write(to(sink), b"!".to_vec());
    assert!(matches!(after, Err(StreamError::Closed)));
    assert!(guest.state.io.refused_quota());
    assert_eq!(guest.contents("new").as_deref(), Ok(""));
}

#[test]
fn an_offset_past_all_files_is_an_error_and_no_panic() {
    let mut guest = Guest::writer();
    let sink = output(&mut guest, "new", Some(u64::MAX));
    let over = guest.state.table.write(to(sink), b"ab".to_vec());
    assert!(matches!(over, Err(StreamError::LastOperationFailed(_))));
    let source = input(&mut guest, "file", u64::MAX);
    let end = guest.state.table.read(from(source), 1);
    assert!(matches!(end, Err(StreamError::Closed)));
}

#[test]
fn bytes_of_streams_count_and_end_the_call_at_their_bound() {
    let limits = |limits: &mut Limits| limits.transfer = 12;
    let mut guest = Guest::new(Rights::READ_WRITE, Writes::Apply, limits);
    let source = input(&mut guest, "file", 0);
    let sink = output(&mut guest, "new", None);
    let table = &mut guest.state.table;
    assert_eq!(table.read(from(source), 10).expect("it fits").len(), 10);
    table.write(to(sink), b"ab".to_vec()).expect("it just fits");
    let Err(StreamError::Trap(error)) = table.write(to(sink), b"c".to_vec()) else {
        panic!("it goes on")
    };
    let exceeded: &HostCallsExceeded = error.downcast_ref().expect("its type");
    assert_eq!((exceeded.used, exceeded.limit), (13, 12));
    let stat = guest
        .state
        .stat_at(guest.root.into(), FOLLOW, "new".to_owned());
    assert_eq!(
        guest.code(stat).expect("it is there").size,
        2,
        "no byte more"
    );
}

#[test]
fn more_than_was_permitted_ends_the_call() {
    let mut guest = Guest::writer();
    let sink = output(&mut guest, "new", None);
    let table = &mut guest.state.table;
    let permit = table.check_write(to(sink)).expect("it is open");
    let over = table.write(to(sink), vec![0; permit as usize + 1]);
    assert!(matches!(over, Err(StreamError::Trap(_))));
}

#[test]
fn reads_and_writes_without_streams_are_the_same() {
    for mut guest in Guest::writers() {
        let file = guest
            .open("file", none(), READ | WRITE)
            .expect("it is there");
        let (root, state) = (guest.root, &mut guest.state);
        let read = |state: &mut State, length, offset| {
            let (bytes, end) = state.read(file.into(), length, offset).expect("it reads");
            (String::from_utf8(bytes).expect("text"), end)
        };
        assert_eq!(read(state, 4, 0), ("0123".to_owned(), false));
        assert_eq!(read(state, 4, 6), ("6789".to_owned(), true));
        assert_eq!(read(state, u64::MAX, 8), ("89".to_owned(), true));
        assert_eq!(read(state, 4, 10), (String::new(), true));
        assert_eq!(read(state, 4, u64::MAX), (String::new(), true));
        let written = state.write(file.into(), b"ab".to_vec(), 9);
        assert_eq!(written.expect("it fits"), 2);
        let written = state.write(file.into(), Vec::new(), 1 << 40);
        assert_eq!(written.expect("it is nothing"), 0);
        assert_eq!(read(state, 4, 8), ("8ab".to_owned(), true));
        state.set_size(file.into(), 1).expect("it is cut");
        state.set_size(file.into(), 2).expect("it is longer");
        assert_eq!(read(state, 4, 0), ("0\0".to_owned(), true));
        state.sync(file.into()).expect("it is synced");
        state.sync_data(file.into()).expect("it is synced");
        state.sync(root.into()).expect("without effect");
        // What is written at once is charged by how much longer it makes the file, so this is well over it.
        let over = state.write(file.into(), b"!".to_vec(), 2 * QUOTA);
        assert_eq!(guest.code(over), Err(ErrorCode::Quota));
        assert!(guest.state.io.refused_quota());
        let over = guest.state.set_size(file.into(), 2 * QUOTA);
        assert_eq!(guest.code(over), Err(ErrorCode::Quota));
        assert_eq!(guest.contents("file").as_deref(), Ok("0\0"));
    }
}
