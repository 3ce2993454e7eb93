//! What was read of an app.

use super::Answer;
use crate::meta::app_setup::{AppDetails, AppPermissions, Portfolio, SystemUsers};
use crate::meta::response::{TokenInfo, WebhookSubscriptions};
use crate::time::UnixMillis;
use embark_protocol::admin::AppSettings;

/// The secrets of an app, without which nothing can be read of Meta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialsState {
    /// They were opened.
    Opened,
    /// No app secret is stored.
    Missing,
    /// One was sealed under a key that this deployment does not have.
    Unreadable,
    /// They cannot be read at the moment.
    Unavailable,
}

/// What was read of an app.
pub struct AppAnswers {
    /// Its secrets.
    pub credentials: CredentialsState,
    /// Its settings here.
    pub settings: AppSettings,
    /// The deployment's public origin.
    pub origin: String,
    /// What Meta should call when a person removes the app.
    pub deauthorize_url: String,
    /// Now, by this deployment's clock.
    pub now: UnixMillis,
    /// The clock of Meta's server, and this deployment's at that moment. `None`: the server did not respond.
    pub clocks: Option<(UnixMillis, UnixMillis)>,
    /// The app.
    pub details: Answer<AppDetails>,
    /// Its permissions.
    pub permissions: Answer<AppPermissions>,
    /// The partner's portfolio.
    pub portfolio: Answer<Portfolio>,
    /// The system token, inspected.
    pub system_token: Answer<TokenInfo>,
    /// The system users of the partner's portfolio.
    pub system_users: Answer<SystemUsers>,
    /// The app's webhooks.
    pub webhooks: Answer<WebhookSubscriptions>,
    /// Its callback URL in this deployment.
    pub callback_url: String,
    /// Whether a system token is stored.
    pub has_system_token: bool,
}
