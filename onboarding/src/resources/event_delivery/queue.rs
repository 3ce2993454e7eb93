//! Delivery by a queue: what its messages carry, and what its consumer and the Site object say to each other.

use super::endpoint::{EndpointAddress, EventEndpoint};
use super::request::DeliveryOutcome;
use crate::resources::site_event::SiteEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::SiteId;
use serde::{Deserialize, Serialize};

/// A message of the queue: events of a site that are to be delivered, at most [`EVENTS_PER_MESSAGE`] of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedDeliveries {
    /// The site.
    pub site: SiteId,
    /// The ticket of its deliveries.
    pub ticket: UnixMillis,
    /// The sequences of the events.
    pub sequences: Vec<u64>,
}

/// What the consumer of the queue asks of the Site object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueRequest {
    /// Begins the deliveries of a message, as far as its ticket is still good and the endpoint takes them.
    Begin {
        /// The ticket.
        ticket: UnixMillis,
        /// The sequences of the events.
        sequences: Vec<u64>,
    },
    /// Stores what came of deliveries.
    Finish {
        /// Where they were sent to.
        sent_to: EndpointAddress,
        /// What came of each.
        results: Vec<DeliveryResult>,
    },
    /// The queue has given up a message. The list says so, and its deliveries are repeated when their lease is over.
    DeadLetter {
        /// The ticket.
        ticket: UnixMillis,
        /// The sequences of the events.
        sequences: Vec<u64>,
    },
}

/// What came of the delivery of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryResult {
    /// The sequence of the event.
    pub sequence: u64,
    /// The ticket of the attempt.
    pub ticket: UnixMillis,
    /// What came of it.
    pub outcome: DeliveryOutcome,
}

/// Deliveries that were begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunDeliveries {
    /// The endpoint, with its sealed secrets.
    pub endpoint: EventEndpoint,
    /// The events.
    pub events: Vec<BegunDelivery>,
}

/// A delivery that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunDelivery {
    /// The sequence of the event.
    pub sequence: u64,
    /// The ticket of the attempt.
    pub ticket: UnixMillis,
    /// The event.
    pub event: SiteEvent,
}

/// Deliveries that one invocation makes at a time: Workers hold six connections
/// (<https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections>).
pub const AT_ONCE: usize = 6;
/// Two rounds of [`AT_ONCE`].
pub const EVENTS_PER_MESSAGE: usize = 12;
/// Events of a site that the queue and its consumers have at a time: ten messages.
pub const MOST_IN_QUEUE: usize = 120;
/// After this, a consumer begins no further delivery of its message: the last ends within the
/// [`LEASE`](super::schedule::LEASE).
pub const BEGIN_WITHIN: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::super::request::DeliveryRequest;
    use super::super::schedule::LEASE;
    use super::*;

    #[test]
    fn last_delivery_of_a_message_ends_before_its_lease() {
        assert!(BEGIN_WITHIN + DeliveryRequest::DEADLINE < LEASE);
        assert_eq!(MOST_IN_QUEUE % EVENTS_PER_MESSAGE, 0);
    }
}
