//! A request during every await of a drive: whatever the drive waits for, and however its round ends, the request's
//! work is done before the drive ends.

use crate::fake::World;
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::transport::ApiResult;
use embark_onboarding::workflow::{
    AppContext, CommitError, Host, RecordChanges, Workflow, WorkflowHost, run_to_idle,
};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A record that wants one effect for each request.
#[derive(Default)]
struct Counter {
    requested: u32,
    done: u32,
}

impl Workflow for Counter {
    type EffectId = u32;
    type Effect = ();
    type Outcome = ();

    fn poll_effects(&mut self, in_flight: &[u32], _: &AppContext<'_>) -> Vec<(u32, ())> {
        let next = self.done;
        let is_wanted = next < self.requested && !in_flight.contains(&next);
        is_wanted.then_some((next, ())).into_iter().collect()
    }

    fn on_outcome(&mut self, _: u32, (): (), _: &AppContext<'_>) {
        self.done += 1;
    }

    fn launch_generation(&self) -> u32 {
        0
    }

    fn outlives_generation(_: u32) -> bool {
        true
    }
}

/// How a round of the drive ends before its workflow is idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RoundFault {
    None,
    /// The credentials cannot be read.
    NoCredentials,
    /// The last save of the workflow fails.
    NotStored,
}

/// An object that drives a [`Counter`], as the Run object drives its signup.
struct Object {
    world: World,
    record: RefCell<Counter>,
    changes: RecordChanges,
    /// The fault of the first round.
    fault: Cell<RoundFault>,
    /// How many awaits have begun.
    awaits: Cell<u32>,
}

impl Object {
    fn new(fault: RoundFault) -> Self {
        let object = Self {
            world: World::new(),
            record: RefCell::default(),
            changes: RecordChanges::default(),
            fault: Cell::new(fault),
            awaits: Cell::new(0),
        };
        object.request();
        object
    }

    /// A request to the object: it changes the record, finds the drive under way, and leaves.
    fn request(&self) {
        self.record.borrow_mut().requested += 1;
        self.changes.notify_request();
    }

    /// Pending once.
    async fn pause(&self) {
        self.awaits.set(self.awaits.get() + 1);
        let mut has_waited = false;
        poll_fn(|cx| {
            if has_waited {
                return Poll::Ready(());
            }
            has_waited = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// One round: alarm, credentials, workflow.
    async fn round(&self) {
        self.pause().await;
        self.pause().await;
        if self.fault.get() == RoundFault::NoCredentials {
            self.fault.set(RoundFault::None);
            return;
        }
        let _ = run_to_idle(&self.record, self).await;
    }

    fn is_done(&self) -> bool {
        let record = self.record.borrow();
        record.done == record.requested
    }
}

impl Host<Counter> for Object {
    fn context(&self) -> AppContext<'_> {
        Host::<embark_onboarding::signup::Signup>::context(&self.world)
    }

    async fn call(&self, _: GraphRequest) -> ApiResult {
        unreachable!("the effects of a counter are no calls")
    }

    fn save(&self, record: &Counter) -> Result<(), CommitError> {
        if record.done > 0 && self.fault.get() == RoundFault::NotStored {
            self.fault.set(RoundFault::None);
            return Err(CommitError::Storage("full".into()));
        }
        Ok(())
    }
}

impl WorkflowHost<Counter> for Object {
    async fn perform(&self, (): ()) {
        self.pause().await;
    }

    fn changed(&self) -> impl Future<Output = ()> {
        self.changes.next_request()
    }
}

/// Runs a drive, with a request during the await of this number. Returns how many awaits it had.
fn drive(object: &Object, request_at: u32) -> u32 {
    let mut drive = pin!(object.changes.run_until_quiet(|| object.round()));
    let mut cx = Context::from_waker(Waker::noop());
    let mut requested = false;
    while drive.as_mut().poll(&mut cx).is_pending() {
        if !requested && object.awaits.get() == request_at {
            requested = true;
            object.request();
        }
    }
    object.awaits.get()
}

#[test]
fn request_during_any_await_of_a_drive_is_served_by_it() {
    let faults = [
        RoundFault::None,
        RoundFault::NoCredentials,
        RoundFault::NotStored,
    ];
    let mut cells = 0;
    for fault in faults {
        let undisturbed = drive(&Object::new(fault), u32::MAX);
        for request_at in 1..=undisturbed {
            let object = Object::new(fault);
            drive(&object, request_at);
            assert!(object.is_done(), "{fault:?}, await {request_at}");
            cells += 1;
        }
    }
    assert!(cells >= 8, "{cells} awaits");
}
