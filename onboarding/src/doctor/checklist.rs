//! The partner's own way to the first live customer. What the doctor can read is marked by itself; the rest an operator marks.

use crate::resources::operators::ChecklistTick;
use embark_protocol::checklist::{Checklist, ChecklistState, ChecklistStep};
use embark_protocol::doctor::{DoctorCheck, DoctorItem, DoctorState};

/// Whether there is such a step.
pub fn is_step(key: &str) -> bool {
    STEPS.iter().any(|step| step.key == key)
}

/// The checklist of an app. `checks`: what the doctor found. A step of the doctor's is as the doctor found it; if the doctor
/// could not read it, a mark of an operator's counts.
pub fn checklist(checks: &[DoctorCheck], ticks: &[ChecklistTick]) -> Checklist {
    let step = |step: &Step| {
        let tick = ticks.iter().find(|tick| tick.step == step.key);
        let check = step
            .item
            .and_then(|item| checks.iter().find(|check| check.item == item));
        let state = match (check.map(|check| check.state), tick) {
            (Some(DoctorState::Ok), _) => ChecklistState::Checked,
            (Some(DoctorState::ToDo), _) | (_, None) => ChecklistState::Open,
            (_, Some(_)) => ChecklistState::Done,
        };
        ChecklistStep {
            key: step.key.to_owned(),
            part: step.part.to_owned(),
            title: step.title.to_owned(),
            detail: step.detail.to_owned(),
            screen: step.screen.to_owned(),
            item: step.item,
            check: check.map(|check| check.state),
            state,
            done_by: tick.map(|tick| tick.by.clone()),
            done_at: tick.map(|tick| tick.at),
        }
    };
    Checklist {
        steps: STEPS.iter().map(step).collect(),
    }
}

struct Step {
    key: &'static str,
    part: &'static str,
    title: &'static str,
    detail: &'static str,
    screen: &'static str,
    item: Option<DoctorItem>,
}

const fn by_hand(
    key: &'static str,
    part: &'static str,
    title: &'static str,
    detail: &'static str,
    screen: &'static str,
) -> Step {
    Step {
        key,
        part,
        title,
        detail,
        screen,
        item: None,
    }
}

const fn by_doctor(item: DoctorItem, step: Step) -> Step {
    Step {
        item: Some(item),
        ..step
    }
}

const BUSINESS: &str = "Your business";
const APP: &str = "The app";
const LOGIN: &str = "Login";
const REVIEW: &str = "Review";
const SOLUTION: &str = "Partner solution (only with another partner)";
const TEST: &str = "Test";
const LIVE: &str = "Go live";

