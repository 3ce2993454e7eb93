//! What there is at one moment of a history of events.

use crate::random::Random;
use embark_onboarding::resources::event_delivery::queue::{DeliveryResult, QueuedDeliveries};
use embark_onboarding::resources::event_delivery::{Delivery, EndpointAddress, EventEndpoint};
use embark_onboarding::resources::waba::{PendingEvent, WabaRecord};
use embark_onboarding::time::UnixMillis;
use std::collections::{BTreeMap, BTreeSet};

/// One history.
pub struct World {
    pub random: Random,
    pub now: UnixMillis,
    pub events: BTreeMap<(UnixMillis, u64), Event>,
    pub scheduled: u64,
    /// From then on nothing fails.
    pub quiescent_from: UnixMillis,
    /// Probability of each fault, in a thousandth.
    pub faults: u64,
    /// How the receiver responds, each until a time; then it takes everything.
    pub receiver: Vec<(UnixMillis, Receiver)>,
    /// How often each event was taken, by its key.
    pub received: BTreeMap<String, u32>,
    pub meta: Meta,
    pub site: Site,
    /// Those that are alive.
    pub senders: BTreeMap<u64, Sender>,
    pub posts: Vec<Post>,
    /// The rule that is broken on purpose.
    pub broken: Option<Broken>,
    pub verbose: bool,
}

/// A rule that is broken on purpose (`EMBARK_SIM_BROKEN_DELIVERY`): the invariants must see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The Site object begins what a message points to, whoever has it.
    Tickets,
    /// It begins it also if the endpoint counts as unreachable.
    Probes,
    /// The Waba object forgets an event that its Site object did not acknowledge.
    Rows,
    /// An event is given up after three attempts.
    Schedule,
    /// An attempt of which nobody reports is not repeated.
    Leases,
}

/// How a receiver responds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    Takes,
    Fails,
    /// It names a wait of so many seconds.
    Busy(u64),
    Hangs,
    /// It takes the event, and the response is lost.
    LosesResponses,
    Gone,
}

/// What happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// Meta sends the change with this number.
    MetaSends(usize),
    WabaAlarm,
    SiteAlarm(UnixMillis),
    /// A message of the queue reaches a consumer.
    Message(QueuedDeliveries),
    /// A sender gets what it may send.
    SenderBegins(u64),
    /// The post of a sender ends.
    PostEnds(u64, DeliveryResult),
    /// What came of deliveries reaches the Site object.
    Finish(Box<Sender>),
    /// The process of the Site object is killed.
    SiteCrash,
    /// A consumer is killed.
    SenderCrash,
    /// The Worker is deployed with the queue, or without.
    Deploy,
    SetEndpoint,
    DeleteEndpoint,
    Replay,
}

/// Meta and the Waba object.
#[derive(Default)]
pub struct Meta {
    /// How many changes there are.
    pub changes: usize,
    /// The ids of the events of changes that were answered with 200.
    pub answered: BTreeSet<String>,
    pub record: WabaRecord,
    pub seen: BTreeSet<String>,
    pub pending: BTreeMap<usize, PendingEvent>,
    pub stored: usize,
}

/// What the Site object has stored, and whether the Worker has the queue.
pub struct Site {
    /// By the event's id.
    pub log: BTreeMap<String, Row>,
    pub endpoint: Option<EventEndpoint>,
    pub alarm: Option<UnixMillis>,
    pub has_queue: bool,
    /// Attempts that were permitted while the endpoint counted as unreachable, and are not over.
    pub probes: Vec<(u64, UnixMillis)>,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub sequence: u64,
    pub delivery: Option<Delivery>,
    /// An operator has replayed it, perhaps while an attempt was on its way.
    pub was_replayed: bool,
}

/// One invocation.
#[derive(Debug, Clone)]
pub struct Sender {
    pub sent_to: EndpointAddress,
    /// Sequence and ticket of what is not sent yet.
    pub waiting: Vec<(u64, UnixMillis)>,
    pub results: Vec<DeliveryResult>,
    pub begun_at: UnixMillis,
    pub failures: u32,
}

/// A delivery that is on its way.
#[derive(Debug, Clone)]
pub struct Post {
    pub sender: u64,
    pub sequence: u64,
    pub sent_to: Option<EndpointAddress>,
}

/// The Site object itself, as a sender.
pub const OWN_SENDER: u64 = 0;
