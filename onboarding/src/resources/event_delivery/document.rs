//! The document of an event, as it is delivered and listed.

use crate::auth::grant::Grant;
use crate::crypto::{Keyring, sha256_hex};
use crate::resources::site_event::SiteEvent;
use crate::time::UnixMillis;
use embark_protocol::site_events::{SiteEventData, SiteEventDocument};
use embark_protocol::{PhoneNumberId, SignupId};

/// What the links of events are made with.
#[derive(Clone, Copy)]
pub struct LinkSigner<'a> {
    /// The deployment's public origin.
    pub origin: &'a str,
    /// Signs.
    pub keyring: &'a Keyring,
    /// When they begin to be valid.
    pub now: UnixMillis,
}

/// The document of a stored event. `sequence`: the number of its row. `links`: `None` leaves links out.
pub fn document(
    event: SiteEvent,
    sequence: u64,
    links: Option<LinkSigner<'_>>,
) -> SiteEventDocument {
    let timestamp = event.at.to_rfc3339();
    let phone_number_id = phone_number_id(&event);
    let link = links.and_then(|links| renewal_link(&event, links));
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
            link,
            register_by: event.register_by.map(|at| at.0),
            quota: event.quota.map(|quota| *quota),
            solution: event.solution,
        },
    }
}

/// The link by which the customer renews the token that the event is about. However often the event is delivered, its
/// links begin the same signup. `None`: it is about no token.
fn renewal_link(event: &SiteEvent, links: LinkSigner<'_>) -> Option<String> {
    let (app, waba) = (event.renewable_app.clone()?, event.waba.clone()?);
    let seed = [webhook_id(event).as_str(), "/renewal"].concat();
    let digest = sha256_hex(seed.as_bytes());
    let signup = SignupId::parse(digest.get(..32)?).ok()?;
    let site = event.site.clone();
    Grant::renewal(signup, site, app, waba, links.origin, links.now)
        .hosted_page_url(links.origin, links.keyring)
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

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use embark_protocol::site_events::SiteEventType;
    use embark_protocol::{AppKey, ProblemCode, SiteId, WabaId};

    fn keyring() -> Keyring {
        Keyring::parse(&[(1, "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".into())]).unwrap()
    }

    fn refused(app: Option<&str>) -> SiteEvent {
        let site = SiteId::parse("acme").unwrap();
        let event_type = SiteEventType::TokenRefused;
        SiteEvent {
            waba: WabaId::parse("5000000000000001").ok(),
            renewable_app: app.and_then(|app| AppKey::parse(app).ok()),
            ..SiteEvent::new("x/refused/1".to_owned(), site, event_type, UnixMillis(0))
        }
    }

    #[test]
    fn event_about_a_token_has_a_link_that_is_good_for_two_weeks_from_each_delivery() {
        let keyring = keyring();
        let origin = "https://signup.partner.example";
        let link_at = |now: UnixMillis| {
            let links = LinkSigner {
                origin,
                keyring: &keyring,
                now,
            };
            let document = document(refused(Some("main")), 1, Some(links));
            document.data.link.unwrap()
        };
        let day = Duration::from_hours(24);
        for delivered in [UnixMillis(0), UnixMillis(0) + 30 * day] {
            let link = link_at(delivered);
            let token = link.strip_prefix("https://signup.partner.example/go/acme#embark=");
            let (signup, grant) = token.unwrap().split_once('.').unwrap();
            let signup = SignupId::parse(signup).unwrap();
            let held = [grant, "~", &"w".repeat(32)].concat();
            let verify = |now| Grant::verify(&held, &signup, &keyring, now);
            let grant = verify(delivered + 13 * day).unwrap();
            assert_eq!(grant.bound_waba, WabaId::parse("5000000000000001").ok());
            assert_eq!(
                verify(delivered + 15 * day).err(),
                Some(ProblemCode::GrantExpired)
            );
        }
        let signup_of = |link: String| link.split('.').nth(2).map(str::to_owned);
        assert_eq!(
            signup_of(link_at(UnixMillis(0))),
            signup_of(link_at(UnixMillis(5)))
        );
    }

    #[test]
    fn event_about_no_token_has_no_link() {
        let keyring = keyring();
        let links = LinkSigner {
            origin: "https://signup.partner.example",
            keyring: &keyring,
            now: UnixMillis(0),
        };
        assert_eq!(document(refused(None), 1, Some(links)).data.link, None);
        assert_eq!(document(refused(Some("main")), 1, None).data.link, None);
    }
}
