//! Whether a handle still holds: the thread by which everything derived from it hangs.
//!
//! A token dies when it or one that it was derived from is revoked or expires. Whoever looks checks it before and
//! after ([`Token::check`]): a result that came too late is withheld. Whoever does what cannot be taken back holds it
//! meanwhile ([`Token::hold`]), and a revocation waits for that. So once [`Token::revoke`] has returned, nothing that
//! was begun under the token is on its way any more, and nothing can begin.

use crate::ErrorCode;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

/// What every handle carries: it holds until it, or what it was derived from, is revoked or expires. Cheap to clone;
/// clones are the same token.
#[derive(Clone)]
pub struct Token {
    /// This one's life first, then those that it hangs on, the first ancestor last. Flat, so that a check is a walk
    /// over a few words, and the end of a long line of descent is no deep recursion.
    lives: Arc<[Arc<Life>]>,
    /// The earliest end of them all.
    expires: Option<Instant>,
}

#[derive(Default)]
struct Life {
    ended: AtomicBool,
    /// Holds of this token and of all that are derived from it.
    holds: AtomicUsize,
    /// Guards nothing but the moment between a look at `holds` and the wait for it.
    gate: Mutex<()>,
    released: Condvar,
}

/// As long as this is there, a revocation of the token, or of one that it was derived from, waits.
#[derive(Debug)]
pub struct Hold {
    held: Token,
}

impl Token {
    /// One that depends on no other.
    pub fn new() -> Self {
        Self {
            lives: Arc::new([Arc::default()]),
            expires: None,
        }
    }

