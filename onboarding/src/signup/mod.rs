//! One signup, from the authorization code to `connected`. The record is a plain value; each step is one file
//! under `steps`. This file runs the steps in the order of the signup's plan.
//!
//! Reading order: `record` and `state` (what is stored), `plan` (which steps, in which order), the steps, then
//! `commands` (what pages post) and `snapshot` (what pages read).

pub mod account_updates;
mod after_connected;
mod business_name;
pub mod calls;
mod cancellation;
pub mod commands;
pub mod effects;
pub mod handover;
mod hosted;
mod index_row;
pub mod link;
mod operator_retry;
mod outbox;
pub mod plan;
mod popup;
pub mod readiness;
pub mod record;
mod register_window;
mod reported_end;
mod sealed_contents;
mod sealed_names;
pub mod snapshot;
pub mod state;
mod steps;
pub mod unconfigured;
mod withdrawal;

pub use effects::{Effect, EffectId, Outcome, PeerReply, PeerRequest};
pub use record::{End, Signup, Stage};

use crate::crypto::Secret;
use crate::meta::response::PhoneNumber;
use crate::resources::quota::ConnectedBusiness;
use crate::resources::site::SiteRequest;
use crate::time::UnixMillis;
use crate::workflow::{AppContext, Workflow};
use core::time::Duration;
use effects::Effects;
use embark_protocol::{Problem, ProblemCode, Step};
use plan::Plan;
use record::{Admission, Kind};
use state::{OutboxMessage, VerifiedAssets};
use steps::claim::ClaimInput;
use steps::credit::CreditInput;
use steps::handoff::HandoffInput;
use steps::inspect::InspectInput;
use steps::register::RegisterInput;
use steps::report::TokenUse;
use steps::sync::SyncInput;
use steps::transition::{StepInput, StepStatus, Transition, WaitChange};

impl Workflow for Signup {
    type EffectId = EffectId;
    type Effect = Effect;
    type Outcome = Outcome;

    fn on_run_begun(&mut self) {
        self.steps.exchange.on_credentials_read();
    }

    fn poll_effects(&mut self, in_flight: &[EffectId], cx: &AppContext<'_>) -> Effects {
        let mut effects = Effects::new();
        self.next_wake_at = None;
        self.visible_wait.take_if(|wait| wait.until <= cx.now);
        match &self.stage {
            Stage::Launched | Stage::Running if self.cancel_requested_at.is_some() => {
                self.poll_cancellation(in_flight, cx, &mut effects);
            }
            Stage::Launched => {
                self.schedule_wake(self.last_user_activity_at + record::LAUNCH_WITHOUT_CODE);
            }
            Stage::Running => self.run_plan(in_flight, cx, &mut effects),
            Stage::Ended { .. } => {}
        }
        match &self.stage {
            Stage::Ended {
                end: End::Connected { .. },
                ..
            } => self.run_after_connected(in_flight, cx, &mut effects),
            Stage::Launched
                if cx.now >= self.last_user_activity_at + record::LAUNCH_WITHOUT_CODE =>
            {
                self.end(End::Abandoned, cx.now);
            }
            _ => {}
        }
        self.bump_seq_if_changed(cx.now);
        self.report_grant();
        self.poll_outbox(in_flight, cx, &mut effects);
        effects
    }

