//! Delivers the events of a site to its endpoint. The rules are in `embark_onboarding::resources::event_delivery`.

use super::deliveries::{self, DueEvent, Next};
use super::drive_lock::DriveLock;
use super::record::ObjectRecord;
use super::site_events;
use super::storage::ObjectStorage;
use crate::config::Settings;
use crate::{clock, fetch, random};
use core::time::Duration;
use embark_onboarding::crypto::SealError;
use embark_onboarding::resources::event_delivery::{
    DeliveryOutcome, DeliveryRequest, EventEndpoint, SigningSecret, StoredSigningSecret, document,
    schedule,
};
use embark_onboarding::resources::site::SiteRecord;
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::RecordChanges;
use embark_protocol::SiteId;
use embark_protocol::backend::{DeliveryState, DisabledReason};
use embark_protocol::site_events::{SiteEventDocument, SiteEventType};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use std::rc::Rc;
use worker::Result;

/// Delivers the events of one Site object, a few at a time.
pub struct EventDeliverer {
    storage: Rc<ObjectStorage>,
    record: Rc<ObjectRecord<SiteRecord>>,
    lock: DriveLock,
    /// Announces events that came while others are on their way.
    arrivals: RecordChanges,
}

impl EventDeliverer {
    /// For the object with this storage and record.
    pub fn new(storage: Rc<ObjectStorage>, record: Rc<ObjectRecord<SiteRecord>>) -> Self {
        Self {
            storage,
            record,
            lock: DriveLock::default(),
            arrivals: RecordChanges::default(),
        }
    }

    /// Stores an event of the site, and delivers it in the background.
    ///
    /// # Errors
    /// The storage refused it.
    pub async fn enqueue(self: &Rc<Self>, event: &SiteEvent) -> Result<()> {
        // What comes while the endpoint is switched off is replayed with what was given up.
        let delivery = self.endpoint()?.map(|endpoint| match endpoint.disabled {
            None => DeliveryState::Pending,
            Some(_) => DeliveryState::Dead,
        });
        site_events::enqueue(&self.storage, event, delivery)?;
        if delivery == Some(DeliveryState::Pending) {
            self.spawn().await;
        }
        Ok(())
    }

    /// Delivers what is due in the background, after the request that this is called in.
    pub async fn spawn(self: &Rc<Self>) {
        // Should this incarnation end before.
        self.storage.set_alarm_within(SENT_AGAIN_AFTER).await;
        self.arrivals.notify_request();
        let deliverer = self.clone();
        self.storage
            .state()
            .wait_until(async move { deliverer.deliver().await });
    }

    /// As [`spawn`](Self::spawn), if anything is pending.
    pub async fn spawn_due(self: &Rc<Self>) {
        let has_pending = self.endpoint().is_ok_and(|endpoint| endpoint.is_some())
            && deliveries::next_due(&self.storage).is_ok_and(|due| due.is_some());
        if has_pending {
            self.spawn().await;
        }
    }

    /// Delivers what is due, and sets the alarm for what will be. Does nothing while another call does so.
    pub async fn deliver(&self) {
        if !self.lock.try_acquire() {
            return;
        }
        let delivered = self.deliver_due().await;
        self.lock.release();
        // Those that it waited for in vain.
        self.arrivals.notify();
        if let Err(error) = delivered.and(self.schedule().await) {
            // The alarm that was set when it began repeats it.
            worker::console_error!("deliveries: {error}");
        }
    }

    /// Sends what is due, as many at a time as the endpoint takes, and what comes meanwhile, until nothing is due and
    /// nothing on its way.
    async fn deliver_due(&self) -> Result<()> {
        let mut sent = FuturesUnordered::new();
        loop {
            let arrival = self.arrivals.next_request();
            for (event, endpoint) in self.begin_due(sent.len())? {
                let secrets = self.signing_secrets(&endpoint, clock::now());
                let document = self.document(&event);
                sent.push(async move {
                    let outcome = send(&endpoint.url, &document, secrets).await;
                    (event, endpoint, outcome)
                });
            }
            if sent.is_empty() {
                return Ok(());
            }
            self.lock.renew();
            // A receiver that hangs does not hold up what may go beside it.
            let finished = match select(sent.next(), Box::pin(arrival)).await {
                Either::Left((finished, _)) => finished,
                Either::Right(_) => None,
            };
            if let Some((event, endpoint, outcome)) = finished {
                self.finish(&event, &endpoint, outcome)?;
            }
        }
    }

    /// Stores that the next events are being sent, and returns them with the endpoint that they are sent to: as many as it
    /// takes beside those that are on their way.
    fn begin_due(&self, on_their_way: usize) -> Result<Vec<(DueEvent, EventEndpoint)>> {
        let now = clock::now();
        let Some(endpoint) = self.endpoint()? else {
            return Ok(vec![]);
        };
        let free = endpoint.concurrency(now).saturating_sub(on_their_way);
        if free == 0 {
            return Ok(vec![]);
        }
        let due = deliveries::due(&self.storage, now, free)?;
        for event in &due {
            deliveries::begin(&self.storage, event.sequence, now, now + SENT_AGAIN_AFTER)?;
        }
        Ok(due
            .into_iter()
            .map(|event| (event, endpoint.clone()))
            .collect())
    }

    fn document(&self, event: &DueEvent) -> SiteEventDocument {
        let settings = self.storage.settings();
        let links = settings.as_ref().map(Settings::link_signer);
        let sequence = u64::try_from(event.sequence).unwrap_or_default();
        document(event.event.clone(), sequence, links)
    }

