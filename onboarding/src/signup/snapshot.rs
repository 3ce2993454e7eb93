//! The snapshot of a signup, as a page reads it: the same document on first load, after a reconnect and on
//! resume. It holds no secret and nothing of other objects.

use super::handover;
use super::plan;
use super::readiness::is_ready;
use super::record::{End, Kind, Signup, Stage};
use super::state::{
    HandoffPhase, PendingChoice, RegisterPhase, SubscribeState, SyncPhase, Verification, WabaName,
};
use super::steps::inspect::number_label;
use super::steps::register::MAX_PINS;
use super::steps::verify::MAX_CODES;
use crate::auth::grant::{Grant, GrantKind, LinkKind, SUBMIT_PERIOD};
use crate::crypto::sha256_hex;
use crate::time::{UnixMillis, millis};
use crate::workflow::Context;
use embark_protocol::policy::Policy;
use embark_protocol::report::{NextAction, ReadinessReport};
use embark_protocol::snapshot::{
    ConnectedAssets, EndedLaunch, InputChoice, InputKind, InputPrompt, StepProgress, StepState,
};
use embark_protocol::{Problem, ProblemCode, SignupStatus, Snapshot, Step};

/// The snapshot as of `now`, without links or grants.
pub fn render(signup: &Signup, now: UnixMillis) -> Snapshot {
    let prompt = input_prompt(signup);
    let wait = shown_wait(signup);
    let status = status(signup, prompt.is_some(), wait.is_some());
    let problem = match &signup.stage {
        Stage::Ended {
            end: End::Relaunch(problem) | End::Failed(problem),
            ..
        } => Some(problem),
        _ => wait.map(|(_, problem)| problem),
    };
    let is_waiting = status == SignupStatus::Waiting;
    let wait_ms = wait
        .filter(|_| is_waiting)
        .map(|(until, _)| u32::try_from(millis(now.until(until))).unwrap_or(u32::MAX));
    Snapshot {
        id: signup.id.clone(),
        seq: signup.seq,
        status,
        steps: steps(signup),
        input: prompt.filter(|_| status == SignupStatus::NeedsInput),
        wait_ms,
        problem: problem.cloned(),
        ended: signup
            .popup
            .ended
            .as_ref()
            .filter(|_| status == SignupStatus::Abandoned)
            .map(|ended| EndedLaunch {
                // Free text of a browser: another window would show it as Meta's words.
                error_message: None,
                ..EndedLaunch::from(ended.clone())
            }),
        connected: connected(signup),
        warnings: signup.shown_warnings(),
        report: customer_report(signup, now),
        resume_url: None,
        handover_grant: None,
        attempt: signup.launch_count,
        history_percent: signup.history_percent(),
        poll_after_ms: poll_after(signup, status, wait_ms, now),
    }
}

/// The snapshot for the holder of `grant`. Adds to it:
///
/// - `resume_url` while input or a wait is due, for a window that acts for the signup. The link is good for as long
///   as that window may act for it, and no more can be done with it;
/// - the next handover grant, for the signup's own page, unless that is the hosted page;
/// - the words of Meta's error as the page reported them, for the page that did.
///
/// `origin`: the deployment's public origin.
pub fn render_for_page(signup: &Signup, grant: &Grant, cx: &Context<'_>, origin: &str) -> Snapshot {
    let mut snapshot = render(signup, cx.now);
    let is_due = matches!(
        snapshot.status,
        SignupStatus::NeedsInput | SignupStatus::Waiting
    );
    if is_due && handover::acts_for(signup, grant) {
        let resume = Grant {
            link: Some(LinkKind::Resume),
            handover: grant.handover,
            holder: grant.holder.clone(),
            ..renewed_grant(signup, signup.person_awaited_until())
        };
        snapshot.resume_url = resume.hosted_page_url(origin, cx.keyring);
    }
    if let Some(ended) = &mut snapshot.ended
        && signup.popup.ended_by.as_deref() == Some(grant.bearer().as_str())
    {
        let stored = signup.popup.ended.as_ref();
        ended.error_message = stored.and_then(|stored| stored.error_message.clone());
    }
    let hands_over = grant.kind() == GrantKind::Page && signup.page_origin != origin;
    if let Some(number) = handover::next_number(signup).filter(|_| hands_over) {
        let handover = Grant {
            handover: Some(number),
            ..renewed_grant(signup, signup.last_user_activity_at + SUBMIT_PERIOD)
        };
        snapshot.handover_grant = handover.sign(cx.keyring);
    }
    snapshot
}

