//! How requests change the record of an account.

use super::messages::{WabaReply, WabaRequest};
use super::record::{TokenOfRecord, WabaRecord, token_name};
use super::signups::ConnectedSignup;
use crate::resources::key_rotation::{ResealCount, reseal};
use crate::time::UnixMillis;
use crate::workflow::Context;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{AppKey, SignupId, SiteId, WabaId};
use std::collections::BTreeSet;

impl WabaRecord {
    /// Applies a request, and returns the reply to it.
    pub fn handle(&mut self, id: &WabaId, request: WabaRequest) -> WabaReply {
        if !matches!(
            request,
            WabaRequest::Token { .. }
                | WabaRequest::TokenOfSite { .. }
                | WabaRequest::Signup { .. }
                | WabaRequest::Reseal { .. }
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
                let connected = ConnectedSignup {
                    signup: token.signup.clone(),
                    site: site.clone(),
                    app: token.app.clone(),
                    issued_at: token.issued_at,
                    number,
                };
                // The signup whose place it takes is updated first.
                let reply = self.claim(id, site, token, at);
                self.add_signup(connected);
                reply
            }
            WabaRequest::AddOwner { site, number } => {
                self.add_owner(site.clone());
                if let Some(number) = number {
                    self.transfer_number(number, site);
                }
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
            WabaRequest::Assign { app, site, at } => WabaReply::Assigned {
                signup: self.assign(id, &app, &site, at),
            },
            WabaRequest::Withdraw(withdrawal) => {
                self.withdraw(id, &withdrawal);
                WabaReply::Accepted
            }
            // Changes need rows beside the record: see `WabaRecord::receive`.
            WabaRequest::Changes { .. } => WabaReply::Accepted,
            // Seals rows beside the record, too.
            WabaRequest::Reseal { .. } => WabaReply::Accepted,
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
        self.mark_refused(id, app, is_refused, SiteEventType::TokenRefused, at);
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
        self.mark_refused(id, app, is_refused, SiteEventType::TokenRevoked, at);
    }

    /// Marks tokens that are not valid, and enqueues an event of this type for each, once.
    pub(super) fn mark_refused(
        &mut self,
        id: &WabaId,
        app: &AppKey,
        is_refused: impl Fn(&TokenOfRecord) -> bool,
        event_type: SiteEventType,
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
            self.enqueue_token_update(app, site.as_ref(), None, true, at);
            self.enqueue_token_event(site, app, id, event_type, &event_id, at);
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
            // It is an event of the other owners.
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
            self.enqueue_token_update(&app, Some(&site), Some(&token.signup), false, at);
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

    /// Seals with the newest key what older ones sealed, and enqueues the copies in KV.
    pub fn reseal(&mut self, id: &WabaId, cx: &Context<'_>) -> ResealCount {
        let count = reseal(self, id.as_str(), cx);
        if count.resealed > 0 {
            let apps: BTreeSet<AppKey> =
                self.tokens.iter().map(|token| token.app.clone()).collect();
            for app in apps {
                self.enqueue_copy(id, &app, cx.now);
            }
        }
        count
    }

    /// Enqueues the copy in KV of the token of every app.
    pub fn enqueue_copies(&mut self, id: &WabaId, now: UnixMillis) {
        let apps: BTreeSet<AppKey> = self.tokens.iter().map(|token| token.app.clone()).collect();
        for app in &apps {
            self.enqueue_copy(id, app, now);
        }
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
#[path = "handle_tests.rs"]
mod tests;
