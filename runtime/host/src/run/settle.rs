//! What becomes of the changes of a call that has ended.

use super::Request;
use crate::blocking;
use crate::ending;
use crate::files::{Dropped, Settled};
use crate::layers::Layers;
use crate::outcome::{Code, Failure, Outcome};

/// Keeps what a call changed when it ended well, and drops it otherwise.
pub(super) async fn settle(request: &Request, mut outcome: Outcome, layers: Layers) -> Outcome {
    let (files, call, name) = (
        request.files.clone(),
        request.call.clone(),
        request.name.clone(),
    );
    if !layers.can_write() {
        if outcome.code == Code::Ok {
            // What was read is what the session saw; there is nothing that could fail.
            let _ = layers.commit(&name);
        }
        return outcome;
    }
    let ok = outcome.code == Code::Ok;
    // It waits for the disk, and other calls may be on this thread. It goes on when the call is dropped meanwhile: what is begun is ended.
    let settled = blocking::run(move || {
        if ok {
            files.commit(layers, &call, &name)
        } else {
            Settled::Discarded(files.discard(layers, &call))
        }
    });
    match settled.await {
        Ok(Settled::Committed(committed)) => {
            outcome.changes = committed.changes;
            outcome.pending = committed.pending;
            outcome.undo = committed.record.map(|record| record.id);
            outcome
        }
        Ok(Settled::Discarded(dropped)) => without(outcome, dropped),
        Ok(Settled::Refused(error, dropped)) => {
            let mut refused = ending::not_taken(&request.name, error);
            refused.usage = outcome.usage;
            (refused.stdout, refused.stderr) = (outcome.stdout, outcome.stderr);
            without(refused, dropped)
        }
        Err(_) => {
            let failure = Failure::new("the host failed as it took over what the call changed");
            Outcome::failed(&request.name, Code::HostError, failure)
        }
    }
}

/// An outcome, with what was dropped and what stays.
fn without(mut outcome: Outcome, dropped: Dropped) -> Outcome {
    outcome.discarded = dropped.changes;
    outcome.kept = dropped.kept;
    outcome.left_out = dropped.left_out;
    outcome.changes = dropped.stays;
    outcome
}
