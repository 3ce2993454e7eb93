//! What is checked of apps, with the secrets of sites.

use super::answers::HealthAnswers;
use super::lines::{count, no_partner, ok, or_ok, to_do};
use crate::resources::quota::Quota;
use embark_protocol::health::{HealthCheck, HealthItem};
use embark_protocol::quota::QuotaLevel;

/// A line for each app and each site whose secrets are missing or cannot be opened.
pub(super) fn secrets(answers: &HealthAnswers) -> Vec<HealthCheck> {
    let item = HealthItem::Secrets;
    let Some(partner) = &answers.partner else {
        return vec![no_partner(item)];
    };
    let mut lines = vec![];
    for app in &partner.apps {
        let (key, page) = (&app.key, Some(format!("/console/apps/{}", app.key)));
        if !app.unreadable_secrets.is_empty() {
            let names = names(&app.unreadable_secrets);
            let finding = format!(
                "App {key}: none of the deployment's keys opens {names}. Its signups wait."
            );
            lines.push(to_do(item, finding, STORE_AGAIN, page));
        } else if !app.has_secret {
            let finding = format!("App {key} has no app secret: no signup of it can succeed.");
            lines.push(to_do(item, finding, "Store the app secret.", page));
        }
    }
    for (site, health) in &answers.sites {
        let unreadable = health.as_ref().map(|health| &health.unreadable_secrets);
        if let Some(unreadable) = unreadable.filter(|unreadable| !unreadable.is_empty()) {
            let names = names(unreadable);
            let finding = format!("Site {site}: none of the deployment's keys opens {names}.");
            let page = Some(format!("/console/sites/{site}"));
            lines.push(to_do(item, finding, STORE_AGAIN, page));
        }
    }
    or_ok(lines, item, "Every secret of apps and sites can be opened.")
}

/// A line for each app and partner solution that has taken on most of what it may.
pub(super) fn quotas(answers: &HealthAnswers) -> Vec<HealthCheck> {
    let item = HealthItem::Quota;
    let Some(partner) = &answers.partner else {
        return vec![no_partner(item)];
    };
    let apps = partner.apps.iter().filter_map(|app| {
        let finding = near_limit(&format!("App {}", app.key), &app.quota)?;
        let page = Some(format!("/console/apps/{}", app.key));
        Some(to_do(item, finding, RAISE_LIMIT, page))
    });
    let solutions = partner.solutions.iter().filter_map(|solution| {
        let name = format!("Partner solution {}", solution.id);
        let finding = near_limit(&name, &solution.quota)?;
        Some(to_do(item, finding, AWAIT_WINDOW, None))
    });
    or_ok(
        apps.chain(solutions).collect(),
        item,
        "No app and no partner solution is near its limit of new businesses.",
    )
}

/// `None`: most of it is left.
fn near_limit(name: &str, quota: &Quota) -> Option<String> {
    let (used, limit) = (quota.used, quota.limit);
    match quota.level {
        QuotaLevel::Fine => None,
        QuotaLevel::Warn => Some(format!(
            "{name} has taken on {used} of {limit} new businesses in seven days."
        )),
        QuotaLevel::Full => Some(format!(
            "{name} has taken on all {limit} new businesses of seven days: Meta refuses more."
        )),
    }
}

pub(super) fn unclaimed(answers: &HealthAnswers) -> HealthCheck {
    let item = HealthItem::Unclaimed;
    match answers.partner.as_ref().map(|partner| partner.unclaimed) {
        None => no_partner(item),
        Some(0) => ok(item, "No account waits for a site."),
        Some(waiting) => to_do(
            item,
            format!(
                "{} without a site: what Meta says of them is kept for 24 hours only.",
                count(waiting, "account")
            ),
            "Assign them to a site.",
            Some("/console/unclaimed".to_owned()),
        ),
    }
}

/// The last parts of keys, `app_secret`, in a sentence.
fn names(keys: &[String]) -> String {
    let names: Vec<&str> = keys
        .iter()
        .map(|key| key.rsplit('/').next().unwrap_or(key))
        .collect();
    names.join(", ")
}

const STORE_AGAIN: &str =
    "Set the variable EMBARK_KEY_n that they were sealed under again, or store the secrets anew.";
const AWAIT_WINDOW: &str =
    "Wait: businesses leave the window after seven days. The limit of 200 is Meta's.";
const RAISE_LIMIT: &str = "Complete Meta's reviews, which raise the limit to 200, then set weekly_limit. Businesses leave the window after seven days.";
