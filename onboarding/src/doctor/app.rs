//! What is checked of an app.

use super::answers::{AppAnswers, CredentialsState};
use super::meta_versions::graph_version;
use super::partner::{system_token, verification};
use super::{enumerate, ok, read, to_do, unknown};
use crate::meta::response::{MANAGEMENT, MESSAGING};
use crate::meta::same_address::is_same_address;
use crate::meta::{ApiError, ErrorClass, webhook_setup};
use core::time::Duration;
use embark_protocol::doctor::{DoctorCheck, DoctorItem};
use url::Url;

/// The checks of an app, in the order in which they are best worked through.
pub fn app_checks(answers: &AppAnswers) -> Vec<DoctorCheck> {
    vec![
        keys(answers),
        clock(answers),
        app_secret(answers),
        details(answers),
        domains(answers),
        deauthorize(answers),
        permissions(answers),
        verification(answers),
        system_token(answers),
        webhook(answers),
        graph_version(
            &answers.settings.graph_version,
            "embark app add --graph-version, or the app's page of the console",
            answers.now,
        ),
    ]
}

fn keys(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::Keys;
    match answers.credentials {
        CredentialsState::Opened => ok(item, "App secret and system token can be opened."),
        CredentialsState::Missing => ok(item, "No secret is stored yet."),
        CredentialsState::Unreadable => to_do(
            item,
            "The app secret or the system token was sealed under a key that this deployment does not have.",
            "Set the variable EMBARK_KEY_n that it was sealed under again, or store the secret anew.",
            "wrangler secret put EMBARK_KEY_1, or embark secret set",
        ),
        CredentialsState::Unavailable => unknown(
            item,
            "The secrets cannot be read at the moment. Try again in a minute.",
        ),
    }
}

fn clock(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::Clock;
    let Some((theirs, ours)) = answers.clocks else {
        return unknown(
            item,
            "Meta did not respond, so there is no clock to compare with.",
        );
    };
    let apart = ours.since(theirs).max(theirs.since(ours));
    if apart <= LARGEST_SKEW {
        return ok(item, "The clock agrees with Meta's.");
    }
    to_do(
        item,
        format!("The clock is {} seconds off Meta's.", apart.as_secs()),
        "Set the clock of the machine that runs the Worker: links and signatures are refused by their time.",
        "The operating system of a local machine; at Cloudflare, its support",
    )
}

fn app_secret(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::AppSecret;
    let put = |finding: &str| {
        to_do(
            item,
            finding,
            "Copy app id and app secret from Meta, and store both.",
            "App Dashboard > App settings > Basic; embark secret set app/<app>/app_secret",
        )
    };
    match (&answers.details, answers.credentials) {
        (Some(Ok(_)), _) => ok(item, "Meta accepts app id and app secret."),
        (Some(Err(error)), _) if is_refused_token(error) => put(&format!(
            "Meta does not accept app id and app secret ({error})."
        )),
        (Some(Err(error)), _) => unknown(item, super::could_not_read(error)),
        (None, CredentialsState::Missing) => put("No app secret is stored."),
        (None, _) => unknown(item, "The app secret cannot be read."),
    }
}

/// Meta does not document which code it has for which fault of an app token: 190, or as at the exchange of a code 101 and 1, which
/// elsewhere are faults that pass.
fn is_refused_token(error: &ApiError) -> bool {
    matches!(error.class, ErrorClass::Token | ErrorClass::Config)
        || matches!(error.code, Some(1 | 101 | 190))
}

fn details(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::AppDetails;
    let details = match read(item, &answers.details) {
        Ok(details) => details,
        Err(check) => return check,
    };
    let wanted = [
        ("the privacy policy URL", &details.privacy_policy_url),
        ("the terms of service URL", &details.terms_of_service_url),
        ("the contact e-mail", &details.contact_email),
        ("the icon", &details.icon_url),
    ];
    let is_empty =
        |value: &Option<String>| value.as_deref().is_none_or(|text| text.trim().is_empty());
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(_, value)| is_empty(value))
        .map(|(name, _)| *name)
        .collect();
    let name = details.name.as_deref().unwrap_or("without a name");
    if missing.is_empty() {
        return ok(
            item,
            format!(
                "Customers see the app as “{name}”, with all that Meta asks for. Whether it is live, Graph does not show: look at the switch at the top of the App Dashboard."
            ),
        );
    }
    to_do(
        item,
        format!(
            "The app “{name}” lacks {}. Meta does not let an app go live without them, and only people with a role in an app that is not live can use it.",
            enumerate(&missing)
        ),
        "Fill them in, then switch the app to Live.",
        "App Dashboard > App settings > Basic; the switch App Mode at the top",
    )
}

