//! Rows that the Durable Objects stored outlive a deploy. `golden/` has rows of each release, and they open in this
//! one. A golden file is never changed; a release that stores something new adds files of its own.

use embark_onboarding::resources::backend::{BackendToken, StoredWrite};
use embark_onboarding::resources::message_route::MessageRoute;
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::phone_number::PhoneRecord;
use embark_onboarding::resources::signup_session::SignupSession;
use embark_onboarding::resources::site::{SignupIndexRow, SiteRecord};
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::resources::waba::{PendingEvent, WabaRecord};
use embark_onboarding::signup::state::{CallbackOverrideState, InspectState, OutboxEntry};
use embark_onboarding::signup::{Signup, snapshot};
use embark_protocol::SignupStatus;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The golden row of this name.
fn open<T: DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The golden signups, and the status that their pages read.
const SIGNUPS: [(&str, SignupStatus); 7] = [
    ("0.1.0/run-launched", SignupStatus::Launched),
    ("0.1.0/run-exchanging", SignupStatus::Running),
    ("0.1.0/run-asking-pin", SignupStatus::NeedsInput),
    ("0.1.0/run-connected", SignupStatus::Connected),
    ("0.1.0/run-relaunch", SignupStatus::Relaunch),
    ("0.1.0/run-handed-off", SignupStatus::Waiting),
    ("0.1.0/run-sharing-credit", SignupStatus::Running),
];

#[test]
fn signups_of_0_1_0_open_with_the_status_they_had() {
    for (name, status) in SIGNUPS {
        let signup: Signup = open(name);
        let shown = snapshot::render(&signup, signup.last_user_activity_at);
        assert_eq!(shown.status, status, "{name}");
    }
}

#[test]
fn objects_of_0_1_0_open() {
    let phone: PhoneRecord = open("0.1.0/phone");
    assert!(phone.accepted_pin.is_some() && phone.owner.is_some());
    let waba: WabaRecord = open("0.1.0/waba");
    assert_eq!((waba.owners.len(), waba.tokens.len()), (1, 1));
    let site: SiteRecord = open("0.1.0/site");
    assert!(site.config.is_some());
    let partner: PartnerRecord = open("0.1.0/partner");
    assert_eq!((partner.apps.len(), partner.open_sites.len()), (1, 1));
}

/// The row has every field of the golden file, under the same name and with the same value. Only fields that the
/// release did not have are added, each under the name that it is listed with.
#[test]
fn rows_of_0_1_0_stored_again_keep_every_field() {
    for (name, _) in SIGNUPS {
        assert_kept::<Signup>(name, SIGNUP_FIELDS_SINCE_0_1_0);
    }
    assert_kept::<PhoneRecord>("0.1.0/phone", &["/not_before", "/undecided"]);
    assert_kept::<WabaRecord>("0.1.0/waba", &["/solutions", "/tokens/0/issued"]);
    assert_kept::<SiteRecord>("0.1.0/site", &["/hook"]);
    assert_kept::<PartnerRecord>("0.1.0/partner", &[]);
    assert_kept::<WabaRecord>("0.1.0/waba-webhooks", &[]);
    assert_kept::<WabaRecord>("0.1.0/waba-account-updates", &[]);
    assert_kept::<PhoneRecord>("0.1.0/phone-named", &[]);
    assert_kept::<PhoneRecord>("0.1.0/phone-name-refused", &[]);
    assert_kept::<WabaRecord>("0.1.0/waba-hosted", &[]);
    assert_kept::<Signup>("0.1.0/run-cancelled", SIGNUP_FIELDS_SINCE_0_1_0);
    assert_kept::<Signup>("0.1.0/run-hosted", SIGNUP_FIELDS_SINCE_0_1_0);
    assert_kept::<Signup>("0.1.0/run-retried", SIGNUP_FIELDS_SINCE_0_1_0);
    assert_kept::<PartnerRecord>("0.1.0/partner-hosted", &[]);
    assert_kept::<PartnerRecord>("0.1.0/partner-cron", &[]);
    assert_kept::<Signup>("0.1.0/run-account-updates", SIGNUP_FIELDS_SINCE_0_1_0);
    assert_kept::<SiteEvent>("0.1.0/site-event-renewable", &[]);
    assert_kept::<SiteEvent>("0.1.0/site-event-register-window", &[]);
    assert_kept::<SiteRecord>("0.1.0/site-backend", &[]);
    assert_kept::<SignupSession>("0.1.0/site-session", &[]);
    assert_kept::<StoredWrite>("0.1.0/site-write", &[]);
    assert_kept::<BackendToken>("0.1.0/site-expiring-token", &[]);
    assert_kept::<SiteEvent>("0.1.0/site-event", &[]);
    assert_kept::<SignupIndexRow>("0.1.0/site-index-row", &[]);
    assert_kept::<SignupIndexRow>("0.1.0/site-index-row-named", &[]);
    assert_kept::<SignupIndexRow>("0.1.0/site-index-row-step", &[]);
    assert_kept::<PendingEvent>("0.1.0/waba-held", &[]);
    assert_kept::<OutboxEntry>("0.1.0/outbox-token-refused", &[]);
    assert_kept::<PartnerRecord>("0.1.0/partner-previous-secret", &[]);
    assert_kept::<PartnerRecord>("0.1.0/partner-quota-events", &[]);
    assert_kept::<SiteEvent>("0.1.0/site-event-quota", &[]);
    assert_kept::<SiteEvent>("0.1.0/site-event-solution", &[]);
    assert_kept::<SiteRecord>("0.1.0/site-solution", &[]);
    assert_kept::<WabaRecord>("0.1.0/waba-user", &[]);
    assert_kept::<PendingEvent>("0.1.0/waba-held-messages", &[]);
    assert_kept::<OutboxEntry>("0.1.0/outbox-granted", &[]);
    assert_kept::<InspectState>("0.1.0/inspect-granted", &[]);
    assert_kept::<CallbackOverrideState>("0.1.0/callback-override", &[]);
    assert_kept::<MessageRoute>("0.1.0/message-route", &[]);
    assert_kept::<SiteRecord>("0.1.0/site-retired-callbacks", &[]);
    assert_kept::<PartnerRecord>("0.1.0/partner-operators", &[]);
    assert_kept::<SiteRecord>("0.1.0/site-secret-times", &[]);
}

