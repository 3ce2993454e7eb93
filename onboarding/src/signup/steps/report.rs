//! Reads the readiness report after the signup is connected: account, number, subscription, the app's webhook
//! and the partner solution. What is not as it should be becomes a check with its next action, and a warning.
//! Nothing here can undo a connection.

use super::transition::{StepInput, Transition};
use crate::meta::health::{self, AccountHealth, NumberHealth, SolutionStatus};
use crate::meta::response::{
    PhoneNumber, SubscribedApps, WebhookSubscriptions, decode, decode_both,
};
use crate::meta::{ErrorClass, GraphRequest, request};
use crate::signup::effects::{Effect, EffectId, Outcome};
use crate::signup::state::{ReportCall, ReportState, VerifiedAssets};
use crate::time::UnixMillis;
use crate::workflow::{AppContext, RetryDecision, RetryState, classify};
use core::time::Duration;
use embark_protocol::Step;

/// What the report needs beyond [`StepInput`].
#[derive(Clone, Copy)]
pub(in crate::signup) struct ReportInput<'a> {
    /// The account and number.
    pub(in crate::signup) verified: &'a VerifiedAssets,
    /// The partner solution, if the signup belongs to one.
    pub(in crate::signup) solution_id: Option<&'a str>,
    /// Whether the account's webhooks are left to another provider.
    pub(in crate::signup) leaves_webhooks: bool,
}

/// What a read says about the customer's business token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::signup) enum TokenUse {
    /// Meta refused it: it is not valid any more.
    Refused,
    /// Anything else.
    NotRefused,
}

impl ReportState {
    /// Begins every read that is missing. Completes the report once none is, or after too many attempts.
    pub(in crate::signup) fn poll(
        &mut self,
        input: StepInput<'_>,
        report: ReportInput<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if self.complete {
            return self.poll_rereads(input, report, in_flight, cx);
        }
        let Some(missing) = self.missing_reads(input, report, cx) else {
            return Transition::done();
        };
        if missing.is_empty() || self.retry.attempts >= MAX_ATTEMPTS {
            self.complete = true;
            self.completed_at = cx.now;
            return Transition {
                warnings: self.warnings(report),
                ..Transition::done()
            };
        }
        if !self.retry.is_due(cx.now) {
            return Transition::wake_at(self.retry.not_before);
        }
        let mut transition = Transition::pending();
        for (call, request) in missing {
            let id = EffectId::Report(call);
            if !in_flight.contains(&id) {
                transition.effects.push((id, Effect::Meta(request)));
            }
        }
        if !transition.effects.is_empty() {
            self.retry = self.retry.begin_attempt(cx.now);
        }
        transition
    }

    /// Reads account and number again soon, while the report stays as it is.
    pub(in crate::signup) fn reread(&mut self, report: ReportInput<'_>) {
        if !self.complete || !self.rereads.is_empty() {
            return;
        }
        self.retry = RetryState::default();
        self.rereads.push(ReportCall::Account);
        if report.verified.phone.is_some() {
            self.rereads.push(ReportCall::PhoneNumber);
        }
    }

    /// Begins what is to be read again: not more often than a person may have the report read.
    fn poll_rereads(
        &mut self,
        input: StepInput<'_>,
        report: ReportInput<'_>,
        in_flight: &[EffectId],
        cx: &AppContext<'_>,
    ) -> Transition {
        if self.rereads.is_empty() {
            return Transition::done();
        }
        let Some(token) = input.token.filter(|_| self.retry.attempts < MAX_ATTEMPTS) else {
            self.rereads.clear();
            return Transition::done();
        };
        let is_first = self.retry.attempts == 0;
        let last_at = self.reread_at.max(self.completed_at).min(cx.now);
        let due = match is_first {
            true => last_at + REFRESHED_AFTER,
            false => self.retry.not_before,
        };
        let mut transition = Transition::done();
        let is_in_flight = |call: &ReportCall| in_flight.contains(&EffectId::Report(*call));
        let unread: Vec<ReportCall> = self.rereads.clone();
        let unread = unread.into_iter().filter(|call| !is_in_flight(call));
        if cx.now < due {
            transition.wake_at = Some(due);
            return transition;
        }
        for call in unread {
            let request = match (call, &report.verified.phone) {
                (ReportCall::PhoneNumber, Some(phone)) => health::phone(&phone.id),
                _ => health::waba(&report.verified.waba.id),
            };
            let request = request.sign(cx.credentials, token);
            let id = EffectId::Report(call);
            transition.effects.push((id, Effect::Meta(request)));
        }
        if !transition.effects.is_empty() {
            self.reread_at = cx.now;
            self.retry = self.retry.begin_attempt(cx.now);
        }
        transition
    }

