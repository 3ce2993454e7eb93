//! One customer website: its settings, of which KV holds a copy, who may start a signup, and the index of its signups.

use crate::meta::login_options;
use crate::resources::policy_settings;
use crate::resources::rpc::{ObjectRequest, RpcError};
use crate::resources::site_event::SiteEvent;
use crate::settings_error::SettingsError;
use crate::time::UnixMillis;
use crate::web::origin::Origin;
use embark_protocol::admin::{InvitationDetails, SiteSettings};
use embark_protocol::policy::{Policy, PolicySettings};
use embark_protocol::{InvitationId, Problem, ProblemCode, SignupId, SignupStatus, SiteId};
use serde::{Deserialize, Serialize};
use url::Url;

/// The stored record. Index, invitations and events are rows of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteRecord {
    /// The settings. `None`: the site was never set up.
    pub config: Option<SiteSettings>,
    /// Incremented with every change of the settings.
    pub version: u64,
    /// Whether the site has open signups, as the Partner object last acknowledged it.
    #[serde(rename = "told_open")]
    pub reported_open: bool,
    /// SHA-256 of the token in the URL of Infobip's webhook. `None`: no webhook was set up.
    #[serde(rename = "hook")]
    pub webhook_token_digest: Option<String>,
}

/// A request to the Site object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteRequest {
    /// Asks whether a signup of a page may go on.
    Admit {
        /// The origin of the page that carries the tag.
        host: String,
        /// The signup. `None`: a version before this field asks.
        #[serde(default)]
        signup: Option<SignupId>,
        /// Whether it renews an account that is connected already.
        #[serde(default)]
        renewal: bool,
    },
    /// Counts something that strangers may cause, unless the site's budget is spent: see
    /// [`budget`](crate::resources::budget).
    Spend {
        /// What is counted. The same key counts once.
        key: String,
    },
    /// Stores a row of the signup index, unless the stored one is newer.
    Index(SignupIndexRow),
    /// Stores an event for the site's owner until it is delivered.
    Event(SiteEvent),
    /// Wakes signups that are idle.
    #[serde(rename = "poke")]
    WakeIdle,
    /// Stores the settings.
    Put(Box<SiteSettings>),
    /// Reads the settings.
    Get,
    /// Stores the token of the webhook URL; the URL with the previous one ceases to work.
    #[serde(rename = "hook")]
    SetWebhookToken {
        /// SHA-256 of the token.
        digest: String,
    },
    /// Reads the settings, if the token is the site's.
    #[serde(rename = "hooked")]
    ResolveWebhookToken {
        /// SHA-256 of the token.
        digest: String,
    },
    /// Stores an invitation.
    #[serde(rename = "invite")]
    CreateInvitation(InvitationDetails),
    /// Lists the invitations.
    Invitations,
    /// Deletes an invitation.
    #[serde(rename = "uninvite")]
    RevokeInvitation {
        /// The invitation.
        id: InvitationId,
    },
    /// Asks whether an invitation can be redeemed. Changes nothing.
    #[serde(rename = "look")]
    CheckInvitation {
        /// The invitation.
        id: InvitationId,
    },
    /// Redeems an invitation.
    Redeem {
        /// The invitation.
        id: InvitationId,
        /// The signup that it is redeemed for.
        signup: SignupId,
    },
}

/// A row of the signup index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupIndexRow {
    /// The signup.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// The `seq` of the snapshot that the row was made of.
    pub seq: u32,
    /// The status of the signup.
    pub status: SignupStatus,
    /// When the row was made.
    pub at: UnixMillis,
    /// Why the signup is where it is: Meta's screen, or a problem code. `None`: neither is known.
    pub reason: Option<String>,
}

impl ObjectRequest for SiteRequest {
    type Reply = SiteReply;
    type Name = SiteId;
    const BINDING: &'static str = "SITE";
}

/// A reply of the Site object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteReply {
    /// To [`SiteRequest::Admit`]: the signup may go on.
    Admitted {
        /// The site's policy.
        policy: Policy,
        /// The partner solution. `None`: the site has none.
        solution: Option<String>,
        /// The settings of the policy.
        #[serde(rename = "terms", default)]
        settings: Box<PolicySettings>,
    },
    /// The request was refused.
    Refused {
        /// Why.
        code: ProblemCode,
    },
    /// Done.
    #[serde(rename = "noted")]
    Accepted,
    /// To [`SiteRequest::Put`].
    Put {
        /// The version of the settings.
        version: u64,
    },
    /// To [`SiteRequest::Get`] and [`SiteRequest::ResolveWebhookToken`].
    Config {
        /// `None`: the site was never set up, or the token is not its own.
        config: Option<Box<SiteSettings>>,
    },
    /// The settings are not valid, and were not stored.
    Invalid {
        /// The field and what is wrong with it.
        detail: String,
    },
    /// To [`SiteRequest::Invitations`].
    Invitations {
        /// The invitations, the one that expires last first.
        list: Vec<InvitationDetails>,
    },
}

