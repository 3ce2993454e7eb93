//! Sends one event to the endpoint of its site: from the consumer of the queue, or from the Site object.

use crate::clock;
use crate::config::Settings;
use crate::fetch;
use embark_onboarding::crypto::SealError;
use embark_onboarding::resources::event_delivery::{
    DeliveryOutcome, DeliveryRequest, EventEndpoint, SigningSecret, StoredSigningSecret, document,
};
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::telemetry::Subject;

/// Sends an event to an endpoint. `settings`: `None` if a variable is missing. `sequence`: the number of its row.
pub async fn send_event(
    settings: Option<Settings>,
    endpoint: &EventEndpoint,
    event: SiteEvent,
    sequence: i64,
) -> DeliveryOutcome {
    let failed = |reason: &str| DeliveryOutcome::Failed {
        reason: reason.to_owned(),
        retry_after: None,
    };
    let Ok(secrets) = open_secrets(settings.as_ref(), endpoint) else {
        return failed("the signing secret cannot be opened");
    };
    let subject = Subject {
        signup: event.signup.clone(),
        ..Subject::site(&event.site)
    };
    let links = settings.as_ref().map(Settings::link_signer);
    let document = document(event, u64::try_from(sequence).unwrap_or_default(), links);
    match DeliveryRequest::new(endpoint.url.clone(), &document, &secrets, clock::now()) {
        Ok(request) => {
            let response = fetch::deliver_event(&request, &subject).await;
            DeliveryOutcome::of(&response, clock::now())
        }
        Err(_) => failed("the event cannot be serialised"),
    }
}

/// Opens the secrets that deliveries are signed with now.
fn open_secrets(
    settings: Option<&Settings>,
    endpoint: &EventEndpoint,
) -> Result<Vec<SigningSecret>, SealError> {
    let settings = settings.ok_or(SealError::Malformed)?;
    let open = |stored: &StoredSigningSecret| {
        let text = settings.keyring.open(&stored.name, &stored.sealed)?;
        SigningSecret::parse(text.expose_secret()).map_err(|_| SealError::NotText)
    };
    endpoint.active_secrets(clock::now()).map(open).collect()
}