    /// Stores what a read returned, or schedules it again.
    pub(in crate::signup) fn on_outcome(
        &mut self,
        call: ReportCall,
        outcome: Outcome,
        cx: &AppContext<'_>,
    ) -> TokenUse {
        let Outcome::Api(result) = outcome else {
            return TokenUse::NotRefused;
        };
        let before = (self.phone.clone(), self.account_health.clone());
        let stored = match call {
            ReportCall::PhoneNumber => {
                decode_both::<PhoneNumber, NumberHealth>(result).map(|(phone, health)| {
                    self.phone = Some(phone);
                    self.number_health = health;
                })
            }
            ReportCall::SubscribedApps => decode::<SubscribedApps>(result).map(|apps| {
                self.subscribed = Some(apps.contains(cx.credentials.app_id.as_str()));
            }),
            ReportCall::Account => {
                decode::<AccountHealth>(result).map(|health| self.account_health = Some(health))
            }
            ReportCall::AppWebhook => decode::<WebhookSubscriptions>(result)
                .map(|read| self.webhook_has_messages = Some(read.have_fields(&["messages"]))),
            ReportCall::Solution => decode::<SolutionStatus>(result)
                .map(|solution| self.solution_status = solution.status),
        };
        let Err(error) = stored else {
            if self.complete {
                self.rereads.retain(|reread| *reread != call);
                if before != (self.phone.clone(), self.account_health.clone()) {
                    self.completed_at = cx.now;
                }
            }
            return TokenUse::NotRefused;
        };
        match classify(&error, self.retry, Step::Report, cx) {
            RetryDecision::Retry(retry) => self.retry = retry,
            // What was read before stays.
            RetryDecision::Relaunch(_) | RetryDecision::Fail(_) if self.complete => {
                self.rereads.retain(|reread| *reread != call);
            }
            // The signup is connected: the report does without.
            RetryDecision::Relaunch(_) | RetryDecision::Fail(_) => self.failed_reads.push(call),
        }
        // The others are read with the app's token and the partner's.
        let is_of_customer = matches!(
            call,
            ReportCall::PhoneNumber | ReportCall::SubscribedApps | ReportCall::Account
        );
        if is_of_customer && error.class == ErrorClass::Token {
            TokenUse::Refused
        } else {
            TokenUse::NotRefused
        }
    }

    /// The warnings that a completed report adds to the snapshot.
    pub(in crate::signup) fn warnings(&self, report: ReportInput<'_>) -> Vec<&'static str> {
        let mut warnings = vec![];
        match self.subscribed {
            _ if report.leaves_webhooks => {}
            Some(true) => {}
            Some(false) => warnings.push("not_subscribed"),
            None => warnings.push("subscription_unread"),
        }
        match &self.phone {
            Some(phone) => {
                if !phone.is_registered() && !phone.is_coexistence() {
                    warnings.push("number_not_connected_yet");
                }
                let is = |field: &Option<String>, value: &str| {
                    let text = field.as_deref();
                    text.is_some_and(|text| text.eq_ignore_ascii_case(value))
                };
                if is(&phone.name_status, "DECLINED") {
                    warnings.push("name_declined");
                }
                if is(&phone.name_status, "EXPIRED") {
                    warnings.push("name_expired");
                }
                if is(&phone.quality_rating, "RED") {
                    warnings.push("quality_red");
                }
            }
            None if report.verified.phone.is_some() => warnings.push("number_unread"),
            None => {}
        }
        warnings
    }

    /// Whether the report may be read again: it is complete, and not just so.
    pub(in crate::signup) fn may_refresh(&self, now: UnixMillis) -> bool {
        self.complete && now >= self.completed_at + REFRESHED_AFTER
    }

    /// The reads that are possible and neither done nor failed. `None`: without a token none is possible.
    fn missing_reads(
        &self,
        input: StepInput<'_>,
        report: ReportInput<'_>,
        cx: &AppContext<'_>,
    ) -> Option<Vec<(ReportCall, GraphRequest)>> {
        let (credentials, token) = (cx.credentials, input.token?);
        let mut missing = vec![];
        let mut add = |call, is_read: bool, request: GraphRequest| {
            if !is_read && !self.failed_reads.contains(&call) {
                missing.push((call, request));
            }
        };
        if let Some(phone) = &report.verified.phone {
            add(
                ReportCall::PhoneNumber,
                self.phone.is_some(),
                health::phone(&phone.id).sign(credentials, token),
            );
        }
        let waba = &report.verified.waba.id;
        add(
            ReportCall::SubscribedApps,
            self.subscribed.is_some(),
            request::subscribed_apps(waba).sign(credentials, token),
        );
        add(
            ReportCall::Account,
            self.account_health.is_some(),
            health::waba(waba).sign(credentials, token),
        );
        add(
            ReportCall::AppWebhook,
            self.webhook_has_messages.is_some(),
            request::subscriptions(credentials).sign(credentials),
        );
        if let Some(solution) = report.solution_id {
            add(
                ReportCall::Solution,
                self.solution_status.is_some(),
                health::solution(solution).sign(credentials),
            );
        }
        Some(missing)
    }
}

/// The warnings that a report adds, and that another one replaces.
pub(in crate::signup) const WARNINGS: &[&str] = &[
    "not_subscribed",
    "subscription_unread",
    "number_not_connected_yet",
    "name_declined",
    "name_expired",
    "quality_red",
    "number_unread",
];
/// How often missing reads are begun.
const MAX_ATTEMPTS: u16 = 5;
/// How old a report must be before it is read again.
const REFRESHED_AFTER: Duration = Duration::from_secs(30);
