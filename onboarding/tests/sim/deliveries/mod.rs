//! Histories of events: from Meta's webhook through the Waba object and the Site object to the endpoint, by the queue or
//! by the object itself. Requests and messages are lost, late and doubled, processes are killed, receivers fail, hang and
//! go; operators set endpoints and replay.
//!
//! | invariant | what must hold |
//! |---|---|
//! | `answered_change_is_delivered_or_dead` | what Meta was answered 200 has arrived, or stands as a dead letter |
//! | `delivered_event_has_arrived` | no event counts as delivered that no receiver took |
//! | `event_is_sent_by_one` | two attempts of one event are not on their way at a time |
//! | `one_probe_at_a_time` | of an endpoint that counts as unreachable |
//! | `given_up_after_three_days` | no event is given up before, unless the endpoint is gone, changed or switched off |
//! | `event_arrives_under_one_id` | a receiver that dedupes by id has each change once |
//!
//! `state` holds what there is at one moment, `world` what happens next, `meta` plays Meta and the Waba object, `site` the Site object, `consumer` who
//! sends.

mod consumer;
mod meta;
mod site;
mod state;
mod world;

use crate::violation::{Check, ensure};
use core::time::Duration;
use embark_protocol::backend::DeliveryState;
use state::{Event, World};

/// Plays the history of a seed. `verbose`: prints every event.
///
/// # Errors
/// The first violation.
pub fn play(seed: u64, verbose: bool) -> Check {
    let mut world = World::new(seed, verbose);
    world.set_up();
    let until = world.quiescent_from;
    world.run(until)?;
    world.begin_quiescence();
    let until = world.now + SETTLES_WITHIN;
    world.run(until)?;
    world.all_are_over()?;
    // An operator sets the address again, and replays.
    world.operate(Event::SetEndpoint);
    world.operate(Event::Replay);
    let until = world.now + Duration::from_hours(1);
    world.run(until)?;
    world.all_are_over()?;
    world.nothing_is_dead()
}

impl World {
    fn all_are_over(&self) -> Check {
        for key in &self.meta.answered {
            let Some(row) = self.site.log.get(key) else {
                return ensure(false, "answered_change_is_delivered_or_dead", || {
                    format!("{key} is not in the log")
                });
            };
            let Some(delivery) = row.delivery else {
                continue;
            };
            let is_over = delivery.state != DeliveryState::Pending;
            ensure(is_over, "answered_change_is_delivered_or_dead", || {
                format!("{key} is due at {:?}, now {:?}", delivery.due, self.now)
            })?;
            let counts = delivery.state == DeliveryState::Delivered;
            let has_arrived = self.received.contains_key(key);
            ensure(
                !counts || has_arrived,
                "delivered_event_has_arrived",
                || key.clone(),
            )?;
        }
        let changes = self.meta.changes;
        let ids = self.received.len();
        ensure(ids <= changes, "event_arrives_under_one_id", || {
            format!("{ids} ids of {changes} changes")
        })
    }

    fn nothing_is_dead(&self) -> Check {
        let dead = self.site.log.iter().find(|(_, row)| {
            let state = row.delivery.map(|delivery| delivery.state);
            state == Some(DeliveryState::Dead)
        });
        let holds = dead.is_none();
        ensure(holds, "answered_change_is_delivered_or_dead", || {
            format!("{dead:?} was replayed")
        })
    }
}

/// The longest wait that a receiver may name, and a probe of an hour.
const SETTLES_WITHIN: Duration = Duration::from_hours(26);
