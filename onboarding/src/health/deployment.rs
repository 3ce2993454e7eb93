//! What is checked of the deployment as a whole.

use super::answers::HealthAnswers;
use super::lines::{count, no_partner, ok, to_do, unknown};
use crate::time::minutes;
use core::time::Duration;
use embark_protocol::health::{HealthCheck, HealthItem};
use embark_protocol::keys::RotationState;

pub(super) fn kv(answers: &HealthAnswers) -> HealthCheck {
    let item = HealthItem::Kv;
    if answers.kv_responds {
        return ok(item, "KV can be read.");
    }
    to_do(
        item,
        "KV did not respond within five seconds. Pages read settings from it; signups under way wait and go on by themselves.",
        "Look at Cloudflare's status page, and at the binding CONFIG of the Worker.",
        None,
    )
}

/// An object of each class, and the objects of the sites that were asked.
pub(super) fn objects(answers: &HealthAnswers) -> HealthCheck {
    let item = HealthItem::Objects;
    let silent_classes = answers.classes.iter().filter(|(_, replied)| !replied);
    let mut silent: Vec<String> = silent_classes
        .map(|(class, _)| (*class).to_owned())
        .collect();
    let sites = answers.sites.iter();
    silent.extend(
        sites
            .filter(|(_, health)| health.is_none())
            .map(|(site, _)| format!("Site {site}")),
    );
    if silent.is_empty() {
        let asked = u64::try_from(answers.sites.len()).unwrap_or(u64::MAX);
        return ok(
            item,
            format!(
                "Every class of objects replies, and so {} {}.",
                if asked == 1 { "does" } else { "do" },
                count(asked, "site")
            ),
        );
    }
    to_do(
        item,
        format!("These objects did not reply: {}.", silent.join(", ")),
        "Look at the errors in the Worker's log, and at Cloudflare's status page. After a deploy, check the migrations of wrangler.toml.",
        None,
    )
}

pub(super) fn keys(answers: &HealthAnswers) -> HealthCheck {
    let numbers: Vec<String> = answers
        .keys
        .iter()
        .map(|number| format!("EMBARK_KEY_{number}"))
        .collect();
    let newest = numbers.last().cloned().unwrap_or_default();
    let partner = answers.partner.as_ref();
    let rotation = partner.and_then(|partner| partner.rotation.as_ref());
    if rotation.is_some_and(|rotation| rotation.state == RotationState::Incomplete) {
        return to_do(
            HealthItem::Keys,
            "A rotation of the sealing keys was given up with something left.".to_owned(),
            "Its page names what is left. Repair that, then rotate again; keep the older keys until then.",
            Some("/console/keys".to_owned()),
        );
    }
    ok(
        HealthItem::Keys,
        match numbers.len() {
            0 | 1 => format!("Secrets are sealed with {newest}."),
            _ => format!(
                "Secrets are sealed with {newest}; {} still open what was sealed before.",
                numbers
                    .get(..numbers.len() - 1)
                    .unwrap_or_default()
                    .join(", ")
            ),
        },
    )
}

pub(super) fn access(answers: &HealthAnswers) -> HealthCheck {
    let item = HealthItem::Access;
    match &answers.access {
        Ok(None) => ok(
            item,
            "Operators sign in with their tokens; Cloudflare Access is not set up.",
        ),
        Ok(Some(settings)) => ok(
            item,
            format!(
                "The console takes the sign-ins of Cloudflare Access at {}.",
                settings.team_domain()
            ),
        ),
        Err(error) => to_do(
            item,
            format!("Nobody is signed in by Cloudflare Access: {error}."),
            "Set both variables of the Worker, ACCESS_TEAM_DOMAIN and ACCESS_AUD, or neither.",
            None,
        ),
    }
}

pub(super) fn cron(answers: &HealthAnswers) -> HealthCheck {
    let item = HealthItem::Cron;
    let Some(partner) = &answers.partner else {
        return no_partner(item);
    };
    let Some(ran_at) = partner.cron_ran_at else {
        return unknown(
            item,
            "The cron trigger has not run yet. It runs every five minutes; if it does not, look at the block triggers of wrangler.toml.",
        );
    };
    let ago = answers.now.since(ran_at).as_secs() / 60;
    if answers.now.since(ran_at) <= CRON_LATE_AFTER {
        return ok(
            item,
            match ago {
                0 => "The cron trigger ran within the last minute.".to_owned(),
                ago => format!("The cron trigger ran {} ago.", count(ago, "minute")),
            },
        );
    }
    to_do(
        item,
        format!(
            "The cron trigger last ran {} ago: signups whose alarm was lost are not woken.",
            count(ago, "minute")
        ),
        "Look at the cron triggers of the Worker in Cloudflare's dashboard: they should have */5 * * * *.",
        None,
    )
}

/// Both ways are in order.
pub(super) fn queue(answers: &HealthAnswers) -> HealthCheck {
    ok(
        HealthItem::Queue,
        match answers.has_queue {
            true => "Events are delivered by the queue.",
            false => {
                "There is no queue: the objects of the sites deliver events by themselves, six of a site at a time."
            }
        },
    )
}

pub(super) fn copies(answers: &HealthAnswers) -> HealthCheck {
    let item = HealthItem::Copies;
    let of_partner = answers
        .partner
        .iter()
        .map(|partner| ("the Partner object".to_owned(), partner.unwritten_copies));
    let of_sites = answers.sites.iter().filter_map(|(site, health)| {
        let health = health.as_ref()?;
        Some((format!("site {site}"), health.unwritten_copies))
    });
    let unwritten: Vec<(String, usize)> = of_partner
        .chain(of_sites)
        .filter(|(_, number)| *number > 0)
        .collect();
    if unwritten.is_empty() {
        return ok(item, "KV has acknowledged every copy.");
    }
    let owners: Vec<String> = unwritten
        .iter()
        .map(|(owner, number)| format!("{owner} ({number})"))
        .collect();
    to_do(
        item,
        format!(
            "KV has not acknowledged copies of {}: pages work with what was there before.",
            owners.join(", ")
        ),
        "Look again in a minute: they are written again every 30 seconds. If they stay, look at Cloudflare's status page.",
        None,
    )
}

/// Three runs were missed.
const CRON_LATE_AFTER: Duration = minutes(20);
