//! The steps of a signup: what the Worker does after Meta's popup has returned an authorization code.

use serde::{Deserialize, Serialize};

/// One step of a signup. Which steps run, and in which order, depends on the site's
/// [`Policy`](crate::policy::Policy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Exchange the authorization code for a business token.
    Exchange,
    /// Verify the token and find the WhatsApp Business Account (WABA) and phone number it was granted for.
    Inspect,
    /// Record that the WABA and the number belong to this site.
    Claim,
    /// Subscribe the app to the WABA's webhooks.
    Subscribe,
    /// Share and attach the partner's credit line.
    Credit,
    /// Register the number with the Cloud API.
    Register,
    /// Hand the WABA over to another provider.
    Handoff,
    /// Request contacts and chat history of a number shared with the WhatsApp Business app.
    Sync,
    /// Read the readiness report.
    Report,
    /// Notify the partner.
    Notify,
}
