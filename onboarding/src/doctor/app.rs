//! What is checked of an app.

use super::meta_versions::graph_version;
use super::partner::{system_token, verification};
use super::{Answer, enumerate, ok, read, to_do, unknown};
use crate::meta::app_setup::{AppDetails, AppPermissions, Portfolio, SystemUsers};
use crate::meta::response::{MANAGEMENT, MESSAGING, TokenInfo, WebhookSubscriptions};
use crate::meta::same_address::is_same_address;
use crate::meta::{ErrorClass, webhook_setup};
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::admin::AppSettings;
use embark_protocol::doctor::{DoctorCheck, DoctorItem};
use url::Url;

/// The secrets of an app, without which nothing can be read of Meta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialsState {
    /// They were opened.
    Opened,
    /// No app secret is stored.
    Missing,
    /// One was sealed under a key that this deployment does not have.
    Unreadable,
    /// They cannot be read at the moment.
    Unavailable,
}

/// What was read of an app.
pub struct AppAnswers {
    /// Its secrets.
    pub credentials: CredentialsState,
    /// Its settings here.
    pub settings: AppSettings,
    /// The deployment's public origin.
    pub origin: String,
    /// What Meta should call when a person removes the app.
    pub deauthorize_url: String,
    /// Now, by this deployment's clock.
    pub now: UnixMillis,
    /// Now, by the clock of Meta's server. `None`: it did not respond.
    pub meta_now: Option<UnixMillis>,
    /// The app access token, inspected.
    pub app_token: Answer<TokenInfo>,
    /// The app.
    pub details: Answer<AppDetails>,
    /// Its permissions.
    pub permissions: Answer<AppPermissions>,
    /// The partner's portfolio.
    pub portfolio: Answer<Portfolio>,
    /// The system token, inspected.
    pub system_token: Answer<TokenInfo>,
    /// The system users of the partner's portfolio.
    pub system_users: Answer<SystemUsers>,
    /// The app's webhooks.
    pub webhooks: Answer<WebhookSubscriptions>,
    /// Its callback URL in this deployment.
    pub callback_url: String,
    /// Whether a system token is stored.
    pub has_system_token: bool,
}

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
        graph_version(&answers.settings.graph_version, answers.now),
    ]
}

fn keys(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::Keys;
    match answers.credentials {
        CredentialsState::Opened => ok(item, "The app's secrets can be opened."),
        CredentialsState::Missing => ok(
            item,
            "No secret of the app is stored that could not be opened.",
        ),
        CredentialsState::Unreadable => to_do(
            item,
            "A secret of the app was sealed under a key that this deployment does not have.",
            "Set the variable EMBARK_KEY_n that it was sealed under again, or store the secret anew.",
            "wrangler secret put EMBARK_KEY_1, or embark secret app",
        ),
        CredentialsState::Unavailable => unknown(
            item,
            "The secrets cannot be read at the moment. Try again in a minute.",
        ),
    }
}

fn clock(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::Clock;
    let Some(meta_now) = answers.meta_now else {
        return unknown(
            item,
            "Meta did not respond, so there is no clock to compare with.",
        );
    };
    let apart = answers.now.since(meta_now).max(meta_now.since(answers.now));
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
            "App Dashboard > App settings > Basic; embark secret app",
        )
    };
    match (&answers.app_token, answers.credentials) {
        (Some(Ok(token)), _) if !token.is_valid => put("Meta does not accept the app secret."),
        (Some(Ok(token)), _) => match token.app_id.as_deref() {
            Some(id) if id != answers.settings.app_id.as_str() => {
                put("The app secret is another app's.")
            }
            _ => ok(item, "Meta accepts app id and app secret."),
        },
        (Some(Err(error)), _) if matches!(error.class, ErrorClass::Token | ErrorClass::Config) => {
            put(&format!(
                "Meta does not accept app id and app secret ({error})."
            ))
        }
        (Some(Err(error)), _) => unknown(item, super::could_not_read(error)),
        (None, CredentialsState::Missing) => put("No app secret is stored."),
        (None, _) => unknown(item, "The app secret cannot be read, see above."),
    }
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
            "The app “{name}” lacks {}. Meta lets an app without them not go live, and only people with a role in an app that is not live can use it.",
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