impl SiteReply {
    /// The outcome of a request that is answered by `Accepted` or `Refused`.
    ///
    /// # Errors
    /// The problem that the site refused the request with; `internal` for any other reply.
    pub fn into_accepted(self) -> Result<(), Problem> {
        match self {
            Self::Accepted => Ok(()),
            Self::Refused { code } => Err(Problem::new(code)),
            _ => Err(RpcError::UnexpectedReply.into()),
        }
    }
}

/// What is known of a signup when its site decides whether it may go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Candidate {
    /// It renews an account that is connected already: no new business, and invited by the operator's link.
    pub is_renewal: bool,
    /// It has redeemed an invitation of the site.
    pub is_invited: bool,
    /// The app takes no more new businesses this week.
    pub quota_is_full: bool,
}

impl SiteRecord {
    /// Decides whether a signup of a page with this origin may go on. `hosted_origin` is the deployment's own, whose
    /// hosted page every site may use.
    pub fn admit(&self, page_origin: &str, hosted_origin: &str, candidate: Candidate) -> SiteReply {
        let refused = |code| SiteReply::Refused { code };
        let is_uninvited = !candidate.is_invited && !candidate.is_renewal;
        match &self.config {
            None => refused(ProblemCode::UnknownSite),
            Some(config) if !config.enabled => refused(ProblemCode::SiteDisabled),
            Some(config) if page_origin != hosted_origin && !allows_origin(config, page_origin) => {
                refused(ProblemCode::OriginNotAllowed)
            }
            Some(config) if config.invited_only && is_uninvited => {
                refused(ProblemCode::InvitationRequired)
            }
            Some(_) if candidate.quota_is_full && !candidate.is_renewal => {
                refused(ProblemCode::QuotaFull)
            }
            Some(config) => SiteReply::Admitted {
                policy: config.policy,
                solution: config.solution_id.clone(),
                settings: Box::new(policy_settings::for_site(config)),
            },
        }
    }

    /// Stores the settings, if they are valid.
    pub fn put(&mut self, config: SiteSettings) -> SiteReply {
        if let Err(error) = validate(&config) {
            return SiteReply::Invalid {
                detail: error.to_string(),
            };
        }
        if self.config.as_ref() != Some(&config) {
            self.config = Some(config);
            self.version += 1;
        }
        SiteReply::Put {
            version: self.version,
        }
    }
}

/// Whether a signup with this status is not over.
pub const fn is_open(status: SignupStatus) -> bool {
    !status.is_terminal()
}

/// Whether text is exactly one of the site's origins.
pub fn allows_origin(config: &SiteSettings, page_origin: &str) -> bool {
    Origin::parse(page_origin)
        .is_some_and(|origin| config.origins.iter().any(|own| own == origin.as_str()))
}