/// `new_fields`: JSON pointers of the fields that the row may have beyond those of the golden file.
fn assert_kept<T: DeserializeOwned + Serialize>(name: &str, new_fields: &[&str]) {
    let golden: Value = open(name);
    let stored_again = serde_json::to_value(open::<T>(name)).unwrap();
    let mut added = Vec::new();
    compare(&golden, &stored_again, "", &mut added).unwrap_or_else(|path| panic!("{name}{path}"));
    added.retain(|path| !new_fields.contains(&path.as_str()));
    assert!(added.is_empty(), "{name}: unexpected fields {added:?}");
}

/// Adds to `added` the JSON pointers of what `stored_again` has beyond `golden`.
///
/// # Errors
/// The JSON pointer of a value of `golden` that `stored_again` lacks or has otherwise. Absent and `null` are
/// the same to every reader.
fn compare(
    golden: &Value,
    stored_again: &Value,
    path: &str,
    added: &mut Vec<String>,
) -> Result<(), String> {
    match (golden, stored_again) {
        (Value::Object(golden), Value::Object(stored_again)) => {
            for (key, value) in golden {
                let again = stored_again.get(key).unwrap_or(&Value::Null);
                compare(value, again, &format!("{path}/{key}"), added)?;
            }
            let new = stored_again.keys().filter(|key| !golden.contains_key(*key));
            added.extend(new.map(|key| format!("{path}/{key}")));
            Ok(())
        }
        (Value::Array(golden), Value::Array(again)) if golden.len() == again.len() => golden
            .iter()
            .zip(again)
            .enumerate()
            .try_for_each(|(nth, (value, again))| {
                compare(value, again, &format!("{path}/{nth}"), added)
            }),
        _ if golden == stored_again => Ok(()),
        _ => Err(path.to_owned()),
    }
}

/// Fields that at least one of the golden signups does not have.
const SIGNUP_FIELDS_SINCE_0_1_0: &[&str] = &[
    "/admit_pace",
    "/attempt",
    "/credit",
    "/credit/late",
    "/exchange/sent/tries",
    "/handoff",
    "/hold",
    "/holders",
    "/inspect/debugged/kind",
    "/inspect/names",
    "/report/account",
    "/report/at",
    "/report/listens",
    "/report/missed",
    "/report/number",
    "/report/solution",
    "/rewinds",
    "/sent/first",
    "/sent/taken",
    "/sync",
    "/terms",
];

#[test]
fn copy_of_a_site_in_kv_has_no_secrets_tokens_and_endpoint() {
    let site: SiteRecord = open("0.1.0/site-backend");
    let copy = serde_json::to_value(site.published()).unwrap();
    for field in ["secrets", "backend_tokens", "endpoint", "copies"] {
        assert_eq!(copy.get(field), None, "{field}");
    }
    let site: SiteRecord = open("0.1.0/site-retired-callbacks");
    let copy = serde_json::to_value(site.published()).unwrap();
    assert_eq!(copy.get("retired_callbacks"), None);
    assert!(copy["config"].is_object());
}
