//! Shares a Solution Partner's credit line with the customer and attaches it to the account
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/share-and-revoke-credit-lines>).
//! An attached line can never be changed: what pays for the account is read first, another line is left alone,
//! and what was attached is compared with the allocation. A failure does not cost the signup: the number is
//! registered after a minute, the step goes on for a day, and the operator is told if it never succeeds.

use super::transition::{StepEvent, StepInput, StepStatus, Transition};
use crate::crypto::Secret;
use crate::meta::credit as calls;
use crate::meta::response::{Success, WabaDetails, decode};
use crate::meta::{ApiError, ErrorClass, GraphRequest, request};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::state::{
    Allocation, CreditCall, CreditPhase, CreditState, Funding, VerifiedAssets,
};
use crate::time::UnixMillis;
use crate::workflow::{AppContext, RetryDecision, classify};
use core::time::Duration;
use embark_protocol::policy::{CreditSettings, CreditSharingMethod};
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{BusinessId, Problem, ProblemCode, Remedy, Step};

/// What the credit step needs beyond [`StepInput`].
#[derive(Clone, Copy)]
pub(in crate::signup) struct CreditInput<'a> {
    /// The credit line. `None`: the site shares none.
    pub(in crate::signup) settings: Option<&'a CreditSettings>,
    /// The account.
    pub(in crate::signup) verified: &'a VerifiedAssets,
    /// Whether the signup belongs to a partner solution.
    pub(in crate::signup) in_solution: bool,
}

