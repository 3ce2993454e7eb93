//! Whether what a customer connects could be handed over to the site's provider.

use crate::durable_objects::secrets::missing_secret;
use embark_onboarding::providers::Provider;
use embark_onboarding::resources::policy_settings;
use embark_protocol::admin::SiteSettings;
use embark_protocol::{Problem, ProblemCode};
use worker::Env;

/// Checks that the secrets are set up which requests to the site's provider need.
///
/// # Errors
/// `app_incomplete`: one is not.
pub async fn check_provider_secrets(env: &Env, site: &SiteSettings) -> Result<(), Problem> {
    let settings = policy_settings::for_site(site);
    let Some(provider) = Provider::from_settings(&settings) else {
        return Ok(());
    };
    match missing_secret(env, &site.key, &provider.secret_names()).await {
        None => Ok(()),
        Some(name) => {
            let detail = ["the site has no secret ", name].concat();
            Err(Problem::new(ProblemCode::AppIncomplete).with_detail(&detail))
        }
    }
}
