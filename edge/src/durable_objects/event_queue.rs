//! The Site object's side of the queue that delivers its events: it hands over what is due, and answers the consumer.

use super::deliveries;
use super::event_delivery::EventDeliverer;
use crate::clock;
use embark_onboarding::resources::event_delivery::Delivery;
use embark_onboarding::resources::event_delivery::queue::{
    BegunDeliveries, BegunDelivery, EVENTS_PER_MESSAGE, MOST_IN_QUEUE, QueueRequest,
    QueuedDeliveries,
};
use embark_onboarding::resources::site::SiteReply;
use embark_onboarding::time::UnixMillis;
use std::rc::Rc;
use worker::{Env, MessageBuilder, Queue, QueueContentType, Result};

/// Whether the Worker has the queue.
pub fn has_queue(env: &Env) -> bool {
    env.queue(QUEUE).is_ok()
}

impl EventDeliverer {
    /// The queue. `None`: the Worker has none, and the object delivers by itself.
    pub(super) fn queue(&self) -> Option<Queue> {
        self.storage.env().queue(QUEUE).ok()
    }

    /// Hands over what is due, as much as the endpoint takes, and what comes meanwhile.
    ///
    /// # Errors
    /// The storage refused it, or the queue did not take it. It may have: what was handed over is due again once its time
    /// is over.
    pub(super) async fn hand_over_due(&self, queue: &Queue) -> Result<()> {
        loop {
            let messages = self.take_messages()?;
            if messages.is_empty() {
                return Ok(());
            }
            let texts: Vec<_> = messages
                .iter()
                .map(|message| {
                    let text = serde_json::to_string(message)?;
                    let message = MessageBuilder::new(text).content_type(QueueContentType::Text);
                    Ok(message.build())
                })
                .collect::<Result<_>>()?;
            queue.send_batch(texts).await?;
        }
    }

    /// Stores that the next deliveries are handed over. Returns the messages.
    fn take_messages(&self) -> Result<Vec<QueuedDeliveries>> {
        let (now, storage) = (clock::now(), &self.storage);
        let Some(site) = self.site()? else {
            return Ok(vec![]);
        };
        let on_their_way = || deliveries::count_on_their_way(storage, now);
        let Some((_, due)) = self.take_due(now, MOST_IN_QUEUE, on_their_way)? else {
            return Ok(vec![]);
        };
        let hand_over = |part: &[(i64, Delivery)]| {
            let mut ticket = now;
            for (sequence, delivery) in part {
                let mut delivery = *delivery;
                ticket = delivery.hand_over(now);
                deliveries::put(storage, *sequence, &delivery, None)?;
            }
            let sequences = part.iter().map(|(sequence, _)| sequence.unsigned_abs());
            Ok(QueuedDeliveries {
                site: site.clone(),
                ticket,
                sequences: sequences.collect(),
            })
        };
        due.chunks(EVENTS_PER_MESSAGE).map(hand_over).collect()
    }

    /// Answers the consumer.
    ///
    /// # Errors
    /// The storage refused it.
    pub async fn on_queue_request(self: &Rc<Self>, request: QueueRequest) -> Result<SiteReply> {
        match request {
            QueueRequest::Begin { ticket, sequences } => {
                let begun = self.begin_queued(ticket, &sequences)?;
                let count = begun.as_ref().map_or(0, |begun| begun.events.len());
                if count < sequences.len() {
                    // What the endpoint did not permit is due again.
                    self.spawn_due().await;
                }
                return Ok(SiteReply::Begun {
                    deliveries: begun.map(Box::new),
                });
            }
            QueueRequest::Finish { sent_to, results } => {
                for result in results {
                    let sequence = stored(result.sequence);
                    self.finish(sequence, result.ticket, &sent_to, &result.outcome)?;
                }
                self.spawn_due().await;
            }
            QueueRequest::DeadLetter { ticket, sequences } => {
                for (sequence, delivery) in self.held_by(ticket, &sequences)? {
                    deliveries::put(&self.storage, sequence, &delivery, Some(DEAD_LETTER))?;
                }
            }
        }
        Ok(SiteReply::Accepted)
    }

    /// `None`: none begins.
    fn begin_queued(
        &self,
        ticket: UnixMillis,
        sequences: &[u64],
    ) -> Result<Option<BegunDeliveries>> {
        let (now, storage) = (clock::now(), &self.storage);
        let Some(mut endpoint) = self.endpoint()? else {
            return Ok(None);
        };
        let (before, mut events) = (endpoint.clone(), vec![]);
        for (sequence, mut delivery) in self.held_by(ticket, sequences)? {
            let held = delivery;
            let begun = delivery.begin(now);
            if endpoint.permits(ticket, begun) {
                deliveries::put(storage, sequence, &delivery, None)?;
                events.push(BegunDelivery {
                    sequence: sequence.unsigned_abs(),
                    ticket: begun,
                    event: deliveries::event(storage, sequence)?,
                });
            } else {
                let mut delivery = held;
                delivery.put_back(now);
                deliveries::put(storage, sequence, &delivery, None)?;
            }
        }
        self.store_endpoint(&before, &endpoint)?;
        let begun = BegunDeliveries { endpoint, events };
        Ok(Some(begun).filter(|begun| !begun.events.is_empty()))
    }

    /// The deliveries that the ticket is still good for.
    fn held_by(&self, ticket: UnixMillis, sequences: &[u64]) -> Result<Vec<(i64, Delivery)>> {
        let mut held = vec![];
        for sequence in sequences {
            let sequence = stored(*sequence);
            let delivery = deliveries::get(&self.storage, sequence)?;
            let delivery = delivery.filter(|delivery| delivery.is_held_by(ticket));
            held.extend(delivery.map(|delivery| (sequence, delivery)));
        }
        Ok(held)
    }
}

/// The number of an event's row.
fn stored(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

const DEAD_LETTER: &str = "the queue has given up the message; it is sent again";
/// Binding of the queue.
const QUEUE: &str = "EVENTS";
