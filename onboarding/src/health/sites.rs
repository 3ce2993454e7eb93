//! What is checked of sites.

use super::answers::HealthAnswers;
use super::lines::{count, or_ok, to_do};
use crate::resources::health::SiteHealth;
use crate::resources::solution_state::SolutionUse;
use embark_protocol::SiteId;
use embark_protocol::backend::DisabledReason;
use embark_protocol::health::{HealthCheck, HealthItem};

/// A line for each endpoint that is switched off or cannot be reached.
pub(super) fn endpoints(answers: &HealthAnswers) -> Vec<HealthCheck> {
    let item = HealthItem::Endpoints;
    let lines = of_sites(answers).filter_map(|(site, health)| {
        let endpoint = health.endpoint.as_ref()?;
        let finding = match endpoint.disabled {
            Some(DisabledReason::Failing) => format!(
                "Site {site}: the endpoint of its events is switched off, after it failed for five days."
            ),
            Some(DisabledReason::Gone) => format!(
                "Site {site}: the endpoint of its events is switched off, because it answered 410."
            ),
            None if health.is_unreachable => format!(
                "Site {site}: the last {} to the endpoint of its events failed; {} waiting.",
                deliveries_in_words(endpoint.failures),
                are(endpoint.pending)
            ),
            None => return None,
        };
        let fix = "Have its owner look at their server, then send a test event; if it is switched off, set the address again.";
        Some(to_do(item, finding, fix, page_of(site)))
    });
    or_ok(
        lines.collect(),
        item,
        "No endpoint of a site is switched off or out of reach.",
    )
}

/// A line for each site with events that were given up.
pub(super) fn deliveries(answers: &HealthAnswers) -> Vec<HealthCheck> {
    let item = HealthItem::Deliveries;
    let lines = of_sites(answers).filter_map(|(site, health)| {
        let dead = health.endpoint.as_ref()?.dead;
        let finding = format!(
            "Site {site}: the delivery of {} was given up.",
            count(dead, "event")
        );
        let page = format!("/console/events?site={site}&delivery=dead");
        let fix = "Once the endpoint responds, deliver them again.";
        (dead > 0).then(|| to_do(item, finding, fix, Some(page)))
    });
    or_ok(lines.collect(), item, "No delivery was given up.")
}

/// A line for each partner solution with which signups are refused, or are to end.
pub(super) fn solutions(answers: &HealthAnswers) -> Vec<HealthCheck> {
    let item = HealthItem::Solutions;
    let lines = of_sites(answers).filter_map(|(site, health)| {
        let status = health.solution.as_ref()?;
        let means = match SolutionUse::of(status) {
            SolutionUse::Works => return None,
            SolutionUse::Ends => "signups work until the other partner agrees that they end",
            SolutionUse::Refused => "Meta refuses signups with it, and the site shows no button",
        };
        let finding = format!("Site {site}: its partner solution is {status}: {means}.");
        let fix = "Agree with the other partner on the solution at Meta, or change solution_id.";
        Some(to_do(item, finding, fix, page_of(site)))
    });
    or_ok(
        lines.collect(),
        item,
        "No site has a partner solution that refuses signups.",
    )
}

/// The sites that replied.
fn of_sites(answers: &HealthAnswers) -> impl Iterator<Item = (&SiteId, &SiteHealth)> {
    let sites = answers.sites.iter();
    sites.filter_map(|(site, health)| Some((site, health.as_ref()?)))
}

fn page_of(site: &SiteId) -> Option<String> {
    Some(format!("/console/sites/{site}"))
}

fn deliveries_in_words(number: u32) -> String {
    match number {
        1 => "delivery".to_owned(),
        number => format!("{number} deliveries"),
    }
}

fn are(events: u64) -> String {
    let verb = if events == 1 { "is" } else { "are" };
    format!("{} {verb}", count(events, "event"))
}
