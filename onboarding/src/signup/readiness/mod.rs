//! The checks of the readiness report: what Meta returned about account and number, each with its next
//! action. A status that we do not know is shown as it is, and never counts as a problem.

mod rules;

pub use rules::operator_hint;

use crate::meta::health::{AccountHealth, HealthStatus, NumberHealth};
use crate::meta::response::PhoneNumber;
use crate::meta::same_address::{is_same_address, without_query};
use crate::signup::record::{Admission, Kind, Signup};
use crate::signup::state::CreditPhase;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::policy::Policy;
use embark_protocol::report::{Check, CheckItem, CheckState, HealthReason, NextAction};
use rules::{HEALTH, NAME, NUMBER, QUALITY, REVIEW, Rule, SOLUTION, VERIFICATION};

/// What the checks are made from. An absent value could not be read.
#[derive(Debug, Clone, Default)]
pub struct ReadinessInput<'a> {
    /// The policy of the site.
    pub policy: Policy,
    /// Whether the account has a number.
    pub has_number: bool,
    /// The account.
    pub account: Option<&'a AccountHealth>,
    /// The number.
    pub phone: Option<&'a PhoneNumber>,
    /// The number's health.
    pub number: Option<&'a NumberHealth>,
    /// Whether our app is subscribed to the account's webhooks.
    pub subscribed: Option<bool>,
    /// Whether the account's webhooks are left to another provider.
    pub leaves_webhooks: bool,
    /// Whether the app's webhook has the field `messages`.
    pub webhook_has_messages: Option<bool>,
    /// The callback URL of the app's webhook, if it is another one than ours.
    pub other_webhook_url: Option<&'a str>,
    /// The site's own address for messages. `None`: it has none.
    pub messages_override: Option<MessagesOverride<'a>>,
    /// The type of the token, e.g. `SYSTEM_USER`.
    pub token: Option<&'a str>,
    /// When the token expires, in Unix seconds; 0: never.
    pub expires_at: Option<u64>,
    /// Whether Meta refused it, and the customer must renew it.
    pub token_refused: bool,
    /// Whether the number has left the API.
    pub offboarded: bool,
    /// How sharing the credit line went. `None`: the site shares none, or the signup is a renewal.
    pub credit: Option<CreditSharing>,
    /// The status of the partner solution. `None`: the signup belongs to none. `Some(None)`: not read.
    pub solution: Option<Option<&'a str>>,
}

/// The site's own address for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessagesOverride<'a> {
    /// As the site's settings have it.
    pub wanted: &'a str,
    /// The address that Meta sends the number's messages to, as it was last read. `None`: the app's callback URL, or not read.
    pub at_meta: Option<&'a str>,
    /// Nothing is left to be tried.
    pub settled: bool,
}

/// How sharing the credit line went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditSharing {
    /// It pays for the account.
    Shared,
    /// Not yet.
    Trying,
    /// It cannot be shared.
    Failed,
}

/// Whether messages can be sent and received as they should, by all checks.
pub fn is_ready(checks: &[Check]) -> bool {
    let mut deciding = checks.iter().filter(|check| check.item.is_deciding());
    deciding.all(|check| check.state == CheckState::Ok)
}

impl Signup {
    /// Every check of the readiness report. `None` until the report is complete.
    pub fn readiness_checks(&self, now: UnixMillis) -> Option<Vec<Check>> {
        let Admission::Admitted(policy) = self.admission.decision else {
            return None;
        };
        let report = &self.steps.report;
        let verified = self.steps.inspect.verified.as_ref()?;
        let token_info = self.steps.inspect.token_info.as_ref();
        let credit = match self.steps.credit.phase {
            CreditPhase::Done => CreditSharing::Shared,
            CreditPhase::Open => CreditSharing::Trying,
            CreditPhase::GivenUp => CreditSharing::Failed,
        };
        let input = ReadinessInput {
            policy,
            has_number: verified.phone.is_some(),
            account: report.account_health.as_ref(),
            phone: report.phone.as_ref(),
            number: report.number_health.as_ref(),
            subscribed: report.subscribed,
            leaves_webhooks: self.leaves_webhooks(),
            webhook_has_messages: report.webhook_has_messages,
            other_webhook_url: report.other_webhook_url.as_deref(),
            messages_override: self.messages_override(),
            token: token_info.and_then(|info| info.kind.as_deref()),
            expires_at: self.steps.exchange.token_expires_at(),
            token_refused: self.is_renewal_due(),
            offboarded: self.is_offboarded(),
            credit: (self.kind == Kind::Signup).then_some(credit),
            solution: self
                .admission
                .solution_id
                .as_ref()
                .map(|_| report.solution_status.as_deref()),
        };
        report.complete.then(|| checks(&input, now))
    }

