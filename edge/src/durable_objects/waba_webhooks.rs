//! Meta's webhooks in the Waba object: changes are taken in once, and their events delivered to every owner.

use super::rpc;
use super::waba::{Waba, send_event};
use super::waba_rows::{PendingEventRow, WabaRows};
use crate::clock;
use crate::telemetry;
use core::cell::RefCell;
use core::time::Duration;
use embark_onboarding::meta::webhook::MetaChange;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::waba::{
    Listing, RESEND_AFTER, WabaRecord, WabaReply, WabaRequest,
};
use embark_onboarding::telemetry::Subject;
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, SiteId, WabaId};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;
use std::collections::BTreeSet;
use worker::{Env, Result};

impl Waba {
    /// Takes in changes. When this returns they are stored, or are those of an account that nobody owns and of which
    /// nothing more is stored. An account that nobody owns is listed before anything of it is stored: `Unlisted`, if the sender
    /// is to do that.
    ///
    /// # Errors
    /// They are not all stored: they must come again.
    pub(super) async fn receive(
        &self,
        id: &WabaId,
        app: &AppKey,
        changes: Vec<MetaChange>,
        listing: Listing,
    ) -> Result<WabaReply> {
        let settings = self.storage.settings().ok_or("settings")?;
        let now = clock::now();
        let record = self.record.get(&self.storage)?;
        let due = record.borrow().listing_due(&changes, now);
        if let Some(until) = due {
            let is_listed = match listing {
                Listing::BySender => return Ok(WabaReply::Unlisted { until }),
                Listing::Until(listed) => listed >= until.before(LISTED_MAY_LAG),
                Listing::ByObject => false,
            };
            if !is_listed && !list(self.storage.env(), id, app, now, until).await? {
                let detail = format!("too many: {id} dropped");
                telemetry::warning("unclaimed", &detail, &Subject::app(app));
                return Ok(WabaReply::Accepted);
            }
            // Also if it was claimed meanwhile: it is taken from the list then.
            self.change(|record| record.on_listed(until))?;
        }
        let rows = WabaRows::open(&self.storage)?;
        let unseen = rows.unseen(changes)?;
        if !unseen.is_empty() {
            let has_messages = unseen.iter().any(|change| change.messages.is_some());
            let owners = record.borrow().owners.clone();
            let forwarding = match has_messages {
                true => self.forwarding.among(self.storage.env(), &owners).await?,
                false => vec![],
            };
            // Others may have taken them in meanwhile.
            let unseen = rows.unseen(unseen)?;
            let keys: Vec<String> = unseen.iter().map(|change| change.key.clone()).collect();
            let pending = rows.count_pending()?;
            let receive = |record: &mut WabaRecord| {
                record.receive(id, app, unseen, &forwarding, pending, now)
            };
            let events = self.change(receive)?;
            rows.store(id, &settings, &keys, &events, now)?;
        }
        self.schedule_rows(&rows).await?;
        Ok(WabaReply::Accepted)
    }

    /// Applies any other request. What is outdated is gone before a claim makes the rest an owner's.
    ///
    /// # Errors
    /// The storage refused it.
    pub(super) fn claim_with_pending(
        &self,
        id: &WabaId,
        request: WabaRequest,
    ) -> Result<WabaReply> {
        let was_owned = self.record.get(&self.storage)?.borrow().is_owned();
        let reply = self.change(|record| record.handle(id, request))?;
        if !was_owned {
            WabaRows::open(&self.storage)?.delete_outdated(clock::now())?;
        }
        Ok(reply)
    }

    /// Delivers events, deletes what is outdated, and the whole object if nothing else is in it. Returns when to do so again.
    /// `None`: not by itself.
    ///
    /// # Errors
    /// The storage refused it.
    pub(super) async fn work_on_rows(&self, id: &WabaId) -> Result<Option<UnixMillis>> {
        let rows = WabaRows::open(&self.storage)?;
        rows.delete_outdated_keys();
        let is_owned = self.record.get(&self.storage)?.borrow().is_owned();
        if !is_owned {
            rows.delete_outdated(clock::now())?;
            let is_unused = self.record.get(&self.storage)?.borrow().is_unused();
            if is_unused && rows.are_empty()? && self.storage.is_newest()? {
                self.record.invalidate();
                self.storage.erase().await?;
                return Ok(None);
            }
            return rows.next_wake_at(false);
        }
        self.unlist(id).await?;
        let resend = self.deliver_pending(id, &rows).await?;
        let outdated = rows.next_wake_at(true)?;
        Ok(resend.into_iter().chain(outdated).min())
    }

