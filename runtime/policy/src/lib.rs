//! Who may do what: the policy file of a folder, the trust that it needs before anything runs, the ceilings that its
//! owner sets, and the lock that its tools are held to.
//!
//! This crate reads files that may be hostile (a cloned repository has a policy, too) and cannot run anything: it knows
//! neither the engine nor the filesystem that tools see. The host takes a [`Policy`] and makes a session of it.

pub mod amount;
pub mod check;
pub mod edit;
mod error;
mod keys;
mod nearest;
pub mod owner;
mod parse;
mod policy;
pub mod schema;
mod summary;
pub mod template;
pub mod trust;

pub use error::{Code, PolicyError, Position};
pub use parse::MOST;
pub use policy::{
    BudgetPolicy, GrantPolicy, LimitsPolicy, Metering, MountedGrant, Policy, Quota, Rights,
    ToolPolicy, Writes,
};
