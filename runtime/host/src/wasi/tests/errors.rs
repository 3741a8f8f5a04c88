//! What a guest learns of an error, and what not.

use wasmtime_wasi::p2::bindings::io::error::HostError as _;
use wasmtime_wasi::p2::bindings::io::streams::{self, Host as _, HostOutputStream as _};

use super::super::errors::{Errors, Failed};
use super::*;

#[test]
fn every_code_is_the_case_of_its_name() {
    // In the order of the WIT: the discriminant of a case is its place there.
    let wit = include_str!("../../../wit/deps/filesystem.wit");
    let (_, rest) = wit
        .split_once("enum error-code {")
        .expect("it has the enum");
    let (body, _) = rest.split_once('}').expect("the enum ends");
    let cases: Vec<_> = body
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("///"))
        .map(|line| line.trim_end_matches(','))
        .collect();
    for code in capfs::ErrorCode::ALL {
        let given = ErrorCode::from(code);
        assert_eq!(cases.get(given as usize), Some(&code.name()));
    }
}

#[test]
fn a_failed_write_of_a_stream_tells_its_code_and_nothing_of_the_host() {
    let mut guest = Guest::writer();
    let how = OpenFlags::CREATE;
    let file = guest.open("new", how, WRITE).expect("it can be made");
    let sink = guest.state.write_via_stream(file.into(), QUOTA);
    let sink = guest.code(sink).expect("it is a file");
    let table = &mut guest.state.table;
    let Err(error) = table.write(sink, b"!".to_vec()) else {
        panic!("it fits")
    };
    let Ok(streams::StreamError::LastOperationFailed(error)) = table.convert_stream_error(error)
    else {
        panic!("another error")
    };
    let error = error.rep();
    let code = guest
        .state
        .filesystem_error_code(Resource::new_borrow(error))
        .expect("it is there");
    assert_eq!(code, Some(ErrorCode::Quota));
    let mut errors = Errors(&mut guest.state.table);
    let words = errors.to_debug_string(Resource::new_borrow(error));
    assert_eq!(words.expect("it is there"), "a bound is used up");
}

#[test]
fn an_error_of_somebody_else_has_neither_code_nor_words() {
    let mut guest = Guest::reader();
    let error = wasmtime::format_err!("/home/me/secret").context("cannot open");
    let error = guest.state.table.push(error).expect("there is room").rep();
    let code = guest
        .state
        .filesystem_error_code(Resource::new_borrow(error));
    assert_eq!(code.expect("it is there"), None);
    let mut errors = Errors(&mut guest.state.table);
    let words = errors.to_debug_string(Resource::new_borrow(error));
    assert_eq!(words.expect("it is there"), "the operation failed");
    errors.drop(Resource::new_own(error)).expect("it is there");
    assert!(errors.to_debug_string(Resource::new_borrow(error)).is_err());
}

#[test]
fn the_words_of_every_code_are_its_own() {
    let mut table = wasmtime::component::ResourceTable::new();
    for code in capfs::ErrorCode::ALL {
        let error = wasmtime::Error::new(Failed(code));
        let error = table.push(error).expect("there is room").rep();
        let words = Errors(&mut table).to_debug_string(Resource::new_borrow(error));
        assert_eq!(words.expect("it is there"), code.to_string());
    }
}

#[test]
fn a_handle_that_is_none_ends_the_call() {
    let mut guest = Guest::reader();
    let Err(FsError::Trap(error)) = guest.state.stat(Resource::new_borrow(999)) else {
        panic!("it goes on")
    };
    assert!(error.is::<wasmtime::component::ResourceTableError>());
}
