//! The embedder's library of Bailiwick: load a component as a tool, grant it handles, call it under limits.
//!
//! ```
//! use bailiwick_host::{Engine, Grant, Rights, Session, Tool, ambient_authority};
//! use serde_json::json;
//!
//! # fn component() -> std::path::PathBuf {
//! #     std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/release/tools/files.wasm")
//! # }
//! # let project = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! // Code that you did not write: compiled and linked, not run.
//! let engine = Engine::new()?;
//! let tool = Tool::load(&engine, "files", &std::fs::read(component())?)?;
//!
//! // The tool can be handed what is in this directory, to look at, and nothing else of the host.
//! let session = Session::new();
//! session.add(tool)?;
//! session.grant("src", Grant::open_ambient(project.as_ref(), Rights::READ, ambient_authority())?)?;
//!
//! // JSON in, JSON out, with fuel, time and memory bounded.
//! let found = session.call("files_grep", json!({ "dir": "/src", "pattern": "^pub struct Session" })).await;
//! assert_eq!(found.result.as_ref().map(|r| &r["files"][0]["path"]), Some(&json!("/src/session.rs")));
//!
//! let outside = session.call("files_read", json!({ "file": "/src/../Cargo.toml" })).await;
//! assert_eq!(outside.code.name(), "denied");
//! println!("{}", outside.text()); // written for a model
//! # Ok::<(), Box<dyn std::error::Error>>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An [`Engine`] compiles and holds the pool of memory; make one and share it. A [`Tool`] is compiled code and its contract. A
//! [`Session`] is what one agent has: tools, and names for what they may be handed. [`Session::call`] gives a [`Call`], a future of an
//! [`Outcome`] with events and cancel. Every call gets a fresh store under all of [`Limits`]; no state outlives it.
//!
//! A grant that can be written is changed in transactions: [`Session::with_state`] gives the session a folder to keep changes in, [`GrantOptions`] says what becomes of
//! them, and [`Session::pending`], [`Session::apply`], [`Session::undo`], [`Session::checkpoint`] and their like are for the host, never for a model.
//!
//! The library opens no path, reads no environment and prints nothing: directories come in through [`Grant::open_ambient`] and [`Grant::open_with`], and the state
//! folder through [`State::open_ambient`], the log through [`Log::open_ambient`], which ask for an [`AmbientAuthority`].

mod added;
mod allow;
mod bindings;
mod blocking;
mod bounded;
mod budget;
mod call;
mod changes;
mod codes;
pub mod compile;
mod copies;
mod counts;
mod ending;
mod engine;
mod error;
mod files;
mod fs;
mod governing;
mod handed;
mod layers;
mod limiter;
pub mod limits;
mod link;
mod load;
pub mod log;
mod namespace;
mod outcome;
mod places;
pub mod policy;
mod results;
mod run;
mod session;
mod state;
mod stdio;
mod tool;
mod trace;
mod value;
pub use bailiwick_contract::visible;
mod wasi;

pub use added::ToolTerms;
pub use bailiwick_capfs::state::{ApplyError, Keep, Record, Recovered, State, StateError};
pub use bailiwick_capfs::{
    AmbientAuthority, Amount, Attenuation, Change, ChangeKind, CommitError, Conflict, ErrorCode,
    Grant, GrantTerms, GuestPath, HandleError, HandleId, OpenError, Rights, Shield, TakeBackError,
    Writes, ambient_authority,
};
pub use bailiwick_contract as contract;
pub use budget::{Budget, Spent};
pub use call::{Call, Cancel, Event, Events};
pub use changes::Checkpoint;
pub use compile::{Cache, Compiling};
pub use engine::{Engine, EngineOptions, Metering};
pub use error::{ChangesError, EngineError, GrantError, LoadError};
pub use governing::Governing;
pub use limits::Limits;
pub use load::Source;
pub use log::Log;
pub use outcome::{Code, Content, Failure, Outcome, Usage};
pub use session::{GrantOptions, Session};
pub use stdio::Captured;
pub use tool::Tool;
