//! The wire format, pinned: every message shape of a release is a file in `golden/`. A browser may run an older
//! widget against a newer Worker, so a golden file is never changed; a new field is optional and gets a file of
//! its own.

use embark_protocol::enums::Open;
use embark_protocol::signup_counts::SignupCounts;
use embark_protocol::site_events::SiteEventDocument;
use embark_protocol::{
    Problem, SignupStatus, Snapshot, admin, backend, health, infobip, launch, operators, report,
    requests, secrets, user_callbacks, webhook_setup,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Deserializes a golden file and serializes the result: both must be equal.
fn check_round_trip<T: Serialize + DeserializeOwned>(name: &str) {
    let path = format!("{}/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    let read: T =
        serde_json::from_value(golden.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), golden, "{name}");
}

#[test]
fn golden_requests_round_trip() {
    check_round_trip::<requests::LaunchedRequest>("launched");
    for name in [
        "outcome",
        "outcome-code-alone",
        "outcome-redirect",
        "outcome-attempt",
        "outcome-granted",
    ] {
        check_round_trip::<requests::OutcomeRequest>(name);
    }
    check_round_trip::<requests::AssetsRequest>("assets");
    check_round_trip::<requests::AssetsRequest>("assets-attempt");
    check_round_trip::<requests::AssetsRequest>("assets-granted");
    for name in [
        "ended-cancelled",
        "ended-error",
        "ended-attempt",
        "ended-no-window",
    ] {
        check_round_trip::<requests::EndedRequest>(name);
    }
    for name in [
        "input-waba",
        "input-number",
        "input-pin",
        "input-request-code",
        "input-request-code-language",
        "input-verify-code",
    ] {
        check_round_trip::<requests::InputRequest>(name);
    }
}

#[test]
fn golden_responses_round_trip() {
    for name in [
        "snapshot-running",
        "snapshot-needs-input",
        "snapshot-waiting",
        "snapshot-connected",
    ] {
        check_round_trip::<Snapshot>(name);
    }
    check_round_trip::<Snapshot>("snapshot-relaunch");
    check_round_trip::<Snapshot>("snapshot-launched-again");
    check_round_trip::<Problem>("problem");
    check_round_trip::<launch::LaunchDocument>("launch");
    check_round_trip::<launch::LaunchDocument>("launch-hosted");
    check_round_trip::<launch::LaunchDocument>("launch-handover");
    check_round_trip::<launch::LaunchDocument>("launch-returned");
    check_round_trip::<launch::LaunchDocument>("launch-returning");
    check_round_trip::<launch::LaunchDocument>("launch-reference");
    check_round_trip::<launch::LaunchDocument>("launch-session");
    check_round_trip::<Snapshot>("snapshot-handover");
    check_round_trip::<Snapshot>("snapshot-abandoned");
    check_round_trip::<Snapshot>("snapshot-report");
    check_round_trip::<Snapshot>("snapshot-account-updates");
    check_round_trip::<report::ReadinessReport>("report");
}

#[test]
fn golden_admin_messages_round_trip() {
    check_round_trip::<admin::AppSettings>("app");
    check_round_trip::<admin::AppSettings>("app-partner-name");
    check_round_trip::<health::HealthReport>("health");
    check_round_trip::<admin::SiteSettings>("site");
    for name in [
        "site-options",
        "site-partner",
        "site-infobip",
        "site-handoff",
        "site-identity",
        "site-sessions",
        "site-hosted",
        "site-messages",
        "site-messages-override",
    ] {
        check_round_trip::<admin::SiteSettings>(name);
    }
    check_round_trip::<infobip::InfobipSenderRequest>("infobip-sender");
    check_round_trip::<infobip::InfobipMessageRequest>("infobip-message");
    check_round_trip::<admin::InvitationRequest>("invite");
    check_round_trip::<admin::InvitationDetails>("invitation");
    check_round_trip::<admin::InvitationPage>("invitation-page");
    check_round_trip::<admin::UnclaimedPage>("unclaimed-page");
    check_round_trip::<user_callbacks::UserCallbackPage>("user-callback-page");
    check_round_trip::<secrets::SecretList>("secret-list");
    check_round_trip::<operators::OperatorDetails>("operator-email");
    check_round_trip::<admin::AssignRequest>("assign");
    check_round_trip::<admin::AssignResponse>("assigned");
    check_round_trip::<admin::AppliedMessages>("applied-messages");
    check_round_trip::<webhook_setup::AppWebhookStatus>("app-webhook-status");
    check_round_trip::<user_callbacks::UserCallback>("user-callback");
    check_round_trip::<user_callbacks::DeletionConfirmation>("deletion-confirmation");
}

#[test]
fn request_with_unknown_field_is_refused() {
    let text = r#"{"code":"x","code_source":"sdk","waba":"1"}"#;
    assert!(serde_json::from_str::<requests::OutcomeRequest>(text).is_err());
}

#[test]
fn snapshot_with_missing_and_unknown_fields_is_read() {
    let text = r#"{"id":"0123456789abcdef0123456789abcdef","seq":1,"status":"running","steps":[],
        "poll_after_ms":0,"something_new":{"a":1}}"#;
    assert!(serde_json::from_str::<Snapshot>(text).is_ok());
}