/// Of the domains Graph shows those of the app. The allowed domains of the SDK and the redirect URIs it does not.
fn domains(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::AppDomains;
    let details = match read(item, &answers.details) {
        Ok(details) => details,
        Err(check) => return check,
    };
    let url = Url::parse(&answers.origin).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let is_covered = details.app_domains.iter().any(|domain| {
        let domain = domain.trim().trim_start_matches('.').to_ascii_lowercase();
        let parent = host.strip_suffix(&domain);
        parent.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) && !domain.is_empty()
    });
    if is_covered {
        return ok(
            item,
            format!(
                "The app's domains have {host}. The two lists of Facebook Login for Business, Graph does not show: both need {}.",
                answers.origin
            ),
        );
    }
    to_do(
        item,
        format!(
            "The app's domains lack {host}: Meta then refuses its dialog on the page of the button."
        ),
        format!(
            "Add {host} to the app domains, and {} to the allowed domains of the JavaScript SDK and to the valid OAuth redirect URIs.",
            answers.origin
        ),
        "App Dashboard > App settings > Basic > App domains; Facebook Login for Business > Settings",
    )
}

fn deauthorize(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::DeauthorizeCallback;
    let details = match read(item, &answers.details) {
        Ok(details) => details,
        Err(check) => return check,
    };
    let url = details.deauth_callback_url.as_deref().unwrap_or_default();
    if is_same_address(url, &answers.deauthorize_url) {
        return ok(
            item,
            "Meta calls this deployment when a person removes the app.",
        );
    }
    to_do(
        item,
        match url {
            "" => "Meta calls no address when a person removes the app.".to_owned(),
            url => format!("When a person removes the app, Meta calls {url}."),
        },
        format!(
            "Set the deauthorize callback URL to {}, and the data deletion request URL to the address beside it.",
            answers.deauthorize_url
        ),
        "App Dashboard > Facebook Login for Business > Settings",
    )
}

fn permissions(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::Permissions;
    let permissions = match read(item, &answers.permissions) {
        Ok(permissions) => permissions,
        Err(check) => return check,
    };
    let missing: Vec<&str> = [MANAGEMENT, MESSAGING]
        .into_iter()
        .filter(|name| !permissions.is_approved(name))
        .collect();
    if missing.is_empty() {
        return ok(item, "The app has advanced access to what signups ask for.");
    }
    to_do(
        item,
        format!(
            "The app has no advanced access to {}: customers without a role in it are not asked for it, and their signups end with scope_missing.",
            enumerate(&missing)
        ),
        "Request advanced access, with a video of each permission in use.",
        "App Dashboard > App Review > Permissions and Features",
    )
}

fn webhook(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::Webhook;
    let webhooks = match read(item, &answers.webhooks) {
        Ok(webhooks) => webhooks,
        Err(check) => return check,
    };
    let status = webhook_setup::compare(&answers.callback_url, webhooks);
    if status.differences.is_empty() {
        return ok(item, "Meta has this deployment's address and every field.");
    }
    let line =
        |difference: &embark_protocol::webhook_setup::WebhookDifference| match &difference.field {
            Some(field) => [field, ": ", &difference.hint].concat(),
            None => difference.hint.clone(),
        };
    let lines: Vec<String> = status.differences.iter().map(line).collect();
    to_do(
        item,
        lines.join(" "),
        "Have this deployment set address and fields at Meta.",
        format!(
            "embark app webhook {} --set; App Dashboard > WhatsApp > Configuration",
            answers.settings.key
        ),
    )
}

const LARGEST_SKEW: Duration = Duration::from_mins(1);
