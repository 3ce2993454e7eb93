//! Has Meta send the customer's messages to the address of the site's partner, or to the app's callback URL again
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override>): reads the addresses,
//! changes what differs, reads them back. Runs behind the subscription, which Meta requires, and before the number is
//! registered, so that no message is missed.
//!
//! Nothing here ends a signup. After the first call that fails, the signup goes on; what may pass is repeated, and what
//! cannot becomes a problem of the operator's: an event, a warning, and a check of the readiness report.

use super::transition::{StepEvent, StepInput, StepStatus, Transition};
use crate::crypto::Secret;
use crate::meta::response::{NumberWebhooks, SubscribedApps, Success, decode};
use crate::meta::same_address::{is_same_address, without_query};
use crate::meta::{ApiError, ErrorClass, GraphRequest, request};
use crate::problem::from_api_error;
use crate::providers::is_allowed_destination;
use crate::resources::message_route::{MessageCallback, MessageRoute, verify_token_name};
use crate::resources::phone_number::{PhoneReply, PhoneRequest};
use crate::resources::site::{SiteReply, SiteRequest};
use crate::signup::effects::{Effect, EffectId, Outcome, OverrideCall, PeerReply, PeerRequest};
use crate::signup::state::{
    AccountWebhooks, AdmissionState, CallbackOverrideState, NumberAddress, OverrideChange,
    OverridePhase, OverrideRead, VerifiedAssets,
};
use crate::workflow::{AppContext, RetryDecision, RetryState, classify};
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{Problem, ProblemCode, SiteId, Step};

