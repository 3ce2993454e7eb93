//! Sends one event to the endpoint of its site: from the consumer of the queue, or from the Site object.

use crate::clock;
use crate::config::Settings;
use crate::fetch;
use embark_onboarding::crypto::SealError;
use embark_onboarding::resources::event_delivery::{
    DeliveryOutcome, DeliveryRequest, EventEndpoint, SigningSecret, StoredSigningSecret, document,
};
use embark_onboarding::resources::site_event::SiteEvent;

/// Opens the secrets that deliveries are signed with now. `settings`: `None` if a variable is missing.
///
/// # Errors
/// One of them cannot be opened.
pub fn open_secrets(
    settings: Option<Settings>,
    endpoint: &EventEndpoint,
) -> Result<Vec<SigningSecret>, SealError> {
    let settings = settings.ok_or(SealError::Malformed)?;
    let open = |stored: &StoredSigningSecret| {
        let text = settings.keyring.open(&stored.name, &stored.sealed)?;
        SigningSecret::parse(text.expose_secret()).map_err(|_| SealError::NotText)
    };
    endpoint.active_secrets(clock::now()).map(open).collect()
}

/// Sends an event. `sequence`: the number of its row.
pub async fn send_event(
    url: &str,
    event: SiteEvent,
    sequence: i64,
    secrets: Result<Vec<SigningSecret>, SealError>,
) -> DeliveryOutcome {
    let failed = |reason: &str| DeliveryOutcome::Failed {
        reason: reason.to_owned(),
        retry_after: None,
    };
    let Ok(secrets) = secrets else {
        return failed("the signing secret cannot be opened");
    };
    let document = document(event, u64::try_from(sequence).unwrap_or_default());
    match DeliveryRequest::new(url.to_owned(), &document, &secrets, clock::now()) {
        Ok(request) => {
            let response = fetch::deliver_event(&request).await;
            DeliveryOutcome::of(&response, clock::now())
        }
        Err(_) => failed("the event cannot be serialised"),
    }
}
