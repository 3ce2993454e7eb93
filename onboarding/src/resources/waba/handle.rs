//! How requests change the record of an account.

use super::messages::{WabaReply, WabaRequest};
use super::news::ConnectedSignup;
use super::record::{TokenOfRecord, WabaRecord, token_name};
use crate::time::UnixMillis;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{AppKey, SignupId, SiteId, WabaId};

impl WabaRecord {
    /// Applies a request, and returns the reply to it.
    pub fn handle(&mut self, id: &WabaId, request: WabaRequest) -> WabaReply {
        if !matches!(
            request,
            WabaRequest::Token { .. }
                | WabaRequest::TokenOfSite { .. }
                | WabaRequest::Signup { .. }
        ) {
            self.id = Some(id.clone());
        }
        match request {
            WabaRequest::Claim {
                site,
                token,
                at,
                number,
            } => {
                self.note_signup(ConnectedSignup {
                    signup: token.signup.clone(),
                    site: site.clone(),
                    app: token.app.clone(),
                    issued_at: token.issued_at,
                    number,
                });
                self.claim(id, site, token, at)
            }
            WabaRequest::AddOwner { site } => {
                self.add_owner(site);
                WabaReply::Accepted
            }
            WabaRequest::Token { app, at } => WabaReply::Token {
                token: self.token_of(&app, at).map(|token| token.token.clone()),
            },
            WabaRequest::TokenOfSite { app, site } => WabaReply::TokenOfRecord {
                token: self.token_of_site(&app, &site).cloned().map(Box::new),
            },
            WabaRequest::Signup { app, site } => {
                let token = match site {
                    Some(site) => self.token_of_site(&app, &site),
                    None => self.token_of(&app, UnixMillis::default()),
                };
                WabaReply::Signup {
                    signup: token.map(|token| token.signup.clone()),
                }
            }
            WabaRequest::TokenRefused { app, at, signup } => {
                self.refuse_token_of(id, &app, signup.as_ref(), at);
                WabaReply::Accepted
            }
            WabaRequest::Withdraw(withdrawal) => {
                self.withdraw(id, &withdrawal);
                WabaReply::Accepted
            }
            // Changes need rows beside the record: see `WabaRecord::receive`.
            WabaRequest::Changes { .. } => WabaReply::Accepted,
        }
    }

    /// Meta refused the token of a signup, or of whichever the app has.
    pub(super) fn refuse_token_of(
        &mut self,
        id: &WabaId,
        app: &AppKey,
        signup: Option<&SignupId>,
        at: UnixMillis,
    ) {
        let signup = match signup {
            Some(signup) => Some(signup.clone()),
            None => self.token_of(app, at).map(|token| token.signup.clone()),
        };
        let is_refused =
            |token: &TokenOfRecord| token.app == *app && Some(&token.signup) == signup.as_ref();
        self.mark_refused(id, app, is_refused, at);
    }

    /// An app has no access to the account any more: none of its tokens that were issued by then is valid.
    pub(super) fn refuse_tokens(
        &mut self,
        id: &WabaId,
        app: &AppKey,
        issued_by: UnixMillis,
        at: UnixMillis,
    ) {
        let is_refused = |token: &TokenOfRecord| token.app == *app && token.issued_at <= issued_by;
        self.mark_refused(id, app, is_refused, at);
    }

    /// Marks tokens that are not valid, and enqueues an event for each, once.
    pub(super) fn mark_refused(
        &mut self,
        id: &WabaId,
        app: &AppKey,
        is_refused: impl Fn(&TokenOfRecord) -> bool,
        at: UnixMillis,
    ) {
        let mut refused = vec![];
        for token in &mut self.tokens {
            if is_refused(token) && token.refused_at.is_none() {
                token.refused_at = Some(at);
                // A signup that is launched again has another token.
                let issued_at = token.issued_at.0.to_string();
                let event_id = [token.signup.as_str(), "/refused/", &issued_at].concat();
                refused.push((token.site.clone(), event_id));
            }
        }
        if refused.is_empty() {
            return;
        }
        for (site, event_id) in refused {
            self.tell_of_token(app, site.as_ref(), None, true, at);
            self.enqueue_token_event(site, app, id, SiteEventType::TokenRefused, &event_id, at);
        }
        // Another site's token may be the better one now.
        self.enqueue_copy(id, app, at);
    }

