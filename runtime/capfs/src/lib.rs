//! Capability-scoped filesystem handles: rights, names, and resolution that the kernel never does for us.
//!
//! This crate decides which files a tool can see and change. It is meant to be read by somebody who does not trust it.
//!
//! # The model
//!
//! A [`Grant`] is a directory of the host, or one file of it, opened once by the operator ([`Grant::open_ambient`] and
//! [`Grant::open_with`], which with [`State`] are the only ways in for a host path), with [`Rights`] and [`Guards`]. In a
//! session it is a [`Volume`], which says what becomes of what is written ([`Writes`]), how much that may be
//! ([`Ledger`]), and remembers what the session saw.
//!
//! What a session holds of a volume is a [`Capability`] in its table of [`Handles`]: a subtree or file, with rights,
//! guards, a share of the quota and a [`Token`]. [`attenuate`](Handles::attenuate) only ever takes away;
//! [`revoke`](Handles::revoke) takes back a handle, all that were derived from it and all that was opened through them.
//!
//! A call has one [`Layer`] of each volume that it touches: base ← what is pending ← what the call does. A string from
//! a model becomes a [`GuestPath`], and layer and capability turn that into what the tool gets: [`ReadDir`],
//! [`ReadFile`], [`WriteDir`], [`WriteFile`]. A tool holds these and nothing else. Each is rooted at itself: a
//! `ReadDir` of `/workspace/src` cannot see `/workspace`, not through `..`, not through a link, although the grant
//! could. What a handle can do is the list of its methods. When the call ends well its layers are taken as one
//! ([`commit`]), otherwise they are dropped ([`discard`]).
//!
//! Handles have names in the session's namespace (`/workspace/src/main.rs`) and errors are an [`ErrorCode`]: neither
//! can carry a path of the host.
//!
//! ```
//! use bailiwick_capfs::{
//!     Amount, ErrorCode, Grant, GuestPath, Handles, Resolved, Rights, Volume, VolumeOptions, Writes,
//!     ambient_authority,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! # std::fs::create_dir(folder.path().join("src"))?;
//! # std::fs::write(folder.path().join("src/main.rs"), "fn main() {}")?;
//! # std::fs::write(folder.path().join("secret"), "")?;
//! let grant = Grant::open_ambient(folder.path(), Rights::READ, ambient_authority())?;
//! let options = VolumeOptions { writes: Writes::Apply, quota: Amount::default() };
//! // What can only be looked at needs no state folder.
//! let volume = Volume::new("workspace", grant, options, None)?;
//! let handles = Handles::default();
//! let id = handles.grant("workspace", volume.clone());
//!
//! let layer = volume.begin(None);
//! let capability = handles.get(id)?;
//! let Resolved::Dir(src) = layer.resolve_read(&capability, &GuestPath::parse("src/")?)? else {
//!     unreachable!("a trailing slash asks for a directory");
//! };
//! assert_eq!(src.name(), "/workspace/src");
//! assert_eq!(src.open_file("main.rs")?.read(3, 4)?.bytes, b"main");
//! assert_eq!(src.stat("../secret"), Err(ErrorCode::NotPermitted));
//!
//! handles.revoke(id)?;
//! assert_eq!(src.stat("main.rs"), Err(ErrorCode::BadDescriptor));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How a path is resolved
//!
//! 1. [`GuestPath::parse`] normalises the text: `.` and empty names go, `..` takes away the name before it. What is
//!    absolute or leaves is refused before anything is opened.
//! 2. The names are looked up one at a time, each in a place: an open directory of the base, what the layer says of
//!    it, and the plain names by which it was come to. A name that the handle is kept from is not there. What the
//!    layer made, moved or removed decides next; what it says nothing of shows through from the base.
//! 3. In the base, a name is opened with `O_NOFOLLOW`. The kernel never gets a path, a `..` or a link to follow;
//!    cap-std's `RESOLVE_BENEATH` stands behind every single open as a second fence.
//! 4. A link, of the base or of the layer, is read and its names are put in front of those ahead. Absolute: refused.
//!    The 41st: refused. A `..` in it takes away the last plain name behind, and the way there is walked again from
//!    the handle's root; with none behind it is refused. So guards are asked about where a name is, not about how it
//!    was spelled.
//! 5. Whatever was opened is asked what it is and where, by its descriptor: a regular file or a directory, on the
//!    grant's filesystem, or, where the operator let it, on another one for files. `O_NONBLOCK` comes first, so that a
//!    FIFO or a device cannot make us wait; what is neither is closed again.
//!
//! Others may rename, replace and link while this goes on. No check is on a name and then used on another look-up of
//! it, so the worst that they can do is to make us open something else *below the handle*, or fail.
//!
//! A directory handle stands for what was opened, as long as its call's layer changes no directory. When it does, the
//! handle stands for its name, and is found again by what the layer has there.
//!
//! # What is not covered
//!
//! A hard link to a file outside, a bind mount of the same filesystem, or a directory that somebody moves out while
//! we are in it: these are inside as far as the kernel can say. Whoever can make them has the authority already.
//! Guards know a name by where it is below the grant: what others rename meanwhile, or reach by another hard link, is
//! another name. Looking leaves traces that are the kernel's: access times, and a writer that waits at a FIFO notices
//! that somebody opened it.
//!
//! # Bounds
//!
//! One crossing is bounded in bytes, names and opens, all listed in [`bounds`]. Only what cannot be taken back waits:
//! [`revoke`](Handles::revoke) for direct writes and applying that are under way, and applying for other processes that
//! apply. Nothing here reads the environment; the clock is read for the expiry of handles, for times that are set to
//! now, and for the date of what is applied.

mod ambient;
mod at;
mod base;
pub mod bounds;
mod change;
pub mod change_set;
mod diff;
mod error;
mod facts;
mod file_ref;
mod globs;
mod grant;
mod guard;
mod handles;
mod layer;
mod ledger;
mod levels;
mod list;
mod near;
mod open;
mod path;
mod place;
mod read_dir;
mod read_file;
mod read_files;
mod regular;
mod resolve;
mod rights;
mod rules;
mod seen;
mod stat;
pub mod state;
mod target;
mod token;
mod version;
mod volume;
mod walk;
mod way;
mod write_dir;
mod write_file;

pub use ambient::{GrantTerms, OpenError, Shield};
pub use cap_std::fs::Dir as Folder;
pub use cap_std::{AmbientAuthority, ambient_authority};
pub use change::{Change, ChangeKind, Conflict};
pub use change_set::ChangeSet;
pub use error::ErrorCode;
pub use facts::{DirEntry, Facts, SetTime, Times};
pub use grant::{Grant, Resolved};
pub use guard::{GlobError, Guards, PROTECTED};
pub use handles::{Attenuation, Capability, HandleError, HandleId, Handles};
pub use layer::{Layer, Mount, Savepoint};
pub use ledger::{Amount, Ledger};
pub use path::GuestPath;
pub use read_dir::ReadDir;
pub use read_file::{Chunk, ReadFile};
pub use rights::Rights;
pub use stat::{Kind, Stat};
pub use state::{State, TakeBackError};
pub use token::{Hold, Token};
pub use version::{Digest, Stamp, Time, Version};
pub use volume::{
    CommitError, Committed, Held, Locked, PendingPoint, Salvage, Volume, VolumeOptions, Writes,
    commit, discard,
};
pub use walk::{Entry, Page, Scope, Walker};
pub use write_dir::{Expect, WriteDir};
pub use write_file::WriteFile;
