//! Attacks on the handles, and what must come of them. One module a concern.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a test makes its own files, and has failed when it cannot"
)]

mod attack;
mod attack_fallback;
mod attack_guards;
mod attack_paths;
mod attack_race;
mod attack_revoke;
mod attack_rights;
mod changes;
mod commit;
mod conflicts;
mod deep;
mod far;
mod files;
mod grants;
mod guarded;
mod holding;
mod kept;
mod large;
mod links;
mod merged;
mod names;
mod near;
mod only;
mod paths;
mod permissions;
mod quota;
mod races;
mod random;
mod review;
mod revoked;
mod rules;
mod salvage;
mod savepoints;
mod session;
mod shared;
mod shares;
mod single;
mod special;
mod terms;
mod together;
mod tree;
mod unreadable;
mod view;
mod walks;
mod work;
mod writing;