impl CreditState {
    /// Begins the next calls when they are due. Done also means that the number need not wait any longer.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        credit: CreditInput<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let (Some(settings), CreditPhase::Open) = (credit.settings, self.phase) else {
            return Transition::done();
        };
        let started_at = *self.started_at.get_or_insert_with(|| {
            // The inspect step read it a moment ago.
            self.funding = credit.verified.waba.primary_funding_id.clone().into();
            self.read_at = Some(cx.now);
            cx.now
        });
        self.released = cx.now >= started_at + BLOCKS_FOR;
        let waiting = if self.released {
            Transition::done()
        } else {
            Transition::wake_at(started_at + BLOCKS_FOR)
        };
        if cx.now > started_at + GIVEN_UP_AFTER {
            return self.give_up(Problem::new(ProblemCode::MetaUnavailable).at_step(Step::Credit));
        }
        if in_flight.iter().any(|id| matches!(id, EffectId::Credit(_))) {
            return waiting;
        }
        if self.change_in_flight.is_some() {
            // Begun by an earlier incarnation: read what came of it.
            self.invalidate_reads();
        }
        if !self.retry.is_due(cx.now) {
            return waiting.or_wake_at(self.retry.not_before);
        }
        if !matches!(self.funding, Funding::Id(_)) && !self.has_recent_reads(cx.now) {
            // Nothing is shared by what was read before a long wait: a call that was given up may have taken effect
            // since.
            self.invalidate_reads();
        }
        match self.decide(input, credit, settings, cx) {
            CreditAction::Done => {
                self.phase = CreditPhase::Done;
                Transition::done()
            }
            CreditAction::GiveUp(problem) => self.give_up(problem),
            CreditAction::PollAgain => {
                self.invalidate_reads();
                self.retry.not_before = cx.now + FIRST_POLL * (1 << self.poll_attempts.min(9));
                self.poll_attempts = self.poll_attempts.saturating_add(1);
                waiting.or_wake_at(self.retry.not_before)
            }
            CreditAction::Call(calls) => {
                self.retry = self.retry.begin_attempt(cx.now);
                let mut transition = waiting;
                for (call, request) in calls {
                    if call.is_change() {
                        self.change_in_flight = Some(call);
                    }
                    let effect = (EffectId::Credit(call), Effect::Meta(request));
                    transition.effects.push(effect);
                }
                transition
            }
        }
    }

    /// Stores what a call returned, or decides how to go on after an error.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        call: CreditCall,
        settings: Option<&CreditSettings>,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let (Outcome::Api(result), Some(settings)) = (outcome, settings) else {
            return Transition::pending();
        };
        let stored = match call {
            CreditCall::ReadFunding => decode::<WabaDetails>(result).map(|waba| {
                self.funding = waba.primary_funding_id.into();
                self.read_at.get_or_insert(cx.now);
            }),
            CreditCall::ReadAllocations => decode::<calls::Allocations>(result).map(|read| {
                let unread = |id| Allocation {
                    id,
                    credential: Funding::Unread,
                };
                self.allocations = Some(read.ids.into_iter().map(unread).collect());
                self.read_at.get_or_insert(cx.now);
            }),
            CreditCall::ReadAllocation => decode::<calls::Credential>(result).map(|read| {
                let mut allocations = self.allocations.iter_mut().flatten();
                let unread = allocations.find(|one| one.credential == Funding::Unread);
                if let Some(allocation) = unread {
                    allocation.credential = read.id.into();
                }
            }),
            CreditCall::ReadAssignedUsers => decode::<calls::AssignedUsers>(result).map(|users| {
                let user = settings.system_user.as_str();
                self.user_assigned = Some(users.has_task(user, BILLING_TASKS));
            }),
            CreditCall::AssignUser => {
                decode::<Success>(result).map(|_| self.user_assigned = Some(true))
            }
            CreditCall::ShareAndAttach | CreditCall::Share | CreditCall::Attach => {
                decode::<calls::SharedCredit>(result).map(|_| {
                    self.invalidate_reads();
                    self.attached = call != CreditCall::Share;
                })
            }
        };
        match stored {
            Ok(()) => {
                self.change_in_flight = None;
                self.retry.not_before = UnixMillis(0);
                Transition::pending()
            }
            Err(error) => self.after_error(call, &error, cx),
        }
    }

    /// Whether what was read of the account and the credit line is recent enough to be acted on. A clock that was put
    /// back makes it old.
    fn has_recent_reads(&self, now: UnixMillis) -> bool {
        self.read_at
            .is_some_and(|at| at <= now && now < at + READS_ARE_RECENT_FOR)
    }

    fn decide(
        &self,
        input: StepInput<'_>,
        credit: CreditInput<'_>,
        settings: &CreditSettings,
        cx: &AppContext<'_>,
    ) -> CreditAction {
        let give_up = |code| CreditAction::GiveUp(Problem::new(code).at_step(Step::Credit));
        let Some(token) = input.token else {
            return give_up(ProblemCode::TokenInvalid);
        };
        let Some(owner) = credit.verified.owner() else {
            return give_up(ProblemCode::AssetsMissing);
        };
        let mut calls = self.missing_reads(credit.verified, settings, owner, token, cx);
        if calls.is_empty() {
            let next = match &self.funding {
                Funding::Id(funding) => match self.compare_allocations(funding) {
                    Ok(allocation) => (
                        CreditCall::ReadAllocation,
                        calls::allocation(&allocation.id).sign(cx.credentials),
                    ),
                    Err(decision) => return decision,
                },
                _ if self.attached => return CreditAction::PollAgain,
                _ => self.next_change(credit, settings, owner, token, cx),
            };
            let refused = self.refused_change.as_ref();
            if let Some((_, problem)) = refused.filter(|(call, _)| *call == next.0) {
                return CreditAction::GiveUp(problem.clone());
            }
            calls.push(next);
        }
        let signed = calls
            .into_iter()
            .map(|(call, request)| Some((call, request?)));
        match signed.collect() {
            Some(calls) => CreditAction::Call(calls),
            None => CreditAction::GiveUp(
                Problem::new(ProblemCode::AppMisconfigured)
                    .at_step(Step::Credit)
                    .with_detail("the app needs a system_token secret"),
            ),
        }
    }

    /// The reads that are needed before anything can be decided.
    fn missing_reads(
        &self,
        verified: &VerifiedAssets,
        settings: &CreditSettings,
        owner: &BusinessId,
        token: &Secret,
        cx: &AppContext<'_>,
    ) -> Vec<CallToSign> {
        let mut reads = vec![];
        if self.funding == Funding::Unread {
            let request = request::waba(&verified.waba.id).sign(cx.credentials, token);
            reads.push((CreditCall::ReadFunding, Some(request)));
        }
        // With nothing attached yet, and sharing and attaching in one call, there is nothing to compare.
        let compares = self.funding != Funding::None
            || settings.method == CreditSharingMethod::ShareThenAttach;
        if self.allocations.is_none() && compares {
            let request = calls::allocations(settings, owner).sign(cx.credentials);
            reads.push((CreditCall::ReadAllocations, request));
        }
        reads
    }

    /// Whether the funding is one of our allocations': the next allocation to read, or the decision.
    fn compare_allocations(&self, funding: &str) -> Result<&Allocation, CreditAction> {
        let mut allocations = self.allocations.iter().flatten();
        let is_ours =
            |one: &Allocation| matches!(&one.credential, Funding::Id(id) if id == funding);
        if allocations.clone().any(is_ours) {
            return Err(CreditAction::Done);
        }
        allocations
            .find(|one| one.credential == Funding::Unread)
            .ok_or_else(|| {
                let problem = Problem::new(ProblemCode::CreditElsewhere).at_step(Step::Credit);
                CreditAction::GiveUp(problem)
            })
    }

    /// The call to make while nothing pays for the account: assign our system user, share, attach.
    fn next_change(
        &self,
        credit: CreditInput<'_>,
        settings: &CreditSettings,
        owner: &BusinessId,
        token: &Secret,
        cx: &AppContext<'_>,
    ) -> CallToSign {
        let (credentials, waba) = (cx.credentials, &credit.verified.waba.id);
        let nothing_shared = self.allocations.iter().flatten().next().is_none();
        match (
            self.user_assigned,
            &credentials.partner_business,
            settings.method,
        ) {
            (None, Some(partner), _) => (
                CreditCall::ReadAssignedUsers,
                calls::assigned_users(waba, partner).sign(credentials),
            ),
            (None | Some(false), ..) => {
                let tasks = tasks(credit.in_solution);
                let request = calls::assign(waba, settings, tasks).sign(credentials);
                (CreditCall::AssignUser, request)
            }
            (Some(true), _, CreditSharingMethod::ShareAndAttach) => (
                CreditCall::ShareAndAttach,
                calls::share_and_attach(settings, waba).sign(credentials),
            ),
            (Some(true), _, CreditSharingMethod::ShareThenAttach) if nothing_shared => (
                CreditCall::Share,
                calls::share(settings, owner).sign(credentials),
            ),
            (Some(true), _, CreditSharingMethod::ShareThenAttach) => (
                CreditCall::Attach,
                Some(calls::attach(settings, waba).sign(credentials, token)),
            ),
        }
    }

    fn after_error(
        &mut self,
        call: CreditCall,
        error: &ApiError,
        cx: &AppContext<'_>,
    ) -> Transition {
        let problem = match classify(error, self.retry, Step::Credit, cx) {
            RetryDecision::Retry(retry) => {
                self.retry = retry;
                if call.is_change() && error.class == ErrorClass::Indeterminate {
                    self.invalidate_reads();
                }
                self.change_in_flight = None;
                return Transition::pending();
            }
            // Another signup by the customer would change nothing: the credit line is the partner's.
            RetryDecision::Relaunch(problem) | RetryDecision::Fail(problem) => Problem {
                remedy: Remedy::Operator,
                ..problem
            },
        };
        if !call.is_change() {
            return self.give_up(problem);
        }
        // Meta also refuses what was done before: what it shows now decides.
        self.invalidate_reads();
        self.refused_change = Some((call, problem));
        Transition::pending()
    }

    fn give_up(&mut self, problem: Problem) -> Transition {
        self.phase = CreditPhase::GivenUp;
        self.change_in_flight = None;
        Transition {
            status: StepStatus::Done,
            warnings: vec!["credit_not_shared"],
            event: Some(StepEvent {
                event_type: SiteEventType::CreditFailed,
                problem: Some(problem),
            }),
            ..Transition::default()
        }
    }
}

