//! The loop that runs a journaled workflow, fresh or resumed. A workflow names the effects it wants now and
//! takes in their outcomes; the loop stores the record before every effect and after every outcome. It knows
//! neither the runtime nor what the effects are: the same loop runs in a Durable Object, in the tests that
//! fail every operation once, and in the simulation.

mod changes;
mod host;
mod retry;
mod shared_record;

pub use changes::RecordChanges;
pub use host::{AppContext, CommitError, Context, Host};
pub use retry::{RetryDecision, RetryState, classify};
pub use shared_record::SharedRecord;

use core::cell::RefCell;
use core::future::Future;
use core::pin::pin;
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};

/// A stored record that knows which effects it wants next.
pub trait Workflow {
    /// Names one effect in flight. Two effects with the same id are never in flight at once.
    type EffectId: Copy + PartialEq;
    /// A request to somebody else.
    type Effect;
    /// What came of it.
    type Outcome;

    /// A run begins: the context of its polls has credentials that were read for it.
    fn on_run_begun(&mut self) {}

    /// The effects to begin now, given those `in_flight`.
    ///
    /// Each effect returned is noted in the record as begun; the loop stores the record before it performs
    /// them. An effect noted as begun that is not in flight was begun by an earlier incarnation of the
    /// object, and may or may not have taken effect: each step has a rule for that.
    fn poll_effects(
        &mut self,
        in_flight: &[Self::EffectId],
        cx: &AppContext<'_>,
    ) -> Vec<(Self::EffectId, Self::Effect)>;

    /// Takes an outcome in. Secrets in it are sealed before this returns.
    fn on_outcome(&mut self, id: Self::EffectId, outcome: Self::Outcome, cx: &AppContext<'_>);

    /// Changes when the record is reset for another launch: outcomes of effects begun under an earlier
    /// generation are dropped.
    fn launch_generation(&self) -> u32;

    /// Whether the effect belongs to the record whatever its generation.
    fn outlives_generation(id: Self::EffectId) -> bool;

    /// Which request an effect with this id is at present, if one id stands for several: the outcome of another one is
    /// dropped. They differ where the record went on meanwhile, by a message from outside or by another run of the same
    /// record.
    fn request_of(&self, id: Self::EffectId) -> u8 {
        let _ = id;
        0
    }
}

/// A [`Host`] that performs the effects of a workflow.
pub trait WorkflowHost<W: Workflow>: Host<W> {
    /// Performs one effect to its end. Bounded in time.
    fn perform(&self, effect: W::Effect) -> impl Future<Output = W::Outcome>;

    /// Resolves once the record was changed from outside the loop after this was called, mostly by a post
    /// of the page.
    fn changed(&self) -> impl Future<Output = ()> {
        core::future::pending()
    }
}

/// Runs the workflow until nothing is in flight and it wants no effect now. The record itself says when to
/// run it again.
///
/// No borrow of the record is held across an await: posts may change it in between.
///
/// # Errors
/// The record could not be stored. Effects in flight are dropped; the stored record has them as begun.
pub async fn run_to_idle<W: Workflow, H: WorkflowHost<W>>(
    record: &RefCell<W>,
    host: &H,
) -> Result<(), CommitError> {
    record.borrow_mut().on_run_begun();
    let mut futures = FuturesUnordered::new();
    let mut in_flight: Vec<(u32, W::EffectId)> = Vec::new();
    loop {
        // Listened for from before the poll: an authorization code that arrives meanwhile lives for seconds.
        let changed = host.changed();
        let generation = record.borrow().launch_generation();
        let current: Vec<W::EffectId> = in_flight
            .iter()
            .filter(|(begun, id)| *begun == generation || W::outlives_generation(*id))
            .map(|(_, id)| *id)
            .collect();
        let effects = record.borrow_mut().poll_effects(&current, &host.context());
        host.save(&record.borrow())?;
        for (id, effect) in effects {
            in_flight.push((generation, id));
            let request = record.borrow().request_of(id);
            let begun = (generation, id);
            futures.push(async move { (begun, request, host.perform(effect).await) });
        }
        let (finished, request, outcome) = match select(futures.next(), pin!(changed)).await {
            Either::Left((Some(finished), _)) => finished,
            Either::Left((None, _)) => return Ok(()),
            Either::Right(_) => continue,
        };
        in_flight.retain(|other| *other != finished);
        let mut record = record.borrow_mut();
        let (generation, id) = finished;
        let is_current = generation == record.launch_generation() || W::outlives_generation(id);
        if is_current && request == record.request_of(id) {
            record.on_outcome(id, outcome, &host.context());
        }
    }
}