    /// Sets the alarm for the rows: at once, if there is something to deliver.
    async fn schedule_rows(&self, rows: &WabaRows<'_>) -> Result<()> {
        let now = clock::now();
        let is_owned = self.record.get(&self.storage)?.borrow().is_owned();
        let delivery = (is_owned && rows.count_pending()? > 0).then_some(now);
        let outdated = rows.next_wake_at(is_owned)?;
        if let Some(at) = delivery.into_iter().chain(outdated).min() {
            self.storage.set_alarm_within(now.until(at)).await;
        }
        self.schedule_alarm().await
    }

    /// Sends the events that are pending, in their order, each to every owner. Those that an owner did not acknowledge stay.
    /// Goes on where the last pass ended, so that many of them keep none from being sent. Returns when to go on.
    async fn deliver_pending(
        &self,
        id: &WabaId,
        rows: &WabaRows<'_>,
    ) -> Result<Option<UnixMillis>> {
        let settings = self.storage.settings().ok_or("settings")?;
        let began_at = self.record.get(&self.storage)?.borrow().delivered_to;
        let (mut after, mut resend, mut has_progress) = (began_at, None, false);
        let silent = RefCell::default();
        for _ in 0..CHUNKS_PER_ALARM {
            let chunk = rows.pending(id, &settings, after, CHUNK)?;
            let Some(last) = chunk.last() else {
                if began_at > 0 {
                    self.change(|record| record.delivered_to = 0)?;
                }
                // Those before the place where this pass began come next.
                let rest = (began_at > 0).then(|| clock::now() + RESEND_AFTER);
                return Ok(resend.or(rest));
            };
            after = last.number;
            let mut deliveries = stream::iter(chunk)
                .map(|row| self.deliver(id, row, &silent))
                .buffer_unordered(AT_ONCE);
            while let Some(delivered) = deliveries.next().await {
                match delivered? {
                    Some(number) => {
                        has_progress = true;
                        rows.delete(number)?;
                    }
                    None => resend = Some(clock::now() + RESEND_AFTER),
                }
            }
        }
        // There are more.
        self.change(|record| record.delivered_to = after)?;
        let pause = if has_progress {
            Duration::ZERO
        } else {
            RESEND_AFTER
        };
        Ok(Some(clock::now() + pause))
    }

    /// Sends an event to every owner, whether or not another one replies. `silent`: those that did not reply in this pass, which
    /// are asked again in the next. Returns its number, if it is done with. `None`: an owner did not acknowledge it, or it
    /// cannot be opened and is kept still.
    async fn deliver(
        &self,
        id: &WabaId,
        row: PendingEventRow,
        silent: &RefCell<BTreeSet<SiteId>>,
    ) -> Result<Option<i64>> {
        let Some(pending) = &row.event else {
            let detail = format!("event {} of {id}", row.number);
            telemetry::failure("open_event", &detail, &Subject::default());
            return Ok((clock::now() >= row.kept_until).then_some(row.number));
        };
        let events = self
            .record
            .get(&self.storage)?
            .borrow()
            .events_of(id, pending);
        let sent = events.iter().map(async |event| {
            if silent.borrow().contains(&event.site) {
                return false;
            }
            let is_sent = send_event(self.storage.env(), event).await;
            if !is_sent {
                silent.borrow_mut().insert(event.site.clone());
            }
            is_sent
        });
        let sent = join_all(sent).await;
        Ok(sent.into_iter().all(|sent| sent).then_some(row.number))
    }

    /// Tells the Partner object that the account has an owner. If it does not reply, the next alarm does.
    async fn unlist(&self, id: &WabaId) -> Result<()> {
        if !self.record.get(&self.storage)?.borrow().unlisting_due() {
            return Ok(());
        }
        let request = PartnerRequest::Claimed { waba: id.clone() };
        let reply = rpc::call(self.storage.env(), &Singleton, &request).await;
        if let Ok(PartnerReply::Accepted) = reply {
            self.change(|record| record.listed_until = None)?;
        }
        Ok(())
    }
}

/// Lists the account as unclaimed. `false`: the app has too many.
async fn list(
    env: &Env,
    id: &WabaId,
    app: &AppKey,
    at: UnixMillis,
    until: UnixMillis,
) -> Result<bool> {
    let request = PartnerRequest::ListUnclaimed {
        waba: id.clone(),
        app: app.clone(),
        at,
        until,
    };
    match rpc::call(env, &Singleton, &request).await {
        Ok(PartnerReply::Listed { listed }) => Ok(listed),
        Ok(_) => Err(RpcError::UnexpectedReply.to_string().into()),
        Err(error) => Err(error.to_string().into()),
    }
}

/// By how much the listing of an account may be older than the request that says so.
const LISTED_MAY_LAG: Duration = Duration::from_mins(5);
/// Events that are read at a time.
const CHUNK: i64 = 50;
/// After so many the next alarm goes on: an alarm has a limited time.
const CHUNKS_PER_ALARM: usize = 20;
/// Events that are sent at the same time: an object may have six requests open, and a signup's claim may be another.
const AT_ONCE: usize = 5;