    fn on_outcome(&mut self, id: EffectId, outcome: Outcome, cx: &AppContext<'_>) {
        let token = self.steps.exchange.token(&self.id, cx);
        let input = StepInput::new(
            &self.id,
            &self.site,
            &self.app,
            &self.steps.exchange,
            token.as_ref(),
        );
        let steps = &mut self.steps;
        let transition = match id {
            EffectId::Outbox(number) => {
                return self.on_outbox_outcome(number, &outcome, cx);
            }
            EffectId::Admit => {
                self.admission.on_outcome(outcome, cx);
                return;
            }
            EffectId::Report(call) => {
                let token_use = steps.report.on_outcome(call, outcome, cx);
                self.renew_report_warnings();
                if token_use == TokenUse::Refused {
                    self.report_refused_token(cx.now);
                }
                return;
            }
            EffectId::Exchange if self.hosted.is_some() => match &mut self.hosted {
                Some(hosted) => hosted.on_outcome(&self.id, &mut steps.exchange, outcome, cx),
                None => return,
            },
            EffectId::Exchange => {
                let code = self.authorization_code.as_mut();
                let origin = &self.page_origin;
                steps
                    .exchange
                    .on_outcome(&self.id, code, origin, outcome, cx)
            }
            EffectId::Inspect(call) => {
                let bound = self.bound_waba.as_ref();
                let transition = steps.inspect.on_outcome(call, bound, outcome, cx);
                if let (Some(_), Some(info)) = (&self.hosted, &steps.inspect.token_info) {
                    steps::fetch_token::note_expiry(&mut steps.exchange, info.expires_at);
                }
                transition
            }
            EffectId::ClaimPhone | EffectId::ClaimWaba => steps.claim.on_outcome(outcome, cx),
            EffectId::Subscribe => steps.subscribe.on_outcome(outcome, cx),
            EffectId::CallbackOverride(call) => {
                let admission = &mut self.admission;
                steps
                    .callback_override
                    .on_outcome(call, &self.site, admission, outcome, cx)
            }
            EffectId::Credit(call) => {
                let settings = self.admission.settings.credit.as_ref();
                steps.credit.on_outcome(call, settings, outcome, cx)
            }
            EffectId::Register => steps.register.on_outcome(outcome, cx),
            EffectId::Verify => {
                let verified = steps.inspect.verified.as_mut();
                steps
                    .register
                    .on_verification_outcome(verified, outcome, cx)
            }
            EffectId::Sync => steps.sync.on_outcome(input, outcome, cx),
            EffectId::Handoff => {
                let Some(verified) = &steps.inspect.verified else {
                    return;
                };
                let handoff = HandoffInput {
                    settings: &self.admission.settings,
                    verified,
                };
                steps.handoff.on_outcome(input, handoff, outcome, cx)
            }
        };
        self.apply(transition, cx.now, &mut Effects::new());
    }

    fn launch_generation(&self) -> u32 {
        self.launch_generation
    }

    fn outlives_generation(id: EffectId) -> bool {
        matches!(id, EffectId::Outbox(_))
    }

    fn request_of(&self, id: EffectId) -> u8 {
        match id {
            EffectId::Subscribe => self.steps.subscribe.request(),
            EffectId::Verify => self.steps.register.request(),
            EffectId::Sync => self.steps.sync.phase as u8,
            EffectId::Handoff => self.steps.handoff.phase as u8,
            _ => 0,
        }
    }
}

impl Signup {
    /// The exchange with the site's admission beside it, then the stages of the plan, one after another.
    fn run_plan(&mut self, in_flight: &[EffectId], cx: &AppContext<'_>, effects: &mut Effects) {
        let request = SiteRequest::Admit {
            page_origin: self.page_origin.clone(),
            signup: Some(self.id.clone()),
            renewal: self.bound_waba.is_some(),
        };
        let admit = self.admission.poll(&self.site, request, in_flight, cx);
        let admitted = self.apply(admit, cx.now, effects);
        let exchange = match &mut self.hosted {
            Some(hosted) => hosted.poll(&self.steps.exchange, in_flight, cx),
            None => self.steps.exchange.poll(
                &self.id,
                self.authorization_code.as_mut(),
                &self.page_origin,
                in_flight,
                cx,
            ),
        };
        let exchanged = self.apply(exchange, cx.now, effects);
        if admitted == StepStatus::Pending || exchanged == StepStatus::Pending {
            return;
        }
        if let Admission::Rejected(code) = self.admission.decision {
            // The token is stored and kept; the site does not take this signup.
            return self.end(End::Failed(Problem::new(code)), cx.now);
        }
        let deadline = self.person_awaited_until();
        if cx.now > deadline {
            let problem = Problem::new(ProblemCode::DeadlinePassed);
            return self.end(End::Relaunch(problem), cx.now);
        }
        self.schedule_wake(deadline + Duration::from_millis(1));
        self.report_closing_window(deadline, cx.now);
        let token = self.steps.exchange.token(&self.id, cx);
        // The claim step may turn the signup into a renewal, which has another plan: it is looked up for
        // each stage.
        for nth in 0.. {
            let Some(plan) = self.plan() else { return };
            let Some(stage) = plan.stages.get(nth) else {
                break;
            };
            let mut status = StepStatus::Done;
            for step in *stage {
                let transition = self.poll_step(*step, plan, token.as_ref(), in_flight, cx);
                if self.apply(transition, cx.now, effects) == StepStatus::Pending {
                    status = StepStatus::Pending;
                }
                if !matches!(self.stage, Stage::Running) {
                    return;
                }
            }
            if status == StepStatus::Pending {
                return;
            }
        }
        self.connect(cx);
    }

