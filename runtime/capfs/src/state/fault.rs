//! Failures on purpose, for tests: a process that ends, or a system that refuses, at a step of a test's choosing.

use crate::ErrorCode;
use std::sync::Mutex;

/// What happens, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// After so many steps the process is aborted.
    Abort(u64),
    /// After so many steps one fails.
    Fail(u64, ErrorCode),
    /// The filesystem cannot exchange two names, nor refuse to replace one.
    Plain,
}

/// The one that is set.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Fault>);

impl Faults {
    pub(super) fn set(&self, fault: Fault) {
        if let Ok(mut set) = self.0.lock() {
            *set = fault;
        }
    }

    /// A step is about to be made.
    pub(super) fn point(&self) -> Result<(), ErrorCode> {
        let Ok(mut set) = self.0.lock() else {
            return Ok(());
        };
        match *set {
            Fault::None | Fault::Plain => {}
            Fault::Abort(0) => std::process::abort(),
            Fault::Abort(left) => *set = Fault::Abort(left - 1),
            Fault::Fail(0, error) => {
                *set = Fault::None;
                return Err(error);
            }
            Fault::Fail(left, error) => *set = Fault::Fail(left - 1, error),
        }
        Ok(())
    }

    pub(super) fn is_plain(&self) -> bool {
        self.0.lock().is_ok_and(|set| *set == Fault::Plain)
    }
}
