//! Parts of a launch document that are made of settings alone.

use crate::config::Settings;
use embark_onboarding::meta::oauth_dialog;
use embark_onboarding::resources::site_identity::shown_name;
use embark_onboarding::web::origin::Origin;
use embark_protocol::admin::{AppSettings, SiteSettings};
use embark_protocol::launch::{LoginOptions, SdkSettings, SiteIdentity};

/// The business identity shown on the hosted page.
pub fn identity(site: &SiteSettings, app: &AppSettings) -> SiteIdentity {
    let website = site
        .origins
        .first()
        .and_then(|origin| Origin::parse(origin));
    SiteIdentity {
        name: shown_name(site),
        website: website.map_or_else(String::new, |origin| origin.hostname().to_owned()),
        logo_url: site.logo_url.clone(),
        partner: app.partner_name.clone(),
    }
}

/// Meta's popup is in the language of the page, unless the site names another.
pub fn sdk_settings(
    site: &SiteSettings,
    app: AppSettings,
    page_locale: &str,
    settings: &Settings,
) -> SdkSettings {
    let locale = site.sdk_locale.as_deref().unwrap_or(page_locale);
    let graph_version = site.graph_version.clone();
    SdkSettings {
        url: [settings.meta.sdk.as_str(), "/", locale, "/sdk.js"].concat(),
        app_id: app.app_id,
        version: graph_version.unwrap_or(app.graph_version),
        origins: settings.meta.popups.clone(),
    }
}

/// Meta's OAuth dialog, for when the popup is blocked.
pub fn dialog_url(sdk: &SdkSettings, login: &LoginOptions, settings: &Settings) -> Option<String> {
    let origin = settings.meta.popups.first()?;
    let app_id = sdk.app_id.as_str();
    let callback = settings.callback();
    let url = oauth_dialog::dialog_url(origin, &sdk.version, app_id, login, &callback);
    Some(url)
}
