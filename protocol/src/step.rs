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

impl Step {
    /// Every step.
    pub const ALL: [Self; 10] = [
        Self::Exchange,
        Self::Inspect,
        Self::Claim,
        Self::Subscribe,
        Self::Credit,
        Self::Register,
        Self::Handoff,
        Self::Sync,
        Self::Report,
        Self::Notify,
    ];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Inspect => "inspect",
            Self::Claim => "claim",
            Self::Subscribe => "subscribe",
            Self::Credit => "credit",
            Self::Register => "register",
            Self::Handoff => "handoff",
            Self::Sync => "sync",
            Self::Report => "report",
            Self::Notify => "notify",
        }
    }

    /// The step with this value on the wire. `None`: there is none.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_parsed_from_its_wire_value() {
        for step in Step::ALL {
            assert_eq!(
                serde_json::to_value(step).ok(),
                Some(step.as_str().into()),
                "{step:?}"
            );
            assert_eq!(Step::parse(step.as_str()), Some(step));
        }
        assert_eq!(Step::parse("admit"), None);
    }
}
