//! One file a subcommand.

pub(crate) mod call;
pub(crate) mod changes;
pub(crate) mod completions;
pub(crate) mod pack;
pub(crate) mod tools;
