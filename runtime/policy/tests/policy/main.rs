//! The policy from outside: what it says, what is refused and how, and what hostile texts come to.

#![allow(clippy::disallowed_methods)]

mod hostile;
mod owner;
mod read;
mod refused;
mod schema;
mod summary;
