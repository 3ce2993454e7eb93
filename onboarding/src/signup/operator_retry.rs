//! An operator has a signup tried again: one that waits for a repetition, for its customer or for somebody outside, now instead of
//! later; one that has failed, from the step that failed.
//!
//! Nothing is done twice by it. Each step goes on by its own rule for what an earlier incarnation began, and the number is
//! read again before anything is done with it. A wait that Meta or a provider named is not cut short, nor one of the
//! number's registration, whose attempts are few.

use super::plan::Plan;
use super::record::{End, Signup, Stage, token_record_name};
use super::snapshot;
use super::state::{
    Admission, ExchangeState, HandoffPhase, InspectState, PendingChoice, RegisterPhase,
    SubscribeState, Verification,
};
use crate::time::UnixMillis;
use crate::workflow::{Context, RetryState};
use embark_protocol::backend::SignupRetry;
use embark_protocol::{Problem, ProblemCode, Remedy, SignupStatus, SiteId, Step};

impl Signup {
    /// Has the signup go on as soon as it may.
    ///
    /// # Errors
    /// `not_found`: the signup is another site's. `signup_cancelled`. `conflict`: it is connected, its customer is in Meta's window or
    /// has left it, or its problem does not pass. `code_spent`: no token came of the code. `token_invalid`: the token was erased.
    /// `deadline_passed`: nobody can go on with it any more. Nothing has changed.
    pub fn retry(&mut self, site: &SiteId, cx: &Context<'_>) -> Result<(), Problem> {
        if self.site != *site {
            return Err(Problem::new(ProblemCode::NotFound));
        }
        if self.cancel_requested_at.is_some() {
            return Err(refusal(ProblemCode::SignupCancelled, ANOTHER_SIGNUP));
        }
        match &self.stage {
            Stage::Launched => Err(refusal(
                ProblemCode::Conflict,
                &["the customer is in Meta's window, or has closed it; ", LINK].concat(),
            )),
            Stage::Running => {
                self.bring_forward(cx.now);
                Ok(())
            }
            Stage::Ended { end, .. } => {
                let failed = problem_that_may_pass(end)?.step;
                self.check_may_go_on(end, cx)?;
                self.resume(failed, cx.now);
                Ok(())
            }
        }
    }

    /// What came of it so far.
    pub fn retried(&self, now: UnixMillis) -> SignupRetry {
        let snapshot = snapshot::render(self, now);
        SignupRetry {
            signup: self.id.clone(),
            status: snapshot.status,
            waits_until: snapshot.wait_ms.map(|wait| now.0 + u64::from(wait)),
            problem: snapshot.problem,
        }
    }

    /// Whether a call that it led to may still be under way.
    pub fn is_being_retried(&self) -> bool {
        let register = &self.steps.register;
        // Before the step is reached, the number is not read.
        let is_next = !matches!(register.phase, RegisterPhase::Todo);
        register.rereads_first && is_next || snapshot::status_of(self) == SignupStatus::Running
    }

    /// # Errors
    /// Nothing is left that a signup which has ended so could go on with.
    fn check_may_go_on(&self, end: &End, cx: &Context<'_>) -> Result<(), Problem> {
        let refused = |code| Err(refusal(code, instead_of(end)));
        match &self.steps.exchange {
            ExchangeState::Done { token, .. } => {
                let name = token_record_name(&self.id);
                if cx.keyring.open(&name, token).is_err() {
                    return refused(ProblemCode::TokenInvalid);
                }
            }
            // The token is fetched without a code.
            _ if self.hosted.is_some() => {}
            _ => return refused(ProblemCode::CodeSpent),
        }
        if cx.now > self.person_awaited_until() {
            return Err(refusal(ProblemCode::DeadlinePassed, ANOTHER_SIGNUP));
        }
        Ok(())
    }

