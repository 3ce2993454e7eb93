//! The operator's API under `/v1/admin/`: settings of apps and sites, secrets, invitations. Secrets are written
//! one by one and never returned.

use crate::handoff::HandoffTemplate;
use crate::id::{
    AppKey, BusinessId, InvitationId, MetaAppId, PhoneNumberId, SignupId, SiteId, WabaId,
};
use crate::infobip::InfobipSettings;
use crate::policy::{CreditSettings, Policy};
use crate::prefill::PrefillSettings;
use serde::{Deserialize, Serialize};

/// One Meta app. Body of `PUT /v1/admin/apps/{app}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AppSettings {
    /// Name of the app in this API.
    pub key: AppKey,
    /// Meta's id of the app.
    pub app_id: MetaAppId,
    /// Graph API version, e.g. `v25.0`.
    #[serde(default = "default_graph_version")]
    pub graph_version: String,
    /// The partner's business portfolio. Absent: not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub partner_business_id: Option<BusinessId>,
    /// The partner's name, as the hosted page shows it. Absent: none is shown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub partner_name: Option<String>,
    /// How many new customer businesses Meta allows in any seven days: 10 at first, 200 after its reviews. Absent: 10.
    #[serde(default = "default_weekly_limit")]
    pub weekly_limit: u32,
    /// Whether new signups are refused while the weekly limit is reached. If `false`, there is only a warning.
    #[serde(default)]
    pub block_when_full: bool,
}

/// One customer website. Body of `PUT /v1/admin/sites/{site}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteSettings {
    /// Name of the site in this API.
    pub key: SiteId,
    /// The Meta app it uses.
    pub app: AppKey,
    /// Exact origins that may embed the widget, e.g. `https://shop.example`.
    pub origins: Vec<String>,
    /// Exact origins that may frame a page of `origins`, e.g. of a page builder or an admin portal that shows the website
    /// in a frame. They may not embed the widget themselves.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub embedders: Vec<String>,
    /// The site's name, as the hosted page shows it. Absent: the host of the first origin.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_name: Option<String>,
    /// Https URL of the site's logo, which the hosted page shows. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub logo_url: Option<String>,
    /// Whether a signup needs an invitation. Renewals do not.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub invited_only: bool,
    /// Whether a signup needs a session of the partner's back end. Renewals do not.
    #[serde(skip_serializing_if = "SessionRule::is_optional", default)]
    pub sessions: SessionRule,
    /// Id of the Facebook Login for Business configuration.
    pub config_id: String,
    /// What its signups do after Meta's popup.
    #[serde(default)]
    pub policy: Policy,
    /// Required by the policy `solution-partner`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credit: Option<CreditSettings>,
    /// Required by the policy `infobip`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub infobip: Option<InfobipSettings>,
    /// Required by the policy `handoff`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handoff: Option<HandoffTemplate>,
    /// `extras.setup.solutionID`: the partner solution. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub solution_id: Option<String>,
    /// `extras.featureType`, e.g. `whatsapp_business_app_onboarding`. Absent: the ordinary flow.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub feature_type: Option<String>,
    /// `extras.version`: forces a version of Embedded Signup. Absent: the one selected by the configuration.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub es_version: Option<String>,
    /// `extras.features`, e.g. `app_only_install`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub features: Vec<String>,
    /// `extras.sessionInfoVersion`. Absent: `3`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_info_version: Option<String>,
    /// Graph API version of Meta's dialog. Absent: the app's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub graph_version: Option<String>,
    /// Pre-filled data.
    #[serde(skip_serializing_if = "is_empty", default)]
    pub prefill: PrefillSettings,
    /// Which options the site's HTML tag may override.
    #[serde(rename = "tag_may", skip_serializing_if = "Vec::is_empty", default)]
    pub allowed_tag_options: Vec<TagOption>,
    /// What becomes of messages to and from the site's customers.
    #[serde(skip_serializing_if = "is_none_mode", default)]
    pub messages: MessagesSettings,
    /// Locale of Meta's SDK and popup, e.g. `en_US`. Absent: the one that matches the widget's language.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sdk_locale: Option<String>,
    /// Whether customers who come by Meta's hosted page, without a page of a site, are signed up for this one. Of the sites
    /// of an app one may be.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub hosted_signup: bool,
    /// Whether the site accepts signups.
    #[serde(default = "default_true")]
    pub enabled: bool,
}

/// A site that was stored. Response of `PUT` and `PATCH /v1/admin/sites/{site}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredSite {
    /// All its settings.
    #[serde(flatten)]
    pub settings: SiteSettings,
    /// The public origin, where the site's tag loads the widget from.
    pub edge: String,
    /// Why no signup of the site can succeed yet, or Meta will not accept the address of its messages. Absent: no reason is
    /// known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// Whether signups of a site need a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SessionRule {
    /// A page may give one.
    #[default]
    Optional,
    /// No signup begins without one.
    Required,
}

impl SessionRule {
    /// Whether it is the default.
    const fn is_optional(&self) -> bool {
        matches!(self, Self::Optional)
    }
}

/// What becomes of the messages and statuses that Meta's webhooks bring.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum MessagesSettings {
    /// They are counted, and neither kept nor passed on.
    #[default]
    None,
    /// Each is an event of the site: `message.received` or `message.status`.
    Forward,
    /// Meta calls an address of the partner's with them, and this service with everything else
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override>). The verify token for
    /// Meta's handshake is the site's secret `messages_verify_token`.
    Override {
        /// Https URL of at most 200 characters.
        callback_url: String,
    },
}