impl CallbackOverrideState {
    /// Begins what is due. `left_to_provider`: another provider receives the account's webhooks.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        verified: &VerifiedAssets,
        route: Option<&MessageRoute>,
        left_to_provider: bool,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if let (OverridePhase::Done, Some(at)) = (&self.phase, self.read_again_at) {
            if cx.now < at && at <= cx.now + READ_AGAIN_AFTER {
                return Transition {
                    wake_at: Some(at),
                    ..Transition::done()
                };
            }
            *self = Self {
                phase: OverridePhase::AskingOwnerAgain,
                released: true,
                rechecks: true,
                ..Self::default()
            };
        }
        if let Some(next) = self.after_owner().filter(|_| verified.phone.is_none()) {
            self.phase = next;
        }
        let question = match (&self.phase, &verified.phone) {
            (OverridePhase::AskingOwner | OverridePhase::AskingOwnerAgain, Some(phone)) => {
                let request = Box::new(PhoneRequest::Owner);
                let request = PeerRequest::Phone(phone.id.clone(), request);
                Some((OverrideCall::Owner, request))
            }
            (OverridePhase::Asking, _) => {
                let request = PeerRequest::Site(input.site.clone(), SiteRequest::MessageRoute);
                Some((OverrideCall::Route, request))
            }
            _ => None,
        };
        let is_idle =
            left_to_provider || self.is_settled() || (route.is_none() && question.is_none());
        if is_idle {
            return Transition::done();
        }
        let is_own = |id: &EffectId| matches!(id, EffectId::CallbackOverride(_));
        if in_flight.iter().any(is_own) {
            return self.unsettled(Transition::pending());
        }
        if !self.retry.is_due(cx.now) {
            return self.unsettled(Transition::wake_at(self.due_at()));
        }
        if let Some((call, request)) = question {
            self.retry = self.retry.begin_attempt(cx.now);
            let id = EffectId::CallbackOverride(call);
            return self.unsettled(Transition::effect(id, Effect::Peer(Box::new(request))));
        }
        let (Some(token), Some(route)) = (input.token, route) else {
            return Transition::done();
        };
        let reads = self.missing_reads(verified);
        if !reads.is_empty() {
            self.retry = self.retry.begin_attempt(cx.now);
            let effects = reads.into_iter().map(|(read, call)| {
                let id = EffectId::CallbackOverride(OverrideCall::Read(read));
                (id, Effect::Meta(call.sign(cx.credentials, token)))
            });
            let transition = Transition {
                effects: effects.collect(),
                ..Transition::pending()
            };
            return self.unsettled(transition);
        }
        let Some(change) = self.next_change(route) else {
            return self.settle(route, cx);
        };
        match self.request_of(change, input, verified, route, token, cx) {
            Ok(_) if self.changes >= MAX_CHANGES => self.fail(refused(
                "Meta accepts the address and does not have it afterwards",
            )),
            Ok(request) => {
                (self.account, self.number) = (None, None);
                self.retry = self.retry.begin_attempt(cx.now);
                let id = EffectId::CallbackOverride(OverrideCall::Change(change));
                self.unsettled(Transition::effect(id, Effect::Meta(request)))
            }
            Err(problem) => self.fail(problem),
        }
    }

    /// Stores what a call returned, or schedules it again.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        call: OverrideCall,
        site: &SiteId,
        admission: &mut AdmissionState,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let (call, result) = match (call, outcome) {
            (OverrideCall::Owner, outcome) => {
                self.on_owner(site, outcome, cx);
                return Transition::pending();
            }
            (OverrideCall::Route, outcome) => {
                self.on_route(admission, outcome, cx);
                return Transition::pending();
            }
            // Of a pass that is over, or that another one has replaced.
            (_, Outcome::Api(_)) if self.phase != OverridePhase::Open => {
                return Transition::pending();
            }
            (call, Outcome::Api(result)) => (call, result),
            (_, Outcome::Peer(_)) => return Transition::pending(),
        };
        let stored = match call {
            OverrideCall::Read(OverrideRead::Account) => {
                decode::<SubscribedApps>(result).map(|apps| {
                    let app = cx.credentials.app_id.as_str();
                    self.account = Some(AccountWebhooks {
                        subscribed: apps.contains(app),
                        url: apps.override_of(app).map(str::to_owned),
                    });
                })
            }
            OverrideCall::Read(OverrideRead::Number) => {
                decode::<NumberWebhooks>(result).map(|read| {
                    let url = read.of_number().map(str::to_owned);
                    self.number = Some(NumberAddress { url });
                })
            }
            OverrideCall::Change(_) | OverrideCall::Owner | OverrideCall::Route => {
                decode::<Success>(result).map(|_| {
                    self.changes = self.changes.saturating_add(1);
                    self.retry = RetryState::default();
                })
            }
        };
        let Err(error) = stored else {
            return Transition::pending();
        };
        self.released = true;
        match classify(&error, self.retry, Step::Subscribe, cx) {
            RetryDecision::Retry(retry) => {
                self.retry = retry;
                Transition::pending()
            }
            RetryDecision::Relaunch(problem) | RetryDecision::Fail(problem) => {
                let is_refusal =
                    matches!(call, OverrideCall::Change(_)) && error.class == ErrorClass::Refused;
                self.fail(if is_refusal {
                    of_refusal(&error)
                } else {
                    problem
                })
            }
        }
    }

    /// Whether the number is to be registered later: messages would go elsewhere.
    pub(in crate::signup) fn holds_register(&self, route: Option<&MessageRoute>) -> bool {
        let has_callback = route.is_some_and(|route| route.callback.is_some());
        has_callback && !self.released && !self.is_settled()
    }

    /// What follows once the number is known to be the site's. `None`: that is not being asked.
    fn after_owner(&self) -> Option<OverridePhase> {
        match self.phase {
            OverridePhase::AskingOwner => Some(OverridePhase::Asking),
            OverridePhase::AskingOwnerAgain => Some(OverridePhase::Open),
            _ => None,
        }
    }

    /// Takes in whose the number is. Nothing is changed for a site that it was taken from.
    fn on_owner(&mut self, site: &SiteId, outcome: Outcome, cx: &AppContext<'_>) {
        let Some(next) = self.after_owner() else {
            return;
        };
        match outcome {
            Outcome::Peer(Ok(PeerReply::Phone(PhoneReply::Owner { owner }))) => {
                self.retry = RetryState::default();
                self.phase = match owner {
                    Some(owner) if owner.site != *site => OverridePhase::Done,
                    _ => next,
                };
            }
            _ => {
                self.released = true;
                self.retry = self.retry.after_no_reply(cx);
            }
        }
    }

    /// Takes in where messages are to be sent by now.
    fn on_route(&mut self, admission: &mut AdmissionState, outcome: Outcome, cx: &AppContext<'_>) {
        if self.phase != OverridePhase::Asking {
            return;
        }
        match outcome {
            Outcome::Peer(Ok(PeerReply::Site(SiteReply::MessageRoute { route }))) => {
                admission.messages = route.map(|route| *route);
                *self = Self {
                    released: self.released,
                    ..Self::default()
                };
            }
            _ => {
                self.released = true;
                self.retry = self.retry.after_no_reply(cx);
            }
        }
    }

    /// What is not read, with its call.
    fn missing_reads(
        &self,
        verified: &VerifiedAssets,
    ) -> Vec<(OverrideRead, request::Call<request::BusinessToken>)> {
        let account = self.account.is_none();
        let account = account.then(|| request::subscribed_apps(&verified.waba.id));
        let number = verified.phone.as_ref().filter(|_| self.number.is_none());
        let number = number.map(|phone| request::number_override(&phone.id));
        let account = account.map(|call| (OverrideRead::Account, call));
        let number = number.map(|call| (OverrideRead::Number, call));
        account.into_iter().chain(number).collect()
    }

    /// # Errors
    /// The operator has something to do before Meta can be asked.
    fn request_of(
        &self,
        change: OverrideChange,
        input: StepInput<'_>,
        verified: &VerifiedAssets,
        route: &MessageRoute,
        token: &Secret,
        cx: &AppContext<'_>,
    ) -> Result<GraphRequest, Problem> {
        let waba = &verified.waba.id;
        let missing = || refused("the account has no number");
        let phone = || {
            verified
                .phone
                .as_ref()
                .map(|phone| &phone.id)
                .ok_or_else(missing)
        };
        let callback = || {
            let none = || refused("the site has no address");
            checked(route.callback.as_ref().ok_or_else(none)?, input, cx)
        };
        let call = match change {
            OverrideChange::Subscribe => request::subscribe(waba),
            OverrideChange::ClearAccount => request::clear_account_override(waba),
            OverrideChange::ClearNumber => request::clear_number_override(phone()?),
            OverrideChange::SetAccount => {
                let (url, verify_token) = callback()?;
                request::set_account_override(waba, url, &verify_token)
            }
            OverrideChange::SetNumber => {
                let (url, verify_token) = callback()?;
                request::set_number_override(phone()?, url, &verify_token)
            }
        };
        Ok(call.sign(cx.credentials, token))
    }

    /// Nothing is left that this service may change.
    fn settle(&mut self, route: &MessageRoute, cx: &AppContext<'_>) -> Transition {
        let wanted = route.callback.as_ref().map(|callback| &callback.url);
        let effective = self.effective();
        let is_as_wanted = wanted
            .is_none_or(|url| effective.is_some_and(|effective| is_same_address(effective, url)));
        if !is_as_wanted {
            let other = without_query(effective.unwrap_or_default());
            let detail = [
                "the account has another address, which the site never had: ",
                other,
            ];
            return self.fail(refused(&detail.concat()));
        }
        self.phase = OverridePhase::Done;
        // Also where nothing differed: an incarnation that ended before it stored so may have made the change.
        let may_be_undone = self.changes > 0 || !self.rechecks && wanted.is_some();
        self.read_again_at = may_be_undone.then_some(cx.now + READ_AGAIN_AFTER);
        Transition {
            wake_at: self.read_again_at,
            ..Transition::done()
        }
    }

    fn fail(&mut self, problem: Problem) -> Transition {
        self.phase = OverridePhase::Failed(problem.clone());
        Transition {
            event: Some(StepEvent {
                event_type: SiteEventType::MessagesOverrideFailed,
                problem: Some(problem),
            }),
            ..Transition::done()
        }
    }

    /// The signup waits for it until a call has failed.
    fn unsettled(&self, transition: Transition) -> Transition {
        let status = match self.released {
            true => StepStatus::Done,
            false => StepStatus::Pending,
        };
        Transition {
            status,
            ..transition
        }
    }
}

