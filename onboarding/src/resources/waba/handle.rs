//! How requests change the record of an account.

use super::messages::{WabaReply, WabaRequest};
use super::record::{TokenOfRecord, WabaRecord};
use crate::meta::webhook::MetaEvent;
use crate::time::UnixMillis;
use embark_protocol::{SiteId, WabaId};

impl WabaRecord {
    /// Applies a request, and returns the reply to it.
    pub fn handle(&mut self, id: &WabaId, request: WabaRequest) -> WabaReply {
        match request {
            WabaRequest::Claim { site, token, at } => self.claim(id, site, token, at),
            WabaRequest::AddOwner { site } => {
                self.add_owner(site);
                WabaReply::Accepted
            }
            WabaRequest::Token { app } => WabaReply::Token {
                token: self.token_of(&app).map(|token| token.token.clone()),
            },
            WabaRequest::Signup { app } => WabaReply::Signup {
                signup: self.token_of(&app).map(|token| token.signup.clone()),
            },
            WabaRequest::Webhook { event, at } => {
                self.on_event(id, event, at);
                WabaReply::Accepted
            }
            WabaRequest::TokenRefused { app, at } => {
                if let Some(token) = self.token_of(&app) {
                    let event_id = [token.signup.as_str(), "/refused"].concat();
                    self.enqueue_event(id, "token.expiring", &event_id, at);
                }
                WabaReply::Accepted
            }
        }
    }

    fn claim(
        &mut self,
        id: &WabaId,
        site: SiteId,
        token: TokenOfRecord,
        at: UnixMillis,
    ) -> WabaReply {
        let before = self.token_of(&token.app);
        let is_replaced = before.is_some_and(|before| before.signup != token.signup);
        // A repeated claim of the same signup gets the same reply.
        let event_id = [token.signup.as_str(), "/renewed"].concat();
        let is_repeated = before.is_some_and(|before| before.signup == token.signup)
            && self.outbox.iter().any(|event| event.id == event_id);
        let renewed = (is_replaced || is_repeated) && self.owners.contains(&site);
        let is_older = before.is_some_and(|before| before.issued_at > token.issued_at);
        self.add_owner(site);
        if is_older {
            return WabaReply::Claimed { renewed };
        }
        self.tokens.retain(|other| other.app != token.app);
        self.tokens.push(token);
        if renewed {
            self.enqueue_event(id, "token.renewed", &event_id, at);
        }
        WabaReply::Claimed { renewed }
    }

