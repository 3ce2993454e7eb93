//! Which settings of a site are stored.

use crate::meta::login_options;
use crate::resources::settings_version::SettingsVersion;
use crate::resources::site::{SiteRecord, SiteReply};
use crate::resources::site_identity::{SHOWN_NAME, is_shown_name, logo_origin};
use crate::resources::{message_route, policy_settings};
use crate::settings_error::SettingsErrors;
use crate::web::origin::Origin;
use embark_protocol::ProblemCode;
use embark_protocol::admin::SiteSettings;
use url::Url;

impl SiteRecord {
    /// Stores the settings as [`put`](Self::put), if they replace those of this version.
    pub fn put_if(&mut self, config: SiteSettings, expected: &SettingsVersion) -> SiteReply {
        if *expected == SettingsVersion::of(self.config.as_ref()) {
            self.put(config)
        } else {
            let code = ProblemCode::SettingsChanged;
            SiteReply::Refused { code }
        }
    }

    /// Stores the settings, if they are valid.
    pub fn put(&mut self, config: SiteSettings) -> SiteReply {
        if let Err(errors) = validate(&config) {
            return SiteReply::Invalid {
                detail: errors.to_string(),
                errors: errors.to_field_errors(),
            };
        }
        if self.config.as_ref() != Some(&config) {
            self.retire_callback(&config);
            self.config = Some(config);
            self.version += 1;
        }
        SiteReply::Put {
            version: self.version,
            copied: false,
        }
    }
}

/// Checks settings before they are stored.
///
/// # Errors
/// Each field that is missing or not valid.
pub fn validate(config: &SiteSettings) -> Result<(), SettingsErrors> {
    let mut errors = SettingsErrors::default();
    check(config, &mut errors);
    errors.into_result()
}

fn check(config: &SiteSettings, errors: &mut SettingsErrors) {
    errors.require(
        config.key.as_str() != "callback",
        "key",
        "/go/callback is Meta's way back",
    );
    errors.require(
        (1..=100).contains(&config.origins.len()),
        "origins",
        "between 1 and 100",
    );
    errors.require(config.embedders.len() <= 100, "embedders", "at most 100");
    let origins = config.origins.iter().map(|origin| ("origins", origin));
    let embedders = config.embedders.iter().map(|origin| ("embedders", origin));
    for (field, origin) in origins.chain(embedders) {
        if Origin::parse(origin).is_none() {
            errors.add(field, not_an_origin(origin));
        }
    }
    if let Some(name) = &config.display_name {
        errors.require(is_shown_name(name), "display_name", SHOWN_NAME);
    }
    errors.require(
        config.logo_url.is_none() || logo_origin(config).is_some(),
        "logo_url",
        "an https URL",
    );
    login_options::check(config, errors);
    message_route::check(config, errors);
    policy_settings::check(config, errors);
}

/// What is wrong with text that is to be an origin, and the origin that was probably meant.
fn not_an_origin(text: &str) -> String {
    let refusal = ["not an exact origin: ", text].concat();
    let url = Url::parse(text).or_else(|_| Url::parse(&["https://", text].concat()));
    let meant = url.ok().and_then(|url| Origin::from_url(&url));
    match meant {
        Some(origin) => [&refusal, " (write ", origin.as_str(), ")"].concat(),
        None => [&refusal, " (write https://<host>, without a path)"].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::site::tests::config;
    use embark_protocol::policy::Policy;

    #[test]
    fn settings_that_would_mislead_are_refused_with_their_field() {
        type Edit = fn(&mut SiteSettings);
        let cases: [(&str, Edit); 9] = [
            ("display_name", |c| c.display_name = Some(String::new())),
            ("display_name", |c| c.display_name = Some("x".repeat(61))),
            ("display_name", |c| {
                c.display_name = Some("a\u{202e}b".into())
            }),
            ("display_name", |c| c.display_name = Some("a\nb".into())),
            ("logo_url", |c| {
                c.logo_url = Some("http://shop.example/logo.png".into())
            }),
            ("logo_url", |c| {
                c.logo_url = Some("data:image/png;base64,x".into())
            }),
            ("logo_url", |c| c.logo_url = Some("logo.png".into())),
            ("embedders", |c| c.embedders = vec!["*".into()]),
            ("embedders", |c| {
                c.embedders = vec!["https://*.example".into()]
            }),
        ];
        for (field, change) in cases {
            let mut config = config();
            change(&mut config);
            let error = validate(&config).unwrap_err().to_string();
            assert!(error.starts_with(field), "{field}: {error}");
        }
        let mut good = config();
        good.display_name = Some("Bäckerei Müller – Köln".into());
        good.logo_url = Some("https://cdn.example/logo.svg?v=2".into());
        good.embedders = vec!["https://admin.builder.example".into()];
        assert_eq!(validate(&good), Ok(()));
        assert_eq!(logo_origin(&good).unwrap().as_str(), "https://cdn.example");
    }

    #[test]
    fn every_field_that_is_not_valid_is_named_at_once() {
        let mut config = config();
        config.origins = vec!["shop.example".into(), "*".into()];
        config.logo_url = Some("logo.png".into());
        config.config_id = "x".into();
        config.prefill.category = Some("nothing".into());
        config.policy = Policy::Handoff;
        let errors = validate(&config).unwrap_err();
        let fields = errors.to_field_errors();
        let fields: Vec<&str> = fields.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "origins",
                "origins",
                "logo_url",
                "config_id",
                "prefill: category",
                "handoff"
            ]
        );
        assert_eq!(errors.to_string().matches("; ").count(), 5, "{errors}");
    }

    #[test]
    fn refused_origin_names_the_one_that_was_meant() {
        for (text, hint) in [
            ("https://shop.example/", "write https://shop.example)"),
            ("https://Shop.example/page", "write https://shop.example)"),
            ("shop.example", "write https://shop.example)"),
            ("http://shop.example", "without a path"),
        ] {
            let refusal = not_an_origin(text);
            assert!(refusal.contains(hint), "{refusal}");
        }
    }
}