    /// Keeps the token, unless the site has one of the app that is newer, or one that is valid and has a permission
    /// that this one lacks. Tokens of other sites stay as they are. Repeated, it changes nothing.
    fn claim(
        &mut self,
        id: &WabaId,
        site: SiteId,
        mut token: TokenOfRecord,
        at: UnixMillis,
    ) -> WabaReply {
        let before = self.token_of_site(&token.app, &site).cloned();
        let event_id = |event: &str| [token.signup.as_str(), event].concat();
        let is_repeated = before
            .as_ref()
            .is_some_and(|before| before.signup == token.signup);
        let renewed = match &before {
            // A repeated claim gets the same reply.
            Some(before) if is_repeated => before.is_renewal,
            Some(_) => self.owners.contains(&site),
            None => false,
        };
        if !self.owners.contains(&site) {
            // The other owners hear of it.
            let added_id = event_id("/owner_added");
            self.enqueue_event(id, SiteEventType::AccountOwnerAdded, &added_id, at);
            self.add_owner(site.clone());
        }
        let is_known = before.as_ref().is_some_and(|before| {
            before.issued_at > token.issued_at
                || (is_repeated && before.issued_at == token.issued_at)
        });
        if is_known {
            return WabaReply::Claimed { renewed };
        }
        let would_lose_scopes = before.as_ref().is_some_and(|before| {
            !is_repeated && token.has_fewer_scopes_than(before) && before.is_valid(at)
        });
        if would_lose_scopes {
            let kept_id = event_id("/kept");
            self.enqueue_event_of(&site, id, SiteEventType::TokenKept, &kept_id, at);
            return WabaReply::Claimed { renewed };
        }
        if renewed {
            self.enqueue_event_of(
                &site,
                id,
                SiteEventType::TokenRenewed,
                &event_id("/renewed"),
                at,
            );
        }
        let app = token.app.clone();
        if before
            .as_ref()
            .is_some_and(|before| before.refused_at.is_some())
        {
            self.tell_of_token(&app, Some(&site), Some(&token.signup), false, at);
        }
        self.tokens.retain(|other| {
            let is_before = before.as_ref().is_some_and(|before| before == other);
            let of_site = other.site.as_ref() == Some(&site);
            other.app != app || !(is_before || of_site)
        });
        token.site = Some(site);
        token.is_renewal = renewed;
        self.tokens.push(token);
        self.enqueue_copy(id, &app, at);
        WabaReply::Claimed { renewed }
    }