/// A call, and its request unless the app has no system token.
type CallToSign = (CreditCall, Option<GraphRequest>);

/// What the step does next.
enum CreditAction {
    Done,
    GiveUp(Problem),
    /// The line was attached; the account does not show it yet.
    PollAgain,
    Call(Vec<(CreditCall, GraphRequest)>),
}

/// The tasks to assign. In a partner solution without messaging permission Meta refuses `MANAGE` as a whole.
const fn tasks(in_solution: bool) -> &'static [&'static str] {
    if in_solution {
        GRANULAR_TASKS
    } else {
        &["MANAGE"]
    }
}

const GRANULAR_TASKS: &[&str] = &[
    "DEVELOP",
    "MANAGE_TEMPLATES",
    "MANAGE_PHONE",
    "VIEW_COST",
    "MANAGE_EXTENSIONS",
    "VIEW_PHONE_ASSETS",
    "MANAGE_PHONE_ASSETS",
    "VIEW_TEMPLATES",
    "VIEW_INSIGHTS",
    "MANAGE_USERS",
    "MANAGE_BILLING",
];
/// The tasks that allow sharing credit; one is enough.
const BILLING_TASKS: &[&str] = &["MANAGE", "MANAGE_BILLING"];

/// How long the registration of the number waits for this step.
const BLOCKS_FOR: Duration = Duration::from_mins(1);
/// How long the step is tried in all.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(24);
/// Longer than the calls take that lie between the reads and what is decided by them.
const READS_ARE_RECENT_FOR: Duration = Duration::from_secs(30);
/// The pause before the account is read for the attached line; doubled each time.
const FIRST_POLL: Duration = Duration::from_secs(5);
