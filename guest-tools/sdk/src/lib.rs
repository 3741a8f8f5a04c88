//! What a tool for Bailiwick is written with, in Rust.
//!
//! A tool is a WIT world and a function. The world says what the tool can do at most; its doc comments become the
//! tool's description for a model, its types the JSON Schema. [`tool!`] makes the Rust bindings. A whole tool:
//!
//! ```
//! bailiwick_guest::tool!(reads {
//!     path: "../../wit",
//!     inline: r#"
//!         package example:size@0.1.0;
//!
//!         world tool {
//!           include bailiwick:tool/reads@0.1.0;
//!           use bailiwick:fs/read@0.1.0.{read-dir};
//!           use bailiwick:tool/types@0.1.0.{tool-error};
//!
//!           /// How many bytes a file has.
//!           ///
//!           /// - `dir`: where to look.
//!           /// - `path`: the file, from `dir` on.
//!           export size: func(dir: borrow<read-dir>, path: string) -> result<u64, tool-error>;
//!         }
//!     "#,
//! });
//!
//! use bailiwick_guest::{At, ToolError, fs::read::ReadDir, path};
//!
//! struct Tool;
//!
//! impl bindings::Guest for Tool {
//!     fn size(dir: &ReadDir, path: String) -> Result<u64, ToolError> {
//!         let stat = dir.stat(&path).at(|| path::join(&dir.name(), &path))?;
//!         Ok(stat.size)
//!     }
//! }
//!
//! bindings::export!(Tool);
//! # fn main() {}
//! ```
//!
//! In a real tool the world stands in a `.wit` file of its own, and `world: "example:size/tool"` names it.
//! `cargo build --target wasm32-wasip2` makes the component (with `crate-type = ["cdylib"]`), and `bailiwick pack` puts the WIT with
//! its documentation into it, which is what a model reads.
//!
//! What else is here:
//!
//! - [`fs`], [`types`], [`progress`]: the contracts that every tool shares, bound once. Handles, and so authority,
//!   come only as arguments.
//! - [`ToolError`] with [`ToolError::new`] and [`ToolError::hint`], and [`At`], which gives an
//!   [`fs::read::ErrorCode`] the path that it is about.
//! - [`path::join`] spells a path so that it can be given back as an argument.
//! - [`walk`] visits a tree in batches, [`read_each`] reads many whole files in few crossings, [`FileReader`] reads
//!   one file in order without loading it.
//! - [`Directory`], [`File`], [`ReadAt`] and [`Pages`] are what these three need, and [`EditDir`] and [`EditFile`] what
//!   changes files. Code that is written for them can be tested natively, over a stand-in.
//! - [`note`] puts together what a reply says about itself.

mod bindings;
mod edit;
mod error;
mod files;
pub mod note;
pub mod path;
mod reader;
mod source;
mod tool;
mod walk;

/// What a tool can hold of the filesystem: handles, never paths that reach anything.
pub mod fs {
    pub use crate::bindings::bailiwick::fs::{read, write};
}

pub use bindings::bailiwick::tool::{progress, types};
pub use edit::{EditDir, EditFile};
pub use error::{At, io_error_at};
pub use files::{ReadEach, read_each};
pub use reader::FileReader;
pub use source::{Directory, File, Pages, ReadAt};
pub use types::ToolError;
pub use walk::{Walk, walk};

#[doc(hidden)]
pub use wit_bindgen;