    /// Enqueues the copy in KV of the token of an app.
    pub(super) fn enqueue_copy(&mut self, id: &WabaId, app: &AppKey, now: UnixMillis) {
        if let Some(token) = self.token_of(app, now) {
            let value = token.token.as_str().to_owned();
            self.pending_copies.enqueue(token_name(app, id), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sealed;
    use crate::resources::kv_copies::{CopyTask, PendingCopies};

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
            site: None,
            scopes: vec!["management".into()],
            token: Sealed::from_stored("v1.1.x".into()),
            expires_at: Some(100 * DAY / 1_000),
            signup: SignupId::parse(&signup.repeat(32)).unwrap(),
            user_id: None,
            issued_at: UnixMillis(if signup == "a" { 1 } else { 2 }),
            is_renewal: false,
            refused_at: None,
            notices_sent: 0,
        };
        WabaRequest::Claim {
            site: SiteId::parse(site).unwrap(),
            token,
            at: UnixMillis(0),
            number: None,
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
        assert_eq!(
            waba.handle(&id(), claim("b", "acme")),
            WabaReply::Claimed { renewed: true }
        );
        assert_eq!(names(&waba), ["token.renewed"]);
        // The event is delivered, then the claim is repeated because its reply was lost.
        waba.outbox.clear();
        assert_eq!(
            waba.handle(&id(), claim("b", "acme")),
            WabaReply::Claimed { renewed: true }
        );
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
    fn claim_of_second_site_keeps_first_token_and_notifies_owner() {
        let mut waba = WabaRecord::default();
        waba.handle(&id(), claim("a", "acme"));
        waba.handle(&id(), claim("b", "rival"));
        let signup_of = |site: &str| {
            let app = AppKey::parse("main").unwrap();
            let token = waba.token_of_site(&app, &SiteId::parse(site).unwrap());
            token.unwrap().signup.as_str().chars().next()
        };
        assert_eq!(
            (signup_of("acme"), signup_of("rival")),
            (Some('a'), Some('b'))
        );
        let event_sites: Vec<_> = waba
            .outbox
            .iter()
            .map(|event| event.site.as_str())
            .collect();
        assert_eq!(
            (names(&waba), event_sites),
            (vec!["account.owner_added"], vec!["acme"])
        );
    }

    #[test]
    fn valid_token_is_not_replaced_by_one_with_fewer_scopes() {
        for (at_day, kept) in [(50, true), (101, false)] {
            let mut waba = WabaRecord::default();
            let mut both = claim("a", "acme");
            if let WabaRequest::Claim { token, .. } = &mut both {
                token.scopes.push("messaging".into());
            }
            waba.handle(&id(), both);
            let mut fewer = claim("b", "acme");
            if let WabaRequest::Claim { at, .. } = &mut fewer {
                *at = day(at_day);
            }
            for _ in 0..2 {
                waba.handle(&id(), fewer.clone());
            }
            let kept_signup = if kept { "a" } else { "b" };
            assert_eq!(
                waba.tokens[0].signup.as_str(),
                kept_signup.repeat(32),
                "{at_day}"
            );
            let event = if kept { "token.kept" } else { "token.renewed" };
            assert_eq!(names(&waba), [event], "{at_day}");
        }
    }

    #[test]
    fn pending_copy_is_token_with_most_scopes() {
        let mut waba = WabaRecord::default();
        let mut both = claim("a", "acme");
        if let WabaRequest::Claim { token, .. } = &mut both {
            token.scopes.push("messaging".into());
            token.token = Sealed::from_stored("v1.1.both".into());
        }
        waba.handle(&id(), both);
        waba.handle(&id(), claim("b", "rival"));
        let Some(CopyTask::Put(copy, value)) = waba.pending_copies.next_task(day(0)) else {
            panic!("a copy is pending")
        };
        assert_eq!(copy.key, "token/main/5000000000000001");
        assert_eq!(value, "v1.1.both");
    }

    #[test]
    fn token_stored_without_its_site_is_renewed_by_an_owner() {
        let mut waba = WabaRecord::default();
        waba.handle(&id(), claim("a", "acme"));
        waba.tokens[0].site = None;
        let renewed = waba.handle(&id(), claim("b", "acme"));
        assert_eq!(renewed, WabaReply::Claimed { renewed: true });
        assert_eq!(waba.tokens.len(), 1);
    }

    #[test]
    fn expiry_notices_are_enqueued_14_and_3_days_before_and_once() {
        let mut waba = WabaRecord::default();
        waba.handle(&id(), claim("a", "acme"));
        waba.pending_copies = PendingCopies::default();
        assert_eq!(waba.next_wake_at(day(0)), Some(day(86)));
        for (number, count) in [(85, 0), (86, 1), (90, 1), (97, 2), (99, 2), (101, 2)] {
            waba.enqueue_expiry_notices(&id(), day(number));
            assert_eq!(names(&waba), vec!["token.expiring"; count], "day {number}");
        }
        waba.outbox.clear();
        assert_eq!(waba.next_wake_at(day(101)), None);
    }

    #[test]
    fn refused_token_is_enqueued_once_and_another_one_is_preferred() {
        let mut waba = WabaRecord::default();
        waba.handle(&id(), claim("a", "acme"));
        waba.handle(&id(), claim("b", "rival"));
        waba.outbox.clear();
        let app = AppKey::parse("main").unwrap();
        let refused = WabaRequest::TokenRefused {
            app: app.clone(),
            at: UnixMillis(5),
            signup: SignupId::parse(&"b".repeat(32)).ok(),
        };
        for _ in 0..3 {
            waba.handle(&id(), refused.clone());
        }
        assert_eq!(names(&waba), ["token.refused"]);
        assert_eq!(waba.outbox[0].site.as_str(), "rival");
        let token = waba.token_of(&app, day(1)).unwrap();
        assert_eq!(token.signup.as_str(), "a".repeat(32));
    }

    #[test]
    fn refused_token_is_replaced_by_one_with_fewer_scopes() {
        let mut waba = WabaRecord::default();
        let mut both = claim("a", "acme");
        if let WabaRequest::Claim { token, .. } = &mut both {
            token.scopes.push("messaging".into());
        }
        waba.handle(&id(), both);
        let app = AppKey::parse("main").unwrap();
        let at = day(1);
        waba.handle(
            &id(),
            WabaRequest::TokenRefused {
                app,
                at,
                signup: None,
            },
        );
        waba.handle(&id(), claim("b", "acme"));
        assert_eq!(waba.tokens[0].signup.as_str(), "b".repeat(32));
        assert_eq!(names(&waba), ["token.refused", "token.renewed"]);
    }
}
