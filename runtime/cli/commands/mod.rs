//! One file a subcommand.

pub(crate) mod add;
pub(crate) mod audit;
pub(crate) mod cache;
pub(crate) mod call;
pub(crate) mod changes;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod log;
pub(crate) mod measure;
pub(crate) mod pack;
pub(crate) mod remove;
pub(crate) mod seal;
pub(crate) mod tools;
pub(crate) mod trust;
pub(crate) mod verify;
