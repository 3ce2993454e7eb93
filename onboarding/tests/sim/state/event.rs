//! What happens in a history, in the order of true time.

use super::copies::{CopyOwner, CopyPut};
use super::operation::Operation;
use super::tab::TabAction;
use crate::executor::{Incarnation, OneShot};
use crate::page_post::PagePost;
use embark_onboarding::providers::infobip::RegistrationWebhook;
use embark_onboarding::resources::waba::WabaRecord;
use embark_onboarding::time::UnixMillis;
use embark_protocol::WabaId;
use std::collections::BTreeMap;
use std::rc::Rc;

/// One event. Numbers are positions in the lists of [`World`](crate::state::world::World).
pub enum Event {
    /// Meta acts on a Graph call.
    CallTakesEffect(usize),
    /// The caller of a Graph call gets its response.
    CallResponds(usize),
    /// A request reaches the object it is for.
    PeerRequestArrives(usize),
    /// The sender of a request gets the reply, or gives up.
    PeerRequestEnds(usize),
    /// A Waba object stores the record that it read some time before.
    WabaStores(WabaId, Box<WabaRecord>),
    /// A provider is done with the order that it knows by this.
    OrderEnds(String),
    /// Infobip's webhook reaches a Run object.
    Webhook(usize, Box<RegistrationWebhook>),
    /// A task's sleep is over.
    SleepEnds(Rc<OneShot<()>>),
    /// The alarm with this number of a Run object, unless it was replaced by a later number.
    Alarm(usize, u64),
    /// A browser's post reaches a Run object.
    Post(usize, Box<PagePost>),
    /// A tab's poll reaches its Run object.
    Poll(usize),
    /// The site's sweep wakes a Run object.
    Sweep(usize),
    /// A tab, or the person before it, does something.
    Tab(usize, TabAction),
    /// All incarnations of an object crash.
    Crash(CrashTarget),
    /// An incarnation that has a successor is evicted.
    Evict(Rc<Incarnation>),
    /// The objects' clock jumps by so many milliseconds.
    ClockJump(i64),
    /// An object's put of a copy ends, and KV acknowledged it or did not.
    CopyPutEnds(CopyPut, bool),
    /// KV takes a write: key and value.
    KvTakes(String, String),
    /// The alarm of an object with pending copies, unless another time was set meanwhile.
    CopiesAlarm(CopyOwner, UnixMillis),
    /// Somebody does something outside the signups.
    Operation(Operation),
}

/// The object that crashes, by its position.
#[derive(Clone, Copy)]
pub enum CrashTarget {
    /// A Run object.
    Run(usize),
    /// A Phone object.
    Phone(usize),
}

/// The events to come.
#[derive(Default)]
pub struct EventQueue {
    /// By time, and in the order of scheduling within a millisecond.
    events: BTreeMap<(UnixMillis, u64), Event>,
    scheduled: u64,
}

impl EventQueue {
    pub fn schedule(&mut self, at: UnixMillis, event: Event) {
        self.events.insert((at, self.scheduled), event);
        self.scheduled += 1;
    }

    /// Removes the next event, if it is due by `until`.
    pub fn pop_until(&mut self, until: UnixMillis) -> Option<(UnixMillis, Event)> {
        let entry = self.events.first_entry()?;
        let at = entry.key().0;
        (at <= until).then(|| (at, entry.remove()))
    }

    pub fn clear(&mut self) {
        self.events.clear();
    }
}