impl Signup {
    /// Increases `seq` if the snapshot differs from the last one, and enqueues an index row for the site.
    /// `wait_ms` and `poll_after_ms` do not count: the client counts down itself.
    pub fn bump_seq_if_changed(&mut self, now: UnixMillis) {
        let mut snapshot = render(self, now);
        snapshot.seq = 0;
        snapshot.wait_ms = snapshot.wait_ms.map(|_| 0);
        snapshot.poll_after_ms = 0;
        let json = serde_json::to_string(&snapshot).unwrap_or_default();
        let digest = sha256_hex(json.as_bytes());
        if digest == self.last_snapshot_digest {
            return;
        }
        self.last_snapshot_digest = digest;
        self.seq += 1;
        self.report_status(&snapshot, now);
        let row = self.index_row(&snapshot, now);
        self.enqueue_index_row(row);
    }
}

/// The status, as [`render`] has it.
pub fn status_of(signup: &Signup) -> SignupStatus {
    status(
        signup,
        input_prompt(signup).is_some(),
        shown_wait(signup).is_some(),
    )
}

fn status(signup: &Signup, needs_input: bool, waits: bool) -> SignupStatus {
    match &signup.stage {
        // Whatever it asked or waited for: it takes nothing in any more, and ends at its next poll.
        Stage::Launched | Stage::Running if signup.cancel_requested_at.is_some() => {
            SignupStatus::Running
        }
        Stage::Launched => SignupStatus::Launched,
        Stage::Running if needs_input => SignupStatus::NeedsInput,
        Stage::Running if waits => SignupStatus::Waiting,
        Stage::Running => SignupStatus::Running,
        Stage::Ended { end, .. } => match end {
            End::Connected {
                without_number: true,
            } => SignupStatus::ConnectedWithoutNumber,
            End::Connected { .. } => SignupStatus::Connected,
            End::Relaunch(_) => SignupStatus::Relaunch,
            End::Failed(_) => SignupStatus::Failed,
            End::Abandoned => SignupStatus::Abandoned,
        },
    }
}

/// A grant for this signup that is valid until then. The same until a person acts again.
pub(super) fn renewed_grant(signup: &Signup, until: UnixMillis) -> Grant {
    Grant {
        launch_by: until,
        submit_by: until,
        bound_waba: signup.bound_waba.clone(),
        ..Grant::new(
            signup.id.clone(),
            signup.site.clone(),
            signup.app.clone(),
            signup.page_origin.clone(),
            signup.last_user_activity_at,
        )
    }
}

/// How long the page waits before it polls again, in ms. 0: the Worker holds the poll until something changes.
fn poll_after(signup: &Signup, status: SignupStatus, wait_ms: Option<u32>, now: UnixMillis) -> u32 {
    match status {
        SignupStatus::Launched | SignupStatus::Running => 0,
        SignupStatus::Waiting => wait_ms.unwrap_or(0).clamp(1_000, 30_000),
        SignupStatus::NeedsInput => 5_000,
        // The readiness report will follow.
        SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber
            if !signup.steps.report.complete =>
        {
            2_000
        }
        _ if signup.is_watched(now) => WATCHED_POLL_AFTER_MS,
        _ => 60_000,
    }
}

/// When a page polls a connected signup again that is worth it.
const WATCHED_POLL_AFTER_MS: u32 = 10_000;

/// The steps of the plan with their states. Before the site has admitted the signup, those of the default
/// policy.
fn steps(signup: &Signup) -> Vec<StepProgress> {
    let plan = signup
        .plan()
        .unwrap_or(plan::plan(Policy::default(), signup.kind, true));
    let planned = plan.stages.iter().copied().flatten().copied();
    let syncs = synchronises(signup);
    let shown = planned.filter(|step| *step != Step::Sync || syncs);
    // While the popup is open once more, what an earlier code led to is no progress.
    let launched = signup.stage == Stage::Launched;
    let mut may_be_active = true;
    core::iter::once(Step::Exchange)
        .chain(shown)
        .map(|step| {
            let finished = finished_state(signup, step).filter(|_| !launched);
            let state = match finished {
                Some(state) => state,
                None if may_be_active => unfinished_state(signup, step),
                None => StepState::Todo,
            };
            // Subscribe runs beside register: while it is unfinished, register is active too.
            if finished.is_none() && step != Step::Subscribe {
                may_be_active = false;
            }
            StepProgress { step, state }
        })
        .collect()
}

/// Whether the number's contacts and chats are synchronised.
fn synchronises(signup: &Signup) -> bool {
    signup.coexisting_number().is_some() && !signup.leaves_webhooks()
}

/// The state of a step that runs or would run next.
fn unfinished_state(signup: &Signup, step: Step) -> StepState {
    match &signup.stage {
        Stage::Running => StepState::Active,
        Stage::Ended {
            end: End::Relaunch(problem) | End::Failed(problem),
            ..
        } if problem.step.is_none_or(|failed| failed == step) => StepState::Failed,
        _ => StepState::Todo,
    }
}

