//! The checks of the readiness report: which values of Meta's count as what, and what is to be done about them.

use embark_onboarding::signup::readiness::{CreditSharing, ReadinessInput, checks, operator_hint};
use embark_onboarding::time::UnixMillis;
use embark_protocol::policy::Policy;
use embark_protocol::report::{Check, CheckItem, CheckState, NextAction};
use serde_json::{Value, json};

const NOW: UnixMillis = UnixMillis(0);

/// The check of one item.
pub fn check_of(checks: &[Check], item: CheckItem) -> &Check {
    let mut checks = checks.iter();
    checks.find(|check| check.item == item).unwrap()
}

/// What is to be done about one item.
fn next_action(input: &ReadinessInput<'_>, item: CheckItem) -> Option<NextAction> {
    check_of(&checks(input, NOW), item).next_action
}

/// A value of Meta's: of which field, for which check, and what the check says.
type Row = (
    CheckItem,
    &'static str,
    &'static str,
    CheckState,
    Option<NextAction>,
);

fn assert_check(input: &ReadinessInput<'_>, (item, _, value, state, next): Row) {
    let checks = checks(input, NOW);
    let check = check_of(&checks, item);
    assert_eq!((check.state, check.next_action), (state, next), "{value}");
    assert_eq!(check.value.as_deref(), Some(value));
}

#[test]
fn account_values_become_checks_with_next_actions() {
    use CheckItem::{AccountReview as Review, BusinessVerification as Business};
    use CheckState::{Attention, Ok, Problem};
    use NextAction::{AppealAccount, VerifyBusiness, WaitForMeta};
    #[rustfmt::skip]
    let rows: [Row; 7] = [
        (Business, "business_verification_status", "verified", Ok, None),
        (Business, "business_verification_status", "not_verified", Attention, Some(VerifyBusiness)),
        (Business, "business_verification_status", "PENDING", Attention, Some(WaitForMeta)),
        (Business, "business_verification_status", "REJECTED", Problem, Some(VerifyBusiness)),
        (Business, "business_verification_status", "SOMETHING_NEW", Ok, None),
        (Review, "account_review_status", "APPROVED", Ok, None),
        (Review, "account_review_status", "RESTRICTED", Problem, Some(AppealAccount)),
    ];
    for row in rows {
        let (_, field, value, ..) = row;
        let account = serde_json::from_value(json!({field: value})).unwrap();
        let input = ReadinessInput {
            account: Some(&account),
            ..ReadinessInput::default()
        };
        assert_check(&input, row);
    }
}

#[test]
fn number_values_become_checks_with_next_actions() {
    use CheckItem::{DisplayName as Name, Number, Quality};
    use CheckState::{Attention, Ok, Problem};
    use NextAction::{ChangeName, ImproveQuality, InspectNumber, VerifyNumber, WaitForMeta};
    #[rustfmt::skip]
    let rows: [Row; 10] = [
        (Name, "name_status", "AVAILABLE_WITHOUT_REVIEW", Ok, None),
        (Name, "name_status", "DECLINED", Problem, Some(ChangeName)),
        (Name, "name_status", "PENDING_REVIEW", Attention, Some(WaitForMeta)),
        (Number, "status", "CONNECTED", Ok, None),
        (Number, "status", "BANNED", Problem, Some(InspectNumber)),
        (Number, "status", "FLAGGED", Attention, Some(ImproveQuality)),
        (Number, "status", "UNVERIFIED", Problem, Some(VerifyNumber)),
        (Quality, "quality_rating", "GREEN", Ok, None),
        (Quality, "quality_rating", "YELLOW", Attention, Some(ImproveQuality)),
        (Quality, "quality_rating", "RED", Problem, Some(ImproveQuality)),
    ];
    for row in rows {
        let (_, field, value, ..) = row;
        let phone = json!({"id": "6000000000000001", field: value});
        let phone = serde_json::from_value(phone).unwrap();
        let input = ReadinessInput {
            phone: Some(&phone),
            has_number: true,
            ..ReadinessInput::default()
        };
        assert_check(&input, row);
    }
}

#[test]
fn payment_check_depends_on_policy_and_credit_sharing() {
    use CreditSharing::{Failed, Shared, Trying};
    use NextAction::{AddPayment, RefreshReport, ShareCredit, WaitForMeta};
    use Policy::{Infobip, SolutionPartner, TechProvider};
    let account =
        |funding: Value| serde_json::from_value(json!({"primary_funding_id": funding})).unwrap();
    let (paid, unpaid) = (account(json!("7500")), account(Value::Null));
    for (policy, credit, account, expected) in [
        (TechProvider, None, Some(&paid), None),
        (TechProvider, None, Some(&unpaid), Some(AddPayment)),
        (TechProvider, None, None, Some(RefreshReport)),
        (SolutionPartner, Some(Shared), Some(&paid), None),
        (
            SolutionPartner,
            Some(Failed),
            Some(&unpaid),
            Some(ShareCredit),
        ),
        (
            SolutionPartner,
            Some(Trying),
            Some(&unpaid),
            Some(WaitForMeta),
        ),
        (SolutionPartner, None, Some(&paid), None),
        (SolutionPartner, None, Some(&unpaid), Some(ShareCredit)),
        (Infobip, None, Some(&unpaid), None),
    ] {
        let input = ReadinessInput {
            policy,
            credit,
            account,
            ..ReadinessInput::default()
        };
        let next = next_action(&input, CheckItem::Payment);
        assert_eq!(next, expected, "{policy:?} {credit:?}");
    }
}

