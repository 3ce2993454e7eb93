//! Messaging providers other than Meta. A connected account is handed over to one by an order: the order, the
//! meaning of the response and the polling of the status are values here.

mod destination;
mod header_value;
pub mod infobip;
mod order;
mod request;
mod response;
pub mod template;

pub use destination::is_allowed_destination;
pub use header_value::{HeaderValue, is_secret_name};
pub use order::{OrderContext, OrderError, OrderOutcome, ProviderStatus, is_retryable};
pub use request::{DEADLINE, ProviderRequest};
pub use response::check_provider;

use crate::meta::ApiError;
use crate::transport::ApiResult;
use core::time::Duration;
use embark_protocol::handoff::HandoffTemplate;
use embark_protocol::infobip::InfobipSettings;
use embark_protocol::policy::PolicySettings;
use std::collections::BTreeSet;

/// The provider that a site's numbers are handed over to.
#[derive(Debug, Clone, Copy)]
pub enum Provider<'a> {
    /// Infobip.
    Infobip(&'a InfobipSettings),
    /// The provider that the site's template describes.
    Template(&'a HandoffTemplate),
}

impl<'a> Provider<'a> {
    /// The provider that a site's policy names. `None`: it names none.
    pub fn from_settings(settings: &'a PolicySettings) -> Option<Self> {
        let template = || settings.handoff.as_ref().map(Self::Template);
        settings
            .infobip
            .as_ref()
            .map(Self::Infobip)
            .or_else(template)
    }

    /// The names of the site's secrets, without which no request to the provider can be sent.
    pub fn secret_names(&self) -> BTreeSet<String> {
        match self {
            Self::Infobip(_) => BTreeSet::from([infobip::SECRET.to_owned()]),
            Self::Template(template) => {
                let values = template
                    .headers
                    .values()
                    .map(|text| HeaderValue::parse(text));
                let names = |value: HeaderValue| -> Vec<String> {
                    value.secret_names().map(str::to_owned).collect()
                };
                values.flat_map(names).collect()
            }
        }
    }

    /// The order.
    ///
    /// # Errors
    /// The template uses a value that the account does not have, e.g. a number.
    pub fn build_order(&self, order: &OrderContext<'_>) -> Result<ProviderRequest, OrderError> {
        match self {
            Self::Infobip(infobip) => Ok(infobip::share_waba(infobip, order)),
            Self::Template(template) => template::build_order(template, order),
        }
    }

    /// Reads the response to the order.
    ///
    /// # Errors
    /// The order was not accepted, or its outcome is unknown.
    pub fn parse_order_response(
        &self,
        result: ApiResult,
        order: &OrderContext<'_>,
    ) -> Result<OrderOutcome, ApiError> {
        match self {
            Self::Infobip(_) => infobip::parse_order_response(result),
            Self::Template(template) => template::parse_order_response(template, result, order),
        }
    }

    /// The interval before the `nth` poll of the status, counted from 0. It doubles up to a limit.
    pub fn poll_interval(&self, nth: u16) -> Duration {
        let (first, longest) = match self {
            Self::Infobip(_) => (Duration::from_mins(5), Duration::from_hours(6)),
            Self::Template(template) => (
                template::first_poll_interval(template),
                Duration::from_mins(5),
            ),
        };
        (first * (1 << nth.min(12))).min(longest.max(first))
    }

    /// How long the provider may take from the accepted order on.
    pub fn max_wait(&self) -> Duration {
        match self {
            Self::Infobip(_) => Duration::from_hours(13 * 24),
            Self::Template(template) => template::max_wait(template),
        }
    }

    /// How long after the accepted order the operator is alerted that the provider takes long.
    pub fn alert_after(&self) -> Duration {
        self.max_wait().min(Duration::from_hours(24))
    }

    /// How often an order is sent at most while the provider does not answer.
    pub fn max_attempts(&self) -> u16 {
        match self {
            Self::Infobip(_) => 8,
            Self::Template(template) => template.max_attempts.unwrap_or(8).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn provider_names_the_secrets_that_its_requests_need() {
        for (settings, names) in [
            (
                json!({"infobip": {"base_url": "https://x.api.infobip.com"}}),
                vec!["infobip"],
            ),
            (
                json!({"handoff": {"url": "https://crm.example/", "headers": {
                    "authorization": "Bearer {secret:crm}", "x-key": "{secret_base64:own}", "x-id": "{waba_id}"}}}),
                vec!["crm", "own"],
            ),
            (json!({"handoff": {"url": "https://crm.example/"}}), vec![]),
        ] {
            let settings: PolicySettings = serde_json::from_value(settings).unwrap();
            let provider = Provider::from_settings(&settings).unwrap();
            let found = provider.secret_names();
            assert_eq!(found.iter().collect::<Vec<_>>(), names);
        }
    }
}