    /// Opens the secrets that deliveries are signed with.
    fn signing_secrets(
        &self,
        endpoint: &EventEndpoint,
        now: UnixMillis,
    ) -> core::result::Result<Vec<SigningSecret>, SealError> {
        let settings = self.storage.settings().ok_or(SealError::Malformed)?;
        let open = |stored: &StoredSigningSecret| {
            let text = settings.keyring.open(&stored.name, &stored.sealed)?;
            SigningSecret::parse(text.expose_secret()).map_err(|_| SealError::NotText)
        };
        endpoint.active_secrets(now).map(open).collect()
    }

    /// Stores what came of a delivery to this endpoint. The site may have another one by now, none, or have
    /// switched it off: then a failure says nothing, and the event is sent to that one, or given up.
    fn finish(
        &self,
        event: &DueEvent,
        endpoint: &EventEndpoint,
        outcome: DeliveryOutcome,
    ) -> Result<()> {
        let (storage, now) = (&self.storage, clock::now());
        let current = self.endpoint()?;
        let is_current = current
            .as_ref()
            .is_some_and(|current| current.is_same_address(endpoint));
        let is_on = current
            .as_ref()
            .is_some_and(|current| current.disabled.is_none());
        if !(is_current && is_on) && outcome != DeliveryOutcome::Delivered {
            let next = if is_on { Next::At(now) } else { Next::Dead };
            let error = "the endpoint was changed or switched off";
            return deliveries::finish(storage, event.sequence, &next, Some(error));
        }
        match outcome {
            DeliveryOutcome::Delivered => {
                deliveries::finish(storage, event.sequence, &Next::Delivered, None)?;
                let is_failing = current.is_some_and(|current| current.failures > 0);
                if is_failing && is_current {
                    self.change_endpoint(EventEndpoint::on_success)?;
                }
                Ok(())
            }
            DeliveryOutcome::Failed {
                reason,
                retry_after,
            } => {
                let first = event.first.unwrap_or(now);
                let [a, b, c, d, ..] = random::random_bytes();
                let random = u32::from_be_bytes([a, b, c, d]);
                let at =
                    schedule::next_attempt(event.attempts + 1, first, now, retry_after, random);
                let next = at.map_or(Next::Dead, Next::At);
                deliveries::finish(storage, event.sequence, &next, Some(&reason))?;
                let switched_off = self.change_endpoint(|endpoint| endpoint.on_failure(now))?;
                self.on_switched_off(switched_off == Some(true), now)
            }
            DeliveryOutcome::Gone => {
                deliveries::finish(storage, event.sequence, &Next::Dead, Some("status 410"))?;
                let disable = |endpoint: &mut EventEndpoint| endpoint.disable(DisabledReason::Gone);
                let switched_off = self.change_endpoint(disable)?;
                self.on_switched_off(switched_off == Some(true), now)
            }
        }
    }

    /// The operator finds the event in the list: there is no endpoint that it could be delivered to.
    fn on_switched_off(&self, is_switched_off: bool, now: UnixMillis) -> Result<()> {
        let Some(site) = self.site()?.filter(|_| is_switched_off) else {
            return Ok(());
        };
        deliveries::give_up(&self.storage)?;
        let id = ["endpoint/", &now.0.to_string()].concat();
        let event = SiteEvent::new(id, site, SiteEventType::EndpointDisabled, now);
        site_events::enqueue(&self.storage, &event, None)
    }

    /// Sets the alarm for the next delivery.
    async fn schedule(&self) -> Result<()> {
        let now = clock::now();
        let Some(endpoint) = self
            .endpoint()?
            .filter(|endpoint| endpoint.disabled.is_none())
        else {
            return Ok(());
        };
        if let Some(due) = deliveries::next_due(&self.storage)? {
            let at = due.max(endpoint.waits_until(now).unwrap_or_default());
            self.storage.set_alarm_within(now.until(at)).await;
        }
        Ok(())
    }

    fn endpoint(&self) -> Result<Option<EventEndpoint>> {
        let record = self.record.get(&self.storage)?;
        let endpoint = record.borrow().endpoint.clone();
        Ok(endpoint)
    }

    fn site(&self) -> Result<Option<SiteId>> {
        let record = self.record.get(&self.storage)?;
        let site = record
            .borrow()
            .config
            .as_ref()
            .map(|config| config.key.clone());
        Ok(site)
    }

    /// `None`: there is no endpoint any more.
    fn change_endpoint<T>(
        &self,
        change: impl FnOnce(&mut EventEndpoint) -> T,
    ) -> Result<Option<T>> {
        self.record
            .change(&self.storage, |record| record.endpoint.as_mut().map(change))
    }
}

async fn send(
    url: &str,
    document: &SiteEventDocument,
    secrets: core::result::Result<Vec<SigningSecret>, SealError>,
) -> DeliveryOutcome {
    let failed = |reason: &str| DeliveryOutcome::Failed {
        reason: reason.to_owned(),
        retry_after: None,
    };
    let Ok(secrets) = secrets else {
        return failed("the signing secret cannot be opened");
    };
    match DeliveryRequest::new(url.to_owned(), document, &secrets, clock::now()) {
        Ok(request) => {
            let response = fetch::deliver_event(&request).await;
            DeliveryOutcome::of(&response, clock::now())
        }
        Err(_) => failed("the event cannot be serialised"),
    }
}

/// An event whose outcome is not known after this is sent again: longer than a receiver may take.
const SENT_AGAIN_AFTER: Duration = Duration::from_secs(45);