#[test]
fn token_check_asks_for_renewal_before_expiry() {
    const DAY: u64 = 86_400;
    for (expires_at, expected) in [
        (Some(0), None),
        (Some(60 * DAY), None),
        (Some(10 * DAY), Some(NextAction::Renew)),
        (None, None),
    ] {
        let input = ReadinessInput {
            expires_at,
            ..ReadinessInput::default()
        };
        let next = next_action(&input, CheckItem::Token);
        assert_eq!(next, expected, "{expires_at:?}");
    }
}

#[test]
fn solution_check_exists_in_a_solution_only() {
    for (status, expected) in [
        (Some("ACTIVE"), None),
        (Some("DRAFT"), Some(NextAction::ActivateSolution)),
        (None, None),
    ] {
        let input = ReadinessInput {
            solution: Some(status),
            ..ReadinessInput::default()
        };
        let next = next_action(&input, CheckItem::Solution);
        assert_eq!(next, expected, "{status:?}");
    }
    let without_solution = checks(&ReadinessInput::default(), NOW);
    let mut items = without_solution.iter().map(|check| check.item);
    assert!(items.all(|item| item != CheckItem::Solution));
}

#[test]
fn webhook_checks_name_what_is_to_be_set_up() {
    let input = ReadinessInput {
        subscribed: Some(false),
        webhook_has_messages: Some(false),
        ..ReadinessInput::default()
    };
    let subscription = next_action(&input, CheckItem::Subscription);
    assert_eq!(subscription, Some(NextAction::Subscribe));
    let webhook = next_action(&input, CheckItem::AppWebhook);
    assert_eq!(webhook, Some(NextAction::SetWebhook));
}

#[test]
fn webhook_of_another_address_is_a_problem_that_names_it() {
    for (url, has_messages, want) in [
        (None, Some(true), None),
        (
            Some("https://crm.example/hook"),
            Some(true),
            Some(NextAction::SetWebhook),
        ),
        (
            Some("https://crm.example/hook"),
            Some(false),
            Some(NextAction::SetWebhook),
        ),
        (Some(""), Some(false), Some(NextAction::SetWebhook)),
    ] {
        let input = ReadinessInput {
            webhook_has_messages: has_messages,
            other_webhook_url: url,
            ..ReadinessInput::default()
        };
        assert_eq!(next_action(&input, CheckItem::AppWebhook), want, "{url:?}");
        let checks = checks(&input, NOW);
        let line = checks
            .iter()
            .find(|check| check.item == CheckItem::AppWebhook);
        let value = line.and_then(|line| line.value.as_deref());
        assert_eq!(value, url.filter(|url| !url.is_empty()), "{url:?}");
    }
}

#[test]
fn operator_hint_of_every_next_action_is_a_sentence() {
    for word in [
        "wait_for_meta",
        "verify_business",
        "appeal_account",
        "change_name",
        "verify_number",
        "improve_quality",
        "add_payment",
        "see_reasons",
        "renew",
        "share_credit",
        "set_webhook",
        "subscribe",
        "activate_solution",
        "look_into_number",
        "read_again",
    ] {
        let next: NextAction = serde_json::from_value(json!(word)).unwrap();
        let hint = operator_hint(next);
        assert!(hint.ends_with('.') && hint.len() > 20, "{word}: {hint}");
    }
}

#[test]
fn partner_solution_works_until_its_deactivation_is_accepted() {
    for (status, expected) in [
        ("ACTIVE", CheckState::Ok),
        ("active", CheckState::Ok),
        ("PENDING_DEACTIVATION", CheckState::Attention),
        ("DEACTIVATED", CheckState::Problem),
        ("DRAFT", CheckState::Problem),
        ("SOMETHING_NEW", CheckState::Problem),
    ] {
        let input = ReadinessInput {
            solution: Some(Some(status)),
            ..ReadinessInput::default()
        };
        let checks = checks(&input, UnixMillis(0));
        let solution = checks
            .iter()
            .find(|check| check.item == CheckItem::Solution);
        assert_eq!(solution.unwrap().state, expected, "{status}");
    }
}
