//! The launch document: everything the widget needs to open Meta's popup, in one JSON document. It is embedded
//! in the frame page and the hosted page, and served for inline pages at `GET /v1/sites/{site}`.

use crate::enums::{Closed, Enums};
use crate::id::{MetaAppId, Reference, SignupId, SiteId};
use crate::prefill::LoginSetup;
use crate::problem::Problem;
use crate::snapshot::Snapshot;
use serde::{Deserialize, Serialize};

/// Prefix of the URL fragment that hands a signup over to the hosted page: `#embark=<signup>.<grant>`.
pub const HANDOVER_PREFIX: &str = "#embark=";

/// What the Worker gives a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(bound = ""))]
#[serde(bound(
    serialize = "Login: Serialize",
    deserialize = "Login: Deserialize<'de>"
))]
pub struct LaunchDocument<E: Enums = Closed, Login = LoginOptions> {
    /// Version of this document. Raised only when an older widget could not read the newer document.
    #[serde(rename = "v")]
    pub version: u8,
    /// The site it was issued for.
    pub site: SiteId,
    /// The signup that a launch with this document begins.
    pub signup: SignupId,
    /// Signed permission to submit this one signup. Sent as `Authorization: Bearer <grant>`.
    pub grant: String,
    /// A second grant, which another window (the hosted page) needs to continue this signup. Absent on the
    /// hosted page itself.
    #[serde(rename = "handover", skip_serializing_if = "Option::is_none", default)]
    pub handover_grant: Option<String>,
    /// Milliseconds after which the page should fetch a fresh launch document.
    pub renew_in_ms: u32,
    /// Origin of the Worker: where the widget posts.
    #[serde(rename = "edge")]
    pub edge_origin: String,
    /// Origin of the page that embeds the widget: the only target of the frame's messages.
    #[serde(rename = "host")]
    pub page_origin: String,
    /// How the widget is embedded.
    pub mode: LaunchMode,
    /// Meta's JavaScript SDK.
    pub sdk: SdkSettings,
    /// The options of `FB.login`. A widget reads them as any JSON value, so that it passes on what it does not know.
    #[cfg_attr(feature = "openapi", schema(value_type = LoginOptions))]
    pub login: Login,
    /// URL of Meta's OAuth dialog without its `state` parameter, for when the popup is blocked. Present on the
    /// hosted page only.
    #[serde(rename = "dialog", skip_serializing_if = "Option::is_none", default)]
    pub dialog_url: Option<String>,
    /// Path and query, relative to the Worker's origin, that lead to Meta's OAuth dialog in the same window without any
    /// script. Present on the hosted page only.
    #[serde(
        rename = "dialog_start",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub dialog_start_path: Option<String>,
    /// Path and query, relative to the Worker's origin, that return a fresh launch document.
    #[serde(rename = "renew", skip_serializing_if = "Option::is_none", default)]
    pub renew_path: Option<String>,
    /// Path and query, relative to the Worker's origin, of the hosted page with the same options.
    #[serde(rename = "page", skip_serializing_if = "Option::is_none", default)]
    pub hosted_page_path: Option<String>,
    /// `<signup>.<grant>` of the signup that this browser went to Meta's dialog with, and now comes back to. Absent: it
    /// does not come back.
    #[serde(rename = "resume", skip_serializing_if = "Option::is_none", default)]
    pub returned_session: Option<String>,
    /// The page was opened from a page of the site or of the Worker's own: a signup in its link was begun in this
    /// browser. Present on the hosted page only.
    #[serde(
        rename = "from_site",
        skip_serializing_if = "crate::serialization::is_default",
        default
    )]
    pub is_opened_by_site: bool,
    /// The partner's own id of the customer, else the invitation: what a tab remembers belongs to it. Absent: the request
    /// names neither.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<Reference>,
    /// SHA-256 of the session that the page names: what a tab remembers of a signup that has ended belongs to it. Absent:
    /// it names none that it may use.
    #[serde(rename = "session", skip_serializing_if = "Option::is_none", default)]
    pub session_digest: Option<String>,
    /// Whose signup this is, for people. Present on the hosted page, where no website shows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<SiteIdentity>,
    /// Why no signup can be started with this document. A signup that has already begun continues.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Problem>))]
    pub problem: Option<Problem<E>>,
    /// The signup that `returned_session` opens, as far as it has come. Present on the hosted page only, and only if it
    /// has a code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Snapshot>))]
    pub snapshot: Option<Snapshot<E>>,
    /// Language of the widget's texts, e.g. `en`.
    pub lang: String,
    /// Path of the widget's build, relative to the Worker's origin, e.g. `/b/0123abcd`.
    #[serde(rename = "build")]
    pub build_path: String,
}

