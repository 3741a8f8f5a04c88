//! Who may take from the pool, and who waits.
//!
//! wasmtime fails a call for which its pool has no slot. Here a call first takes what its component says that it needs, all of it or none, and
//! waits in turn for others to end when that is not there: what it was given is there for it when it begins.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::Component;

use crate::limits::{MEMORIES, TABLES};

/// What an engine's pool has. Cheap to clone; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    calls: Arc<Semaphore>,
    memories: Arc<Semaphore>,
    tables: Arc<Semaphore>,
}

/// What an instance of a component takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needs {
    memories: u32,
    tables: u32,
}

/// What a call has taken. There again for others when it is dropped, so it is dropped after the call's store.
#[derive(Debug)]
pub(crate) struct Taken {
    _call: OwnedSemaphorePermit,
    _memories: OwnedSemaphorePermit,
    _tables: OwnedSemaphorePermit,
}

impl Needs {
    /// At most as many as a call may have: one that has more ends at that bound, and needs no room for it.
    pub(crate) fn of(component: &Component) -> Self {
        let (memories, tables) = match component.resources_required() {
            Some(needs) => (needs.num_memories as usize, needs.num_tables as usize),
            None => (MEMORIES, TABLES),
        };
        Self {
            memories: memories.min(MEMORIES) as u32,
            tables: tables.min(TABLES) as u32,
        }
    }
}

impl Room {
    pub(crate) fn new(calls: u32, memories: u32, tables: u32) -> Self {
        let semaphore = |places: u32| Arc::new(Semaphore::new(places as usize));
        Self {
            calls: semaphore(calls),
            memories: semaphore(memories),
            tables: semaphore(tables),
        }
    }

    /// Takes a place, and waits in turn for it. Always in this order, so that no two wait for each other. None when there will be none.
    pub(crate) async fn take(&self, needs: Needs) -> Option<Taken> {
        let take = |of: &Arc<Semaphore>, number| of.clone().acquire_many_owned(number);
        Some(Taken {
            _call: take(&self.calls, 1).await.ok()?,
            _memories: take(&self.memories, needs.memories).await.ok()?,
            _tables: take(&self.tables, needs.tables).await.ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Needs = Needs {
        memories: 1,
        tables: 0,
    };

    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::pin!(future).poll(&mut context) {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        }
    }

    #[test]
    fn who_finds_no_place_waits_until_one_is_free() {
        let room = Room::new(2, 2, 1);
        let first = now(room.take(ONE)).expect("there is room");
        let second = now(room.take(ONE)).expect("there is room");
        assert!(now(room.take(ONE)).is_none());
        drop(first);
        assert!(now(room.take(ONE)).is_some());
        drop(second);
    }

    #[test]
    fn one_that_needs_much_is_not_passed_by_those_that_need_little() {
        let room = Room::new(10, 2, 1);
        let first = now(room.take(ONE)).expect("there is room");
        let mut large = Box::pin(room.take(Needs {
            memories: 2,
            tables: 0,
        }));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(large.as_mut().poll(&mut context).is_pending());
        assert!(now(room.take(ONE)).is_none(), "it is behind the large one");
        drop(first);
        assert!(large.as_mut().poll(&mut context).is_ready());
    }
}
