//! The document of an event, as it is delivered and listed.

use crate::crypto::sha256_hex;
use crate::resources::site_event::SiteEvent;
use embark_protocol::PhoneNumberId;
use embark_protocol::site_events::{SiteEventData, SiteEventDocument};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The document of a stored event. `sequence`: the number of its row.
pub fn document(event: SiteEvent, sequence: u64) -> SiteEventDocument {
    let at = i64::try_from(event.at.as_secs()).unwrap_or_default();
    let timestamp = OffsetDateTime::from_unix_timestamp(at).ok();
    let timestamp = timestamp.and_then(|at| at.format(&Rfc3339).ok());
    let phone_number_id = phone_number_id(&event);
    SiteEventDocument {
        id: webhook_id(&event),
        event_type: event.name,
        timestamp: timestamp.unwrap_or_default(),
        data: SiteEventData {
            phone_number_id,
            site: event.site,
            sequence,
            signup: event.signup,
            reference: event.reference,
            waba_id: event.waba,
            connected: event.connected.map(|connected| *connected),
            problem: event.problem.map(|problem| *problem),
            meta: event.meta.map(|meta| *meta),
        },
    }
}

/// The number that was connected, or that Meta's change names.
fn phone_number_id(event: &SiteEvent) -> Option<PhoneNumberId> {
    let connected = event.connected.as_ref();
    let connected = connected.and_then(|connected| connected.phone_number_id.clone());
    connected.or_else(|| {
        let id = event.meta.as_ref()?.pointer(PHONE_NUMBER_ID)?.as_str()?;
        PhoneNumberId::parse(id).ok()
    })
}

/// The id of an event for receivers. The specification allows no full stop in it, which event names have.
pub fn webhook_id(event: &SiteEvent) -> String {
    let digest = sha256_hex([event.site.as_str(), "/", &event.id].concat().as_bytes());
    ["evt_", digest.get(..32).unwrap_or_default()].concat()
}

/// Where Meta's changes name a number.
const PHONE_NUMBER_ID: &str = "/value/metadata/phone_number_id";
