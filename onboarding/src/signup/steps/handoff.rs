//! Orders the number at another messaging provider and waits until it is connected: Infobip, or the provider
//! of the site's template. Infobip reports by webhook. A failure it reports is believed; a success is checked
//! with Meta. Without webhooks the status is polled, ever more rarely.

use super::transition::{SHOWN_FROM, StepEvent, StepInput, StepStatus, Transition, WaitChange};
use crate::meta::response::{PhoneNumber, decode};
use crate::meta::{ApiError, ErrorClass, request};
use crate::providers::{
    OrderContext, OrderError, OrderOutcome, Provider, ProviderStatus, is_retryable, template,
};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::record::{End, VisibleWait};
use crate::signup::state::{HandoffPhase, HandoffState, VerifiedAssets};
use crate::transport::ApiResult;
use crate::workflow::{AppContext, RetryDecision, RetryState, classify};
use core::time::Duration;
use embark_protocol::policy::PolicySettings;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{Problem, ProblemCode, Step};

/// What the hand-off needs beyond [`StepInput`].
#[derive(Clone, Copy)]
pub(in crate::signup) struct HandoffInput<'a> {
    /// Which provider, and how it is told.
    pub(in crate::signup) settings: &'a PolicySettings,
    /// The account and number.
    pub(in crate::signup) verified: &'a VerifiedAssets,
}

