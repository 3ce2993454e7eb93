//! What is checked of the partner's portfolio at Meta, and of the token of its system user.

use super::answers::{AppAnswers, CredentialsState};
use super::{enumerate, ok, read, to_do, unknown};
use crate::meta::ErrorClass;
use crate::meta::response::MANAGEMENT;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::doctor::{DoctorCheck, DoctorItem};

pub(super) fn verification(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::BusinessVerification;
    if answers.settings.partner_business_id.is_none() {
        return to_do(
            item,
            "The app's settings do not name your business portfolio.",
            "Add its id to the app's settings.",
            "Business settings > Business info; embark app add --partner-business-id",
        );
    }
    if answers.credentials != CredentialsState::Opened {
        return unknown(item, SECRETS_NOT_READ);
    }
    if !answers.has_system_token {
        return unknown(
            item,
            "Graph shows it to the system token alone, and none is stored. Look at Business settings > Security Center.",
        );
    }
    let portfolio = match read(item, &answers.portfolio) {
        Ok(portfolio) => portfolio,
        Err(check) => return check,
    };
    match portfolio.verification_status.as_deref() {
        None => unknown(
            item,
            "Meta does not show whether the portfolio is verified.",
        ),
        Some(status) if status.eq_ignore_ascii_case("verified") => {
            ok(item, "Your business portfolio is verified.")
        }
        Some(status) => to_do(
            item,
            format!(
                "Your business portfolio is not verified ({status}): app review, live customers and more than two numbers need it."
            ),
            "Start the verification, or follow what Meta asks for. It takes two to five working days.",
            "Business settings > Security Center > Business verification",
        ),
    }
}

pub(super) fn system_token(answers: &AppAnswers) -> DoctorCheck {
    let item = DoctorItem::SystemToken;
    if answers.credentials != CredentialsState::Opened {
        return unknown(item, SECRETS_NOT_READ);
    }
    if !answers.has_system_token {
        return ok(
            item,
            "None is stored. Only Solution Partners, who share a credit line, and hosted signups need one.",
        );
    }
    let put = |finding: String, fix: &str| {
        to_do(
            item,
            finding,
            fix,
            "Business settings > Users > System users > Generate new token; embark secret set app/<app>/system_token",
        )
    };
    let token = match &answers.system_token {
        Some(Err(error)) if matches!(error.class, ErrorClass::Token | ErrorClass::Config) => {
            return put(
                format!("Meta does not accept the system token ({error})."),
                GENERATE,
            );
        }
        answer => match read(item, answer) {
            Ok(token) => token,
            Err(check) => return check,
        },
    };
    if !token.is_valid {
        return put(
            "Meta does not accept the system token.".to_owned(),
            GENERATE,
        );
    }
    if token
        .app_id
        .as_deref()
        .is_some_and(|id| id != answers.settings.app_id.as_str())
    {
        return put("The system token is of another app.".to_owned(), GENERATE);
    }
    let missing: Vec<&str> = SYSTEM_SCOPES
        .iter()
        .copied()
        .filter(|scope| !token.scopes.iter().any(|granted| granted == scope))
        .collect();
    if !missing.is_empty() {
        return put(
            format!("The system token lacks {}.", enumerate(&missing)),
            GENERATE,
        );
    }
    let expires_at = token
        .expires_at
        .filter(|at| *at > 0)
        .map(UnixMillis::from_secs);
    if let Some(at) = expires_at.filter(|at| *at <= answers.now + EXPIRES_SOON) {
        let finding = match answers.now.until(at).as_secs() / 86_400 {
            0 => "The system token expires today, or has expired.".to_owned(),
            1 => "The system token expires tomorrow.".to_owned(),
            days => format!("The system token expires in {days} days."),
        };
        return put(finding, GENERATE);
    }
    let users = answers
        .system_users
        .as_ref()
        .and_then(|users| users.as_ref().ok());
    let role = users
        .zip(token.user_id.as_deref())
        .and_then(|(users, id)| users.role_of(id));
    match role {
        Some(role) if !role.eq_ignore_ascii_case("ADMIN") => put(
            format!(
                "The system user of the token has the role {role}: it cannot share the credit line."
            ),
            "Make it an administrator, or generate the token of one.",
        ),
        Some(_) => ok(
            item,
            "The system token is valid, of this app and of an administrator.",
        ),
        None => ok(
            item,
            "The system token is valid and of this app. Meta does not show its system user's role.",
        ),
    }
}

/// What a token needs to share a credit line, and to read accounts.
const SYSTEM_SCOPES: &[&str] = &["business_management", MANAGEMENT];
const GENERATE: &str = "Generate a token of an administrator among the system users that never expires, with business_management and whatsapp_business_management, and store it.";
const EXPIRES_SOON: Duration = Duration::from_hours(14 * 24);
const SECRETS_NOT_READ: &str = "The app's secrets cannot be read, or there is no app secret.";
