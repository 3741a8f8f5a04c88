//! Failures on purpose, for tests: a process that ends, or a system that refuses, at a step of a test's choosing.

use crate::ErrorCode;
use std::sync::{Condvar, Mutex};

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
    /// After so many steps nothing is done any more, as if the process had ended there: neither the rest, nor taking back what was done.
    Stop(u64),
    /// After so many steps it waits until something else is set, which then goes for that step.
    Pause(u64),
    /// The filesystem cannot exchange two names, nor refuse to replace one.
    Plain,
}

/// The one that is set.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Fault>, Condvar);

impl Faults {
    pub(super) fn set(&self, fault: Fault) {
        if let Ok(mut set) = self.0.lock() {
            *set = fault;
        }
        self.1.notify_all();
    }

    /// A step is about to be made.
    pub(super) fn point(&self) -> Result<(), ErrorCode> {
        let Ok(mut set) = self.0.lock() else {
            return Ok(());
        };
        while *set == Fault::Pause(0) {
            let Ok(woken) = self.1.wait(set) else {
                return Ok(());
            };
            set = woken;
        }
        match *set {
            Fault::None | Fault::Plain => {}
            Fault::Abort(0) => std::process::abort(),
            Fault::Abort(left) => *set = Fault::Abort(left - 1),
            Fault::Stop(0) => return Err(ErrorCode::Io),
            Fault::Pause(left) => *set = Fault::Pause(left.saturating_sub(1)),
            Fault::Stop(left) => *set = Fault::Stop(left - 1),
            Fault::Fail(0, error) => {
                *set = Fault::None;
                return Err(error);
            }
            Fault::Fail(left, error) => *set = Fault::Fail(left - 1, error),
        }
        Ok(())
    }

    /// Whether it is to look as if this process were gone.
    pub(super) fn is_stopped(&self) -> bool {
        self.0.lock().is_ok_and(|set| *set == Fault::Stop(0))
    }

    pub(super) fn is_plain(&self) -> bool {
        self.0.lock().is_ok_and(|set| *set == Fault::Plain)
    }
}
