//! Facts about a component, read from its bytes and never by running it.
//!
//! A host asks what a component exports before it trusts it with anything: which functions, with which types, what their
//! documentation says, and what the component wants of its host. [`Contract::read`] answers from the bytes alone, which may
//! be hostile. From a [`Function`] come the JSON Schemas that a model is shown, and [`json::lower`] checks a model's JSON
//! against the same types. [`pack::pack`] is the other side: it puts an author's WIT, with its documentation, into a
//! component.
//!
//! ```
//! use bailiwick_contract::{Contract, Error};
//!
//! let error = Contract::read(b"\0asm\x01\0\0\0").unwrap_err();
//! assert!(matches!(error, Error::CoreModule));
//! ```

mod budget;
mod bytes;
mod contract;
mod decode;
mod digest;
mod docs;
mod embedded;
mod error;
mod example;
mod extra;
mod render;
mod schema;
mod scope;
mod severity;
mod tree;
mod types;

pub mod audit;
pub mod compare;
pub mod json;
pub mod kept;
pub mod known;
pub mod lock;
pub mod names;
pub mod pack;
pub mod spelled;
pub mod visible;
pub mod wit;

pub use contract::{Contract, Extra, Finding, Import};
pub use digest::{Digest, ParseDigestError};
pub use error::Error;
pub use severity::Severity;
pub use types::*;
