//! The events of a site, and what became of their deliveries.
//!
//! | table | rows |
//! |---|---|
//! | `events (id, at, name, json)` | one per event, by its id: the `SiteEvent` as `json`; its fields `at`, `name`. The `rowid` is the event's sequence |
//! | `deliveries (event, state, attempts, first, due, error)` | one per event that came while the site had an endpoint, or that was replayed: `event` is its sequence, `state` a `DeliveryState`, `attempts` how often it was sent, `first` when, `due` when it is sent next |

use super::storage::{ObjectStorage, sql_time, unreadable};
use embark_onboarding::resources::event_delivery::document;
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::time::UnixMillis;
use embark_protocol::backend::{DeliveryState, EventDelivery, EventPage, ListedEvent};
use worker::{Result, SqlStorageValue};

/// An event whose delivery is due.
pub struct DueEvent {
    /// Its number.
    pub sequence: i64,
    /// The event.
    pub event: SiteEvent,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was first sent. `None`: it was not.
    pub first: Option<UnixMillis>,
}

/// Where a delivery stands after a try.
pub enum Next {
    /// The endpoint took the event.
    Delivered,
    /// It is sent again.
    At(UnixMillis),
    /// It is given up.
    Dead,
}

/// Stores an event, with a delivery in this state: one that is pending is due at once. `None`: it is not to be delivered.
/// An event that is stored already changes nothing.
///
/// # Errors
/// The storage refused it.
pub fn enqueue(
    storage: &ObjectStorage,
    event: &SiteEvent,
    delivery: Option<DeliveryState>,
) -> Result<()> {
    create_tables(storage)?;
    let insert =
        "INSERT INTO events (id, at, name, json) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let values = vec![
        event.id.as_str().into(),
        sql_time(event.at),
        event.name.as_str().into(),
        serde_json::to_string(event)?.into(),
    ];
    storage.exec(insert, values)?;
    if let Some(state) = delivery {
        let insert = "INSERT INTO deliveries (event, state, attempts, due) \
                      SELECT rowid, ?, 0, 0 FROM events WHERE id = ? ON CONFLICT DO NOTHING";
        storage.exec(
            insert,
            vec![state.as_str().into(), event.id.as_str().into()],
        )?;
    }
    Ok(())
}

/// The events that are due, the oldest first, `limit` at most.
///
/// # Errors
/// The storage refused the query, or a row is not an event.
pub fn due(storage: &ObjectStorage, now: UnixMillis, limit: usize) -> Result<Vec<DueEvent>> {
    create_tables(storage)?;
    let query = "SELECT deliveries.event, events.json, deliveries.attempts, deliveries.first \
                 FROM deliveries JOIN events ON events.rowid = deliveries.event \
                 WHERE deliveries.state = 'pending' AND deliveries.due <= ? \
                 ORDER BY deliveries.due, deliveries.event LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = storage.rows(query, vec![sql_time(now), limit.into()])?;
    rows.into_iter()
        .map(|row| match row.as_slice() {
            [
                SqlStorageValue::Integer(sequence),
                SqlStorageValue::String(json),
                SqlStorageValue::Integer(attempts),
                first,
            ] => Ok(DueEvent {
                sequence: *sequence,
                event: serde_json::from_str(json)?,
                attempts: u32::try_from(*attempts).unwrap_or(u32::MAX),
                first: time(first),
            }),
            _ => Err(unreadable("deliveries")),
        })
        .collect()
}

/// When the next delivery is due. `None`: none is pending.
///
/// # Errors
/// The storage refused the query.
pub fn next_due(storage: &ObjectStorage) -> Result<Option<UnixMillis>> {
    create_tables(storage)?;
    let query = "SELECT due FROM deliveries WHERE state = 'pending' ORDER BY due LIMIT 1";
    let rows = storage.rows(query, vec![])?;
    Ok(rows.first().and_then(|row| row.first()).and_then(time))
}

/// Stores that an event is being sent. Should this incarnation end before it knows what came of it, it is sent again
/// at `again_at`.
///
/// # Errors
/// The storage refused it.
pub fn begin(
    storage: &ObjectStorage,
    sequence: i64,
    now: UnixMillis,
    again_at: UnixMillis,
) -> Result<()> {
    let update = "UPDATE deliveries SET attempts = attempts + 1, first = coalesce(first, ?), due = ? \
                  WHERE event = ?";
    let values = vec![sql_time(now), sql_time(again_at), sequence.into()];
    storage.exec(update, values)
}

/// Stores what came of sending an event. `error`: why it failed, if it did.
///
/// # Errors
/// The storage refused it.
pub fn finish(
    storage: &ObjectStorage,
    sequence: i64,
    next: &Next,
    error: Option<&str>,
) -> Result<()> {
    let (state, due) = match next {
        Next::Delivered => (DeliveryState::Delivered, UnixMillis::default()),
        Next::At(at) => (DeliveryState::Pending, *at),
        Next::Dead => (DeliveryState::Dead, UnixMillis::default()),
    };
    let update = "UPDATE deliveries SET state = ?, due = ?, error = ? WHERE event = ?";
    let error = error.map_or(SqlStorageValue::Null, SqlStorageValue::from);
    let values = vec![state.as_str().into(), sql_time(due), error, sequence.into()];
    storage.exec(update, values)
}

