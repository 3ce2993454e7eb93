//! What a page gets to see of a signup: no secret, no other object's news, the same words on first load,
//! reconnect and resume.

use super::inspect::Asks;
use super::policy;
use super::record::Kind;
use super::register::At;
use super::subscribe::Subscribe;
use super::sync;
use super::verify::{MOST_CODES, Verify};
use super::{End, Signup, Stage};
use super::{handoff, handover};
use crate::grant::{Grant, RESUME_MS, SUBMIT_MS};
use crate::run::{Desk, Ms};
use embark_protocol::partner::Policy;
use embark_protocol::report::{Next, Report};
use embark_protocol::snapshot::{Choice, Connected, Need, NeedKind, StepState, StepView};
use embark_protocol::{Code, Problem, Snapshot, Status, Step};

/// The snapshot as of now.
pub fn render(run: &Signup, now: Ms) -> Snapshot {
    let input = need(run);
    let waiting = waiting(run);
    let status = match &run.stage {
        Stage::Launched => Status::Launched,
        Stage::Running if input.is_some() => Status::NeedsInput,
        Stage::Running if waiting.is_some() => Status::Waiting,
        Stage::Running => Status::Running,
        Stage::Ended {
            end: End::Connected {
                without_number: true,
            },
            ..
        } => Status::ConnectedWithoutNumber,
        Stage::Ended {
            end: End::Connected { .. },
            ..
        } => Status::Connected,
        Stage::Ended {
            end: End::Relaunch(_),
            ..
        } => Status::Relaunch,
        Stage::Ended {
            end: End::Failed(_),
            ..
        } => Status::Failed,
        Stage::Ended {
            end: End::Abandoned,
            ..
        } => Status::Abandoned,
    };
    let problem = match &run.stage {
        Stage::Ended {
            end: End::Relaunch(problem) | End::Failed(problem),
            ..
        } => Some(problem.clone()),
        _ => waiting.as_ref().map(|(_, problem)| problem.clone()),
    };
    let left = |until: Ms| u32::try_from(until.saturating_sub(now)).unwrap_or(u32::MAX);
    let wait_ms = match status {
        Status::Waiting => waiting.map(|(until, _)| left(until)),
        _ => None,
    };
    Snapshot {
        id: run.id.clone(),
        seq: run.seq,
        status,
        steps: steps(run),
        input: if status == Status::NeedsInput {
            input
        } else {
            None
        },
        wait_ms,
        problem,
        left: run.left.clone().filter(|_| status == Status::Abandoned),
        connected: connected(run),
        warnings: run.warnings.clone(),
        report: report(run, now),
        resume_url: None,
        handover: None,
        attempt: run.attempt,
        poll_after_ms: poll_after(run, status, wait_ms),
    }
}

/// What a page is answered: the snapshot, and the ways back to it. While a person or a wait is due, that is a
/// link that works in any browser for two weeks; a page that is not ours is told what to hand over next, and a
/// window that was handed the signup is not: it could hand it on.
pub fn page(run: &Signup, grant: &Grant, desk: &Desk<'_>, origin: &str) -> Snapshot {
    let mut snapshot = render(run, desk.now);
    if matches!(snapshot.status, Status::NeedsInput | Status::Waiting) {
        snapshot.resume_url = granted(run, RESUME_MS).link(origin, desk.vault);
    }
    let hands_over = grant.handover.is_none() && run.host != origin;
    if let Some(n) = handover::next(run).filter(|_| hands_over) {
        let handover = Grant {
            handover: Some(n),
            ..granted(run, SUBMIT_MS)
        };
        snapshot.handover = handover.sign(desk.vault);
    }
    snapshot
}

/// A grant for this very signup, good for so long since a person was last here.
fn granted(run: &Signup, ms: Ms) -> Grant {
    let (id, site, app) = (run.id.clone(), run.site.clone(), run.app.clone());
    let until = run.touched + ms;
    Grant {
        launch_by: until,
        submit_by: until,
        bound: run.bound.clone(),
        ..Grant::new(id, site, app, run.host.clone(), run.touched)
    }
}

fn poll_after(run: &Signup, status: Status, wait_ms: Option<u32>) -> u32 {
    match status {
        Status::Launched | Status::Running => 0,
        Status::Waiting => wait_ms.unwrap_or(0).clamp(1_000, 30_000),
        Status::NeedsInput => 5_000,
        // The report is on its way.
        Status::Connected | Status::ConnectedWithoutNumber if !run.report.over => 2_000,
        _ => 60_000,
    }
}

fn steps(run: &Signup) -> Vec<StepView> {
    let plan = run
        .plan()
        .unwrap_or(policy::plan(Policy::default(), run.kind, true));
    let mut shown = vec![Step::Exchange];
    let syncs = run.synced_number().is_some();
    shown.extend(
        plan.stages
            .iter()
            .flat_map(|stage| stage.iter().copied())
            .filter(|step| *step != Step::Sync || syncs),
    );
    let mut ahead = true;
    // While the popup is open once more, what an earlier code led to is no progress.
    let launched = run.stage == Stage::Launched;
    shown
        .into_iter()
        .map(|step| {
            let done = done(run, step).filter(|_| !launched);
            let state = match done {
                Some(state) => state,
                None if !ahead => StepState::Todo,
                None => match &run.stage {
                    Stage::Running => StepState::Active,
                    Stage::Ended {
                        end: End::Relaunch(problem) | End::Failed(problem),
                        ..
                    } => failed_or_todo(problem, step),
                    _ => StepState::Todo,
                },
            };
            // Subscribe and register run side by side: an open subscribe does not hide register.
            if done.is_none() && step != Step::Subscribe {
                ahead = false;
            }
            StepView { step, state }
        })
        .collect()
}

