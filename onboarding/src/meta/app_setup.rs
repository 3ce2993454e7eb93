//! How an app and the portfolio of its owner are set up at Meta: the calls that read it, and their responses.

use super::request::call::{AppToken, Call, SystemToken, get, node};
use super::request::{AppCredentials, debug_token};
use super::response::decode::List;
use super::response::id_text::TextOrNumber;
use super::response::lenient;
use embark_protocol::BusinessId;
use serde::Deserialize;

/// `GET /debug_token` for the system token. `None`: the app has none.
pub fn inspect_system_token(credentials: &AppCredentials) -> Option<Call<AppToken>> {
    credentials.system_token.as_ref().map(debug_token)
}

/// `GET /{app}`: reads what customers and the login dialog see of the app
/// (<https://developers.facebook.com/docs/graph-api/reference/application>).
pub fn app(credentials: &AppCredentials) -> Call<AppToken> {
    let fields = "id,name,app_domains,privacy_policy_url,terms_of_service_url,contact_email,icon_url,deauth_callback_url";
    get("app", node(credentials.app_id.as_str(), "")).with("fields", fields.to_owned())
}

/// `GET /{app}/permissions`: lists the permissions that Meta's review has approved
/// (<https://developers.facebook.com/docs/graph-api/reference/application/permissions>).
pub fn app_permissions(credentials: &AppCredentials) -> Call<AppToken> {
    let path = node(credentials.app_id.as_str(), "/permissions");
    get("app_permissions", path).with("limit", "200".to_owned())
}

/// `GET /{business}`: reads the partner's portfolio
/// (<https://developers.facebook.com/docs/marketing-api/reference/business>).
pub fn business(id: &BusinessId) -> Call<SystemToken> {
    get("business", node(id.as_str(), "")).with("fields", "id,name,verification_status".to_owned())
}

/// `GET /{business}/system_users`: lists the system users of the partner's portfolio
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-system-users>).
pub fn system_users(id: &BusinessId) -> Call<SystemToken> {
    get("system_users", node(id.as_str(), "/system_users"))
        .with("fields", "id,name,role".to_owned())
        .with("limit", "200".to_owned())
}

/// `GET /{business}/extendedcredits`: lists the credit lines of the partner's portfolio
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/share-and-revoke-credit-lines>).
pub fn credit_lines(id: &BusinessId) -> Call<SystemToken> {
    get("credit_lines", node(id.as_str(), "/extendedcredits"))
        .with("fields", "id,legal_entity_name".to_owned())
        .with("limit", "200".to_owned())
}

/// The response of [`app`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AppDetails {
    /// Its name.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Domains that it may be used on.
    #[serde(deserialize_with = "lenient::list")]
    pub app_domains: Vec<String>,
    /// The privacy policy.
    #[serde(deserialize_with = "lenient::text")]
    pub privacy_policy_url: Option<String>,
    /// The terms of service.
    #[serde(deserialize_with = "lenient::text")]
    pub terms_of_service_url: Option<String>,
    /// The contact address.
    #[serde(deserialize_with = "lenient::text")]
    pub contact_email: Option<String>,
    /// The icon.
    #[serde(deserialize_with = "lenient::text")]
    pub icon_url: Option<String>,
    /// What Meta calls when a person removes the app.
    #[serde(deserialize_with = "lenient::text")]
    pub deauth_callback_url: Option<String>,
}

/// The response of [`app_permissions`].
#[derive(Deserialize)]
#[serde(transparent)]
pub struct AppPermissions(List<AppPermission>);

#[derive(Deserialize)]
struct AppPermission {
    #[serde(default, deserialize_with = "lenient::text")]
    permission: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
}

impl AppPermissions {
    /// Whether the review has approved a permission. One that Meta lists without a status is.
    pub fn is_approved(&self, permission: &str) -> bool {
        self.0.data.iter().any(|entry| {
            let status = entry.status.as_deref().unwrap_or("live");
            let is_approved = APPROVED
                .iter()
                .any(|name| status.eq_ignore_ascii_case(name));
            entry.permission.as_deref() == Some(permission) && is_approved
        })
    }
}

/// The response of [`business`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Portfolio {
    /// Its name.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Meta's verification, e.g. `verified`.
    #[serde(deserialize_with = "lenient::text")]
    pub verification_status: Option<String>,
}

/// The response of [`system_users`].
#[derive(Deserialize)]
#[serde(transparent)]
pub struct SystemUsers(List<SystemUser>);

#[derive(Deserialize)]
struct SystemUser {
    id: TextOrNumber,
    #[serde(default, deserialize_with = "lenient::text")]
    role: Option<String>,
}

impl SystemUsers {
    /// The role of a system user, e.g. `ADMIN`. `None`: it is not listed, or has none.
    pub fn role_of(&self, user: &str) -> Option<&str> {
        let user = self.0.data.iter().find(|listed| listed.id.0 == user);
        user.and_then(|user| user.role.as_deref())
    }
}

/// The response of [`credit_lines`].
#[derive(Deserialize)]
#[serde(transparent)]
pub struct CreditLines(List<CreditLine>);

#[derive(Deserialize)]
struct CreditLine {
    id: TextOrNumber,
}

impl CreditLines {
    /// Whether the portfolio has this line.
    pub fn contains(&self, id: &str) -> bool {
        self.0.data.iter().any(|line| line.id.0 == id)
    }

    /// Their ids.
    pub fn ids(&self) -> Vec<&str> {
        self.0.data.iter().map(|line| line.id.0.as_str()).collect()
    }
}

/// Meta's values for a permission that people without a role in the app can grant.
const APPROVED: &[&str] = &["live", "approved", "granted"];