/// The state of a step that is over. `None`: it is not. A credit line that is still being shared does not hold
/// up the number, and is shown as open.
fn finished_state(signup: &Signup, step: Step) -> Option<StepState> {
    let steps = &signup.steps;
    let verified = steps.inspect.verified.as_ref();
    let done = match step {
        Step::Exchange => signup.has_token(),
        Step::Inspect => verified.is_some(),
        Step::Claim => verified.is_some_and(|verified| steps.claim.is_complete(verified)),
        Step::Subscribe if steps.subscribe == SubscribeState::Skipped => {
            return Some(StepState::Skipped);
        }
        Step::Subscribe => steps.subscribe == SubscribeState::Done,
        Step::Credit if steps.credit.is_done() => true,
        Step::Credit if steps.credit.is_off_critical_path() => return Some(StepState::Todo),
        Step::Handoff if steps.handoff.phase == HandoffPhase::Skipped => {
            return Some(StepState::Skipped);
        }
        Step::Handoff => steps.handoff.phase == HandoffPhase::Done,
        Step::Register if steps.register.phase == RegisterPhase::Skipped => {
            return Some(StepState::Skipped);
        }
        Step::Register => steps.register.phase == RegisterPhase::Done,
        Step::Sync => steps.sync.phase == SyncPhase::Done,
        Step::Credit | Step::Report | Step::Notify => false,
    };
    done.then_some(StepState::Done)
}

/// What the customer is asked for. `None`: nothing.
fn input_prompt(signup: &Signup) -> Option<InputPrompt> {
    let (inspect, register) = (&signup.steps.inspect, &signup.steps.register);
    let verified = inspect.verified.as_ref();
    let phone = verified.and_then(|verified| verified.phone.as_ref());
    let mut prompt = InputPrompt {
        kind: InputKind::Waba,
        choices: vec![],
        display_phone_number: phone.and_then(|phone| phone.display_phone_number.clone()),
        error: None,
        attempts_left: None,
    };
    match inspect.pending_choice {
        Some(PendingChoice::Waba) => {
            let choice = |waba: &WabaName| InputChoice {
                id: waba.id.to_string(),
                label: waba.name.clone().unwrap_or_else(|| waba.id.to_string()),
            };
            prompt.choices = inspect.waba_names.iter().map(choice).collect();
            return Some(prompt);
        }
        Some(PendingChoice::Number) => {
            let phones = inspect.phones.iter().flatten();
            prompt.kind = InputKind::Number;
            prompt.choices = phones
                .map(|phone| InputChoice {
                    id: phone.id.to_string(),
                    label: number_label(phone),
                })
                .collect();
            return Some(prompt);
        }
        None => {}
    }
    match &register.phase {
        RegisterPhase::AwaitingPin { wrong } => {
            prompt.kind = InputKind::Pin;
            prompt.error = wrong.then_some(ProblemCode::PinMismatch);
            prompt.attempts_left = Some(MAX_PINS.saturating_sub(register.pins_entered));
        }
        RegisterPhase::Verifying(Verification::AwaitingMethod { error }) => {
            prompt.kind = InputKind::Verification;
            prompt.error = *error;
        }
        RegisterPhase::Verifying(Verification::AwaitingCode { error, attempts }) => {
            prompt.kind = InputKind::VerificationCode;
            prompt.error = *error;
            prompt.attempts_left = Some(MAX_CODES.saturating_sub(*attempts));
        }
        _ => return None,
    }
    Some(prompt)
}

/// The checks of the readiness report that the customer can act on. `None` until the report is complete.
fn customer_report(signup: &Signup, now: UnixMillis) -> Option<ReadinessReport> {
    let mut checks = signup.readiness_checks(now)?;
    let ready = Some(is_ready(&checks));
    checks.retain(|check| check.next_action.is_some_and(NextAction::is_for_customer));
    Some(ReadinessReport {
        read_at: signup.steps.report.completed_at.0,
        checks,
        ready,
        senders: vec![],
    })
}

/// A wait that is long enough to be shown.
fn shown_wait(signup: &Signup) -> Option<(UnixMillis, &Problem)> {
    match &signup.steps.register.phase {
        _ if signup.cancel_requested_at.is_some() => None,
        RegisterPhase::Waiting { until, problem } => Some((*until, problem)),
        _ => signup
            .visible_wait
            .as_ref()
            .map(|wait| (wait.until, &wait.problem)),
    }
}

fn connected(signup: &Signup) -> Option<ConnectedAssets> {
    let Stage::Ended {
        end: End::Connected { .. },
        ..
    } = signup.stage
    else {
        return None;
    };
    let verified = signup.steps.inspect.verified.as_ref()?;
    let phone = verified.phone.as_ref();
    Some(ConnectedAssets {
        waba_id: Some(verified.waba.id.clone()),
        business_id: verified.owner().cloned(),
        phone_number_id: phone.map(|phone| phone.id.clone()),
        display_phone_number: phone.and_then(|phone| phone.display_phone_number.clone()),
        verified_name: phone.and_then(|phone| phone.verified_name.clone()),
        renewed: signup.kind == Kind::Renew,
        coexistence: signup.coexisting_number().is_some(),
        offboarded: signup.is_offboarded(),
        granted: signup.granted_assets(),
    })
}
