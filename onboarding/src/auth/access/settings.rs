//! Which application of Cloudflare Access stands before the operator's host.

use crate::web::origin::Origin;
use core::fmt;

/// The application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessSettings {
    team_domain: String,
    audience: String,
}

/// Why the variables name no application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessSettingsError {
    /// `ACCESS_AUD` is set, `ACCESS_TEAM_DOMAIN` is not.
    NoTeamDomain,
    /// `ACCESS_TEAM_DOMAIN` is set, `ACCESS_AUD` is not.
    NoAudience,
    /// `ACCESS_TEAM_DOMAIN` is no public host name.
    TeamDomain,
    /// `ACCESS_AUD` is no audience tag.
    Audience,
}

impl fmt::Display for AccessSettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTeamDomain => "ACCESS_AUD is set, and ACCESS_TEAM_DOMAIN is missing",
            Self::NoAudience => "ACCESS_TEAM_DOMAIN is set, and ACCESS_AUD is missing",
            Self::TeamDomain => {
                "ACCESS_TEAM_DOMAIN is not a host name like partner.cloudflareaccess.com"
            }
            Self::Audience => "ACCESS_AUD is not an audience tag: 64 hexadecimal digits",
        })
    }
}

impl core::error::Error for AccessSettingsError {}

impl AccessSettings {
    /// Parses the variables `ACCESS_TEAM_DOMAIN` and `ACCESS_AUD`; an empty one counts as absent. `None`: both are, and nobody
    /// signs in by Cloudflare Access.
    ///
    /// # Errors
    /// One of them is missing or malformed.
    pub fn parse(
        team_domain: Option<&str>,
        audience: Option<&str>,
    ) -> Result<Option<Self>, AccessSettingsError> {
        let given = |text: &&str| !text.is_empty();
        match (team_domain.filter(given), audience.filter(given)) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(AccessSettingsError::NoTeamDomain),
            (Some(_), None) => Err(AccessSettingsError::NoAudience),
            (Some(team_domain), Some(audience)) => {
                let origin = Origin::parse(&["https://", team_domain].concat());
                if !origin.is_some_and(|origin| origin.is_public()) {
                    return Err(AccessSettingsError::TeamDomain);
                }
                let is_hex = audience.bytes().all(|byte| byte.is_ascii_hexdigit());
                if audience.len() != AUDIENCE_LENGTH || !is_hex {
                    return Err(AccessSettingsError::Audience);
                }
                Ok(Some(Self {
                    team_domain: team_domain.to_owned(),
                    audience: audience.to_owned(),
                }))
            }
        }
    }

    /// The team's host at Cloudflare.
    pub fn team_domain(&self) -> &str {
        &self.team_domain
    }

    /// The tag of the application, which its tokens are made for.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Who issues the tokens.
    pub fn issuer(&self) -> String {
        ["https://", &self.team_domain].concat()
    }

    /// Where the keys that verify tokens are published.
    pub fn certs_url(&self) -> String {
        [&self.issuer(), "/cdn-cgi/access/certs"].concat()
    }
}

/// Hexadecimal digits of an audience tag.
const AUDIENCE_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn application_needs_both_variables_and_each_has_one_form() {
        let audience = "0f".repeat(32);
        let domain = "partner.cloudflareaccess.com";
        let found = AccessSettings::parse(Some(domain), Some(&audience));
        let settings = found.unwrap().unwrap();
        assert_eq!(settings.issuer(), "https://partner.cloudflareaccess.com");
        assert_eq!(
            settings.certs_url(),
            "https://partner.cloudflareaccess.com/cdn-cgi/access/certs"
        );
        assert_eq!(settings.audience(), audience);
        for (domain, audience, want) in [
            (None, None, Ok(None)),
            (Some(""), Some(""), Ok(None)),
            (Some(domain), None, Err(AccessSettingsError::NoAudience)),
            (Some(domain), Some(""), Err(AccessSettingsError::NoAudience)),
            (
                None,
                Some(audience.as_str()),
                Err(AccessSettingsError::NoTeamDomain),
            ),
            (Some(domain), Some("0f"), Err(AccessSettingsError::Audience)),
            (
                Some(domain),
                Some(&*"g".repeat(64)),
                Err(AccessSettingsError::Audience),
            ),
        ] {
            assert_eq!(AccessSettings::parse(domain, audience), want, "{domain:?}");
        }
        for domain in [
            "https://partner.cloudflareaccess.com",
            "partner.cloudflareaccess.com/",
            "partner.cloudflareaccess.com:8443",
            "Partner.cloudflareaccess.com",
            "user@partner.cloudflareaccess.com",
            "localhost",
            "127.0.0.1",
            "partner",
        ] {
            let found = AccessSettings::parse(Some(domain), Some(&audience));
            assert_eq!(found, Err(AccessSettingsError::TeamDomain), "{domain}");
        }
    }
}