    fn messages_override(&self) -> Option<MessagesOverride<'_>> {
        let callback = self.admission.messages.as_ref()?.callback.as_ref()?;
        let state = &self.steps.callback_override;
        Some(MessagesOverride {
            wanted: &callback.url,
            at_meta: state.effective(),
            settled: state.is_settled(),
        })
    }
}

/// The checks of a report, in the order in which they are shown.
pub fn checks(input: &ReadinessInput<'_>, now: UnixMillis) -> Vec<Check> {
    let account = input.account;
    let mut checks = vec![
        check_by_status(
            CheckItem::BusinessVerification,
            account.map(|account| &account.business_verification_status),
            VERIFICATION,
        ),
        check_by_status(
            CheckItem::AccountReview,
            account.map(|account| &account.account_review_status),
            REVIEW,
        ),
    ];
    if input.has_number {
        let phone = input.phone;
        checks.push(check_by_status(
            CheckItem::DisplayName,
            phone.map(|phone| &phone.name_status),
            NAME,
        ));
        checks.push(number(phone, input.offboarded));
        checks.push(check_by_status(
            CheckItem::Quality,
            phone.map(|phone| &phone.quality_rating),
            QUALITY,
        ));
        let limit = input
            .number
            .map(|number| &number.whatsapp_business_manager_messaging_limit);
        checks.push(check_by_status(CheckItem::MessagingLimit, limit, &[]));
        let level = input.number.and_then(|number| number.throughput.as_ref());
        checks.push(check_by_status(
            CheckItem::Throughput,
            level.map(|through| &through.level),
            &[],
        ));
    }
    checks.push(payment(input));
    // The number's health takes in the account's, the business's and the app's.
    let of_number = input
        .number
        .and_then(|number| number.health_status.as_ref());
    let of_account = account.and_then(|account| account.health_status.as_ref());
    checks.push(health(of_number.or(of_account)));
    checks.push(token(input, now));
    checks.push(app_webhook(input));
    if !input.leaves_webhooks {
        checks.push(check_flag(
            CheckItem::Subscription,
            input.subscribed,
            NextAction::Subscribe,
        ));
    }
    if let Some(messages) = input.messages_override.filter(|_| !input.leaves_webhooks) {
        checks.push(messages_override(messages));
    }
    if let Some(state) = input.solution {
        let status = state.map(str::to_owned);
        checks.push(check_by_status(
            CheckItem::Solution,
            Some(&status),
            SOLUTION,
        ));
    }
    checks
}

/// A check by a status of Meta's. A status without a rule is shown and counts as good. `read`: `None`, it could
/// not be read; `Some(None)`, Meta names none.
fn check_by_status(item: CheckItem, read: Option<&Option<String>>, rules: &[Rule]) -> Check {
    let Some(Some(status)) = read else {
        let next = read.is_none().then_some(NextAction::RefreshReport);
        return check(item, CheckState::Unknown, None, next);
    };
    let takes = |(statuses, ..): &&Rule| {
        statuses.is_empty()
            || statuses
                .iter()
                .any(|known| status.eq_ignore_ascii_case(known))
    };
    let (state, next) = rules
        .iter()
        .find(takes)
        .map_or((CheckState::Ok, None), |(_, state, next)| (*state, *next));
    let value = status.chars().take(64).collect();
    check(item, state, Some(value), next)
}

/// A number that stays in the WhatsApp Business app is connected whatever its `status` says, unless it left the API.
fn number(phone: Option<&PhoneNumber>, offboarded: bool) -> Check {
    if offboarded {
        return check(
            CheckItem::Number,
            CheckState::Problem,
            Some("OFFBOARDED".to_owned()),
            Some(NextAction::InspectNumber),
        );
    }
    match phone {
        Some(phone) if phone.is_coexistence() => check(
            CheckItem::Number,
            CheckState::Ok,
            phone.status.clone(),
            None,
        ),
        _ => check_by_status(CheckItem::Number, phone.map(|phone| &phone.status), NUMBER),
    }
}