    /// One that dies with this one, or at `expires`, whichever is first.
    pub fn derive(&self, expires: Option<Instant>) -> Self {
        let lives = std::iter::once(Arc::default()).chain(self.lives.iter().cloned());
        Self {
            lives: lives.collect(),
            expires: match (self.expires, expires) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// Whether it still holds.
    ///
    /// # Errors
    ///
    /// [`BadDescriptor`](ErrorCode::BadDescriptor) when it was revoked or has expired.
    pub fn check(&self) -> Result<(), ErrorCode> {
        let ended = |life: &Arc<Life>| life.ended.load(Ordering::SeqCst);
        if self.lives.iter().any(ended) || self.expires.is_some_and(|end| end <= Instant::now()) {
            return Err(ErrorCode::BadDescriptor);
        }
        Ok(())
    }

    /// Hold off revocation, for what cannot be taken back: a direct write, an apply. Short, and never while waiting
    /// for somebody who might revoke. What expires meanwhile is held all the same.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn hold(&self) -> Result<Hold, ErrorCode> {
        // First count, then look: a revocation first marks, then looks at the count. One of the two sees the other.
        for life in self.lives.iter() {
            life.holds.fetch_add(1, Ordering::SeqCst);
        }
        let hold = Hold { held: self.clone() };
        self.check().map(|()| hold)
    }

    /// Take it back, with all that is derived from it. From when this returns, [`check`](Self::check) and
    /// [`hold`](Self::hold) fail there, and nothing is held. It waits for what is held now and for nothing else; new
    /// holds fail from its beginning. A thread that has a [`Hold`] of it waits for itself for ever.
    pub fn revoke(&self) {
        let life = &self.lives[0];
        life.ended.store(true, Ordering::SeqCst);
        let mut gate = life.gate.lock().unwrap_or_else(PoisonError::into_inner);
        while life.holds.load(Ordering::SeqCst) > 0 {
            let waited = life.released.wait(gate);
            gate = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        for life in self.held.lives.iter() {
            let last = life.holds.fetch_sub(1, Ordering::SeqCst) == 1;
            if last && life.ended.load(Ordering::SeqCst) {
                // With the gate: not between its look and its wait.
                let _gate = life.gate.lock().unwrap_or_else(PoisonError::into_inner);
                life.released.notify_all();
            }
        }
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("holds", &self.check().is_ok())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;
    use std::thread;
    use std::time::Duration;

    const DEAD: Result<(), ErrorCode> = Err(ErrorCode::BadDescriptor);

    #[test]
    fn what_is_derived_dies_with_it_and_not_the_other_way() {
        let root = Token::new();
        let (left, right) = (root.derive(None), root.derive(None));
        let leaf = left.derive(None);
        left.revoke();
        assert_eq!(left.check(), DEAD);
        assert_eq!(leaf.check(), DEAD);
        assert!(leaf.hold().is_err() && left.derive(None).hold().is_err());
        assert_eq!((root.check(), right.check()), (Ok(()), Ok(())));
        root.revoke();
        assert_eq!(right.clone().check(), DEAD);
        // Once more is no harm.
        root.revoke();
    }

    #[test]
    fn expiry_only_ever_comes_nearer() {
        let past = Instant::now();
        let later = past + Duration::from_secs(3600);
        let root = Token::new();
        assert_eq!(root.derive(Some(past)).check(), DEAD);
        assert_eq!(root.derive(Some(later)).check(), Ok(()));
        assert_eq!(root.derive(Some(past)).derive(Some(later)).check(), DEAD);
        assert_eq!(root.derive(Some(later)).derive(Some(past)).check(), DEAD);
        assert_eq!(root.derive(Some(past)).derive(None).check(), DEAD);
        assert_eq!(root.check(), Ok(()));
    }

    #[test]
    fn a_refused_hold_leaves_nothing_held() {
        let token = Token::new();
        token.revoke();
        assert!(token.hold().is_err());
        // It would wait for ever.
        token.revoke();
    }

    /// Each thread counts while it holds. When a revocation has returned, the count stands still.
    #[test]
    fn nothing_is_held_when_a_revocation_returns() {
        for round in 0..50 {
            let root = Token::new();
            let middle = root.derive(None);
            let leaves: Vec<Token> = (0..8).map(|_| middle.derive(None)).collect();
            let done = AtomicU64::new(0);
            let (revoked, started) = (AtomicBool::new(false), AtomicUsize::new(0));
            thread::scope(|scope| {
                for leaf in &leaves {
                    let (done, revoked, started) = (&done, &revoked, &started);
                    scope.spawn(move || {
                        started.fetch_add(1, Ordering::SeqCst);
                        loop {
                            let after = revoked.load(Ordering::SeqCst);
                            let Ok(hold) = leaf.hold() else { break };
                            assert!(!after, "held after the revocation");
                            done.fetch_add(1, Ordering::SeqCst);
                            drop(hold);
                        }
                    });
                }
                while started.load(Ordering::SeqCst) < leaves.len() {
                    thread::yield_now();
                }
                // All at once, from the leaf and from above: none waits for another.
                scope.spawn(|| leaves[0].revoke());
                scope.spawn(|| middle.revoke());
                if round % 2 == 0 {
                    root.revoke()
                } else {
                    middle.revoke()
                }
                let stands = done.load(Ordering::SeqCst);
                revoked.store(true, Ordering::SeqCst);
                thread::yield_now();
                assert_eq!(done.load(Ordering::SeqCst), stands);
            });
        }
    }

    #[test]
    fn a_revocation_waits_for_a_hold_below_it() {
        let root = Token::new();
        let leaf = root.derive(None).derive(None);
        let hold = leaf.hold().expect("it holds");
        let order = Mutex::new(Vec::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                root.revoke();
                order.lock().expect("nobody panicked").push("revoked");
            });
            // The mark comes first: from then on the revocation waits for this hold.
            while root.check().is_ok() {
                thread::yield_now();
            }
            assert!(leaf.hold().is_err());
            order.lock().expect("nobody panicked").push("released");
            drop(hold);
        });
        assert_eq!(
            *order.lock().expect("nobody panicked"),
            ["released", "revoked"]
        );
    }
}