impl<E: Enums, Login> LaunchDocument<E, Login> {
    /// URL of this signup; `suffix` is a path below it or a query.
    pub fn signup_url(&self, suffix: &str) -> String {
        let signup = self.signup.as_str();
        [&self.edge_origin, "/v1/signups/", signup, suffix].concat()
    }

    /// URL of a fresh launch document.
    pub fn renewal_url(&self) -> String {
        let path = self.renew_path.as_deref().unwrap_or_default();
        [&self.edge_origin, path].concat()
    }

    /// URL of the hosted page.
    pub fn hosted_page_url(&self) -> String {
        let path = self.hosted_page_path.as_deref().unwrap_or_default();
        [&self.edge_origin, path].concat()
    }

    /// URL that leads to Meta's OAuth dialog, else that of the hosted page.
    pub fn dialog_start_url(&self) -> String {
        match &self.dialog_start_path {
            Some(path) => [&self.edge_origin, path.as_str()].concat(),
            None => self.hosted_page_url(),
        }
    }

    /// URL of the hosted page, with a handover of this signup if the Worker offers one.
    pub fn handover_url(&self) -> String {
        let page = self.hosted_page_url();
        match &self.handover_grant {
            Some(grant) => [&page, HANDOVER_PREFIX, self.signup.as_str(), ".", grant].concat(),
            None => page,
        }
    }

    /// `<signup>.<grant>`: opens this signup to anyone who holds it.
    pub fn resume_token(&self) -> String {
        [self.signup.as_str(), ".", &self.grant].concat()
    }
}

/// The website and the partner that a signup is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SiteIdentity {
    /// The site's name; the host of its website, if it has no name of its own.
    pub name: String,
    /// The host of the site's website, e.g. `shop.example`.
    pub website: String,
    /// Https URL of the site's logo. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub logo_url: Option<String>,
    /// The partner's name. Absent: not set.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub partner: Option<String>,
}

/// How the widget is embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LaunchMode {
    /// In a visible iframe of the Worker's origin.
    Frame,
    /// In the DOM of the customer's page.
    Inline,
    /// In a hidden iframe. The customer's page has a button of its own, which opens the hosted page; the iframe
    /// follows the signup and reports its events.
    Window,
    /// On the hosted page, `/go/{site}`.
    Page,
}

impl LaunchMode {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Inline => "inline",
            Self::Window => "window",
            Self::Page => "page",
        }
    }
}

/// Meta's JavaScript SDK: where it is loaded from, the arguments of `FB.init`, and whose message events are
/// accepted. See <https://developers.facebook.com/docs/javascript>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SdkSettings {
    /// URL of the script.
    pub url: String,
    /// `appId`.
    pub app_id: MetaAppId,
    /// `version`: a Graph API version, e.g. `v25.0`.
    pub version: String,
    /// Exact origins whose message events are accepted.
    pub origins: Vec<String>,
}

/// The second argument of `FB.login`, passed on unchanged. See
/// <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginOptions {
    /// Id of the Facebook Login for Business configuration.
    pub config_id: String,
    /// Always `code`.
    pub response_type: String,
    /// Always `true`: without it, the SDK asks for a user token.
    pub override_default_response_type: bool,
    /// Options of Embedded Signup.
    pub extras: LoginExtras,
}

/// `extras` of `FB.login`. See
/// <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/versions>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginExtras {
    /// Pre-filled data and the partner solution.
    pub setup: LoginSetup,
    /// Version of the session info message, `3`.
    #[serde(rename = "sessionInfoVersion")]
    pub session_info_version: String,
    /// E.g. `whatsapp_business_app_onboarding`; absent for the ordinary flow.
    #[serde(
        rename = "featureType",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub feature_type: Option<String>,
    /// Version of Embedded Signup. Absent: the one selected by the configuration.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Features switched on in addition.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub features: Vec<LoginFeature>,
}

/// One entry of `extras.features`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginFeature {
    /// Meta's name of the feature, e.g. `app_only_install`.
    pub name: String,
}