    /// Goes on from the step that the signup ended at. `failed`: that step; `None`: the site did not admit it, or its app was not
    /// set up.
    fn resume(&mut self, failed: Option<Step>, now: UnixMillis) {
        if let Admission::Rejected(_) = self.admission.decision {
            self.admission.decision = Admission::Unknown;
        }
        self.forget_attempts();
        self.check_what_was_done();
        let steps = &mut self.steps;
        match failed {
            Some(Step::Inspect) => {
                steps.inspect = InspectState {
                    reported_grant: steps.inspect.reported_grant.take(),
                    ..InspectState::default()
                };
            }
            Some(Step::Register) => steps.register.pins_entered = 0,
            Some(Step::Handoff) => {
                steps.handoff.failed = false;
                steps.handoff.operator_notified = false;
                // An order that was accepted is not repeated.
                if steps.handoff.phase == HandoffPhase::Waiting {
                    steps.handoff.accepted_at = Some(now);
                }
            }
            _ => {}
        }
        self.read_number_first();
        self.visible_wait = None;
        // Another end is an event of its own.
        self.reported_status = None;
        self.stage = Stage::Running;
    }

    /// Each call that is repeated counts as a first one.
    fn forget_attempts(&mut self) {
        let steps = &mut self.steps;
        self.admission.retry = RetryState::default();
        if let Some(hosted) = &mut self.hosted {
            hosted.retry = hosted.retry.forgotten();
        }
        for retry in [
            &mut steps.inspect.retry,
            &mut steps.claim.retry,
            &mut steps.register.retry,
            &mut steps.handoff.retry,
        ] {
            *retry = retry.forgotten();
        }
    }

    /// It may be long ago that the app was subscribed and the number registered, and the last request may have taken effect: both
    /// are read, and done only where they are not so.
    fn check_what_was_done(&mut self) {
        if self.steps.inspect.verified.is_none() {
            return;
        }
        let leaves_webhooks = self.leaves_webhooks();
        let steps = &mut self.steps;
        let retry = match steps.subscribe {
            SubscribeState::Posting { retry }
            | SubscribeState::Reading { retry }
            | SubscribeState::Retry { retry, .. } => retry.forgotten(),
            SubscribeState::Todo | SubscribeState::Done | SubscribeState::Skipped => {
                RetryState::default()
            }
        };
        if !leaves_webhooks {
            let read_first = true;
            steps.subscribe = SubscribeState::Retry { retry, read_first };
        }
        // A subscription takes the account's address of messages away.
        if !steps.callback_override.is_default() {
            steps.callback_override.ask_again();
        }
        match &mut steps.register.phase {
            phase @ (RegisterPhase::Done | RegisterPhase::Skipped) => *phase = RegisterPhase::Todo,
            // The code, or the request for one, is long outdated.
            RegisterPhase::Verifying(verification) => {
                *verification = Verification::AwaitingMethod { error: None };
            }
            _ => {}
        }
    }

    /// Has what waits for a time done now, as far as Meta permits; and what waits for a person compared with what Meta has by now.
    fn bring_forward(&mut self, now: UnixMillis) {
        let mut waits_until = UnixMillis(0);
        for retry in self.retries() {
            *retry = retry.brought_forward(now);
            waits_until = waits_until.max(retry.not_before);
        }
        self.read_number_first();
        let inspect = &mut self.steps.inspect;
        if let Some(choice) = inspect.pending_choice.take() {
            inspect.retry = inspect.retry.forgotten();
            match choice {
                PendingChoice::Waba => inspect.waba_names.clear(),
                PendingChoice::Number => (inspect.waba, inspect.phones) = (None, None),
            }
        }
        self.visible_wait = self.visible_wait.take().filter(|_| now < waits_until);
        if let Some(wait) = &mut self.visible_wait {
            wait.until = wait.until.min(waits_until);
        }
    }

