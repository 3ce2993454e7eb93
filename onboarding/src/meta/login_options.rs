//! The options that `FB.login` is called with: a site's settings, the options that its HTML tag may override, and
//! which of them go together in which version of Embedded Signup
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/versions>).

use super::graph_version::is_graph_version;
use super::prefill::{check_prefill, is_digits};
use crate::settings_error::{SettingsError, SettingsErrors};
use embark_protocol::SolutionId;
use embark_protocol::admin::{SiteSettings, TagOption};
use embark_protocol::launch::{LoginExtras, LoginFeature, LoginOptions};
use embark_protocol::prefill::PrefillSettings;

/// The options that a tag may override, by the names of the query parameters that carry them.
pub const TAG_OPTIONS: &[(&str, TagOption)] = &[
    ("configId", TagOption::ConfigId),
    ("solutionId", TagOption::SolutionId),
    ("featureType", TagOption::FeatureType),
    ("features", TagOption::Features),
    ("sessionInfoVersion", TagOption::SessionInfoVersion),
    ("esVersion", TagOption::EsVersion),
    ("graphVersion", TagOption::GraphVersion),
    ("sdkLocale", TagOption::SdkLocale),
    ("prefill", TagOption::Prefill),
];

/// Overrides one option of the site's settings by the value of its tag. The result is not validated yet.
///
/// # Errors
/// There is no option of this name, the site does not allow its tag to override it, or the value of `prefill` is not
/// the JSON of [`PrefillSettings`].
pub fn apply_tag_option(
    site: &mut SiteSettings,
    name: &str,
    value: &str,
) -> Result<(), SettingsError> {
    let Some((_, option)) = TAG_OPTIONS.iter().find(|(known, _)| *known == name) else {
        return Err(SettingsError::new(name, "no option"));
    };
    SettingsError::require(
        site.allowed_tag_options.contains(option),
        name,
        "not among the site's tag_may",
    )?;
    match option_field(site, *option) {
        OptionField::Required(field) => *field = value.to_owned(),
        OptionField::Optional(field) => *field = Some(value.to_owned()),
        OptionField::List(field) => {
            *field = value.split_whitespace().map(str::to_owned).collect();
        }
        OptionField::Prefill(field) => {
            *field = serde_json::from_str(value)
                .map_err(|_| SettingsError::new(name, "not its JSON"))?;
        }
    }
    Ok(())
}

