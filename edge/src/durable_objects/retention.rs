//! Deletes rows that are deleted by their age alone: see `embark_onboarding::resources::retention`.

use super::storage::{AlarmTime, ObjectStorage, sql_time, unreadable};
use crate::clock;
use core::cell::Cell;
use embark_onboarding::resources::retention::{AgedTable, is_due, next_prune};
use embark_onboarding::retention::Retention;
use embark_onboarding::time::UnixMillis;
use worker::{Result, SqlStorageValue};

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
///
/// # Errors
/// The storage refused a query, or a row has no time.
pub fn next_waba_prune(storage: &ObjectStorage) -> Result<Option<UnixMillis>> {
    next_prune_of(storage, WABA_TABLES)
}

/// Sets the alarm of a Site object that has none, to when its first rows are to be deleted: perhaps no request ever
/// comes again. An alarm that is set already does this when it fires; where that is not known, the next request tries
/// again.
///
/// # Errors
/// The storage refused a query, or a row has no time.
pub async fn wake_site_to_prune(storage: &ObjectStorage) -> Result<()> {
    if storage.alarm().await != AlarmTime::Unset {
        return Ok(());
    }
    if let Some(at) = next_prune_of(storage, SITE_TABLES)? {
        storage.set_alarm_within(at.since(clock::now())).await;
    }
    Ok(())
}

/// When the first row of these tables is to be deleted. `None`: they have none that age.
///
/// # Errors
/// The storage refused a query, or a row has no time.
fn next_prune_of(storage: &ObjectStorage, tables: &[AgedRows]) -> Result<Option<UnixMillis>> {
    let mut oldest = vec![];
    for rows in tables {
        match storage.first_value(rows.oldest)? {
            None | Some(SqlStorageValue::Null) => {}
            Some(SqlStorageValue::Integer(at)) => {
                let at = u64::try_from(at).map_err(|_| unreadable("at"))?;
                oldest.push((rows.table, UnixMillis(at)));
            }
            Some(_) => return Err(unreadable("at")),
        }
    }
    Ok(next_prune(oldest, &of(storage), clock::now()))
}

fn prune(storage: &ObjectStorage, last: &Cell<UnixMillis>, tables: &[AgedRows]) {
    let now = clock::now();
    if !is_due(last.get(), now) {
        return;
    }
    last.set(now);
    let retention = of(storage);
    for rows in tables {
        let oldest = rows.table.oldest_kept(now, &retention);
        // The table may not be there yet, and the next time deletes what this one did not.
        let _ = storage.exec(rows.delete, vec![sql_time(oldest)]);
    }
}

/// How long the deployment keeps things. Without settings it answers no request: then the defaults.
pub fn of(storage: &ObjectStorage) -> Retention {
    let settings = storage.settings();
    settings.map_or_else(Retention::default, |settings| settings.retention)
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
    // A signup that is open is deleted by nothing but its end. What was connected stays: lists of accounts and numbers are
    // made of it.
    AgedRows {
        table: AgedTable::SignupIndex,
        delete: "DELETE FROM runs WHERE open = 0 AND at < ? \
                 AND json_extract(json, '$.connected.waba_id') IS NULL",
        oldest: "SELECT min(at) FROM runs WHERE open = 0 \
                 AND json_extract(json, '$.connected.waba_id') IS NULL",
    },
    AgedRows {
        table: AgedTable::SiteEvents,
        delete: "DELETE FROM deliveries WHERE event IN (SELECT n FROM event_log WHERE at < ?)",
        oldest: "SELECT min(at) FROM event_log JOIN deliveries ON deliveries.event = event_log.n",
    },
    AgedRows {
        table: AgedTable::ForwardedMessages,
        delete: "DELETE FROM deliveries WHERE event IN \
                 (SELECT n FROM event_log WHERE at < ? AND name IN ('message.received', 'message.status'))",
        oldest: "SELECT min(at) FROM event_log JOIN deliveries ON deliveries.event = event_log.n \
                 WHERE name IN ('message.received', 'message.status')",
    },
    AgedRows {
        table: AgedTable::ForwardedMessages,
        delete: "DELETE FROM event_log WHERE at < ? AND name IN ('message.received', 'message.status') \
                 AND n < (SELECT max(n) FROM event_log)",
        oldest: "SELECT min(at) FROM event_log WHERE name IN ('message.received', 'message.status') \
                 AND n < (SELECT max(n) FROM event_log)",
    },
    // The newest row stays: its number is where the next one goes on.
    AgedRows {
        table: AgedTable::SiteEvents,
        delete: "DELETE FROM event_log WHERE at < ? AND n < (SELECT max(n) FROM event_log)",
        oldest: "SELECT min(at) FROM event_log WHERE n < (SELECT max(n) FROM event_log)",
    },
    AgedRows {
        table: AgedTable::Audit,
        delete: "DELETE FROM signup_steps WHERE day * 86400000 < ?",
        oldest: "SELECT min(day) * 86400000 FROM signup_steps",
    },
    // Counted by an earlier version.
    AgedRows {
        table: AgedTable::Audit,
        delete: "DELETE FROM signup_counts WHERE day * 86400000 < ?",
        oldest: "SELECT min(day) * 86400000 FROM signup_counts",
    },
    AgedRows {
        table: AgedTable::Audit,
        delete: "DELETE FROM token_reads WHERE at < ?",
        oldest: "SELECT min(at) FROM token_reads",
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
    AgedRows {
        table: AgedTable::Users,
        delete: "DELETE FROM grants WHERE at < ?",
        oldest: "SELECT min(at) FROM grants",
    },
    AgedRows {
        table: AgedTable::Users,
        delete: "DELETE FROM user_callbacks WHERE at < ? AND status = 'done'",
        oldest: "SELECT min(at) FROM user_callbacks WHERE status = 'done'",
    },
];
