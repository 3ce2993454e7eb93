//! What is checked of a site, besides its app.

use super::meta_versions::{embedded_signup_version, graph_version};
use super::page::{PageHeaders, page_check};
use super::{Answer, ok, read, to_do, unknown};
use crate::meta::app_setup::CreditLines;
use crate::meta::health::SolutionStatus;
use crate::meta::{ApiError, ErrorCause, ErrorClass};
use crate::resources::solution_state::SolutionUse;
use crate::time::UnixMillis;
use crate::transport::TransportError;
use crate::web::origin::Origin;
use embark_protocol::admin::SiteSettings;
use embark_protocol::doctor::{DoctorCheck, DoctorItem};

/// What was read of a site.
pub struct SiteAnswers {
    /// Its settings.
    pub settings: SiteSettings,
    /// The deployment's public origin.
    pub edge: Origin,
    /// Now.
    pub now: UnixMillis,
    /// The credit lines of the partner's portfolio; read if the site has one.
    pub credit_lines: Answer<CreditLines>,
    /// The site's partner solution; read if it has one.
    pub solution: Answer<SolutionStatus>,
    /// Whether the app has a system token. `None`: its secrets cannot be read.
    pub has_system_token: Option<bool>,
    /// Infobip's answer to a call with the site's key; made if the site has settings of Infobip.
    pub infobip: Option<Result<(), ApiError>>,
    /// The page at each of its origins.
    pub pages: Vec<(String, Result<PageHeaders, TransportError>)>,
}

/// The checks of a site, in the order in which they are best worked through. What the site does not use is not checked.
pub fn site_checks(answers: &SiteAnswers) -> Vec<DoctorCheck> {
    let settings = &answers.settings;
    let mut checks = vec![embedded_signup_version(
        settings.es_version.as_deref(),
        answers.now,
    )];
    if let Some(version) = &settings.graph_version {
        let screen = "embark site add <site> --more <file> with {\"graph_version\": null}; the site's page of the console, Change others";
        checks.push(graph_version(version, screen, answers.now));
    }
    let needs_system_token = settings.credit.is_some() || settings.hosted_signup;
    if needs_system_token && answers.has_system_token == Some(false) {
        checks.push(to_do(
            DoctorItem::SystemToken,
            "The site shares a credit line or takes hosted signups, and the app has no system token: neither works without.",
            "Generate the token of an administrator among the system users, and store it.",
            "Business settings > Users > System users; embark secret set app/<app>/system_token",
        ));
    }
    if let Some(credit) = &settings.credit {
        checks.push(credit_line(credit.line.as_str(), &answers.credit_lines));
    }
    if let Some(id) = &settings.solution_id {
        checks.push(solution(id, &answers.solution));
    }
    if settings.infobip.is_some() {
        checks.push(infobip_key(answers.infobip.as_ref()));
    }
    let pages = answers.pages.iter();
    checks.extend(pages.map(|(page, response)| page_check(page, &answers.edge, response)));
    checks
}

fn credit_line(id: &str, lines: &Answer<CreditLines>) -> DoctorCheck {
    let item = DoctorItem::CreditLine;
    let lines = match read(item, lines) {
        Ok(lines) => lines,
        Err(check) => return check,
    };
    let screen = "Business settings > Billing & payments; embark site add <site> --more <file> with {\"credit\": …}";
    match lines.ids().as_slice() {
        _ if lines.contains(id) => ok(
            item,
            "Your portfolio has the credit line. Whether the terms of credit sharing are accepted, Graph does not show.",
        ),
        [] => to_do(
            item,
            "Your portfolio has no credit line, so no account can be billed to it.",
            "Apply for one: Meta gives it to Solution Partners.",
            screen,
        ),
        ids => to_do(
            item,
            format!(
                "Your portfolio does not have the credit line {id}. It has {}.",
                ids.join(", ")
            ),
            "Put the right id into the site's settings.",
            screen,
        ),
    }
}

fn solution(id: &str, answer: &Answer<SolutionStatus>) -> DoctorCheck {
    let item = DoctorItem::Solution;
    let screen = "App Dashboard > WhatsApp > Partner solutions";
    let solution = match answer {
        Some(Err(error)) if error.class == ErrorClass::Unreachable => {
            return to_do(
                item,
                format!("The app is no partner of the solution {id} ({error})."),
                "Put the id of a solution of this app into the site's settings.",
                screen,
            );
        }
        answer => match read(item, answer) {
            Ok(solution) => solution,
            Err(check) => return check,
        },
    };
    let Some(status) = solution.status.as_deref() else {
        return unknown(
            item,
            format!("Meta does not show in which state the solution {id} is."),
        );
    };
    match (SolutionUse::of(status), status) {
        (SolutionUse::Works, _) => ok(item, format!("The solution is {status}.")),
        (SolutionUse::Ends, _) => to_do(
            item,
            format!("The solution is {status}: it works until the other partner accepts."),
            "Ask the other partner to withdraw, or set another solution up.",
            screen,
        ),
        (SolutionUse::Refused, "DRAFT") => to_do(
            item,
            "The solution is a DRAFT: the button is not shown.",
            "Send the request to the other partner.",
            screen,
        ),
        (SolutionUse::Refused, "INITIATED" | "PENDING" | "PENDING_ACTIVATION") => to_do(
            item,
            format!(
                "The solution is {status}: the button is not shown until the other partner accepts."
            ),
            "Ask the other partner to accept it.",
            screen,
        ),
        (SolutionUse::Refused, _) => to_do(
            item,
            format!("The solution is {status}: the button is not shown."),
            "Set another solution up, and put its id into the site's settings.",
            screen,
        ),
    }
}

fn infobip_key(answer: Option<&Result<(), ApiError>>) -> DoctorCheck {
    let item = DoctorItem::InfobipKey;
    let put = |finding: String| {
        to_do(
            item,
            finding,
            "Create an API key with the scopes of WhatsApp, and store it.",
            "Infobip portal > Developer Tools > API keys; embark secret site",
        )
    };
    let base_url = "The base URL is the one of your Infobip account.";
    match answer {
        Some(Ok(())) => ok(item, "Infobip accepts the site's key."),
        Some(Err(error)) => match (error.status, &error.cause) {
            (401 | 403, _) => put(format!("Infobip does not accept the site's key ({error}).")),
            (_, Some(ErrorCause::Transport(TransportError::MissingSecret))) => {
                put("No key of Infobip is stored.".to_owned())
            }
            (_, Some(ErrorCause::Transport(TransportError::SecretUnreadable))) => {
                put("The key was sealed under a key that this deployment does not have.".to_owned())
            }
            (300..=399 | 404, _) => to_do(
                item,
                format!("There is no API of Infobip's at the site's base URL ({error})."),
                base_url,
                "Infobip portal > Developer Tools > API keys; embark site add <site> --more <file> with {\"infobip\": …}",
            ),
            _ => unknown(
                item,
                format!("Infobip did not answer as expected ({error})."),
            ),
        },
        None => unknown(item, "It was not asked."),
    }
}
