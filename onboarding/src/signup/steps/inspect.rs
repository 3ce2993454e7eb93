//! Reads what the token is valid for, and finds the account and the number. Ids from the browser are hints:
//! the customer's own token must read the account, and its `/phone_numbers` must list the number. Without a
//! hint a single candidate is taken; of several the customer chooses.

use super::token_check::{account_missing, end_by_token, token_problem};
use super::transition::{RetryOrEnd, StepInput, StepStatus, Transition, retry_or_end};
use crate::meta::response::{
    PhoneNumber, SubscribedApps, WabaDetails, decode, decode_phone_numbers, decode_token_info,
};
use crate::meta::{ErrorClass, request};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::record::PopupReport;
use crate::signup::state::{InspectCall, InspectState, PendingChoice, VerifiedAssets, WabaName};
use crate::time::UnixMillis;
use crate::workflow::{AppContext, RetryState};
use core::time::Duration;
use embark_protocol::{PhoneNumberId, Problem, ProblemCode, Step, WabaId};

/// What the inspect step needs beyond [`StepInput`].
#[derive(Clone, Copy)]
pub(in crate::signup) struct InspectInput<'a> {
    /// The permissions that the plan needs.
    pub(in crate::signup) scopes: &'a [&'a str],
    /// Ids from the page or of the customer's choice.
    pub(in crate::signup) popup: &'a PopupReport,
    /// The account that a renewal is for.
    pub(in crate::signup) bound_waba: Option<&'a WabaId>,
    /// The customer finished Meta's popup without a number.
    pub(in crate::signup) without_number: bool,
    /// A permission was missing at an earlier launch of this signup already.
    pub(in crate::signup) scope_was_missing: bool,
}

