//! What each status of Meta's means for a check
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status>), and what
//! the operator can do about it.

use embark_protocol::report::{CheckState, NextAction};

/// What the operator can do about it, as one English sentence.
pub const fn operator_hint(next: NextAction) -> &'static str {
    match next {
        NextAction::WaitForMeta => "Nothing to do: Meta is looking at it.",
        NextAction::VerifyBusiness => {
            "The customer verifies the business in Meta Business Suite, Security Center; until then few messages and numbers are allowed."
        }
        NextAction::AppealAccount => {
            "The customer asks Meta for a review in Business Support Home; the account may not send until then."
        }
        NextAction::ChangeName => {
            "The customer chooses another display name in WhatsApp Manager, by Meta's naming rules."
        }
        NextAction::VerifyNumber => {
            "The number must be verified by a code, in WhatsApp Manager or by signing up again."
        }
        NextAction::ImproveQuality => {
            "People block or report this number: the customer sends only what they asked for, or Meta lowers its limit."
        }
        NextAction::AddPayment => {
            "The customer adds a payment method in WhatsApp Manager, or only free messages are sent."
        }
        NextAction::SeeReasons => "Meta says why messages are held back; see the reasons.",
        NextAction::Renew => {
            "The customer signs up again before the token expires; send a renewal invitation."
        }
        NextAction::ShareCredit => {
            "The credit line is not shared: check the system token's rights and the line, then share it by hand."
        }
        NextAction::SetWebhook => {
            "Meta calls another address for the app's webhooks than this service, or leaves messages out: `embark app webhook <app>` says which, with --set it is set."
        }
        NextAction::Subscribe => {
            "The app is not subscribed to this account: let the customer sign up again, or POST subscribed_apps."
        }
        NextAction::SetMessagesOverride => {
            "Meta does not send messages to the site's own address: it must answer Meta's handshake with the site's secret messages_verify_token; then `embark site apply-messages <site>`."
        }
        NextAction::ActivateSolution => {
            "The partner solution is not active, or will not be any more: accept or renew it, or refuse its deactivation, in the App Dashboard."
        }
        NextAction::InspectNumber => {
            "Look into the number in WhatsApp Manager: it is not connected."
        }
        NextAction::RefreshReport => "Meta did not answer; read the report again.",
    }
}

/// Statuses of Meta's, and what they mean.
pub(super) type Rule = (&'static [&'static str], CheckState, Option<NextAction>);

pub(super) const VERIFICATION: &[Rule] = &[
    (&["VERIFIED"], CheckState::Ok, None),
    (
        &["PENDING"],
        CheckState::Attention,
        Some(NextAction::WaitForMeta),
    ),
    (
        &["UNVERIFIED", "NOT_VERIFIED"],
        CheckState::Attention,
        Some(NextAction::VerifyBusiness),
    ),
    (
        &["REJECTED", "FAILED", "REVOKED"],
        CheckState::Problem,
        Some(NextAction::VerifyBusiness),
    ),
];
pub(super) const REVIEW: &[Rule] = &[
    (&["APPROVED"], CheckState::Ok, None),
    (
        &["PENDING"],
        CheckState::Attention,
        Some(NextAction::WaitForMeta),
    ),
    (
        &["REJECTED", "LIMIT_REACHED", "RESTRICTED"],
        CheckState::Problem,
        Some(NextAction::AppealAccount),
    ),
];
pub(super) const NAME: &[Rule] = &[
    (
        &["APPROVED", "AVAILABLE_WITHOUT_REVIEW"],
        CheckState::Ok,
        None,
    ),
    (
        &["PENDING_REVIEW"],
        CheckState::Attention,
        Some(NextAction::WaitForMeta),
    ),
    (
        &["DECLINED", "EXPIRED", "NONE"],
        CheckState::Problem,
        Some(NextAction::ChangeName),
    ),
];
pub(super) const NUMBER: &[Rule] = &[
    (&["CONNECTED"], CheckState::Ok, None),
    (
        &["PENDING"],
        CheckState::Attention,
        Some(NextAction::WaitForMeta),
    ),
    (
        &["FLAGGED", "RESTRICTED", "RATE_LIMITED"],
        CheckState::Attention,
        Some(NextAction::ImproveQuality),
    ),
    (
        &["UNVERIFIED"],
        CheckState::Problem,
        Some(NextAction::VerifyNumber),
    ),
    (
        &["BANNED", "DELETED", "DISCONNECTED", "OFFLINE", "MIGRATED"],
        CheckState::Problem,
        Some(NextAction::InspectNumber),
    ),
];
pub(super) const QUALITY: &[Rule] = &[
    (&["GREEN", "UNKNOWN", "NA"], CheckState::Ok, None),
    (
        &["YELLOW"],
        CheckState::Attention,
        Some(NextAction::ImproveQuality),
    ),
    (
        &["RED"],
        CheckState::Problem,
        Some(NextAction::ImproveQuality),
    ),
];
pub(super) const HEALTH: &[Rule] = &[
    (&["AVAILABLE"], CheckState::Ok, None),
    (
        &["LIMITED"],
        CheckState::Attention,
        Some(NextAction::SeeReasons),
    ),
    (
        &["BLOCKED"],
        CheckState::Problem,
        Some(NextAction::SeeReasons),
    ),
];
/// A solution that is about to be deactivated works until the other partner accepts that. An empty list matches every
/// status that no other rule matches.
pub(super) const SOLUTION: &[Rule] = &[
    (&["ACTIVE"], CheckState::Ok, None),
    (
        &["PENDING_DEACTIVATION"],
        CheckState::Attention,
        Some(NextAction::ActivateSolution),
    ),
    (&[], CheckState::Problem, Some(NextAction::ActivateSolution)),
];