/// <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/get-started-for-tech-providers>
const STEPS: &[Step] = &[
    by_hand(
        "portfolio",
        BUSINESS,
        "Have one business portfolio, complete",
        "Legal name, address, website and e-mail as in your documents: wrong data is refused at the verification. A person may create two portfolios.",
        "Business settings > Business info",
    ),
    by_hand(
        "developer",
        BUSINESS,
        "Register as a developer",
        "Accept the platform terms; confirm phone number and e-mail address.",
        "developers.facebook.com > Get Started",
    ),
    by_doctor(
        DoctorItem::BusinessVerification,
        by_hand(
            "business_verification",
            BUSINESS,
            "Have the portfolio verified",
            "Documents and domain; two to five working days. App review, live customers and more than two numbers need it.",
            "Business settings > Security Center > Business verification",
        ),
    ),
    by_hand(
        "create_app",
        APP,
        "Create the app",
        "Use case Other, type Business, your portfolio. Customers see the names of app and portfolio: no trademark of Meta's may be in them.",
        "developers.facebook.com > My Apps > Create App",
    ),
    by_doctor(
        DoctorItem::AppSecret,
        by_hand(
            "app_secret",
            APP,
            "Store app id and app secret",
            "They are sealed here, and stand in no code.",
            "App Dashboard > App settings > Basic; embark app add, embark secret set app/<app>/app_secret",
        ),
    ),
    by_doctor(
        DoctorItem::AppDomains,
        by_hand(
            "app_domains",
            APP,
            "Add the app domain",
            "The host of this deployment's button.",
            "App Dashboard > App settings > Basic > App domains",
        ),
    ),
    by_doctor(
        DoctorItem::AppDetails,
        by_hand(
            "app_details",
            APP,
            "Fill in privacy policy, terms, contact e-mail and icon",
            "The icon has 1024 × 1024 pixels; the category is Messaging.",
            "App Dashboard > App settings > Basic",
        ),
    ),
    by_doctor(
        DoctorItem::DeauthorizeCallback,
        by_hand(
            "user_callbacks",
            APP,
            "Set the callbacks about people",
            "Deauthorize callback URL and data deletion request URL, both of this deployment.",
            "App Dashboard > Facebook Login for Business > Settings; App settings > Basic",
        ),
    ),
    by_hand(
        "whatsapp_product",
        APP,
        "Add the product WhatsApp",
        "Accept the terms of the Cloud API and the hosting terms.",
        "App Dashboard > Add product > WhatsApp",
    ),
    by_hand(
        "tech_provider",
        APP,
        "Become a Tech Provider",
        "In the quick start; choose “work with a solution partner” if one messages or pays for you.",
        "App Dashboard > WhatsApp > Quickstart",
    ),
    by_doctor(
        DoctorItem::Webhook,
        by_hand(
            "webhook",
            APP,
            "Set the webhook",
            "Address and fields, by one command.",
            "embark app webhook <app> --set; App Dashboard > WhatsApp > Configuration",
        ),
    ),
    by_hand(
        "system_token",
        APP,
        "Store the token of a system user",
        "Only to share a credit line, and for hosted signups. Of an administrator, never expiring.",
        "Business settings > Users > System users; embark secret set app/<app>/system_token",
    ),
    by_hand(
        "login_switches",
        LOGIN,
        "Switch the OAuth settings on",
        "Client OAuth login, Web OAuth login, Enforce HTTPS, Embedded browser OAuth login, Use strict mode for redirect URIs, Login with the JavaScript SDK.",
        "App Dashboard > Facebook Login for Business > Settings",
    ),
    by_hand(
        "login_domains",
        LOGIN,
        "Allow this deployment's origin",
        "In both lists: allowed domains for the JavaScript SDK, and valid OAuth redirect URIs. HTTPS, exact, without wildcards. Websites with the tag need no entry.",
        "App Dashboard > Facebook Login for Business > Settings",
    ),
    by_hand(
        "login_configuration",
        LOGIN,
        "Create the login configuration",
        "Variation WhatsApp Embedded Signup; a token of 60 days or one that never expires; the asset WhatsApp accounts; the permissions whatsapp_business_management and whatsapp_business_messaging.",
        "App Dashboard > Facebook Login for Business > Configurations",
    ),
    by_hand(
        "config_id",
        LOGIN,
        "Put the configuration's id into each site",
        "The setting config_id.",
        "embark site add <site> --config-id",
    ),
    by_hand(
        "review_materials",
        REVIEW,
        "Prepare the app review",
        "A video for each permission, in English with captions: a template being created (management), a message being sent from your app and arriving (messaging). Answer who processes the data, and in which countries.",
        "App Dashboard > App Review > Requests",
    ),
    by_doctor(
        DoctorItem::Permissions,
        by_hand(
            "app_review",
            REVIEW,
            "Pass the app review",
            "Ask for the two permissions only; three to five working days, and each may be granted alone.",
            "App Dashboard > App Review > Permissions and Features",
        ),
    ),
    by_hand(
        "access_verification",
        REVIEW,
        "Pass the access verification",
        "By an administrator of the verified portfolio; about five days. It may be revoked later.",
        "App Dashboard > App settings > Basic > Access verification",
    ),
    by_hand(
        "solution_created",
        SOLUTION,
        "Create the partner solution",
        "Agree on its name with the other partner. For Infobip: app id 1370401139746733, messaging “Partner only”.",
        "App Dashboard > WhatsApp > Partner solutions",
    ),
    by_hand(
        "solution_active",
        SOLUTION,
        "Have the other partner accept it",
        "Only an ACTIVE solution works; the doctor of a site reads its state.",
        "App Dashboard > WhatsApp > Partner solutions",
    ),
    by_hand(
        "solution_id",
        SOLUTION,
        "Put the solution's id into each site",
        "The setting solution_id.",
        "embark site add <site> --solution-id",
    ),
    by_hand(
        "provider_webhook",
        SOLUTION,
        "Give Infobip the address of its webhook",
        "To your account manager or support, once for each site; a subscription event with the default entity lets you assign new customers there.",
        "embark site infobip-webhook <site>",
    ),
    by_hand(
        "team",
        TEST,
        "Give your team roles in the app",
        "Administrator or developer: until the app is live, nobody else can sign up.",
        "App Dashboard > App roles > Roles",
    ),
    by_hand(
        "test_signup",
        TEST,
        "Sign up as a customer would",
        "With a business that is not your own portfolio, a number that no WhatsApp uses, and administrator's rights on both portfolios.",
        "The hosted page /go/<site>",
    ),
    by_hand(
        "test_message",
        TEST,
        "Send and receive a message with that number",
        "By your back end, or by the other provider's API.",
        "docs/backend.md; POST sites/<site>/infobip/messages",
    ),
    by_hand(
        "live",
        LIVE,
        "Switch the app to Live",
        "Then customers without a role in it can sign up.",
        "App Dashboard > the switch App Mode at the top",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn state_of(item_state: Option<DoctorState>, is_ticked: bool, key: &str) -> ChecklistState {
        let item = STEPS.iter().find(|step| step.key == key).unwrap().item;
        let check = item.zip(item_state).map(|(item, state)| DoctorCheck {
            item,
            state,
            finding: String::new(),
            fix: None,
            screen: None,
        });
        let tick = is_ticked.then(|| ChecklistTick {
            step: key.to_owned(),
            by: "Ada".to_owned(),
            at: 1,
        });
        let checks: Vec<_> = check.into_iter().collect();
        let ticks: Vec<_> = tick.into_iter().collect();
        let list = checklist(&checks, &ticks);
        let step = list.steps.iter().find(|step| step.key == key).unwrap();
        assert_eq!(step.done_by.is_some(), is_ticked);
        step.state
    }

    #[test]
    fn doctor_decides_and_an_operator_where_it_cannot_read() {
        use ChecklistState::{Checked, Done, Open};
        for (check, is_ticked, want) in [
            (Some(DoctorState::Ok), false, Checked),
            (Some(DoctorState::Ok), true, Checked),
            (Some(DoctorState::ToDo), true, Open),
            (Some(DoctorState::Unknown), false, Open),
            (Some(DoctorState::Unknown), true, Done),
            (None, true, Done),
            (None, false, Open),
        ] {
            assert_eq!(state_of(check, is_ticked, "app_details"), want);
        }
        assert_eq!(state_of(None, true, "live"), Done);
        assert_eq!(state_of(None, false, "live"), Open);
    }

    #[test]
    fn keys_are_different_and_parts_are_in_one_piece() {
        let keys: BTreeSet<&str> = STEPS.iter().map(|step| step.key).collect();
        assert_eq!(keys.len(), STEPS.len());
        assert!(is_step("live") && !is_step("none"));
        let mut parts: Vec<&str> = STEPS.iter().map(|step| step.part).collect();
        parts.dedup();
        let distinct: BTreeSet<&&str> = parts.iter().collect();
        assert_eq!(distinct.len(), parts.len());
    }
}