/// The address, which may be requested, and its verify token.
///
/// # Errors
/// The operator must put another one.
fn checked<'a>(
    callback: &'a MessageCallback,
    input: StepInput<'_>,
    cx: &AppContext<'_>,
) -> Result<(&'a str, Secret), Problem> {
    if !is_allowed_destination(&callback.url) {
        return Err(refused("messages.callback_url: not a public https address"));
    }
    let missing = || refused("the site has no secret messages_verify_token");
    let sealed = callback.verify_token.as_ref().ok_or_else(missing)?;
    let opened = cx.keyring.open(&verify_token_name(input.site), sealed);
    let unreadable = |_| refused("messages_verify_token cannot be opened: put it again");
    Ok((&callback.url, opened.map_err(unreadable)?))
}

fn refused(detail: &str) -> Problem {
    Problem::new(ProblemCode::OverrideRefused)
        .at_step(Step::Subscribe)
        .with_detail(detail)
}

/// Meta refused the address.
fn of_refusal(error: &ApiError) -> Problem {
    let problem = from_api_error(ProblemCode::OverrideRefused, Step::Subscribe, error);
    match error.code {
        Some(HANDSHAKE_FAILED) => problem.with_detail(
            "the address did not answer Meta's handshake: GET with hub.challenge and the site's verify token",
        ),
        _ => problem,
    }
}

/// Longer than a call may take to have its effect.
const READ_AGAIN_AFTER: Duration = Duration::from_mins(1);
/// Meta's code: the handshake with an address failed.
const HANDSHAKE_FAILED: i64 = 2_200;
/// How many accepted changes one pass makes: the app is subscribed, then account and number have their addresses.
const MAX_CHANGES: u8 = 4;
