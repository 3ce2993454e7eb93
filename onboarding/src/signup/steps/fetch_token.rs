//! Fetches the customer's business token with the partner's system token, where there is no authorization code: the customer
//! came by Meta's hosted page
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/hosted-es>). The call only
//! reads, so that it is repeated after any outcome that is not known.

use super::transition::{RetryOrEnd, Transition, retry_or_end};
use crate::meta::request;
use crate::meta::response::{IssuedToken, decode};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::record::{End, token_record_name};
use crate::signup::state::{ExchangeState, HostedState};
use crate::workflow::AppContext;
use embark_protocol::{Problem, ProblemCode, SignupId, Step};

impl HostedState {
    /// Sends the request when it is due.
    pub(in crate::signup) fn poll(
        &mut self,
        exchange: &ExchangeState,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if let ExchangeState::Done { .. } = exchange {
            return Transition::done();
        }
        if in_flight.contains(&EffectId::Exchange) {
            return Transition::pending();
        }
        if !self.retry.is_due(cx.now) {
            return Transition::wake_at(self.retry.not_before);
        }
        let Some(request) = request::system_user_token(&self.business).sign(cx.credentials) else {
            return misconfigured();
        };
        self.retry = self.retry.begin_attempt(cx.now);
        Transition::effect(EffectId::Exchange, Effect::Meta(request))
    }

    /// Seals the token before anything else, or decides how to go on after an error.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        signup: &SignupId,
        exchange: &mut ExchangeState,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let Outcome::Api(result) = outcome else {
            return Transition::pending();
        };
        let error = match decode::<IssuedToken>(result) {
            Ok(issued) => {
                let name = token_record_name(signup);
                let Ok(token) = cx.keyring.seal(&name, &issued.token, cx.nonce()) else {
                    return Transition::fail(ProblemCode::Internal, Step::Exchange);
                };
                *exchange = ExchangeState::Done {
                    token,
                    expires_at: issued
                        .expires_in
                        .map(|seconds| cx.now.as_secs().saturating_add(seconds)),
                    received_at: cx.now,
                };
                return Transition::pending();
            }
            Err(error) => error,
        };
        match retry_or_end(&error, self.retry, Step::Exchange, cx) {
            RetryOrEnd::Retry(retry, transition) => {
                self.retry = retry;
                transition
            }
            // There is no popup to go through again: what the system token is refused, the operator puts right.
            RetryOrEnd::End(mut transition) => {
                if let Some(End::Relaunch(problem)) = &transition.end {
                    let mut failed =
                        Problem::new(ProblemCode::AppMisconfigured).at_step(Step::Exchange);
                    failed.meta_code.clone_from(&problem.meta_code);
                    failed.fbtrace_id.clone_from(&problem.fbtrace_id);
                    transition.end = Some(End::Failed(failed));
                }
                transition
            }
        }
    }
}

/// A token that was fetched comes without its expiry, which is read with the token.
pub(in crate::signup) fn note_expiry(exchange: &mut ExchangeState, expires_at: Option<u64>) {
    if let ExchangeState::Done {
        expires_at: known @ None,
        ..
    } = exchange
    {
        *known = expires_at;
    }
}

/// The app has no system token.
fn misconfigured() -> Transition {
    Transition::fail(ProblemCode::AppMisconfigured, Step::Exchange)
}
