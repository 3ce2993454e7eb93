//! What a site's policy needs of its settings. Checked when they are put: a run meets no surprise.

use crate::provider::{infobip, template};
use embark_protocol::config::Site;
use embark_protocol::partner::{Policy, Terms};

/// What a run takes along.
pub fn of(site: &Site) -> Terms {
    let only = |policy: Policy| site.policy == policy;
    Terms {
        credit: site
            .credit
            .clone()
            .filter(|_| only(Policy::SolutionPartner)),
        infobip: site.infobip.clone().filter(|_| only(Policy::Infobip)),
        handoff: site.handoff.clone().filter(|_| only(Policy::Handoff)),
    }
}

/// Whether policy and settings go together.
pub fn check(site: &Site) -> Result<(), String> {
    let say = |fits: bool, what: &str| if fits { Ok(()) } else { Err(what.to_owned()) };
    let install = site
        .features
        .iter()
        .any(|feature| feature == "app_only_install");
    match site.policy {
        Policy::TechProvider => {}
        Policy::SolutionPartner => {
            say(
                site.credit.is_some(),
                "credit: a solution-partner needs line, currency, method and system_user",
            )?;
            // Afterwards only business tokens reach the customer's assets, and credit wants the system's.
            say(
                !install,
                "features: app_only_install does not go with the policy solution-partner",
            )?;
        }
        Policy::Infobip => {
            say(
                site.infobip.is_some(),
                "infobip: the policy infobip needs a base_url",
            )?;
            say(
                site.solution_id.is_some(),
                "solution_id: the policy infobip needs the partner solution with Infobip",
            )?;
        }
        Policy::Handoff => say(
            site.handoff.is_some(),
            "handoff: the policy handoff needs its template",
        )?,
    }
    if let Some(settings) = &site.infobip {
        infobip::check(settings)?;
    }
    match &site.handoff {
        Some(template) => template::check(template),
        None => Ok(()),
    }
}
