//! The readiness report as rules: from what Meta said of account and number to lines, each with its next
//! action. Words of Meta's that we do not know are shown as they are, and never count as a problem.

use crate::graph::answer::Phone;
use crate::graph::standing::{Account, Health, Number};
use crate::run::Ms;
use embark_protocol::partner::Policy;
use embark_protocol::report::{Item, Line, Next, Reason, Standing};

/// What was read. `None`: it could not be.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a> {
    pub policy: Policy,
    /// The signup has a number.
    pub has_number: bool,
    pub account: Option<&'a Account>,
    pub phone: Option<&'a Phone>,
    pub number: Option<&'a Number>,
    pub subscribed: Option<bool>,
    /// Another provider alone hears the account's webhooks.
    pub leaves_webhooks: bool,
    /// The app's own webhook hears messages.
    pub app_listens: Option<bool>,
    /// Of the token: what it is, and when it ends in Unix seconds; 0: never.
    pub token: Option<&'a str>,
    pub expires_at: Option<u64>,
    /// How sharing the credit line went, where it was to be shared.
    pub credit: Option<Credit>,
    /// State of the partner solution, where there is one; `Some(None)`: not read.
    pub solution: Option<Option<&'a str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credit {
    Shared,
    Trying,
    Failed,
}

pub fn lines(facts: &Facts<'_>, now: Ms) -> Vec<Line> {
    let account = facts.account;
    let mut lines = vec![
        by_word(
            Item::BusinessVerification,
            account.map(|account| &account.business_verification_status),
            VERIFICATION,
        ),
        by_word(
            Item::AccountReview,
            account.map(|account| &account.account_review_status),
            REVIEW,
        ),
    ];
    if facts.has_number {
        let phone = facts.phone;
        lines.push(by_word(
            Item::DisplayName,
            phone.map(|phone| &phone.name_status),
            NAME,
        ));
        lines.push(number(phone));
        lines.push(by_word(
            Item::Quality,
            phone.map(|phone| &phone.quality_rating),
            QUALITY,
        ));
        let limit = facts
            .number
            .map(|number| &number.whatsapp_business_manager_messaging_limit);
        lines.push(by_word(Item::MessagingLimit, limit, &[]));
        let level = facts.number.and_then(|number| number.throughput.as_ref());
        lines.push(by_word(
            Item::Throughput,
            level.map(|through| &through.level),
            &[],
        ));
    }
    lines.push(payment(facts));
    // The number's health takes in the account's, the business's and the app's.
    let of_number = facts
        .number
        .and_then(|number| number.health_status.as_ref());
    let of_account = account.and_then(|account| account.health_status.as_ref());
    lines.push(health(of_number.or(of_account)));
    lines.push(token(facts, now));
    lines.push(held(Item::AppWebhook, facts.app_listens, Next::SetWebhook));
    if !facts.leaves_webhooks {
        lines.push(held(Item::Subscription, facts.subscribed, Next::Subscribe));
    }
    if let Some(state) = facts.solution {
        let word = state.map(str::to_owned);
        let states: &[Rule] = &[(&["ACTIVE"], Standing::Ok, None), ANY_OTHER_SOLUTION];
        lines.push(by_word(Item::Solution, Some(&word), states));
    }
    lines
}

/// One English sentence for the operator.
pub const fn advice(next: Next) -> &'static str {
    match next {
        Next::WaitForMeta => "Nothing to do: Meta is looking at it.",
        Next::VerifyBusiness => {
            "The customer verifies the business in Meta Business Suite, Security Center; until then few messages and numbers are allowed."
        }
        Next::AppealAccount => {
            "The customer asks Meta for a review in Business Support Home; the account may not send until then."
        }
        Next::ChangeName => {
            "The customer chooses another display name in WhatsApp Manager, by Meta's naming rules."
        }
        Next::VerifyNumber => {
            "The number must be verified by a code, in WhatsApp Manager or by signing up again."
        }
        Next::ImproveQuality => {
            "People block or report this number: the customer sends only what they asked for, or Meta lowers its limit."
        }
        Next::AddPayment => {
            "The customer adds a payment method in WhatsApp Manager, or only free messages are sent."
        }
        Next::SeeReasons => "Meta says why messages are held back; see the reasons.",
        Next::Renew => {
            "The customer signs up again before the token expires; send a renewal invitation."
        }
        Next::ShareCredit => {
            "The credit line is not shared: check the system token's rights and the line, then share it by hand."
        }
        Next::SetWebhook => {
            "Set the app's webhook for whatsapp_business_account in the App Dashboard, with the field messages."
        }
        Next::Subscribe => {
            "The app is not subscribed to this account: let the customer sign up again, or POST subscribed_apps."
        }
        Next::ActivateSolution => {
            "The partner solution is not active: accept or renew it in the App Dashboard."
        }
        Next::LookIntoNumber => "Look into the number in WhatsApp Manager: it is not connected.",
        Next::ReadAgain => "Meta did not answer; read the report again.",
    }
}

/// Words of Meta's, and what they mean.
type Rule = (&'static [&'static str], Standing, Option<Next>);