impl InspectState {
    /// Begins every read that is possible and missing; done once account and number are verified.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        inspect: InspectInput<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if self.verified.is_some() {
            return Transition::done();
        }
        let token_problem = self
            .token_info
            .as_ref()
            .and_then(|info| token_problem(info, inspect.scopes, cx));
        if let Some(code) = token_problem {
            return end_by_token(code, inspect.scope_was_missing);
        }
        let listed = self.token_info.iter().flat_map(|info| &info.wabas);
        if let Some(bound) = inspect.bound_waba
            && listed.clone().next().is_some()
            && !listed.clone().any(|waba| waba == bound)
        {
            return account_missing(bound, None);
        }
        if !self.retry.is_due(cx.now) {
            return Transition::wake_at(self.retry.not_before);
        }
        if input.token.is_none() {
            return Transition::relaunch(ProblemCode::TokenInvalid, Step::Inspect);
        }
        let hints = Hints {
            popup: inspect.popup,
            late_ids_deadline: input.token_received_at + LATE_IDS,
        };
        let mut transition = self.choose_waba(inspect.bound_waba, hints, cx);
        if transition.end.is_some() {
            return transition;
        }
        self.begin_reads(input, hints, in_flight, cx, &mut transition);
        if !transition.effects.is_empty() {
            self.retry = self.retry.begin_attempt(cx.now);
        }
        let concluded = self.conclude(inspect, hints, cx);
        transition.status = concluded.status;
        transition.end = concluded.end;
        match concluded.wake_at {
            Some(at) => transition.or_wake_at(at),
            None => transition,
        }
    }

    /// Stores what a read returned, or schedules it again. `bound_waba`: the account that a renewal is for.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        call: InspectCall,
        bound_waba: Option<&WabaId>,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> Transition {
        let Outcome::Api(result) = outcome else {
            return Transition::pending();
        };
        let app_id = cx.credentials.app_id.as_str();
        let stored = match call {
            InspectCall::TokenInfo => {
                decode_token_info(result).map(|info| self.token_info = Some(info))
            }
            InspectCall::Waba => decode::<WabaDetails>(result).map(|waba| self.waba = Some(waba)),
            InspectCall::PhoneNumbers => {
                decode_phone_numbers(result).map(|phones| self.phones = Some(phones))
            }
            InspectCall::SubscribedApps => decode::<SubscribedApps>(result)
                .map(|apps| self.subscribed = Some(apps.contains(app_id))),
            InspectCall::CandidateName(position) => {
                // Only shown to the customer: a name that cannot be read is replaced by the id.
                let name = decode::<WabaDetails>(result)
                    .ok()
                    .and_then(|waba| waba.name);
                // Another drive may have read it meanwhile: each candidate has one name.
                let id = self
                    .candidates_without_name()
                    .find(|(other, _)| *other == position)
                    .map(|(_, id)| id.clone());
                if let Some(id) = id {
                    self.waba_names.push(WabaName { id, name });
                }
                Ok(())
            }
        };
        let Err(error) = stored else {
            return Transition::pending();
        };
        if let (Some(bound), ErrorClass::Unreachable) = (bound_waba, error.class) {
            return account_missing(bound, Some(&error));
        }
        match retry_or_end(&error, self.retry, Step::Inspect, cx) {
            RetryOrEnd::Retry(retry, transition) => {
                self.retry = retry;
                transition
            }
            RetryOrEnd::End(transition) => transition,
        }
    }

    /// The customer chose the account.
    ///
    /// # Errors
    /// `input_not_asked` if there is no such choice, `input_invalid` if the account is not among the choices.
    pub(in crate::signup) fn select_waba(&mut self, waba: &WabaId) -> Result<(), Problem> {
        if self.pending_choice != Some(PendingChoice::Waba) {
            return Err(not_asked());
        }
        let offered = self.token_info.iter().any(|info| info.wabas.contains(waba));
        self.accept_choice(offered, "waba_id: not one of the choices")
    }

    /// The customer chose the number.
    ///
    /// # Errors
    /// `input_not_asked` if there is no such choice, `input_invalid` if the number is not among the choices.
    pub(in crate::signup) fn select_number(
        &mut self,
        phone: &PhoneNumberId,
    ) -> Result<(), Problem> {
        if self.pending_choice != Some(PendingChoice::Number) {
            return Err(not_asked());
        }
        let mut phones = self.phones.iter().flatten();
        let offered = phones.any(|offered| offered.id == *phone);
        self.accept_choice(offered, "phone_number_id: not one of the choices")
    }

    fn accept_choice(&mut self, offered: bool, otherwise: &str) -> Result<(), Problem> {
        if !offered {
            return Err(Problem::new(ProblemCode::InputInvalid).with_detail(otherwise));
        }
        self.pending_choice = None;
        self.retry = RetryState::default();
        Ok(())
    }

    /// Determines the account to read: that of a renewal, the hinted or chosen one, else the only one that the token
    /// reaches.
    fn choose_waba(
        &mut self,
        bound_waba: Option<&WabaId>,
        hints: Hints<'_>,
        cx: &AppContext<'_>,
    ) -> Transition {
        if self.waba_id.is_some() {
            return Transition::pending();
        }
        if let Some(bound) = bound_waba {
            self.waba_id = Some(bound.clone());
            self.pending_choice = None;
            return Transition::pending();
        }
        if let Some(hinted) = &hints.popup.ids.waba_id {
            self.waba_id = Some(hinted.clone());
            self.pending_choice = None;
            return Transition::pending();
        }
        let Some(info) = &self.token_info else {
            return Transition::pending();
        };
        match info.wabas.as_slice() {
            [only] => self.waba_id = Some(only.clone()),
            _ if hints.may_still_arrive(cx) => {
                return Transition::wake_at(hints.late_ids_deadline);
            }
            [] => return Transition::relaunch(ProblemCode::AssetsMissing, Step::Inspect),
            _ if self.candidates_without_name().next().is_none() => {
                self.pending_choice = Some(PendingChoice::Waba);
            }
            _ => {}
        }
        Transition::pending()
    }

    fn begin_reads(
        &self,
        input: StepInput<'_>,
        hints: Hints<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
        transition: &mut Transition,
    ) {
        let Some(token) = input.token else { return };
        let credentials = cx.credentials;
        let mut read = |call: InspectCall, missing: bool, request| {
            let id = EffectId::Inspect(call);
            if missing && !in_flight.contains(&id) {
                transition.effects.push((id, Effect::Meta(request)));
            }
        };
        read(
            InspectCall::TokenInfo,
            self.token_info.is_none(),
            request::debug_token(token).sign(credentials),
        );
        let Some(id) = &self.waba_id else {
            if self.token_info.is_some() && !hints.may_still_arrive(cx) {
                for (position, id) in self.candidates_without_name() {
                    let request = request::waba(id).sign(credentials, token);
                    read(InspectCall::CandidateName(position), true, request);
                }
            }
            return;
        };
        read(
            InspectCall::Waba,
            self.waba.is_none(),
            request::waba(id).sign(credentials, token),
        );
        read(
            InspectCall::PhoneNumbers,
            self.phones.is_none(),
            request::phone_numbers(id).sign(credentials, token),
        );
        read(
            InspectCall::SubscribedApps,
            self.subscribed.is_none(),
            request::subscribed_apps(id).sign(credentials, token),
        );
    }

    /// Once all reads are in: determines the number, and stores the verified assets.
    fn conclude(
        &mut self,
        inspect: InspectInput<'_>,
        hints: Hints<'_>,
        cx: &AppContext<'_>,
    ) -> Transition {
        let (Some(_), Some(waba), Some(phones), Some(subscribed)) =
            (&self.token_info, &self.waba, &self.phones, self.subscribed)
        else {
            return Transition::pending();
        };
        let ids = &hints.popup.ids;
        // A renewal takes its own account: a number that the popup reported of another one says nothing.
        let is_of_account = ids.waba_id.as_ref().is_none_or(|hinted| *hinted == waba.id);
        let may_be_of_other = inspect.bound_waba.is_some() && !is_of_account;
        let hinted = ids
            .phone_number_id
            .as_ref()
            .filter(|hinted| !may_be_of_other || phones.iter().any(|phone| phone.id == **hinted));
        let phone = match (hinted, phones.as_slice()) {
            (Some(hinted), all) => match all.iter().find(|phone| phone.id == *hinted) {
                Some(phone) => Some(phone.clone()),
                None => return Transition::relaunch(ProblemCode::PhoneNotInWaba, Step::Inspect),
            },
            (None, []) => None,
            (None, [only]) if !(inspect.without_number && would_be_registered(only)) => {
                Some(only.clone())
            }
            (None, [_, _, ..]) if hints.may_still_arrive(cx) => {
                return Transition::wake_at(hints.late_ids_deadline);
            }
            (None, several) => match only_live(several).filter(|_| inspect.bound_waba.is_some()) {
                Some(phone) => Some(phone.clone()),
                None => {
                    self.pending_choice = Some(PendingChoice::Number);
                    return Transition::pending();
                }
            },
        };
        if let Some(bound) = inspect.bound_waba.filter(|bound| **bound != waba.id) {
            return account_missing(bound, None);
        }
        self.verified = Some(VerifiedAssets {
            waba: waba.clone(),
            phone,
            subscribed,
        });
        self.pending_choice = None;
        Transition {
            status: StepStatus::Done,
            ..Transition::default()
        }
    }

    /// The accounts that the token reaches, as many as a person can choose from.
    fn candidates(&self) -> &[WabaId] {
        let all = self.token_info.as_ref().map_or(&[][..], |info| &info.wabas);
        all.get(..MAX_CHOICES).unwrap_or(all)
    }

    /// The candidates whose names were not read yet, each with its position.
    fn candidates_without_name(&self) -> impl Iterator<Item = (usize, &WabaId)> {
        let has_name = |id: &WabaId| self.waba_names.iter().any(|named| named.id == *id);
        self.candidates()
            .iter()
            .enumerate()
            .filter(move |(_, id)| !has_name(id))
    }
}