impl HandoffState {
    /// Orders, reads the number, or polls the provider's status, when that is due.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        handoff: HandoffInput<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if matches!(self.phase, HandoffPhase::Done | HandoffPhase::Skipped) {
            return Transition::done();
        }
        if in_flight.contains(&EffectId::Handoff) {
            return Transition::pending();
        }
        if input.token.is_none() {
            return fail(Problem::new(ProblemCode::TokenInvalid));
        }
        if self.phase == HandoffPhase::Ordering {
            // Begun by an earlier incarnation: it may have been accepted.
            self.phase = HandoffPhase::ReadingNumber;
        }
        let Some(provider) = Provider::from_settings(handoff.settings) else {
            return fail(Problem::new(ProblemCode::AppMisconfigured));
        };
        let mut transition = Transition::pending();
        if self.phase == HandoffPhase::Waiting {
            transition = self.wait(&provider, cx);
            if transition.end.is_some() {
                return transition;
            }
        }
        if !self.retry.is_due(cx.now) {
            return transition.or_wake_at(self.retry.not_before);
        }
        let effect = match self.next_request(input, handoff, &provider, cx) {
            Ok(effect) => effect,
            Err(OrderError::NoNumber) => {
                self.phase = HandoffPhase::Skipped;
                transition.status = StepStatus::Done;
                return transition;
            }
            Err(error) => {
                let detail = error.to_string();
                return fail(Problem::new(ProblemCode::ProviderRefused).with_detail(&detail));
            }
        };
        self.retry = self.retry.begin_attempt(cx.now);
        transition.effects.push((EffectId::Handoff, effect));
        transition
    }

    /// Reads a response of the provider, or of Meta about the number.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        input: StepInput<'_>,
        handoff: HandoffInput<'_>,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let Outcome::Api(result) = outcome else {
            return Transition::pending();
        };
        let Some(provider) = Provider::from_settings(handoff.settings) else {
            return Transition::pending();
        };
        match (self.phase, &provider) {
            (HandoffPhase::Ordering, _) => {
                let order = order_context(input, handoff.verified);
                match provider.parse_order_response(result, &order) {
                    Ok(accepted) => self.on_order_accepted(accepted, handoff, &provider, cx),
                    Err(error) => self.on_order_failed(&error, &provider, cx),
                }
            }
            (HandoffPhase::Waiting, Provider::Template(template)) => {
                let Some(status) = &template.status else {
                    return Transition::pending();
                };
                match template::parse_status(status, result) {
                    Ok(ProviderStatus::Done) => self.complete(),
                    Ok(ProviderStatus::Failed(text)) => {
                        fail(Problem::new(ProblemCode::ProviderRefused).with_detail(&text))
                    }
                    Ok(ProviderStatus::Pending(text)) => {
                        self.status_text = Some(text);
                        self.schedule_next_poll(&provider, cx)
                    }
                    // The status is unknown; the provider's deadline ends the wait.
                    Err(_) => self.schedule_next_poll(&provider, cx),
                }
            }
            (HandoffPhase::ReadingNumber | HandoffPhase::Waiting, _) => {
                self.on_number_read(result, handoff.verified, &provider, cx)
            }
            _ => Transition::pending(),
        }
    }

    /// The next request.
    ///
    /// # Errors
    /// The template needs a value that the account does not have.
    fn next_request(
        &mut self,
        input: StepInput<'_>,
        handoff: HandoffInput<'_>,
        provider: &Provider<'_>,
        cx: &AppContext<'_>,
    ) -> Result<Effect, OrderError> {
        let order = order_context(input, handoff.verified);
        let read_number = || {
            let (phone, token) = handoff.verified.phone.as_ref().zip(input.token)?;
            let request = request::phone(&phone.id).sign(cx.credentials, token);
            Some(Effect::Meta(request))
        };
        let read_status = match (provider, &self.status_url) {
            (Provider::Template(template), Some(url)) => {
                Some(template::build_status_request(template, url, &order)?)
            }
            _ => None,
        };
        match (self.phase, read_status) {
            (HandoffPhase::Waiting, Some(request)) => {
                return Ok(Effect::Provider(Box::new(request)));
            }
            (HandoffPhase::Waiting, None) => {
                if let Some(effect) = read_number() {
                    return Ok(effect);
                }
            }
            (HandoffPhase::ReadingNumber, _) if matches!(provider, Provider::Infobip(_)) => {
                if let Some(effect) = read_number() {
                    return Ok(effect);
                }
            }
            _ => {}
        }
        let request = provider.build_order(&order)?;
        self.phase = HandoffPhase::Ordering;
        Ok(Effect::Provider(Box::new(request)))
    }

    /// While the provider works: shows the wait, tells the operator if it takes long, and ends it in time.
    fn wait(&mut self, provider: &Provider<'_>, cx: &AppContext<'_>) -> Transition {
        let since = self.accepted_at.unwrap_or(cx.now);
        let deadline = since + provider.max_wait();
        if cx.now >= deadline {
            return fail(Problem::new(ProblemCode::ProviderUnavailable));
        }
        let mut transition = Transition::wake_at(deadline);
        let alert_at = since + provider.alert_after();
        if cx.now < alert_at {
            transition = transition.or_wake_at(alert_at);
        } else if !self.operator_notified {
            self.operator_notified = true;
            transition.event = Some(StepEvent {
                event_type: SiteEventType::HandoffLate,
                problem: None,
            });
        }
        transition.wait = WaitChange::ShowIfNone(VisibleWait {
            until: self.retry.not_before.max(cx.now + Duration::from_millis(1)),
            problem: Problem::new(ProblemCode::ProviderPending).at_step(Step::Handoff),
        });
        transition
    }

    /// The number as Meta has it: after an order whose outcome is unknown, or while Infobip works.
    fn on_number_read(
        &mut self,
        result: ApiResult,
        verified: &VerifiedAssets,
        provider: &Provider<'_>,
        cx: &AppContext<'_>,
    ) -> Transition {
        let phone = match decode::<PhoneNumber>(result) {
            Ok(phone) => phone,
            Err(error) => return self.on_read_failed(&error, cx),
        };
        if self.phase == HandoffPhase::ReadingNumber {
            // An order names the account: repeated, it is the same order.
            self.phase = HandoffPhase::Todo;
        }
        // A number that was connected before the order proves nothing about it.
        let was_connected = verified
            .phone
            .as_ref()
            .is_some_and(PhoneNumber::is_registered);
        if phone.is_registered() && (self.finished || !was_connected) {
            return self.complete();
        }
        if self.failed {
            return fail(Problem {
                detail: self.status_text.clone(),
                ..Problem::new(ProblemCode::ProviderRefused)
            });
        }
        if self.phase == HandoffPhase::Waiting {
            return self.schedule_next_poll(provider, cx);
        }
        Transition::pending()
    }

    fn on_read_failed(&mut self, error: &ApiError, cx: &AppContext<'_>) -> Transition {
        let mut retry = self.retry;
        if self.phase == HandoffPhase::Waiting {
            // The provider may take days: only Meta's own failures count towards giving up.
            retry.first_attempt_at = cx.now;
        }
        match classify(error, retry, Step::Handoff, cx) {
            RetryDecision::Retry(retry) => {
                self.retry = retry;
                Transition::pending()
            }
            RetryDecision::Relaunch(problem) => Transition::end(End::Relaunch(problem)),
            RetryDecision::Fail(problem) => Transition::end(End::Failed(problem)),
        }
    }

    fn on_order_accepted(
        &mut self,
        accepted: OrderOutcome,
        handoff: HandoffInput<'_>,
        provider: &Provider<'_>,
        cx: &AppContext<'_>,
    ) -> Transition {
        self.retry = RetryState::default();
        match accepted {
            OrderOutcome::Pending { status_url }
                if status_url.is_some() || handoff.verified.phone.is_some() =>
            {
                self.phase = HandoffPhase::Waiting;
                self.accepted_at = Some(cx.now);
                self.status_url = status_url;
                let transition = self.schedule_next_poll(provider, cx);
                if self.finished || self.failed {
                    // The webhook arrived before the response.
                    self.retry.not_before = cx.now;
                }
                transition
            }
            _ => self.complete(),
        }
    }

    fn on_order_failed(
        &mut self,
        error: &ApiError,
        provider: &Provider<'_>,
        cx: &AppContext<'_>,
    ) -> Transition {
        let detail = ["the provider answered ", &error.status.to_string()].concat();
        let problem = |code| Problem::new(code).with_detail(&detail);
        if !is_retryable(error) {
            return fail(problem(match error.class {
                ErrorClass::Config | ErrorClass::Token => ProblemCode::AppMisconfigured,
                _ => ProblemCode::ProviderRefused,
            }));
        }
        match classify(error, self.retry, Step::Handoff, cx) {
            RetryDecision::Retry(retry) if retry.attempts < provider.max_attempts() => {
                self.retry = retry;
                // After an unknown outcome the number is read before the order is repeated.
                self.phase = match error.class {
                    ErrorClass::Indeterminate => HandoffPhase::ReadingNumber,
                    _ => HandoffPhase::Todo,
                };
                let mut transition = Transition::pending();
                if retry.not_before > cx.now + SHOWN_FROM {
                    transition.wait = WaitChange::Show(VisibleWait {
                        until: retry.not_before,
                        problem: problem(ProblemCode::ProviderUnavailable).at_step(Step::Handoff),
                    });
                }
                transition
            }
            _ => fail(problem(ProblemCode::ProviderUnavailable)),
        }
    }

    fn schedule_next_poll(&mut self, provider: &Provider<'_>, cx: &AppContext<'_>) -> Transition {
        let pause = if self.finished {
            // The webhook that said so has begun the count anew.
            let doublings = self.retry.attempts.saturating_sub(1).min(12);
            (FIRST_POLL_WHEN_FINISHED * (1 << doublings)).min(LAST_POLL_WHEN_FINISHED)
        } else {
            provider.poll_interval(self.retry.attempts)
        };
        self.retry.not_before = cx.now + pause;
        Transition {
            wait: WaitChange::Clear,
            ..Transition::default()
        }
    }

    fn complete(&mut self) -> Transition {
        self.phase = HandoffPhase::Done;
        Transition {
            wait: WaitChange::Clear,
            ..Transition::done()
        }
    }
}

/// Ends the signup, and tells the operator.
fn fail(problem: Problem) -> Transition {
    let problem = problem.at_step(Step::Handoff);
    Transition {
        wait: WaitChange::Clear,
        event: Some(StepEvent {
            event_type: SiteEventType::HandoffFailed,
            problem: Some(problem.clone()),
        }),
        ..Transition::end(End::Failed(problem))
    }
}

fn order_context<'a>(input: StepInput<'a>, verified: &'a VerifiedAssets) -> OrderContext<'a> {
    let phone = verified.phone.as_ref();
    OrderContext {
        site: input.site,
        signup: input.signup,
        waba: &verified.waba.id,
        phone: phone.map(|phone| &phone.id),
        business: verified.owner(),
        display_phone_number: phone.and_then(|phone| phone.display_phone_number.as_deref()),
        verified_name: phone.and_then(|phone| phone.verified_name.as_deref()),
    }
}

/// The provider is done: Meta will show it any moment.
const FIRST_POLL_WHEN_FINISHED: Duration = Duration::from_secs(30);
/// Meta does not show it: the provider was wrong, or Meta takes its time.
const LAST_POLL_WHEN_FINISHED: Duration = Duration::from_hours(1);
