//! Deletes rows that are deleted by their age alone: see `embark_onboarding::resources::retention`.

use super::storage::{ObjectStorage, sql_time};
use crate::clock;
use core::cell::Cell;
use embark_onboarding::resources::retention::{AgedTable, is_due, next_prune};
use embark_onboarding::time::UnixMillis;
use worker::SqlStorageValue;

/// Deletes the rows of a Site object. `last`: when this incarnation did so before.
pub fn prune_site(storage: &ObjectStorage, last: &Cell<UnixMillis>) {
    prune(storage, last, SITE_TABLES);
}

/// Deletes the rows of the Partner object. `last`: when this incarnation did so before.
pub fn prune_partner(storage: &ObjectStorage, last: &Cell<UnixMillis>) {
    prune(storage, last, PARTNER_TABLES);
}

/// Deletes the rows of a Waba object. Its alarm does so when the first one is outdated.
pub fn prune_waba(storage: &ObjectStorage) {
    prune(storage, &Cell::default(), WABA_TABLES);
}

/// When the first row of a Waba object is to be deleted. `None`: it has none that age.
pub fn next_waba_prune(storage: &ObjectStorage) -> Option<UnixMillis> {
    next_prune_of(storage, WABA_TABLES)
}

/// Sets the alarm of a Site object that has none, to when its first rows are to be deleted: perhaps no request ever
/// comes again. An alarm that is set already does this when it fires.
pub async fn wake_site_to_prune(storage: &ObjectStorage) {
    if !matches!(storage.state().storage().get_alarm().await, Ok(None)) {
        return;
    }
    if let Some(at) = next_prune_of(storage, SITE_TABLES) {
        storage.set_alarm_within(at.since(clock::now())).await;
    }
}

/// When the first row of these tables is to be deleted. `None`: they have none that age.
fn next_prune_of(storage: &ObjectStorage, tables: &[AgedRows]) -> Option<UnixMillis> {
    let oldest = tables.iter().filter_map(|rows| {
        // The table may not be there yet.
        let found = storage.rows(rows.oldest, vec![]).ok()?;
        match found.first()?.first()? {
            SqlStorageValue::Integer(at) => {
                Some((rows.table, UnixMillis(u64::try_from(*at).ok()?)))
            }
            _ => None,
        }
    });
    next_prune(oldest, clock::now())
}

fn prune(storage: &ObjectStorage, last: &Cell<UnixMillis>, tables: &[AgedRows]) {
    let now = clock::now();
    if !is_due(last.get(), now) {
        return;
    }
    last.set(now);
    for rows in tables {
        let oldest = rows.table.oldest_kept(now);
        // The table may not be there yet, and the next time deletes what this one did not.
        let _ = storage.exec(rows.delete, vec![sql_time(oldest)]);
    }
}

/// The statements of a table whose rows age.
struct AgedRows {
    table: AgedTable,
    /// Deletes the rows from before a time.
    delete: &'static str,
    /// Selects the time of the oldest row.
    oldest: &'static str,
}

const SITE_TABLES: &[AgedRows] = &[
    // A signup that is open is deleted by nothing but its end.
    AgedRows {
        table: AgedTable::SignupIndex,
        delete: "DELETE FROM runs WHERE open = 0 AND at < ?",
        oldest: "SELECT min(at) FROM runs WHERE open = 0",
    },
    AgedRows {
        table: AgedTable::SiteEvents,
        delete: "DELETE FROM events WHERE at < ?",
        oldest: "SELECT min(at) FROM events",
    },
];

const WABA_TABLES: &[AgedRows] = &[AgedRows {
    table: AgedTable::SeenChanges,
    delete: "DELETE FROM seen WHERE at < ?",
    // Rows are inserted in the order of time.
    oldest: "SELECT at FROM seen ORDER BY n LIMIT 1",
}];

const PARTNER_TABLES: &[AgedRows] = &[
    AgedRows {
        table: AgedTable::Audit,
        delete: "DELETE FROM audit WHERE at < ?",
        oldest: "SELECT min(at) FROM audit",
    },
    AgedRows {
        table: AgedTable::Businesses,
        delete: "DELETE FROM businesses WHERE at < ?",
        oldest: "SELECT min(at) FROM businesses",
    },
];
