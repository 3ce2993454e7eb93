//! What the simulation has seen of one signup: what the invariants compare the next event with.

use core::time::Duration;
use embark_onboarding::signup::record::Kind;
use embark_onboarding::signup::state::{CreditPhase, HandoffPhase};
use embark_onboarding::signup::{End, Signup, Stage, snapshot};
use embark_onboarding::time::UnixMillis;
use embark_protocol::{Problem, ProblemCode, SignupStatus, Step};
use std::cell::{Cell, Ref, RefCell};

/// What was seen of one signup. Times are true times unless stated otherwise.
#[derive(Default)]
pub struct Observations {
    pub last_commit: RefCell<LastCommit>,
    /// When the authorization code in use was posted.
    pub code_posted_at: Cell<UnixMillis>,
    /// The number of the incarnation that received it.
    pub code_posted_to: Cell<i64>,
    /// `code_posted_at` of the code that was last sent to Meta.
    pub last_sent_code: Cell<UnixMillis>,
    /// How often the code in use was sent.
    pub exchange_calls: Cell<u32>,
    /// Calls and requests that failed since the code in use was posted.
    pub faults: Cell<u32>,
    /// When the app's credentials last could not be read.
    pub credentials_failed_at: Cell<UnixMillis>,
    /// When the workflow last ran with copies of the app's credentials.
    pub copies_used_at: Cell<UnixMillis>,
    /// The minute of the last request, and how many were sent within it.
    pub requests_in_minute: Cell<(u64, u32)>,
    /// The order that was last sent for the code in use, and how often. `None`: none.
    pub orders: RefCell<Option<(String, u32)>>,
    /// An operator has the signup tried again by the commit that is under way.
    pub retried: Cell<bool>,
    /// When a sweep last woke the settled signup.
    woken_at: Cell<UnixMillis>,
}

/// The last committed record of a signup.
#[derive(Debug, Default)]
pub struct LastCommit {
    pub seq: u32,
    /// `None`: nothing was committed yet.
    pub status: Option<SignupStatus>,
    /// The code of the problem that the signup ended with.
    pub problem_code: Option<ProblemCode>,
    /// The step that the signup ended in with a problem.
    pub problem_step: Option<Step>,
    /// When it was committed.
    pub committed_at: UnixMillis,
    /// Since when it has had this status.
    pub status_since: UnixMillis,
    /// Nothing happens any more unless a person does something.
    pub settled: bool,
    pub has_token: bool,
    /// The account is claimed, and has the token.
    pub waba_claimed: bool,
    pub spent_codes: usize,
    /// The provider has accepted the order.
    pub order_accepted: bool,
    /// The credit step is done.
    pub credit_done: bool,
    /// When the code in use was received, by the objects' clock.
    pub code_received_at: Option<UnixMillis>,
    /// The newest launch whose code was accepted.
    pub launch_of_code: Option<u8>,
}

impl Observations {
    pub fn last_commit(&self) -> Ref<'_, LastCommit> {
        self.last_commit.borrow()
    }

    /// Whether a sweep wakes the signup at `now`, as `edge/src/durable_objects/signup_index.rs` decides it. One that is
    /// not settled is always woken, because its row in the site's index may be outdated.
    pub fn is_idle(&self, now: UnixMillis) -> bool {
        let last = self.last_commit();
        if !last.settled {
            return true;
        }
        let quiet_since = last.committed_at.max(self.woken_at.get());
        let is_idle = !last.has_ended() && now.since(quiet_since) >= PERSON_IDLE_AFTER;
        if is_idle {
            self.woken_at.set(now);
        }
        is_idle
    }

    /// A call or a request of the signup failed.
    pub fn count_fault(&self) {
        self.faults.set(self.faults.get() + 1);
    }

    /// The signup cannot go on before the app's credentials are read again.
    pub fn credentials_failed(&self, now: UnixMillis) {
        self.credentials_failed_at.set(now);
    }

    /// The workflow runs with copies of the app's credentials.
    pub fn copies_used(&self, now: UnixMillis) {
        self.copies_used_at.set(now);
    }

    /// The record was erased.
    pub fn forget_commits(&self) {
        self.last_commit.take();
    }

    /// A new authorization code is in use.
    pub fn begin_code(&self, now: UnixMillis, incarnation: i64) {
        self.code_posted_at.set(now);
        self.code_posted_to.set(incarnation);
        self.faults.set(0);
        self.exchange_calls.set(0);
        self.orders.take();
    }
}

impl LastCommit {
    /// Whether the signup had ended.
    pub fn has_ended(&self) -> bool {
        self.status.is_some_and(SignupStatus::is_terminal)
    }

    /// What is to be remembered of a committed record, after `self`.
    pub fn next(&self, signup: &Signup, now: UnixMillis) -> Self {
        let status = status(signup);
        Self {
            seq: signup.seq,
            status: Some(status),
            committed_at: now,
            problem_step: end_problem(signup).and_then(|problem| problem.step),
            problem_code: end_problem(signup).map(|problem| problem.code),
            status_since: if self.status == Some(status) {
                self.status_since
            } else {
                now
            },
            settled: is_settled(signup, status),
            has_token: signup.has_token(),
            waba_claimed: signup.steps.claim.waba_claimed,
            spent_codes: signup.spent_code_digests.len(),
            code_received_at: signup
                .authorization_code
                .as_ref()
                .map(|code| code.received_at),
            order_accepted: matches!(
                signup.steps.handoff.phase,
                HandoffPhase::Waiting | HandoffPhase::Done
            ),
            credit_done: signup.steps.credit.is_done(),
            launch_of_code: self.launch_of_code,
        }
    }
}

/// The signup's status, as pages see it.
pub fn status(signup: &Signup) -> SignupStatus {
    snapshot::status_of(signup)
}

/// The problem that the signup ended with. `None`: it has not ended, or without one.
fn end_problem(signup: &Signup) -> Option<&Problem> {
    match &signup.stage {
        Stage::Ended {
            end: End::Relaunch(problem) | End::Failed(problem),
            ..
        } => Some(problem),
        _ => None,
    }
}

/// The signup has ended or waits for a person, its report is complete and its outbox is empty.
fn is_settled(signup: &Signup, status: SignupStatus) -> bool {
    let at_rest = match &signup.stage {
        Stage::Ended {
            end: End::Connected { .. },
            ..
        } => {
            let is_at_rest = !shares_credit(signup) && !sets_address(signup);
            signup.steps.report.complete && is_at_rest
        }
        Stage::Ended { .. } => true,
        Stage::Launched | Stage::Running => status == SignupStatus::NeedsInput,
    };
    at_rest && signup.outbox.is_empty()
}

/// A signup that waits for a person is woken after this time without a change.
const PERSON_IDLE_AFTER: Duration = Duration::from_hours(6);

/// The credit line is still being shared.
fn shares_credit(signup: &Signup) -> bool {
    signup.admission.settings.credit.is_some()
        && signup.kind == Kind::Signup
        && signup.steps.credit.phase == CreditPhase::Open
}

/// The address of messages is still being set, or taken away.
fn sets_address(signup: &Signup) -> bool {
    let has_route = signup.admission.messages.is_some();
    has_route && !signup.steps.callback_override.is_at_rest()
}