    /// The repetitions of the steps. That of the code has no time to wait.
    fn retries(&mut self) -> impl Iterator<Item = &mut RetryState> {
        let steps = &mut self.steps;
        let subscribe = match &mut steps.subscribe {
            SubscribeState::Retry { retry, .. } => Some(retry),
            _ => None,
        };
        let verification = match &mut steps.register.phase {
            RegisterPhase::Verifying(
                Verification::RequestingCode { retry, .. }
                | Verification::SubmittingCode { retry, .. }
                | Verification::ReadingNumber { retry, .. },
            ) => Some(retry),
            _ => None,
        };
        let hosted = self.hosted.as_mut().map(|hosted| &mut hosted.retry);
        [
            &mut self.admission.retry,
            &mut steps.inspect.retry,
            &mut steps.claim.retry,
            &mut steps.callback_override.retry,
            &mut steps.credit.retry,
            &mut steps.register.retry,
            &mut steps.sync.retry,
            &mut steps.handoff.retry,
        ]
        .into_iter()
        .chain(subscribe)
        .chain(verification)
        .chain(hosted)
    }

    /// Before the number is registered, or its owner is asked for anything more, it is read again. A request of the verification
    /// that is under way reads it by itself.
    fn read_number_first(&mut self) {
        let registers = |plan: &Plan| {
            let mut stages = plan.stages.iter();
            stages.any(|stage| stage.contains(&Step::Register))
        };
        let is_due = self.plan().is_some_and(registers) && self.steps.inspect.verified.is_some();
        let register = &mut self.steps.register;
        register.rereads_first = is_due
            && matches!(
                register.phase,
                RegisterPhase::Todo
                    | RegisterPhase::Waiting { .. }
                    | RegisterPhase::AwaitingPin { .. }
                    | RegisterPhase::Rereading { .. }
                    | RegisterPhase::Verifying(
                        Verification::AwaitingMethod { .. } | Verification::AwaitingCode { .. }
                    )
            );
        if register.rereads_first {
            register.retry = register.retry.forgotten();
        }
    }
}

/// The problem of an end that may pass.
///
/// # Errors
/// It does not: why, and what to do instead.
fn problem_that_may_pass(end: &End) -> Result<&Problem, Problem> {
    match end {
        End::Connected { .. } => {
            let detail = "it is connected; what Meta still asks for is in its readiness report, which can be read again";
            Err(refusal(ProblemCode::Conflict, detail))
        }
        End::Abandoned => {
            let detail = ["the customer left Meta's window; ", LINK].concat();
            Err(refusal(ProblemCode::Conflict, &detail))
        }
        End::Failed(problem) | End::Relaunch(problem) => match problem.code {
            ProblemCode::SignupCancelled | ProblemCode::DeadlinePassed => {
                Err(refusal(problem.code, ANOTHER_SIGNUP))
            }
            // What a customer has granted does not change by itself.
            ProblemCode::AppScopeMissing
            | ProblemCode::ScopeMissing
            | ProblemCode::TokenInvalid
            | ProblemCode::TokenForeign
            | ProblemCode::WabaMismatch => Err(refusal(problem.code, instead_of(end))),
            _ => Ok(problem),
        },
    }
}

fn refusal(code: ProblemCode, detail: &str) -> Problem {
    let problem = Problem::new(code).with_detail(detail);
    match code {
        // A repetition would not help: the detail says why.
        ProblemCode::Conflict => Problem {
            remedy: Remedy::Contact,
            ..problem
        },
        _ => problem,
    }
}

/// What to do instead.
const fn instead_of(end: &End) -> &'static str {
    match end {
        End::Relaunch(_) | End::Abandoned => LINK,
        End::Failed(_) | End::Connected { .. } => ANOTHER_SIGNUP,
    }
}

const LINK: &str = "by a link to this signup (POST sites/{site}/signups/{id}/link) the customer goes through Meta's window again";
const ANOTHER_SIGNUP: &str =
    "the customer has to begin another signup, on the website or by an invitation";