#[test]
fn open_enums_keep_unknown_values() {
    let text = r#"{"id":"0123456789abcdef0123456789abcdef","seq":1,"status":"meditating","poll_after_ms":0,
        "steps":[{"step":"levitate","state":"hovering"}],
        "problem":{"code":"moon_phase","remedy":"astrologer","fbtrace_id":"Atrace"},
        "left":{"reason":"bored","more":1}}"#;
    assert!(serde_json::from_str::<Snapshot>(text).is_err());
    let read: Snapshot<Open> = serde_json::from_str(text).unwrap();
    assert_eq!(read.known_status(), SignupStatus::Running);
    assert_eq!(read.steps[0].step, "levitate");
    assert_eq!(read.problem.unwrap().code, "moon_phase");
    assert_eq!(read.ended.unwrap().reason, "bored");
}

#[test]
fn status_texts_equal_wire_values() {
    for status in SignupStatus::ALL {
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
}

#[test]
fn urls_of_launch_document_contain_signup_and_handover() {
    let read = |name: &str| -> launch::LaunchDocument {
        let path = format!("{}/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let mut launch = read("launch-handover");
    launch.hosted_page_path = Some("/go/acme".to_owned());
    let signup = launch.signup.as_str().to_owned();
    let edge = "https://signup.partner.example";
    assert_eq!(
        launch.signup_url("/outcome"),
        format!("{edge}/v1/signups/{signup}/outcome")
    );
    assert_eq!(
        launch.handover_url(),
        format!("{edge}/go/acme#embark={signup}.g1.1.other.tag")
    );
    assert_eq!(launch.resume_token(), format!("{signup}.g1.1.payload.tag"));
    // Without a handover the page's own grant is not put in the URL.
    launch.handover_grant = None;
    assert_eq!(launch.handover_url(), format!("{edge}/go/acme"));
    let renewal = format!(
        "{edge}/v1/sites/acme?host=https%3A%2F%2Fsignup.partner.example&mode=page&invite=0123456789abcdef0123456789abcdef"
    );
    assert_eq!(read("launch-hosted").renewal_url(), renewal);
}

#[test]
fn input_with_unknown_or_foreign_field_is_refused() {
    for text in [
        r#"{"kind":"pin","pin":"012345","more":1}"#,
        r#"{"kind":"pin","pin":"012345","code":"012345"}"#,
        r#"{"kind":"pin"}"#,
        r#"{"kind":"name","pin":"012345"}"#,
        r#"{"pin":"012345"}"#,
        r#"{"kind":"waba","waba_id":5000000000000001}"#,
        r#"{"kind":"waba","waba_id":"x"}"#,
    ] {
        assert!(
            serde_json::from_str::<requests::InputRequest>(text).is_err(),
            "{text}"
        );
    }
}

#[test]
fn golden_messages_of_the_back_end_round_trip() {
    for name in [
        "site-event-connected",
        "site-event-failed",
        "site-event-meta",
        "site-event-granted",
        "site-event-token-refused",
        "site-event-register-window",
        "site-event-quota",
        "site-event-solution",
    ] {
        check_round_trip::<SiteEventDocument>(name);
    }
    check_round_trip::<backend::SignupPage>("backend-signups");
    check_round_trip::<backend::SignupPage>("backend-signups-named");
    check_round_trip::<backend::SignupDetails>("backend-signup");
    check_round_trip::<backend::EventPage>("backend-events");
    check_round_trip::<backend::AccountPage>("backend-wabas");
    check_round_trip::<backend::BusinessTokenDocument>("backend-token");
    check_round_trip::<backend::BusinessTokenDocument>("backend-token-refused");
    check_round_trip::<backend::BackendTokenDetails>("backend-credentials");
    check_round_trip::<backend::BackendTokenDetails>("backend-credentials-expiring");
    check_round_trip::<backend::SessionRequest>("backend-session-request");
    check_round_trip::<backend::SessionResponse>("backend-session");
    check_round_trip::<backend::SignupLink>("backend-signup-link");
    check_round_trip::<backend::SignupCancellation>("signup-cancellation");
    check_round_trip::<backend::SignupRetry>("signup-retry");
    check_round_trip::<SignupCounts>("signup-counts");
    check_round_trip::<backend::EndpointDetails>("backend-endpoint");
}
