//! Delivers the events of a site to its endpoint, by the queue (`event_queue.rs`), or itself, if the Worker has none. The
//! rules are in `embark_onboarding::resources::event_delivery`.

use super::deliveries;
use super::drive_lock::DriveLock;
use super::record::ObjectRecord;
use super::site_events;
use super::storage::ObjectStorage;
use crate::event_sender::send_event;
use crate::telemetry;
use crate::{clock, random};
use embark_onboarding::resources::event_delivery::queue::AT_ONCE;
use embark_onboarding::resources::event_delivery::schedule::LEASE;
use embark_onboarding::resources::event_delivery::{
    Delivery, DeliveryOutcome, EndpointAddress, EventEndpoint,
};
use embark_onboarding::resources::site::SiteRecord;
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::telemetry::Subject;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::workflow::RecordChanges;
use embark_protocol::SiteId;
use embark_protocol::backend::DeliveryState;
use embark_protocol::site_events::SiteEventType;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use std::rc::Rc;
use worker::Result;

/// Deliveries that may go on their way, each with the sequence of its event, and the endpoint that takes them.
pub(super) type TakenDeliveries = (EventEndpoint, Vec<(i64, Delivery)>);

/// Delivers the events of one Site object.
pub struct EventDeliverer {
    pub(super) storage: Rc<ObjectStorage>,
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
        self.storage.set_alarm_within(LEASE).await;
        self.arrivals.notify_request();
        let deliverer = self.clone();
        self.storage
            .state()
            .wait_until(async move { deliverer.deliver().await });
    }

    /// As [`spawn`](Self::spawn), if anything is due. Sets the alarm for what will be.
    pub async fn spawn_due(self: &Rc<Self>) {
        let now = clock::now();
        match self.next_attempt_at(now) {
            Ok(Some(at)) if at > now => self.storage.set_alarm_within(now.until(at)).await,
            Ok(None) => {}
            // If it cannot be read now: the alarm that this sets reads it again.
            Ok(Some(_)) | Err(_) => self.spawn().await,
        }
    }

    /// When the next delivery can be sent. `None`: none is pending, or there is no endpoint for it.
    fn next_attempt_at(&self, now: UnixMillis) -> Result<Option<UnixMillis>> {
        let Some(endpoint) = self
            .endpoint()?
            .filter(|endpoint| endpoint.disabled.is_none())
        else {
            return Ok(None);
        };
        let due = deliveries::next_due(&self.storage)?;
        let waits_until = endpoint.waits_until(now).unwrap_or_default();
        Ok(due.map(|due| due.max(waits_until)))
    }

    /// Delivers what is due, and sets the alarm for what will be. Does nothing while another call does so.
    pub async fn deliver(&self) {
        if !self.lock.try_acquire() {
            return;
        }
        let delivered = match self.queue() {
            Some(queue) => self.hand_over_due(&queue).await,
            None => self.deliver_due().await,
        };
        self.lock.release();
        // Those that it waited for in vain.
        self.arrivals.notify();
        if let Err(error) = delivered.and(self.schedule().await) {
            // The alarm that was set when it began repeats it.
            telemetry::failure("deliveries", &error, &Subject::default());
        }
    }

    /// Sends what is due, as many at a time as the endpoint takes, and what comes meanwhile, until nothing is due and
    /// nothing on its way.
    async fn deliver_due(&self) -> Result<()> {
        let mut sent = FuturesUnordered::new();
        loop {
            let arrival = self.arrivals.next_request();
            for (sequence, ticket, endpoint) in self.begin_due(sent.len())? {
                let event = deliveries::event(&self.storage, sequence)?;
                let settings = self.storage.settings();
                sent.push(async move {
                    let outcome = send_event(settings, &endpoint, event, sequence).await;
                    (sequence, ticket, endpoint.address(), outcome)
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
            if let Some((sequence, ticket, sent_to, outcome)) = finished {
                self.finish(sequence, ticket, &sent_to, &outcome)?;
            }
        }
    }

    /// Stores that the next deliveries begin, and returns their sequences and tickets, with the endpoint that they are sent
    /// to: as many as it takes beside those that are on their way.
    fn begin_due(&self, on_their_way: usize) -> Result<Vec<(i64, UnixMillis, EventEndpoint)>> {
        let now = clock::now();
        let Some((endpoint, due)) = self.take_due(now, AT_ONCE, || Ok(on_their_way))? else {
            return Ok(vec![]);
        };
        let begin = |(sequence, mut delivery): (i64, Delivery)| {
            let ticket = delivery.begin(now);
            deliveries::put(&self.storage, sequence, &delivery, None)?;
            Ok((sequence, ticket, endpoint.clone()))
        };
        due.into_iter().map(begin).collect()
    }

    /// The deliveries that are due and that the endpoint takes beside those that are on their way, `most` together at most.
    /// `None`: there are none.
    pub(super) fn take_due(
        &self,
        now: UnixMillis,
        most: usize,
        on_their_way: impl FnOnce() -> Result<usize>,
    ) -> Result<Option<TakenDeliveries>> {
        let Some(mut endpoint) = self.endpoint()? else {
            return Ok(None);
        };
        let mut due = deliveries::due(&self.storage, now, most)?;
        if due.is_empty() {
            return Ok(None);
        }
        let before = endpoint.clone();
        due.truncate(endpoint.admit(now, on_their_way()?, most));
        self.store_endpoint(&before, &endpoint)?;
        Ok(Some((endpoint, due)).filter(|(_, due)| !due.is_empty()))
    }

    /// Stores what came of a delivery. `ticket`: of the attempt. `sent_to`: where it was sent.
    pub(super) fn finish(
        &self,
        sequence: i64,
        ticket: UnixMillis,
        sent_to: &EndpointAddress,
        outcome: &DeliveryOutcome,
    ) -> Result<()> {
        let Some(mut delivery) = deliveries::get(&self.storage, sequence)? else {
            return Ok(());
        };
        let (now, mut endpoint) = (clock::now(), self.endpoint()?);
        let before = endpoint.clone();
        let [a, b, c, d, ..] = random::random_bytes();
        let random = u32::from_be_bytes([a, b, c, d]);
        let finished = delivery.finish(ticket, sent_to, outcome, endpoint.as_mut(), now, random);
        deliveries::put(
            &self.storage,
            sequence,
            &delivery,
            finished.error.as_deref(),
        )?;
        if let (Some(before), Some(endpoint)) = (before, endpoint) {
            self.store_endpoint(&before, &endpoint)?;
        }
        if finished.has_switched_off {
            self.on_switched_off(now)?;
        }
        Ok(())
    }

    /// The operator finds the event in the list: there is no endpoint that it could be delivered to.
    fn on_switched_off(&self, now: UnixMillis) -> Result<()> {
        let Some(site) = self.site()? else {
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
        if let Some(at) = self.next_attempt_at(now)? {
            // What is due still has to wait for what is on its way, which goes on with it when it ends.
            let at = if at <= now { now + LEASE } else { at };
            self.storage.set_alarm_within(now.until(at)).await;
        }
        Ok(())
    }

    pub(super) fn endpoint(&self) -> Result<Option<EventEndpoint>> {
        let record = self.record.get(&self.storage)?;
        let endpoint = record.borrow().endpoint.clone();
        Ok(endpoint)
    }

    pub(super) fn site(&self) -> Result<Option<SiteId>> {
        let record = self.record.get(&self.storage)?;
        let site = record
            .borrow()
            .config
            .as_ref()
            .map(|config| config.key.clone());
        Ok(site)
    }

    /// Stores the endpoint, if it has changed. Since `before` was read, nothing was awaited.
    pub(super) fn store_endpoint(
        &self,
        before: &EventEndpoint,
        endpoint: &EventEndpoint,
    ) -> Result<()> {
        if before == endpoint {
            return Ok(());
        }
        let put = |record: &mut SiteRecord| record.endpoint = Some(endpoint.clone());
        self.record.change(&self.storage, put)
    }
}
