//! Who granted a signup's token, for the Partner object's index; and what is erased when they want their data deleted.

use super::record::{End, Signup, Stage};
use super::state::{ExchangeState, OutboxMessage, RegisterPhase, Verification};
use crate::crypto::Sealed;
use crate::resources::users::{UserGrant, Withdrawal};
use crate::time::UnixMillis;
use embark_protocol::{Problem, ProblemCode};

impl Signup {
    /// Enqueues who granted the token, once account and number are known, or nothing more is found out by itself; unless that
    /// was done.
    pub(in crate::signup) fn report_grant(&mut self) {
        let inspect = &self.steps.inspect;
        let is_settled = inspect.verified.is_some()
            || inspect.pending_choice.is_some()
            || matches!(self.stage, Stage::Ended { .. });
        let Some(grant) = self.grant().filter(|_| is_settled) else {
            return;
        };
        if self.steps.inspect.reported_grant.as_ref() == Some(&grant) {
            return;
        }
        self.steps.inspect.reported_grant = Some(grant.clone());
        self.enqueue(OutboxMessage::Granted(grant));
    }

    /// `None`: there is no token, or Meta did not say whose it is.
    fn grant(&self) -> Option<UserGrant> {
        let ExchangeState::Done { received_at, .. } = &self.steps.exchange else {
            return None;
        };
        let inspect = &self.steps.inspect;
        let user_id = inspect.token_info.as_ref()?.user_id.clone()?;
        let verified = inspect.verified.as_ref();
        let number = verified.and_then(|verified| verified.phone.as_ref());
        Some(UserGrant {
            app: self.app.clone(),
            user_id,
            signup: self.id.clone(),
            waba: verified.map(|verified| verified.waba.id.clone()),
            number: number.map(|number| number.id.clone()),
            issued_at: *received_at,
        })
    }

    /// Erases the secrets of a person who wants that, if the token is theirs and not newer than their wish. A signup that is
    /// under way ends. Repeated, it changes nothing.
    pub fn erase_secrets(&mut self, withdrawal: &Withdrawal, now: UnixMillis) {
        let ExchangeState::Done {
            token, received_at, ..
        } = &mut self.steps.exchange
        else {
            return;
        };
        // What was read of the token may be being read again.
        let reported = self.steps.inspect.reported_grant.as_ref();
        let reported = reported.map(|grant| grant.user_id.clone());
        let info = &mut self.steps.inspect.token_info;
        let user = info.as_mut().and_then(|info| info.user_id.take());
        if user.as_ref().or(reported.as_ref()) != Some(&withdrawal.user_id)
            || self.app != withdrawal.app
            || *received_at > withdrawal.issued_by
        {
            if let Some(info) = info {
                info.user_id = user;
            }
            return;
        }
        // Opens to nothing, which every step takes for a token that is not there.
        *token = Sealed::from_stored(String::new());
        self.steps.claim.token = None;
        self.steps.register.entered_pin = None;
        self.steps.inspect.reported_grant = None;
        if let Some(code) = &mut self.authorization_code {
            code.code = None;
        }
        if let RegisterPhase::Verifying(Verification::SubmittingCode { .. }) =
            &self.steps.register.phase
        {
            self.steps.register.phase = RegisterPhase::Todo;
        }
        self.end(End::Relaunch(Problem::new(ProblemCode::TokenInvalid)), now);
    }
}
