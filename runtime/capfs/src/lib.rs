//! Capability-scoped filesystem handles: rights, names, and resolution that the kernel never does for us.
//!
//! This crate decides which files a tool can see. It is meant to be read in one sitting, by somebody who does not
//! trust it.
//!
//! # The model
//!
//! A [`Grant`] is a directory of the host, opened once by the operator ([`Grant::open_ambient`], the only function
//! here that takes a host path), with [`Rights`]. A string from a model becomes a [`GuestPath`], and
//! [`Grant::resolve_read`] turns that into a handle: a [`ReadDir`] for a directory and all below it, or a
//! [`ReadFile`] for one file. A tool holds handles and nothing else. Each handle is rooted at itself: a `ReadDir` of
//! `/workspace/src` cannot see `/workspace`, not through `..`, not through a link, although the grant could. What a
//! handle can do is the list of its methods; the ones here have none that changes anything.
//!
//! Handles have names in the session's namespace (`/workspace/src/main.rs`) and errors are an [`ErrorCode`]: neither
//! can carry a path of the host.
//!
//! ```
//! use bailiwick_capfs::{ErrorCode, Grant, GuestPath, Resolved, Rights, ambient_authority};
//!
//! # let folder = tempfile::tempdir()?;
//! # std::fs::create_dir(folder.path().join("src"))?;
//! # std::fs::write(folder.path().join("src/main.rs"), "fn main() {}")?;
//! # std::fs::write(folder.path().join("secret"), "")?;
//! let grant = Grant::open_ambient(folder.path(), Rights::READ, ambient_authority())?;
//! let Resolved::Dir(src) = grant.resolve_read("workspace", &GuestPath::parse("src/")?)? else {
//!     unreachable!("a trailing slash asks for a directory");
//! };
//! assert_eq!(src.name(), "/workspace/src");
//! assert_eq!(src.open_file("main.rs")?.read(3, 4)?.bytes, b"main");
//! assert_eq!(src.stat("../secret"), Err(ErrorCode::NotPermitted));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How a path is resolved
//!
//! 1. [`GuestPath::parse`] normalises the text: `.` and empty names go, `..` takes away the name before it. What is
//!    absolute or leaves is refused before anything is opened.
//! 2. The names are looked up one at a time, each in an open directory, each with `O_NOFOLLOW`. The kernel never gets
//!    a path, a `..` or a link to follow; cap-std's `RESOLVE_BENEATH` stands behind every single open as a second
//!    fence.
//! 3. A link is read and its names are put in front of those ahead. Absolute: refused. The 41st: refused. A `..` in
//!    it takes away the last plain name behind, and the way there is walked again from the handle's root; with none
//!    behind it is refused.
//! 4. Whatever was opened is asked what it is and where, by its descriptor: a regular file or a directory, on the
//!    grant's filesystem. `O_NONBLOCK` comes first, so that a FIFO or a device cannot make us wait; what is neither
//!    is closed again.
//!
//! Others may rename, replace and link while this goes on. No check is on a name and then used on another look-up of
//! it, so the worst that they can do is to make us open something else *below the handle*, or fail.
//!
//! # What is not covered
//!
//! A hard link to a file outside, a bind mount of the same filesystem, or a directory that somebody moves out while
//! we are in it: these are inside as far as the kernel can say. Whoever can make them has the authority already.
//! Looking leaves traces that are the kernel's: access times, and a writer that waits at a FIFO notices that somebody
//! opened it.
//!
//! # Bounds
//!
//! One crossing is bounded in bytes, names and opens, all listed in [`bounds`]. Nothing here blocks on purpose,
//! spawns, reads a clock or the environment.

mod ambient;
pub mod bounds;
mod error;
mod globs;
mod grant;
mod levels;
mod list;
mod near;
mod open;
mod path;
mod read_dir;
mod read_file;
mod resolve;
mod rights;
mod rules;
mod stat;
mod tree;
mod walk;

pub use ambient::OpenError;
pub use cap_std::{AmbientAuthority, ambient_authority};
pub use error::ErrorCode;
pub use grant::{Grant, Resolved};
pub use path::GuestPath;
pub use read_dir::ReadDir;
pub use read_file::{Chunk, ReadFile};
pub use rights::Rights;
pub use stat::{Kind, Stat};
pub use walk::{Entry, Page, Scope, Walker};