    /// Enqueues what concerns the owning sites. Meta repeats webhooks: an event of the same name and time is the
    /// same event.
    fn on_event(&mut self, id: &WabaId, event: MetaEvent, at: UnixMillis) {
        let name = match event {
            MetaEvent::PartnerAdded { solutions, .. } => {
                self.solutions.extend(solutions);
                self.solutions.sort();
                self.solutions.dedup();
                return;
            }
            MetaEvent::PartnerRemoved { .. } => "account.removed",
            MetaEvent::Offboarded { .. } => "number.offboarded",
            MetaEvent::Reconnected { .. } => "number.reconnected",
            MetaEvent::HistoryDeclined { .. } => "history.declined",
            MetaEvent::History { progress: 100, .. } => "history.complete",
            MetaEvent::History { .. } | MetaEvent::Contacts { .. } | MetaEvent::Echoes { .. } => {
                return;
            }
        };
        let event_id = [id.as_str(), "/", name, "/", &at.0.to_string()].concat();
        self.enqueue_event(id, name, &event_id, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sealed;
    use embark_protocol::{AppKey, SignupId};

    fn day(number: u64) -> UnixMillis {
        UnixMillis(number * DAY)
    }

    const DAY: u64 = 24 * 3_600_000;

    fn id() -> WabaId {
        WabaId::parse("5000000000000001").unwrap()
    }

    fn claim(signup: &str, site: &str) -> WabaRequest {
        let token = TokenOfRecord {
            app: AppKey::parse("main").unwrap(),
            token: Sealed::from_stored("v1.1.x".into()),
            expires_at: Some(100 * DAY / 1_000),
            signup: SignupId::parse(&signup.repeat(32)).unwrap(),
            issued_at: UnixMillis(if signup == "a" { 1 } else { 2 }),
            notices_sent: 0,
        };
        WabaRequest::Claim {
            site: SiteId::parse(site).unwrap(),
            token,
            at: UnixMillis(0),
        }
    }

    fn names(waba: &WabaRecord) -> Vec<&str> {
        waba.outbox
            .iter()
            .map(|event| event.name.as_str())
            .collect()
    }

    #[test]
    fn second_signup_of_the_same_site_renews() {
        let mut waba = WabaRecord::default();
        assert_eq!(
            waba.handle(&id(), claim("a", "acme")),
            WabaReply::Claimed { renewed: false }
        );
        assert_eq!(
            waba.handle(&id(), claim("a", "acme")),
            WabaReply::Claimed { renewed: false }
        );
        for _ in 0..2 {
            assert_eq!(
                waba.handle(&id(), claim("b", "acme")),
                WabaReply::Claimed { renewed: true }
            );
        }
        assert_eq!(names(&waba), ["token.renewed"]);
        assert_eq!(waba.tokens.len(), 1);
    }

    #[test]
    fn older_token_does_not_replace_a_newer_one() {
        let mut waba = WabaRecord::default();
        waba.handle(&id(), claim("b", "acme"));
        waba.handle(&id(), claim("a", "acme"));
        assert_eq!(waba.tokens[0].signup.as_str(), "b".repeat(32));
    }

    #[test]
    fn expiry_notices_are_enqueued_14_and_3_days_before_and_once() {
        let mut waba = WabaRecord::default();
        waba.handle(&id(), claim("a", "acme"));
        assert_eq!(waba.next_wake_at(day(0)), Some(day(86)));
        for (number, count) in [(85, 0), (86, 1), (90, 1), (97, 2), (99, 2), (101, 2)] {
            waba.enqueue_expiry_notices(&id(), day(number));
            assert_eq!(names(&waba), vec!["token.expiring"; count], "day {number}");
        }
        waba.outbox.clear();
        assert_eq!(waba.next_wake_at(day(101)), None);
    }

    #[test]
    fn webhook_event_is_enqueued_once_and_solutions_are_kept() {
        let mut waba = WabaRecord::default();
        waba.handle(&id(), claim("a", "acme"));
        let number = Some("16315550101".to_owned());
        for (event, count) in [
            (
                MetaEvent::Offboarded {
                    waba: id(),
                    number: number.clone(),
                },
                1,
            ),
            (
                MetaEvent::Offboarded {
                    waba: id(),
                    number: number.clone(),
                },
                1,
            ),
            (MetaEvent::Reconnected { waba: id(), number }, 2),
        ] {
            waba.handle(
                &id(),
                WabaRequest::Webhook {
                    event,
                    at: UnixMillis(5),
                },
            );
            assert_eq!(waba.outbox.len(), count);
        }
        assert_eq!(names(&waba), ["number.offboarded", "number.reconnected"]);
        for _ in 0..2 {
            let solutions = vec!["7000000000000001".to_owned()];
            let event = MetaEvent::PartnerAdded {
                waba: id(),
                owner: None,
                solutions,
            };
            waba.handle(
                &id(),
                WabaRequest::Webhook {
                    event,
                    at: UnixMillis(6),
                },
            );
        }
        assert_eq!((waba.solutions.len(), waba.outbox.len()), (1, 2));
    }

    #[test]
    fn refused_token_is_enqueued_once() {
        let mut waba = WabaRecord::default();
        waba.handle(&id(), claim("a", "acme"));
        for _ in 0..3 {
            waba.handle(
                &id(),
                WabaRequest::TokenRefused {
                    app: AppKey::parse("main").unwrap(),
                    at: UnixMillis(5),
                },
            );
        }
        assert_eq!(names(&waba), ["token.expiring"]);
    }
}