fn failed_or_todo(problem: &Problem, step: Step) -> StepState {
    if problem.step.is_none_or(|at| at == step) {
        StepState::Failed
    } else {
        StepState::Todo
    }
}

fn done(run: &Signup, step: Step) -> Option<StepState> {
    let done = match step {
        Step::Exchange => run.has_token(),
        Step::Inspect => run.inspect.found.is_some(),
        Step::Claim => {
            let no_phone = run
                .inspect
                .found
                .as_ref()
                .is_some_and(|found| found.phone.is_none());
            run.claim.waba && (run.claim.phone || no_phone)
        }
        Step::Subscribe if run.subscribe == Subscribe::Skipped => return Some(StepState::Skipped),
        Step::Subscribe => run.subscribe == Subscribe::Done,
        Step::Credit if run.credit.is_done() => true,
        // The partner's to put right: it holds nobody up.
        Step::Credit if run.credit.is_aside() => return Some(StepState::Todo),
        Step::Handoff if run.handoff.at == handoff::At::Skipped => return Some(StepState::Skipped),
        Step::Handoff => run.handoff.at == handoff::At::Done,
        Step::Register if run.register.at == At::Skipped => return Some(StepState::Skipped),
        Step::Register => run.register.at == At::Done,
        Step::Sync => run.sync.at == sync::At::Done,
        _ => false,
    };
    done.then_some(StepState::Done)
}

fn need(run: &Signup) -> Option<Need> {
    let phone = run
        .inspect
        .found
        .as_ref()
        .and_then(|found| found.phone.as_ref());
    let display_phone_number = phone.and_then(|phone| phone.display_phone_number.clone());
    let need = |kind, choices, error, tries_left| Need {
        kind,
        choices,
        display_phone_number: display_phone_number.clone(),
        error,
        tries_left,
    };
    match run.inspect.asks {
        Some(Asks::Waba) => {
            let choices = run.inspect.names.iter().map(|named| Choice {
                id: named.id.to_string(),
                label: named.name.clone().unwrap_or_else(|| named.id.to_string()),
            });
            return Some(need(NeedKind::Waba, choices.collect(), None, None));
        }
        Some(Asks::Number) => {
            let phones = run.inspect.phones.iter().flatten();
            let choices = phones.map(|phone| Choice {
                id: phone.id.to_string(),
                label: label(phone),
            });
            return Some(need(NeedKind::Number, choices.collect(), None, None));
        }
        None => {}
    }
    match &run.register.at {
        At::Pin { wrong } => {
            let error = wrong.then_some(Code::PinMismatch);
            let tries_left = 3u8.saturating_sub(run.register.pins_typed);
            Some(need(NeedKind::Pin, vec![], error, Some(tries_left)))
        }
        At::Verify(Verify::Method { error }) => {
            Some(need(NeedKind::Verification, vec![], *error, None))
        }
        At::Verify(Verify::Code { error, tries }) => {
            let tries_left = Some(MOST_CODES.saturating_sub(*tries));
            Some(need(NeedKind::VerificationCode, vec![], *error, tries_left))
        }
        _ => None,
    }
}

fn label(phone: &crate::graph::answer::Phone) -> String {
    let number = phone
        .display_phone_number
        .as_deref()
        .unwrap_or(phone.id.as_str());
    match &phone.verified_name {
        Some(name) => [number, " · ", name].concat(),
        None => number.to_owned(),
    }
}

/// What a customer can act on, or is better told.
fn report(run: &Signup, now: Ms) -> Option<Report> {
    let mut lines = run.readiness(now)?;
    lines.retain(|line| line.next.is_some_and(Next::is_customers));
    let at = run.report.at;
    let senders = vec![];
    Some(Report { at, lines, senders })
}

/// A wait long enough to tell a person about.
fn waiting(run: &Signup) -> Option<(Ms, Problem)> {
    match &run.register.at {
        At::Wait { until, problem } => Some((*until, problem.clone())),
        _ => run
            .hold
            .as_ref()
            .map(|hold| (hold.until, hold.problem.clone())),
    }
}

fn connected(run: &Signup) -> Option<Connected> {
    let Stage::Ended {
        end: End::Connected { .. },
        ..
    } = run.stage
    else {
        return None;
    };
    let found = run.inspect.found.as_ref()?;
    let phone = found.phone.as_ref();
    Some(Connected {
        waba_id: Some(found.waba.id.clone()),
        business_id: found
            .waba
            .owner_business_info
            .as_ref()
            .map(|owner| owner.id.clone()),
        phone_number_id: phone.map(|phone| phone.id.clone()),
        display_phone_number: phone.and_then(|phone| phone.display_phone_number.clone()),
        verified_name: phone.and_then(|phone| phone.verified_name.clone()),
        renewed: run.kind == Kind::Renew,
        coexistence: phone.is_some_and(|phone| phone.is_coexistence()),
    })
}