/// Whether Meta calls us, with the messages. Of another address the check says which.
fn app_webhook(input: &ReadinessInput<'_>) -> Check {
    let next = NextAction::SetWebhook;
    match input.other_webhook_url {
        Some(url) => {
            let value = (!url.is_empty()).then(|| url.chars().take(200).collect());
            check(
                CheckItem::AppWebhook,
                CheckState::Problem,
                value,
                Some(next),
            )
        }
        None => check_flag(CheckItem::AppWebhook, input.webhook_has_messages, next),
    }
}

/// Whether Meta sends messages to the site's own address. The check says which it calls, without the query.
fn messages_override(messages: MessagesOverride<'_>) -> Check {
    let is_wanted = |url: &str| is_same_address(url, messages.wanted);
    let (state, next) = match messages.at_meta {
        Some(url) if is_wanted(url) => (CheckState::Ok, None),
        _ if messages.settled => (CheckState::Problem, Some(NextAction::SetMessagesOverride)),
        _ => (CheckState::Unknown, Some(NextAction::RefreshReport)),
    };
    let value = messages.at_meta.map(without_query);
    let value = value.map(|url| url.chars().take(200).collect());
    check(CheckItem::MessagesOverride, state, value, next)
}

fn payment(input: &ReadinessInput<'_>) -> Check {
    let (state, next) = match (input.policy, input.credit, input.account) {
        (Policy::SolutionPartner, Some(CreditSharing::Shared), _) => (CheckState::Ok, None),
        (Policy::SolutionPartner, Some(CreditSharing::Trying), _) => {
            (CheckState::Attention, Some(NextAction::WaitForMeta))
        }
        (Policy::SolutionPartner, Some(CreditSharing::Failed), _) => {
            (CheckState::Problem, Some(NextAction::ShareCredit))
        }
        // The provider's credit line pays.
        (Policy::Infobip | Policy::Handoff, ..) => (CheckState::Ok, None),
        (_, _, None) => (CheckState::Unknown, Some(NextAction::RefreshReport)),
        (policy, _, Some(account)) => match (&account.primary_funding_id, policy) {
            (Some(_), _) => (CheckState::Ok, None),
            (None, Policy::SolutionPartner) => (CheckState::Problem, Some(NextAction::ShareCredit)),
            (None, _) => (CheckState::Attention, Some(NextAction::AddPayment)),
        },
    };
    check(CheckItem::Payment, state, None, next)
}

fn health(health: Option<&HealthStatus>) -> Check {
    let Some(health) = health else {
        return check(CheckItem::Health, CheckState::Unknown, None, None);
    };
    let mut check = check_by_status(CheckItem::Health, Some(&health.can_send_message), HEALTH);
    if check.state != CheckState::Ok {
        check.reasons = health.reasons();
    }
    check
}

fn token(input: &ReadinessInput<'_>, now: UnixMillis) -> Check {
    let (state, next) = match input.expires_at {
        _ if input.token_refused => (CheckState::Problem, Some(NextAction::Renew)),
        None => (CheckState::Unknown, None),
        Some(0) => (CheckState::Ok, None),
        Some(at) if UnixMillis::from_secs(at) < now + EXPIRES_SOON => {
            (CheckState::Attention, Some(NextAction::Renew))
        }
        Some(_) => (CheckState::Ok, None),
    };
    Check {
        expires_at_s: input.expires_at.filter(|at| *at > 0),
        ..check(
            CheckItem::Token,
            state,
            input.token.map(str::to_owned),
            next,
        )
    }
}

fn check_flag(item: CheckItem, holds: Option<bool>, next: NextAction) -> Check {
    match holds {
        Some(true) => check(item, CheckState::Ok, None, None),
        Some(false) => check(item, CheckState::Problem, None, Some(next)),
        None => check(
            item,
            CheckState::Unknown,
            None,
            Some(NextAction::RefreshReport),
        ),
    }
}

fn check(
    item: CheckItem,
    state: CheckState,
    value: Option<String>,
    next: Option<NextAction>,
) -> Check {
    let reasons: Vec<HealthReason> = vec![];
    Check {
        item,
        state,
        value,
        expires_at_s: None,
        next_action: next,
        operator_hint: None,
        reasons,
    }
}

/// A token is reported from this long before its expiry.
const EXPIRES_SOON: Duration = Duration::from_hours(14 * 24);