/// The field of an option, by the form that its value has in a tag.
enum OptionField<'s> {
    /// Text.
    Required(&'s mut String),
    /// Text.
    Optional(&'s mut Option<String>),
    /// Words separated by spaces.
    List(&'s mut Vec<String>),
    /// JSON.
    Prefill(&'s mut PrefillSettings),
}

fn option_field(site: &mut SiteSettings, option: TagOption) -> OptionField<'_> {
    match option {
        TagOption::ConfigId => OptionField::Required(&mut site.config_id),
        TagOption::SolutionId => OptionField::Optional(&mut site.solution_id),
        TagOption::FeatureType => OptionField::Optional(&mut site.feature_type),
        TagOption::Features => OptionField::List(&mut site.features),
        TagOption::SessionInfoVersion => OptionField::Optional(&mut site.session_info_version),
        TagOption::EsVersion => OptionField::Optional(&mut site.es_version),
        TagOption::GraphVersion => OptionField::Optional(&mut site.graph_version),
        TagOption::SdkLocale => OptionField::Optional(&mut site.sdk_locale),
        TagOption::Prefill => OptionField::Prefill(&mut site.prefill),
    }
}

/// Validates the options of a site, with or without those of its tag.
///
/// # Errors
/// Each option that is not valid, or does not go together with the others.
pub fn validate(site: &SiteSettings) -> Result<(), SettingsErrors> {
    let mut errors = SettingsErrors::default();
    check(site, &mut errors);
    errors.into_result()
}

/// As [`validate`], adding the errors to others.
pub fn check(site: &SiteSettings, errors: &mut SettingsErrors) {
    errors.require(
        is_digits(&site.config_id, 5..=20),
        "config_id",
        "the digits of a Facebook Login for Business configuration",
    );
    errors.require(
        is_absent_or(&site.solution_id, |id| SolutionId::parse(id).is_ok()),
        "solution_id",
        "digits",
    );
    check_flow(site, errors);
    errors.require(
        is_absent_or(&site.session_info_version, |version| {
            matches!(version, "2" | "3")
        }),
        "session_info_version",
        "2 or 3",
    );
    errors.require(
        is_absent_or(&site.graph_version, is_graph_version),
        "graph_version",
        "like v25.0",
    );
    errors.require(
        is_absent_or(&site.sdk_locale, is_sdk_locale),
        "sdk_locale",
        "like en_US",
    );
    check_prefill(&site.prefill, errors);
}

/// Validates version, feature type and features by Meta's table of what each version has
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/versions>).
fn check_flow(site: &SiteSettings, errors: &mut SettingsErrors) {
    let version = site.es_version.as_deref();
    errors.require(
        version.is_none_or(|version| VERSIONS.contains(&version)),
        "es_version",
        "one of v2, v2-public-preview, v3, v3-public-preview, v4, v4-public-preview",
    );
    // Without a version the login configuration decides, and anything may fit.
    let is_any = version.is_none();
    let is_v2 = is_any || version.is_some_and(|version| version.starts_with("v2"));
    let is_coexistence = site.feature_type.as_deref() == Some(COEXISTENCE);
    errors.require(
        match site.feature_type.as_deref() {
            None | Some(COEXISTENCE) => true,
            Some("only_waba_sharing") => is_v2,
            Some("marketing_messages_lite") => is_any || version == Some("v2-public-preview"),
            Some(_) => false,
        },
        "feature_type",
        "one of whatsapp_business_app_onboarding, only_waba_sharing (in v2 and its preview), marketing_messages_lite (in v2-public-preview)",
    );
    let is_available = |feature: &str| match feature {
        "marketing_messages_lite" => is_any || version != Some("v4"),
        "app_only_install" => (is_any || version != Some("v2")) && !is_coexistence,
        _ => false,
    };
    errors.require(
        site.features.iter().all(|feature| is_available(feature)),
        "features",
        "each one of app_only_install (not in v2, and not with whatsapp_business_app_onboarding), marketing_messages_lite (not in v4)",
    );
}

/// The options of `FB.login` for a site
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>). What is
/// not set is left out.
pub fn fb_login_options(site: SiteSettings) -> LoginOptions {
    LoginOptions {
        config_id: site.config_id,
        response_type: "code".to_owned(),
        override_default_response_type: true,
        extras: LoginExtras {
            setup: site.prefill.into_login_setup(site.solution_id),
            session_info_version: site.session_info_version.unwrap_or_else(|| "3".to_owned()),
            feature_type: site.feature_type,
            version: site.es_version,
            features: site
                .features
                .into_iter()
                .map(|name| LoginFeature { name })
                .collect(),
        },
    }
}

fn is_absent_or(value: &Option<String>, is_valid: impl Fn(&str) -> bool) -> bool {
    value.as_deref().is_none_or(is_valid)
}

/// Whether text has the form of an SDK locale, e.g. `en_US`.
fn is_sdk_locale(text: &str) -> bool {
    matches!(
        text.as_bytes(),
        [b'a'..=b'z', b'a'..=b'z', b'_', b'A'..=b'Z', b'A'..=b'Z']
    )
}

/// Whether a feature type is that of numbers that stay in the WhatsApp Business app, by its name or an older one.
pub fn is_coexistence(feature_type: &str) -> bool {
    let is = |name: &str| feature_type.trim().eq_ignore_ascii_case(name);
    is(COEXISTENCE) || is("coexistence")
}

/// The feature type of numbers that stay in the WhatsApp Business app
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>).
const COEXISTENCE: &str = "whatsapp_business_app_onboarding";

/// The versions of Embedded Signup.
const VERSIONS: &[&str] = &[
    "v2",
    "v2-public-preview",
    "v3",
    "v3-public-preview",
    "v4",
    "v4-public-preview",
];
