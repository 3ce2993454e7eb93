//! A second drive of the same record begins while the first one waits: a drive that hangs is followed by another, and may
//! wake later. Each takes in the outcomes of its own requests only, and neither is misled by what the other has done.

use crate::fake::{World, session_ids};
use embark_onboarding::meta::GraphRequest;
use embark_onboarding::signup::{Effect, Outcome, Signup};
use embark_onboarding::transport::{ApiResult, TransportError};
use embark_onboarding::workflow::{AppContext, CommitError, Host, WorkflowHost, run_to_idle};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A world in which each effect takes two turns: one before it, and one before its outcome is known.
struct SlowWorld<'w> {
    world: &'w World,
    /// How many turns were waited for.
    turns: Cell<u32>,
}

impl SlowWorld<'_> {
    async fn next_turn(&self) {
        self.turns.set(self.turns.get() + 1);
        let mut has_waited = false;
        poll_fn(|cx| match std::mem::replace(&mut has_waited, true) {
            true => Poll::Ready(()),
            false => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await;
    }
}

impl Host<Signup> for SlowWorld<'_> {
    fn context(&self) -> AppContext<'_> {
        Host::<Signup>::context(self.world)
    }

    async fn call(&self, request: GraphRequest) -> ApiResult {
        Host::<Signup>::call(self.world, request).await
    }

    fn save(&self, signup: &Signup) -> Result<(), CommitError> {
        Host::<Signup>::save(self.world, signup)
    }
}

impl WorkflowHost<Signup> for SlowWorld<'_> {
    async fn perform(&self, effect: Effect) -> Outcome {
        self.next_turn().await;
        let outcome = self.world.perform(effect).await;
        self.next_turn().await;
        outcome
    }
}

/// Runs a fresh signup. The first drive hangs at this turn; a second one begins, and after some turns of it the first one
/// goes on beside it. Returns the signup at its end, and how many turns there were.
fn run_twice(world: &World, hangs_at: u32, hangs_for: u32) -> (Signup, u32) {
    world.with_code("code-1", Some(session_ids()));
    let record = RefCell::new(world.open_stored());
    let slow = SlowWorld {
        world,
        turns: Cell::new(0),
    };
    let mut first = pin!(run_to_idle(&record, &slow));
    let mut second = pin!(run_to_idle(&record, &slow));
    let mut cx = Context::from_waker(Waker::noop());
    let (mut first_is_done, mut second_is_done) = (false, false);
    while !(first_is_done && second_is_done) {
        let turns = slow.turns.get();
        let hangs = (hangs_at..hangs_at + hangs_for).contains(&turns) && !second_is_done;
        if !first_is_done && !hangs {
            first_is_done = first.as_mut().poll(&mut cx).is_ready();
        }
        let has_begun = first_is_done || turns >= hangs_at;
        if has_begun && !second_is_done {
            second_is_done = second.as_mut().poll(&mut cx).is_ready();
        }
    }
    let turns = slow.turns.get();
    (world.run_until_idle(), turns)
}

/// Plays every turn at which the first drive may hang, for several times.
fn for_each_hang(check: impl Fn(u32, u32) -> u32) {
    for hangs_for in [1, 3] {
        let (mut hangs_at, mut turns) = (1, 2);
        while hangs_at < turns {
            turns = check(hangs_at, hangs_for);
            hangs_at += 1;
        }
        assert!(hangs_at > 10, "{hangs_at} turns");
    }
}

#[test]
fn chats_and_contacts_are_requested_whenever_a_drive_hangs() {
    for_each_hang(|hangs_at, hangs_for| {
        let world = World::new();
        world.keep_number_in_business_app();
        // The first request is lost: only its outcome says that it must be repeated.
        world.script([("smb_app_data", Err(TransportError::Connection))]);
        let (signup, turns) = run_twice(&world, hangs_at, hangs_for);
        let case = format!("turn {hangs_at}, for {hangs_for}");
        assert!(signup.warnings.is_empty(), "{case}: {signup:?}");
        let requested = &world.meta.borrow().sync_requests;
        for kind in ["smb_app_state_sync", "history"] {
            let is_requested = requested.iter().any(|request| request.contains(kind));
            assert!(is_requested, "{case}: {kind}");
        }
        turns
    });
}

#[test]
fn number_is_registered_and_app_subscribed_whenever_a_drive_hangs() {
    for_each_hang(|hangs_at, hangs_for| {
        let world = World::new();
        let (signup, turns) = run_twice(&world, hangs_at, hangs_for);
        let case = format!("turn {hangs_at}, for {hangs_for}");
        let snapshot = world.snapshot(&signup);
        assert!(snapshot.connected.is_some(), "{case}: {snapshot:?}");
        let meta = world.meta.borrow();
        assert_eq!(meta.accepted_registrations, 1, "{case}");
        assert!(meta.subscribed, "{case}");
        turns
    });
}
