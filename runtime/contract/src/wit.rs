//! A component's WIT, as a reviewer would write it: what it imports, what it exports, with the author's documentation.

mod documented;
mod notes;
mod output;
mod size;
mod uses;
mod world;

use std::panic::{self, AssertUnwindSafe};

use wit_component::WitPrinter;
use wit_parser::decoding::DecodedWasm;
use wit_parser::{Resolve, WorldId};

use crate::embedded::{Embedded, SECTION};
use crate::error::Error;
use crate::scope::Scope;
use crate::{bytes, decode};
use output::Text;

/// The WIT of a component, with documentation where the component carries it and it is of the same types. What is hidden in the documentation is
/// made [visible](crate::visible::text); a text that is too long to be shown to a model is left out, and a comment says so.
///
/// A name that stands for a type of another name has a comment that says which: `// read-dir is bailiwick:fs/write@0.1.0#write-dir`.
///
/// The package and the world have the names that their author gave them, if the component says so; otherwise `root:component` and `root`. Those
/// are claims; everything else between the comments is what the component is.
///
/// # Errors
///
/// As [`Contract::read`](crate::Contract::read), but functions that are no tools for their types are printed like others; and one of its own,
/// [`Error::WitTooLarge`].
pub fn print(bytes: &[u8]) -> Result<String, Error> {
    bytes::sniff(bytes)?;
    bytes::validate(bytes, false)?;
    if let Some((import, what)) = bytes::strange_imports(bytes)?.into_iter().next() {
        return Err(Error::UnsupportedImport { import, what });
    }
    let DecodedWasm::Component(resolve, world) = decode::component(bytes)? else {
        return Err(Error::WitPackage);
    };
    size::check(&resolve)?;
    let embedded = Embedded::read(&bytes::customs(bytes, &|name| name == SECTION)?);
    let scope = Scope::new(resolve, Some(world));
    let documentation = documented::find(&scope, world, &embedded);
    let notes = notes::find(&scope);

    let mut resolve = scope.resolve;
    for (place, docs) in documentation {
        place.put(&mut resolve, world, docs);
    }
    let notes = notes::put(&mut resolve, notes);
    world::name(&mut resolve, world, &embedded);
    let in_scope = uses::put(&mut resolve, world);
    // The printer is not meant for hostile bytes and has assertions of its own: a panic is an error here.
    let print = || in_scope.and_then(|()| printed(&resolve, world, notes));
    panic::catch_unwind(AssertUnwindSafe(print))
        .ok()
        .flatten()
        .ok_or_else(|| Error::Malformed {
            message: "its types cannot be told in WIT".into(),
            offset: None,
        })
}

/// The package of the world, then the others that have something in them.
fn printed(resolve: &Resolve, world: WorldId, notes: Vec<String>) -> Option<String> {
    let main = resolve.worlds[world].package?;
    let mut printer = WitPrinter::new(Text::new(notes));
    printer.print_package(resolve, main, true).ok()?;
    for (id, package) in resolve.packages.iter() {
        if id != main && !(package.interfaces.is_empty() && package.worlds.is_empty()) {
            printer.output.blank_line();
            printer.print_package(resolve, id, false).ok()?;
        }
    }
    Some(printer.output.into_string())
}