/// Gives up everything that is pending: there is no endpoint any more.
///
/// # Errors
/// The storage refused it.
pub fn give_up(storage: &ObjectStorage) -> Result<()> {
    create_tables(storage)?;
    let update = "UPDATE deliveries SET state = 'dead' WHERE state = 'pending'";
    storage.exec(update, vec![])
}

/// How many deliveries are pending, and how many were given up.
///
/// # Errors
/// The storage refused the query.
pub fn counts(storage: &ObjectStorage) -> Result<(u64, u64)> {
    create_tables(storage)?;
    let count = |state: DeliveryState| {
        let query = "SELECT count(*) FROM deliveries WHERE state = ?";
        let rows = storage.rows(query, vec![state.as_str().into()])?;
        match rows.first().and_then(|row| row.first()) {
            Some(SqlStorageValue::Integer(count)) => Ok(u64::try_from(*count).unwrap_or_default()),
            _ => Err(unreadable("deliveries")),
        }
    };
    Ok((count(DeliveryState::Pending)?, count(DeliveryState::Dead)?))
}

/// A page of events behind a sequence. `dead`: only those whose delivery was given up.
///
/// # Errors
/// The storage refused the query, or a row is not an event.
pub fn list(storage: &ObjectStorage, after: u64, limit: u32, dead: bool) -> Result<EventPage> {
    create_tables(storage)?;
    let all = "SELECT events.rowid, events.json, state, attempts, error, due FROM events \
               LEFT JOIN deliveries ON deliveries.event = events.rowid \
               WHERE events.rowid > ? ORDER BY events.rowid LIMIT ?";
    let only_dead = "SELECT events.rowid, events.json, state, attempts, error, due FROM deliveries \
                     JOIN events ON deliveries.event = events.rowid \
                     WHERE deliveries.event > ? AND state = 'dead' ORDER BY deliveries.event LIMIT ?";
    let values = vec![
        i64::try_from(after).unwrap_or(i64::MAX).into(),
        i64::from(limit).into(),
    ];
    let rows = storage.rows(if dead { only_dead } else { all }, values)?;
    let events: Vec<ListedEvent> = rows
        .iter()
        .map(|row| listed(row).ok_or_else(|| unreadable("events")))
        .collect::<Result<_>>()?;
    let next = events.last().map_or(after, |last| last.event.data.sequence);
    Ok(EventPage { events, next })
}

/// Delivers events again. Returns how many. `None`: every one that was given up.
///
/// # Errors
/// The storage refused it.
pub fn replay(storage: &ObjectStorage, sequences: Option<&[u64]>) -> Result<u32> {
    create_tables(storage)?;
    let again = "ON CONFLICT (event) DO UPDATE SET state = 'pending', attempts = 0, first = NULL, \
                 due = 0, error = NULL RETURNING event";
    let select = |condition: &str| {
        [
            "INSERT INTO deliveries (event, state, attempts, due) \
             SELECT rowid, 'pending', 0, 0 FROM events WHERE ",
            condition,
            " ",
            again,
        ]
        .concat()
    };
    let mut replayed = 0;
    match sequences {
        None => {
            let dead = "rowid IN (SELECT event FROM deliveries WHERE state = 'dead')";
            replayed = storage.rows(&select(dead), vec![])?.len();
        }
        Some(sequences) => {
            let one = select("rowid = ?");
            for sequence in sequences {
                let sequence = i64::try_from(*sequence).unwrap_or(i64::MAX);
                replayed += storage.rows(&one, vec![sequence.into()])?.len();
            }
        }
    }
    Ok(u32::try_from(replayed).unwrap_or(u32::MAX))
}

/// `None`: the row is not an event.
fn listed(row: &[SqlStorageValue]) -> Option<ListedEvent> {
    let [
        SqlStorageValue::Integer(sequence),
        SqlStorageValue::String(json),
        state,
        attempts,
        error,
        due,
    ] = row
    else {
        return None;
    };
    let event: SiteEvent = serde_json::from_str(json).ok()?;
    let delivery = match (state, attempts) {
        (SqlStorageValue::String(state), SqlStorageValue::Integer(attempts)) => {
            let states = [
                DeliveryState::Pending,
                DeliveryState::Delivered,
                DeliveryState::Dead,
            ];
            let state = states.into_iter().find(|known| known.as_str() == state)?;
            let due = time(due).filter(|_| state == DeliveryState::Pending);
            Some(EventDelivery {
                state,
                attempts: u32::try_from(*attempts).unwrap_or(u32::MAX),
                error: match error {
                    SqlStorageValue::String(error) => Some(error.clone()),
                    _ => None,
                },
                next_attempt_at: due.map(|at| at.0),
            })
        }
        _ => None,
    };
    Some(ListedEvent {
        event: document(event, u64::try_from(*sequence).ok()?),
        delivery,
    })
}

/// `None`: null.
fn time(value: &SqlStorageValue) -> Option<UnixMillis> {
    match value {
        SqlStorageValue::Integer(at) => u64::try_from(*at).ok().map(UnixMillis),
        _ => None,
    }
}

fn create_tables(storage: &ObjectStorage) -> Result<()> {
    storage.create(TABLES)
}

const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS events \
     (id TEXT PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS deliveries \
     (event INTEGER PRIMARY KEY, state TEXT NOT NULL, attempts INTEGER NOT NULL, first INTEGER, \
     due INTEGER NOT NULL, error TEXT)",
    "CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due)",
];
