//! The settings that a site's policy needs, validated when they are put, so that no signup meets invalid ones.

use crate::providers::{infobip, template};
use crate::settings_error::SettingsErrors;
use embark_protocol::admin::SiteSettings;
use embark_protocol::policy::{Policy, PolicySettings};

/// The settings that a signup takes along: those of the site's policy, and no other's.
pub fn for_site(site: &SiteSettings) -> PolicySettings {
    let is_for = |policy: Policy| site.policy == policy;
    PolicySettings {
        credit: site
            .credit
            .clone()
            .filter(|_| is_for(Policy::SolutionPartner)),
        infobip: site.infobip.clone().filter(|_| is_for(Policy::Infobip)),
        handoff: site.handoff.clone().filter(|_| is_for(Policy::Handoff)),
        feature_type: site.feature_type.clone(),
    }
}

/// Validates that the site has the settings of its policy, and that those it has are valid.
/// Adds each field that is missing or not valid.
pub fn check(site: &SiteSettings, errors: &mut SettingsErrors) {
    match site.policy {
        Policy::TechProvider => {}
        Policy::SolutionPartner => {
            errors.require(
                site.credit.is_some(),
                "credit",
                "a solution-partner needs line, currency, method and system_user",
            );
            // After such a signup only business tokens reach the account, and sharing credit takes the partner's
            // <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/app-only-install>.
            let is_app_only = site
                .features
                .iter()
                .any(|feature| feature == "app_only_install");
            errors.require(
                !is_app_only,
                "features",
                "app_only_install does not go with the policy solution-partner",
            );
        }
        Policy::Infobip => {
            errors.require(
                site.infobip.is_some(),
                "infobip",
                "the policy infobip needs a base_url",
            );
            errors.require(
                site.solution_id.is_some(),
                "solution_id",
                "the policy infobip needs the partner solution with Infobip",
            );
        }
        Policy::Handoff => errors.require(
            site.handoff.is_some(),
            "handoff",
            "the policy handoff needs its template",
        ),
    }
    if let Some(settings) = &site.infobip {
        infobip::check(settings, errors);
    }
    if let Some(template) = &site.handoff {
        template::check(template, errors);
    }
}