const VERIFICATION: &[Rule] = &[
    (&["VERIFIED"], Standing::Ok, None),
    (&["PENDING"], Standing::Attention, Some(Next::WaitForMeta)),
    (
        &["UNVERIFIED", "NOT_VERIFIED"],
        Standing::Attention,
        Some(Next::VerifyBusiness),
    ),
    (
        &["REJECTED", "FAILED", "REVOKED"],
        Standing::Problem,
        Some(Next::VerifyBusiness),
    ),
];
const REVIEW: &[Rule] = &[
    (&["APPROVED"], Standing::Ok, None),
    (&["PENDING"], Standing::Attention, Some(Next::WaitForMeta)),
    (
        &["REJECTED", "LIMIT_REACHED", "RESTRICTED"],
        Standing::Problem,
        Some(Next::AppealAccount),
    ),
];
const NAME: &[Rule] = &[
    (
        &["APPROVED", "AVAILABLE_WITHOUT_REVIEW"],
        Standing::Ok,
        None,
    ),
    (
        &["PENDING_REVIEW"],
        Standing::Attention,
        Some(Next::WaitForMeta),
    ),
    (
        &["DECLINED", "EXPIRED", "NONE"],
        Standing::Problem,
        Some(Next::ChangeName),
    ),
];
const NUMBER: &[Rule] = &[
    (&["CONNECTED"], Standing::Ok, None),
    (&["PENDING"], Standing::Attention, Some(Next::WaitForMeta)),
    (
        &["FLAGGED", "RESTRICTED", "RATE_LIMITED"],
        Standing::Attention,
        Some(Next::ImproveQuality),
    ),
    (&["UNVERIFIED"], Standing::Problem, Some(Next::VerifyNumber)),
    (
        &["BANNED", "DELETED", "DISCONNECTED", "OFFLINE", "MIGRATED"],
        Standing::Problem,
        Some(Next::LookIntoNumber),
    ),
];
const QUALITY: &[Rule] = &[
    (&["GREEN", "UNKNOWN", "NA"], Standing::Ok, None),
    (&["YELLOW"], Standing::Attention, Some(Next::ImproveQuality)),
    (&["RED"], Standing::Problem, Some(Next::ImproveQuality)),
];
const HEALTH: &[Rule] = &[
    (&["AVAILABLE"], Standing::Ok, None),
    (&["LIMITED"], Standing::Attention, Some(Next::SeeReasons)),
    (&["BLOCKED"], Standing::Problem, Some(Next::SeeReasons)),
];
/// An empty list of words takes whatever no other rule takes.
const ANY_OTHER_SOLUTION: Rule = (&[], Standing::Problem, Some(Next::ActivateSolution));

/// `None`: it could not be read. `Some(None)`: Meta does not say.
fn by_word(item: Item, read: Option<&Option<String>>, rules: &[Rule]) -> Line {
    let Some(Some(word)) = read else {
        let next = read.is_none().then_some(Next::ReadAgain);
        return line(item, Standing::Unknown, None, next);
    };
    let takes = |(words, ..): &&Rule| {
        words.is_empty() || words.iter().any(|known| word.eq_ignore_ascii_case(known))
    };
    let (standing, next) = rules
        .iter()
        .find(takes)
        .map_or((Standing::Ok, None), |(_, standing, next)| {
            (*standing, *next)
        });
    let value = word.chars().take(64).collect();
    line(item, standing, Some(value), next)
}

/// Coexistence numbers are connected whatever their `status` says.
fn number(phone: Option<&Phone>) -> Line {
    match phone {
        Some(phone) if phone.is_coexistence() => {
            line(Item::Number, Standing::Ok, phone.status.clone(), None)
        }
        _ => by_word(Item::Number, phone.map(|phone| &phone.status), NUMBER),
    }
}

fn payment(facts: &Facts<'_>) -> Line {
    let (standing, next) = match (facts.policy, facts.credit, facts.account) {
        (Policy::SolutionPartner, Some(Credit::Shared), _) => (Standing::Ok, None),
        (Policy::SolutionPartner, Some(Credit::Trying), _) => {
            (Standing::Attention, Some(Next::WaitForMeta))
        }
        (Policy::SolutionPartner, Some(Credit::Failed), _) => {
            (Standing::Problem, Some(Next::ShareCredit))
        }
        // The provider's credit line pays.
        (Policy::Infobip | Policy::Handoff, ..) => (Standing::Ok, None),
        (_, _, None) => (Standing::Unknown, Some(Next::ReadAgain)),
        (policy, _, Some(account)) => match (&account.primary_funding_id, policy) {
            (Some(_), _) => (Standing::Ok, None),
            (None, Policy::SolutionPartner) => (Standing::Problem, Some(Next::ShareCredit)),
            (None, _) => (Standing::Attention, Some(Next::AddPayment)),
        },
    };
    line(Item::Payment, standing, None, next)
}

fn health(health: Option<&Health>) -> Line {
    let Some(health) = health else {
        return line(Item::Health, Standing::Unknown, None, None);
    };
    let mut line = by_word(Item::Health, Some(&health.can_send_message), HEALTH);
    if line.state != Standing::Ok {
        line.reasons = health.reasons();
    }
    line
}

fn token(facts: &Facts<'_>, now: Ms) -> Line {
    let (standing, next) = match facts.expires_at {
        None => (Standing::Unknown, None),
        Some(0) => (Standing::Ok, None),
        Some(at) if at.saturating_mul(1_000) < now + SOON_MS => {
            (Standing::Attention, Some(Next::Renew))
        }
        Some(_) => (Standing::Ok, None),
    };
    Line {
        until: facts.expires_at.filter(|at| *at > 0),
        ..line(Item::Token, standing, facts.token.map(str::to_owned), next)
    }
}

fn held(item: Item, holds: Option<bool>, next: Next) -> Line {
    match holds {
        Some(true) => line(item, Standing::Ok, None, None),
        Some(false) => line(item, Standing::Problem, None, Some(next)),
        None => line(item, Standing::Unknown, None, Some(Next::ReadAgain)),
    }
}

fn line(item: Item, state: Standing, value: Option<String>, next: Option<Next>) -> Line {
    let reasons: Vec<Reason> = vec![];
    Line {
        item,
        state,
        value,
        until: None,
        next,
        advice: None,
        reasons,
    }
}

const SOON_MS: Ms = 14 * 24 * 3_600_000;
