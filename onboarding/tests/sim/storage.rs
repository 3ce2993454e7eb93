//! Reads and stores a record, with the faults of the platform; decides which incarnation receives an event.

use crate::executor::Incarnation;
use crate::invariants::{json_loses_nothing, stored_json_has_no_secret};
use crate::state::event::Event;
use crate::state::storage::{Incarnations, Memory, ObjectStorage, Record};
use crate::state::world::World;
use core::time::Duration;
use embark_onboarding::workflow::CommitError;
use std::rc::Rc;

impl<R: Record> ObjectStorage<R> {
    /// The record, as an incarnation reads it. One that was not counted is counted now, if anything is stored.
    pub fn load_by(&self, world: &World, incarnation: &Incarnation) -> Option<R> {
        self.count(incarnation);
        self.load(world)
    }

    /// The record. Of the records that are read, every fourth goes through JSON once.
    pub fn load(&self, world: &World) -> Option<R> {
        let record = self.record.borrow();
        let record = record.as_ref()?;
        if self.is_round_tripped.get() || !world.random.chance(250) {
            return Some(record.clone().stored_part());
        }
        self.is_round_tripped.set(true);
        let json = serde_json::to_string(record).unwrap();
        world.enforce(stored_json_has_no_secret(&json));
        let read: R = serde_json::from_str(&json).unwrap();
        world.enforce(json_loses_nothing(
            record.clone().stored_part() == read,
            &json,
        ));
        Some(read)
    }

    /// Stores the record, if `incarnation` is the newest. It may crash before or after. `on_stored` runs once the
    /// record is stored, if it is another than before.
    pub fn commit(
        &self,
        world: &World,
        incarnation: &Rc<Incarnation>,
        record: &R,
        on_stored: impl FnOnce(),
    ) -> Result<(), CommitError> {
        if incarnation.ended.get() || world.maybe_crash(incarnation) {
            return Err(CommitError::Superseded);
        }
        let writer = self.writer.get().unwrap_or(incarnation.number);
        if writer != incarnation.number {
            let number = incarnation.number;
            world.log(|| format!("  incarnation {number} is superseded by {writer}"));
            world.end_incarnation(incarnation);
            return Err(CommitError::Superseded);
        }
        self.writer.set(Some(writer));
        incarnation.counted.set(true);
        if self.record.borrow().as_ref() != Some(record) {
            *self.record.borrow_mut() = Some(record.clone());
            self.is_round_tripped.set(false);
            on_stored();
        }
        if world.maybe_crash(incarnation) {
            return Err(CommitError::Superseded);
        }
        Ok(())
    }
}

impl<M: Memory> Incarnations<M> {
    /// The incarnation that receives the next event of the object. Usually the newest; while there are two, sometimes
    /// the older one, which does not know of the other. One that was idle for long has been evicted.
    pub fn receive<R>(&self, world: &World, storage: &ObjectStorage<R>) -> Rc<M>
    where
        R: Record,
    {
        let mut incarnations = self.0.borrow_mut();
        incarnations.retain(|memory| !memory.incarnation().ended.get());
        if let Some(index) = receiver(world, storage, &incarnations) {
            return incarnations[index].clone();
        }
        let started = Rc::new(M::new(storage.start_incarnation(world.now.get())));
        incarnations.push(started.clone());
        started
    }

    /// Crashes all of them.
    pub fn crash(&self, world: &World) {
        for memory in self.0.borrow_mut().drain(..) {
            world.end_incarnation(memory.incarnation());
        }
    }
}

/// Which incarnation receives the next event. `None`: a new one must start.
fn receiver<M: Memory, R>(
    world: &World,
    storage: &ObjectStorage<R>,
    incarnations: &[Rc<M>],
) -> Option<usize>
where
    R: Record,
{
    let last = incarnations.len().checked_sub(1)?;
    let newest = incarnations[last].incarnation();
    if !storage.is_newest(newest) {
        return None;
    }
    let now = world.now.get();
    let unused_for = now.since(newest.last_used_at.replace(now));
    if unused_for > EVICTED_AFTER && newest.idle.get() {
        return None;
    }
    if world.fault_occurs(world.fault_rates.get().stale_instances) {
        world.log(|| "a second incarnation starts".into());
        let delay = world.random.millis(10..=30_000);
        world.schedule(delay, Event::Evict(newest.clone()));
        return None;
    }
    let stale = last > 0 && world.fault_occurs(STALE_RECEIVES);
    Some(if stale { last - 1 } else { last })
}

impl World {
    /// Whether the incarnation crashes now.
    pub fn maybe_crash(&self, incarnation: &Rc<Incarnation>) -> bool {
        let crashes = self.fault_occurs(self.fault_rates.get().crashes);
        if crashes {
            self.end_incarnation(incarnation);
        }
        crashes
    }

    /// Ends an incarnation. Its tasks are dropped after the current event.
    pub fn end_incarnation(&self, incarnation: &Incarnation) {
        self.log(|| format!("  incarnation {} ends", incarnation.number));
        incarnation.ended.set(true);
        self.incarnation_ended.set(true);
    }
}

/// An idle object is evicted from memory after this time without an event.
const EVICTED_AFTER: Duration = Duration::from_secs(90);
/// How often the older of two incarnations receives an event, in a thousandth.
const STALE_RECEIVES: u64 = 300;
