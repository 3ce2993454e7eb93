//! Customers who come by Meta's hosted page, without a page of a site: Meta's webhook is all that says so
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/hosted-es>). The account is
//! signed up for the one site that takes such signups, or for the one that an operator assigns it to.

use super::record::WabaRecord;
use super::signups::HostedCustomer;
use super::webhook_events::event_type;
use crate::crypto::sha256_hex;
use crate::meta::webhook::AccountEvent;
use crate::resources::run::HostedSignup;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{AppKey, BusinessId, SignupId, SiteId, WabaId};

impl WabaRecord {
    /// A webhook said that a customer came. While a page of a site may be about to claim the account, nothing is done.
    pub(super) fn note_customer(
        &mut self,
        app: &AppKey,
        event: &AccountEvent,
        at: UnixMillis,
        now: UnixMillis,
    ) {
        let is_arrival = matches!(
            event_type(event),
            SiteEventType::AccountAdded | SiteEventType::AccountAppInstalled
        );
        let business = event.meta.pointer("/value/waba_info/owner_business_id");
        let business = business.and_then(|id| match id.as_str() {
            Some(text) => BusinessId::parse(text).ok(),
            None => BusinessId::parse(&id.to_string()).ok(),
        });
        let Some(business) = business.filter(|_| is_arrival && !self.is_owned()) else {
            return;
        };
        // Of several arrivals the first begins the signup.
        if self
            .hosted
            .as_ref()
            .is_none_or(|known| known.app != *app && known.site.is_none())
        {
            self.hosted = Some(HostedCustomer {
                app: app.clone(),
                business,
                at,
                site: None,
                not_before: now + PAGE_CLAIMS_WITHIN,
            });
        }
    }

    /// An operator assigns the account to a site of this app. `None`: nobody owns the account and no customer of the app came.
    pub fn assign(
        &mut self,
        waba: &WabaId,
        app: &AppKey,
        site: &SiteId,
        now: UnixMillis,
    ) -> Option<SignupId> {
        if self.is_owned() {
            return None;
        }
        let customer = self
            .hosted
            .as_mut()
            .filter(|customer| customer.app == *app)?;
        if customer.site.is_none() {
            customer.site = Some(site.clone());
        }
        customer.not_before = now;
        (customer.site.as_ref() == Some(site)).then(|| signup_id(waba, customer))?
    }

    /// The app whose hosted site is to be looked up now. `None`: none.
    pub fn hosted_site_due(&self, now: UnixMillis) -> Option<&AppKey> {
        let customer = self.hosted.as_ref().filter(|_| !self.is_owned())?;
        let is_due = customer.site.is_none() && customer.not_before <= now;
        is_due.then_some(&customer.app)
    }

    /// Which site takes the hosted signups of the app. `None`: none does, or it is not known; it is looked up again later.
    pub fn on_hosted_site(&mut self, site: Option<SiteId>, now: UnixMillis) {
        if let Some(customer) = &mut self.hosted
            && customer.site.is_none()
        {
            customer.not_before = match site {
                Some(_) => now,
                None => now + LOOKED_UP_AGAIN_AFTER,
            };
            customer.site = site;
        }
    }

    /// The signup that is to be started now. Its id is the same each time. `None`: none.
    pub fn hosted_signup_due(
        &self,
        waba: &WabaId,
        now: UnixMillis,
    ) -> Option<(SignupId, HostedSignup)> {
        let customer = self.hosted.as_ref().filter(|_| !self.is_owned())?;
        let site = customer
            .site
            .clone()
            .filter(|_| customer.not_before <= now)?;
        let hosted = HostedSignup {
            site,
            app: customer.app.clone(),
            waba: waba.clone(),
            business: customer.business.clone(),
        };
        Some((signup_id(waba, customer)?, hosted))
    }

    /// The Run object has the signup, or did not reply and is asked again.
    pub fn on_hosted_signup(&mut self, is_started: bool, now: UnixMillis) {
        if let Some(customer) = &mut self.hosted {
            customer.not_before = now
                + if is_started {
                    LOOKED_UP_AGAIN_AFTER
                } else {
                    AGAIN_AFTER
                };
        }
    }

    /// Forgets the customer once the account has an owner, or none came for as long as Meta lets a signup be completed.
    /// Returns whether that changed anything.
    pub fn forget_customer(&mut self, now: UnixMillis) -> bool {
        let is_owned = self.is_owned();
        let is_over = |customer: &HostedCustomer| is_owned || now.since(customer.at) > KEPT_FOR;
        self.hosted.take_if(|customer| is_over(customer)).is_some()
    }

    /// `None`: there is no customer.
    pub(super) fn next_hosted_at(&self) -> Option<UnixMillis> {
        self.hosted.as_ref().map(|customer| customer.not_before)
    }
}

/// The same for the same arrival.
fn signup_id(waba: &WabaId, customer: &HostedCustomer) -> Option<SignupId> {
    let at = customer.at.0.to_string();
    let seed = [
        "hosted/",
        customer.app.as_str(),
        "/",
        waba.as_str(),
        "/",
        &at,
    ]
    .concat();
    let digest = sha256_hex(seed.as_bytes());
    SignupId::parse(digest.get(..32)?).ok()
}

/// A customer who came by a page of another site may first have to answer a question there: their account must not become this
/// site's meanwhile.
const PAGE_CLAIMS_WITHIN: Duration = Duration::from_hours(1);
const AGAIN_AFTER: Duration = Duration::from_mins(1);
/// The settings of sites may change.
const LOOKED_UP_AGAIN_AFTER: Duration = Duration::from_hours(1);
/// As long as the event of the arrival.
const KEPT_FOR: Duration = Duration::from_hours(14 * 24);