/// Name of the secret of a site whose messages Meta sends to an address of the partner's: the verify token of that address.
pub const MESSAGES_VERIFY_TOKEN: &str = "messages_verify_token";

/// An option that the HTML tag of a site may override; named after the field of the site's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TagOption {
    /// `config_id`.
    ConfigId,
    /// `solution_id`.
    SolutionId,
    /// `feature_type`.
    FeatureType,
    /// `features`.
    Features,
    /// `session_info_version`.
    SessionInfoVersion,
    /// `es_version`.
    EsVersion,
    /// `graph_version`.
    GraphVersion,
    /// `sdk_locale`.
    SdkLocale,
    /// `prefill`.
    Prefill,
}

/// The value of one secret. Body of `PUT /v1/admin/secrets/{app|site}/{key}/{name}`.
// No `Debug`: it is not printed.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SecretValue {
    /// The secret, in plain text.
    pub value: String,
}

/// Names of the secrets that an app may have.
pub const APP_SECRETS: &[&str] = &["app_secret", "system_token", "verify_token"];

/// Move a number to another site. Body of `POST /v1/admin/numbers/{phone}/transfer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// The site that the number moves to.
    pub site: SiteId,
}

/// Create a link by which a customer renews the token of one account. Body of `POST /v1/admin/renewals`; the
/// response is a [`LinkResponse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenewalRequest {
    /// The site that the account is connected to.
    pub site: SiteId,
    /// The account.
    pub waba_id: WabaId,
}

/// Create a link for one customer; the response is an [`InvitationDetails`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct InvitationRequest {
    /// Seconds until it expires; at most 90 days. Absent: two weeks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<u32>,
    /// The partner's own reference for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// An invitation as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationDetails {
    /// Its id.
    pub id: InvitationId,
    /// The link. Present only in the response that created it: whoever has the link is invited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// When it expires, in Unix milliseconds.
    pub expires_at: u64,
    /// The partner's own reference for the customer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// The signup that used it. Absent: not used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_by: Option<SignupId>,
    /// When it was used, in Unix milliseconds. Absent: not used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_at: Option<u64>,
}

/// A page of invitations. Response of `GET /v1/admin/sites/{site}/invitations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationPage {
    /// The invitations without their links, the one that expires last first.
    pub invitations: Vec<InvitationDetails>,
    /// The parameter `after` of the next page. Absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// The webhook of an app at Meta. Response of `POST /v1/admin/apps/{app}/webhook`.
// No `Debug`: it is not printed.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppWebhook {
    /// Callback URL.
    pub callback_url: String,
    /// Verify token. Shown here only; the one before does not count any more.
    pub verify_token: String,
}

/// An account that no site owns, and of which Meta's webhooks say something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnclaimedAccount {
    /// The account; of changes that name none, the business portfolio.
    pub waba_id: WabaId,
    /// The app whose webhook it was.
    pub app: AppKey,
    /// When the first was received, in Unix milliseconds.
    pub first_at: u64,
    /// When it was last noted that there are more, in Unix milliseconds; at most an hour ago if there are.
    pub last_at: u64,
    /// Until when they are kept, in Unix milliseconds.
    pub kept_until: u64,
}

/// A page of accounts that no site owns. Response of `GET /v1/admin/unclaimed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnclaimedPage {
    /// The accounts, the one that was named first most recently first.
    pub accounts: Vec<UnclaimedAccount>,
    /// The parameter `after` of the next page. Absent: this is the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// Sign an account that nobody owns up for a site. Body of `POST /v1/admin/unclaimed/{waba}/assign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignRequest {
    /// The site, of the app whose webhook named the account.
    pub site: SiteId,
}

/// The signup that was started for an account. Response of `POST /v1/admin/unclaimed/{waba}/assign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssignResponse {
    /// The signup.
    pub signup: SignupId,
}

/// A page of the numbers that a site's `messages` were applied to. Response of `POST /v1/admin/sites/{site}/messages`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppliedMessages {
    /// How many numbers of this page: of each, its last signup goes on with it.
    pub numbers: u32,
    /// Numbers whose signup is not kept any more: a renewal applies the settings to them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub not_kept: Vec<PhoneNumberId>,
    /// Numbers that another site owns by now: nothing was changed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub owned_elsewhere: Vec<PhoneNumberId>,
    /// `after` of the next page. Absent: this was the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<WabaId>,
}

/// Body of `POST /v1/admin/sites/{site}/messages`; the response is [`AppliedMessages`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ApplyMessagesRequest {
    /// Accounts behind this one. Absent: from the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<WabaId>,
}

/// A response that consists of one link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkResponse {
    /// The link.
    pub url: String,
}

fn is_none_mode(messages: &MessagesSettings) -> bool {
    *messages == MessagesSettings::None
}

fn is_empty(prefill: &PrefillSettings) -> bool {
    *prefill == PrefillSettings::default()
}

fn default_graph_version() -> String {
    "v25.0".to_owned()
}

/// Before its reviews; Meta raises it afterwards.
fn default_weekly_limit() -> u32 {
    10
}

fn default_true() -> bool {
    true
}
