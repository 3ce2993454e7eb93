//! Deletes rows that no request deletes, once they are older than `embark_onboarding::resources::retention` says.

use super::storage::{ObjectStorage, sql_time};
use crate::clock;
use core::cell::Cell;
use core::time::Duration;
use embark_onboarding::resources::retention::{
    AUDIT, BUSINESSES, PRUNED_EVERY, SIGNUP_INDEX, SITE_EVENTS,
};
use embark_onboarding::time::UnixMillis;

/// Deletes the rows of a Site object. `last`: when this incarnation did so before.
pub fn prune_site(storage: &ObjectStorage, last: &Cell<UnixMillis>) {
    if is_due(last) {
        // A signup that is open is deleted by nothing but its end.
        delete(
            storage,
            "DELETE FROM runs WHERE open = 0 AND at < ?",
            SIGNUP_INDEX,
        );
        delete(storage, "DELETE FROM events WHERE at < ?", SITE_EVENTS);
    }
}

/// Deletes the rows of the Partner object. `last`: when this incarnation did so before.
pub fn prune_partner(storage: &ObjectStorage, last: &Cell<UnixMillis>) {
    if is_due(last) {
        delete(storage, "DELETE FROM audit WHERE at < ?", AUDIT);
        delete(storage, "DELETE FROM businesses WHERE at < ?", BUSINESSES);
    }
}

fn is_due(last: &Cell<UnixMillis>) -> bool {
    let now = clock::now();
    let is_due = now.since(last.get()) >= PRUNED_EVERY;
    if is_due {
        last.set(now);
    }
    is_due
}

fn delete(storage: &ObjectStorage, statement: &str, kept_for: Duration) {
    let oldest = clock::now().before(kept_for);
    // The table may not be there yet, and the next time deletes what this one did not.
    let _ = storage.exec(statement, vec![sql_time(oldest)]);
}
