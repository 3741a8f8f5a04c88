//! Closes the imports of a component that it does not need, so that what it imports is what it can do, on any host.
//!
//! Standard libraries import dozens of interfaces whether a tool needs them or not. [`seal`] composes the component
//! with a stand-in that has the same functions, does nothing and reaches nothing: what is kept is all that is left to
//! import. The stand-in is a component of a few kilobytes beside the one that was sealed, with a memory of its own.
//! Exports, types, documentation and producers stay what they are, and every sealed component is read again to see
//! that.
//!
//! # What a stand-in does
//!
//! A function returns what means nothing in its type: zero, false, none, an empty list or string, the first case, a
//! new handle. A result is the error that says no (`access`, `access-denied`, `not-permitted`, `closed`, …) where its
//! type has one, and otherwise ok. So:
//!
//! - files and sockets are refused, the environment, the arguments and the preopened directories are empty, there is
//!   no terminal, and standard input is at its end;
//! - standard output and standard error take all that is written and drop it, so that printing never fails;
//! - a clock stands still at zero. What waits for it is ready at once: a loop that waits until the clock says so
//!   never ends by itself;
//! - `wasi:random/insecure` and `insecure-seed` give a constant, the same in every component and call: the order in a
//!   hash map is always the same, and whoever knows the constant can make keys that collide;
//! - what has no value that means nothing ends the call: `wasi:random/random`, because secrets must not be made of a
//!   constant; `wasi:cli/exit`; a function that returns a handle of an interface that is kept. [`Sealed::traps`]
//!   names them.
//!
//! # What cannot be closed
//!
//! An interface whose resource an export or a kept interface names, and a type that the component imports by itself.
//! Of an interface of which they name only other types, those types stay, without any function. Where
//! `wasi:io/streams` stays, standard input, output and error stay too: a stand-in could not make a stream of it, so
//! that printing would end the call. [`Sealed::kept_because`] says why.
//!
//! ```
//! use bailiwick_seal::seal;
//!
//! # let component = wat::parse_str("(component)").unwrap();
//! let sealed = seal(&component, &[]).unwrap();
//! assert_eq!(sealed.bytes, component);
//! let error = seal(&component, &["wasi:cli/stdout"]).unwrap_err();
//! let why = "`wasi:cli/stdout` is not imported, so it cannot be kept: the component imports nothing";
//! assert_eq!(error.to_string(), why);
//! ```

mod compose;
mod error;
mod frame;
mod inert;
mod keep;
mod module;
mod shell;
mod special;
mod standin;
mod target;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{self, AssertUnwindSafe};

use bailiwick_contract::{Contract, Function};

pub use error::SealError;

use keep::Stay;
use target::Target;

/// A component that imports no more than was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The component. The same bytes always give the same; when nothing was closed, they are those that were given.
    pub bytes: Vec<u8>,
    /// The interfaces and functions that were closed, as they were imported: `wasi:cli/stdout@0.2.6`.
    pub sealed: Vec<String>,
    /// Those that are still imported, in the order of the component.
    pub kept: Vec<String>,
    /// Interfaces that are still imported for types that have no authority: they have neither functions nor
    /// resources, or are closed and only these types of them stay.
    pub types: Vec<String>,
    /// Those of `kept` and `types` that were not asked for.
    pub kept_because: Vec<KeptBecause>,
    /// Functions of closed interfaces that end the call, since there is nothing that they could return:
    /// `wasi:cli/exit@0.2.6#exit`.
    pub traps: Vec<String>,
}

/// Why an import stays that was not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBecause {
    /// The import.
    pub name: String,
    /// Why: a lower-case fragment that names the export or import that needs it.
    pub reason: String,
}

/// Closes the imports of `component` that are neither in `keep` nor needed by what stays.
///
/// `keep` has names of interfaces, with or without version (`wasi:cli/stdout@0.2.6`, `bailiwick:fs/read`), or of
/// functions that the component imports by themselves. Runs nothing of the component. Sealing what is sealed, with the
/// same to keep, closes nothing.
///
/// # Errors
///
/// When the component cannot be read ([`Contract::read`]), when it does not import what is to be kept, and when a
/// stand-in cannot be made.
pub fn seal(component: &[u8], keep: &[&str]) -> Result<Sealed, SealError> {
    let before = Contract::read(component)?;
    // What decodes and encodes WIT has assertions of its own. The bytes may be hostile, so a panic is an error here.
    let composed = panic::catch_unwind(AssertUnwindSafe(|| composed(component, keep)));
    let sealed = composed.unwrap_or_else(|_| {
        let what = "its types cannot be told in WIT";
        Err(SealError::Composition(what.into()))
    })?;
    if !sealed.sealed.is_empty() {
        compare(&before, &sealed)?;
    }
    Ok(sealed)
}

fn composed(component: &[u8], keep: &[&str]) -> Result<Sealed, SealError> {
    let mut target = Target::decode(component)?;
    let choice = keep::choose(&target, keep)?;
    let names = |is_wanted: &dyn Fn(usize) -> bool| target.names(is_wanted);
    let mut sealed = Sealed {
        bytes: Vec::new(),
        sealed: names(&|place| choice.closes(&target, place)),
        kept: names(&|place| matches!(choice.stays[place], Stay::All)),
        types: names(&|place| matches!(choice.stays[place], Stay::Types(_))),
        kept_because: choice.because.clone(),
        traps: Vec::new(),
    };
    if sealed.sealed.is_empty() {
        sealed.bytes = component.to_vec();
    } else {
        let composed = compose::compose(component, &mut target, &choice)?;
        sealed.bytes = composed.bytes;
        sealed.traps = composed.traps;
    }
    Ok(sealed)
}

/// What was sealed is what it was, but for its imports.
fn compare(before: &Contract, sealed: &Sealed) -> Result<(), SealError> {
    let after = Contract::read(&sealed.bytes)?;
    let producers =
        |contract: &Contract| contract.producers.iter().cloned().collect::<BTreeSet<_>>();
    let checks = [
        ("imports", expected(before, sealed) == imports(&after)),
        (
            "functions",
            before.functions.len() == after.functions.len()
                && before.functions.iter().zip(&after.functions).all(is_same),
        ),
        (
            "exports and documentation",
            (&before.extra, &before.docs) == (&after.extra, &after.docs),
        ),
        ("findings", before.findings == after.findings),
        ("producers", producers(before) == producers(&after)),
    ];
    match checks.into_iter().find(|(_, is_same)| !is_same) {
        Some((what, _)) => Err(SealError::Changed(what)),
        None => Ok(()),
    }
}

/// The functions of each import. In what order an interface has them means nothing.
type Imports<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn imports(contract: &Contract) -> Imports<'_> {
    let mut imports = Imports::new();
    for import in &contract.imports {
        let functions = import.functions.iter().map(String::as_str).collect();
        imports.insert(&import.name, functions);
    }
    imports
}

/// What is to be left: nothing of what was closed but for types.
fn expected<'a>(before: &'a Contract, sealed: &'a Sealed) -> Imports<'a> {
    let mut expected = imports(before);
    for name in &sealed.sealed {
        expected.remove(name.as_str());
    }
    for name in &sealed.types {
        expected.insert(name, BTreeSet::new());
    }
    expected
}

/// What is written for debugging has every part of a function, and the contract has bounded it.
fn is_same((one, other): (&Function, &Function)) -> bool {
    format!("{one:?}") == format!("{other:?}")
}