    /// Polls one step of the plan.
    fn poll_step(
        &mut self,
        step: Step,
        plan: &Plan,
        token: Option<&Secret>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        let leaves_webhooks = self.leaves_webhooks();
        let expects_coexistence = self.expects_coexistence();
        let registers = self.registers_numbers();
        let route = self.admission.messages.as_ref();
        let input = StepInput::new(&self.id, &self.site, &self.app, &self.steps.exchange, token);
        let steps = &mut self.steps;
        if step == Step::Inspect {
            let inspect = InspectInput {
                scopes: plan.scopes,
                popup: &self.popup,
                bound_waba: self.bound_waba.as_ref(),
                without_number: self.popup.is_without_number(),
                scope_was_missing: self.scope_was_missing,
            };
            return steps.inspect.poll(input, inspect, in_flight, cx);
        }
        let Some(verified) = &steps.inspect.verified else {
            return Transition::pending();
        };
        match step {
            Step::Claim => {
                let claim = ClaimInput {
                    verified,
                    token_info: steps.inspect.token_info.as_ref(),
                    registers,
                };
                let transition = steps.claim.poll(input, claim, in_flight, cx);
                if transition.status == StepStatus::Done && steps.claim.is_renewal(verified) {
                    self.kind = Kind::Renew;
                }
                transition
            }
            Step::Subscribe => {
                let subscribe = &mut steps.subscribe;
                let subscribed = subscribe.poll(input, verified, leaves_webhooks, in_flight, cx);
                if subscribed.status == StepStatus::Pending {
                    return subscribed;
                }
                let addresses = &mut steps.callback_override;
                addresses.poll(input, verified, route, leaves_webhooks, in_flight, cx)
            }
            Step::Register if !leaves_webhooks && steps.callback_override.holds_register(route) => {
                Transition::pending()
            }
            Step::Credit => {
                let credit = CreditInput {
                    settings: self.admission.settings.credit.as_ref(),
                    verified,
                    in_solution: self.admission.solution_id.is_some(),
                };
                steps.credit.poll(input, credit, in_flight, cx)
            }
            Step::Register => {
                let register = RegisterInput {
                    verified,
                    claim: &steps.claim,
                    expects_coexistence,
                };
                steps.register.poll(input, register, in_flight, cx)
            }
            Step::Sync => {
                let coexists = |phone: &&PhoneNumber| phone.is_coexistence() || expects_coexistence;
                let phone = verified.phone.as_ref().filter(coexists);
                let sync = SyncInput {
                    phone: phone.filter(|_| !leaves_webhooks),
                };
                steps.sync.poll(input, sync, in_flight, cx)
            }
            Step::Handoff => {
                let handoff = HandoffInput {
                    settings: &self.admission.settings,
                    verified,
                };
                steps.handoff.poll(input, handoff, in_flight, cx)
            }
            Step::Exchange | Step::Inspect | Step::Report | Step::Notify => Transition::done(),
        }
    }

    /// All steps are done. A customer business that connected for the first time is counted.
    fn connect(&mut self, cx: &AppContext<'_>) {
        let verified = self.steps.inspect.verified.as_ref();
        let owner = verified.and_then(VerifiedAssets::owner).cloned();
        let without_number = verified.is_none_or(|verified| verified.phone.is_none());
        if let (Kind::Signup, Some(business)) = (self.kind, owner) {
            self.enqueue(OutboxMessage::Connected(ConnectedBusiness {
                app: self.app.clone(),
                solution: self.admission.solution_id.clone(),
                business,
                signup: self.id.clone(),
                at: cx.now,
            }));
        }
        self.end(End::Connected { without_number }, cx.now);
    }

    /// Carries out what a step returned.
    fn apply(
        &mut self,
        transition: Transition,
        now: UnixMillis,
        effects: &mut Effects,
    ) -> StepStatus {
        effects.extend(transition.effects);
        if let Some(at) = transition.wake_at {
            self.schedule_wake(at);
        }
        match transition.wait {
            WaitChange::Keep => {}
            WaitChange::Show(wait) => self.visible_wait = Some(wait),
            WaitChange::ShowIfNone(wait) => {
                self.visible_wait.get_or_insert(wait);
            }
            WaitChange::Clear => self.visible_wait = None,
        }
        let warnings = transition.warnings.into_iter().map(str::to_owned);
        self.warnings.extend(warnings);
        if let Some(event) = transition.event {
            self.emit_event(event.event_type, event.problem, now);
        }
        if let Some(end) = transition.end {
            if end.is_token_refused() {
                self.report_refused_token(now);
            }
            self.end(end, now);
        }
        transition.status
    }
}
