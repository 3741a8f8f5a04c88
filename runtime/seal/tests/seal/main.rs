//! Sealed components: what they import, what they still say, and what stands in for the rest.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that panics fails")]

mod component;
mod every;
mod guest;
mod hostile;
mod keeping;
mod same;
mod standin;
mod values;