/// The ids that the page posted, and until when it may still post them.
#[derive(Clone, Copy)]
struct Hints<'a> {
    popup: &'a PopupReport,
    late_ids_deadline: UnixMillis,
}

impl Hints<'_> {
    /// Meta's message event with the ids may arrive after the code.
    fn may_still_arrive(&self, cx: &AppContext<'_>) -> bool {
        !self.popup.ids_received && cx.now < self.late_ids_deadline
    }
}

/// Whether taking this number would register it.
fn would_be_registered(phone: &PhoneNumber) -> bool {
    !phone.is_live() && !phone.is_coexistence()
}

/// The number that is in use, if it is the only one.
fn only_live(phones: &[PhoneNumber]) -> Option<&PhoneNumber> {
    let mut live = phones.iter().filter(|phone| !would_be_registered(phone));
    live.next().filter(|_| live.next().is_none())
}

/// The customer answered a question that was not asked.
fn not_asked() -> Problem {
    Problem::new(ProblemCode::InputNotAsked).at_step(Step::Register)
}

/// How a number is labelled in the customer's choice.
pub(in crate::signup) fn number_label(phone: &PhoneNumber) -> String {
    let number = phone
        .display_phone_number
        .as_deref()
        .unwrap_or(phone.id.as_str());
    match &phone.verified_name {
        Some(name) => [number, " · ", name].concat(),
        None => number.to_owned(),
    }
}

/// More accounts than a person wants to choose from.
const MAX_CHOICES: usize = 20;
/// How long ids are waited for after the token was received, where several assets could be meant.
const LATE_IDS: Duration = Duration::from_secs(2);