/// The origins that may frame the widget, as a source list of `frame-ancestors`
/// (<https://www.w3.org/TR/CSP3/#directive-frame-ancestors>): all ancestors of a frame must be listed, so that the
/// page with the tag may itself be framed by another one of the site, or by an embedder.
pub fn frame_ancestors(config: &SiteSettings) -> String {
    let listed = config.origins.iter().chain(&config.embedders);
    listed.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The site's name for people: its own, else the host of its first origin.
pub fn shown_name(config: &SiteSettings) -> String {
    let host = || {
        Some(
            Origin::parse(config.origins.first()?)?
                .hostname()
                .to_owned(),
        )
    };
    let name = config.display_name.clone().or_else(host);
    name.unwrap_or_else(|| config.key.to_string())
}

/// The origin that the site's logo is loaded from. `None`: it has none.
pub fn logo_origin(config: &SiteSettings) -> Option<Origin> {
    Origin::from_url(&Url::parse(config.logo_url.as_deref()?).ok()?)
}

fn validate(config: &SiteSettings) -> Result<(), SettingsError> {
    SettingsError::require(
        config.key.as_str() != "callback",
        "key",
        "/go/callback is Meta's way back",
    )?;
    SettingsError::require(
        (1..=100).contains(&config.origins.len()),
        "origins",
        "between 1 and 100",
    )?;
    SettingsError::require(config.embedders.len() <= 100, "embedders", "at most 100")?;
    let origins = config.origins.iter().map(|origin| ("origins", origin));
    let embedders = config.embedders.iter().map(|origin| ("embedders", origin));
    for (field, origin) in origins.chain(embedders) {
        if Origin::parse(origin).is_none() {
            return Err(SettingsError::new(field, not_an_origin(origin)));
        }
    }
    if let Some(name) = &config.display_name {
        SettingsError::require(is_shown_name(name), "display_name", SHOWN_NAME)?;
    }
    SettingsError::require(
        config.logo_url.is_none() || logo_origin(config).is_some(),
        "logo_url",
        "an https URL",
    )?;
    login_options::validate(config)?;
    policy_settings::validate(config)
}

/// What is wrong with text that is to be an origin, and the origin that was probably meant.
fn not_an_origin(text: &str) -> String {
    let said = ["not an exact origin: ", text].concat();
    let url = Url::parse(text).or_else(|_| Url::parse(&["https://", text].concat()));
    let meant = url.ok().and_then(|url| Origin::from_url(&url));
    match meant {
        Some(origin) => [&said, " (write ", origin.as_str(), ")"].concat(),
        None => [&said, " (write https://<host>, without a path)"].concat(),
    }
}

/// Whether text can be shown as a name: 1 to 60 characters, none of them a control character or one that changes the
/// direction of the text around it.
pub fn is_shown_name(text: &str) -> bool {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    (1..=60).contains(&text.chars().count()) && text.trim() == text && !text.chars().any(is_hidden)
}

/// What is wrong with text that [`is_shown_name`] refuses.
pub const SHOWN_NAME: &str = "1 to 60 visible characters";

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> SiteSettings {
        let json = r#"{"key": "acme", "app": "main", "origins": ["https://shop.example", "https://www.shop.example"],
            "config_id": "3000000000000001"}"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn frame_ancestors_are_all_origins_and_embedders() {
        let mut config = config();
        config.embedders = vec!["https://admin.builder.example".into()];
        let want = "https://shop.example https://www.shop.example https://admin.builder.example";
        assert_eq!(frame_ancestors(&config), want);
    }

    #[test]
    fn shown_name_is_the_display_name_else_the_host() {
        let mut config = config();
        assert_eq!(shown_name(&config), "shop.example");
        config.display_name = Some("Lucky Shrub".into());
        assert_eq!(shown_name(&config), "Lucky Shrub");
    }

    #[test]
    fn settings_that_would_mislead_are_refused_with_their_field() {
        let cases: [(&str, fn(&mut SiteSettings)); 9] = [
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
    fn refused_origin_names_the_one_that_was_meant() {
        for (text, hint) in [
            ("https://shop.example/", "write https://shop.example)"),
            ("https://Shop.example/page", "write https://shop.example)"),
            ("shop.example", "write https://shop.example)"),
            ("http://shop.example", "without a path"),
        ] {
            let said = not_an_origin(text);
            assert!(said.contains(hint), "{said}");
        }
    }

    #[test]
    fn admission_asks_for_invitation_and_quota_unless_it_is_a_renewal() {
        let invited_only = SiteSettings {
            invited_only: true,
            ..config()
        };
        let candidate = |is_renewal, is_invited, quota_is_full| Candidate {
            is_renewal,
            is_invited,
            quota_is_full,
        };
        for (config, candidate, want) in [
            (config(), candidate(false, false, false), None),
            (
                config(),
                candidate(false, true, true),
                Some(ProblemCode::QuotaFull),
            ),
            (config(), candidate(true, false, true), None),
            (
                invited_only.clone(),
                candidate(false, false, false),
                Some(ProblemCode::InvitationRequired),
            ),
            (invited_only.clone(), candidate(false, true, false), None),
            (
                invited_only.clone(),
                candidate(false, true, true),
                Some(ProblemCode::QuotaFull),
            ),
            (invited_only, candidate(true, false, true), None),
        ] {
            let record = SiteRecord {
                config: Some(config),
                ..SiteRecord::default()
            };
            let reply = record.admit("https://shop.example", "https://signup.example", candidate);
            let code = match reply {
                SiteReply::Refused { code } => Some(code),
                _ => None,
            };
            assert_eq!(code, want, "{candidate:?}");
        }
    }
}
