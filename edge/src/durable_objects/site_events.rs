//! The events of a site, and what became of their deliveries.
//!
//! | table | rows |
//! |---|---|
//! | `event_log (n, id, at, name, json)` | one per event, by its id: its sequence `n`; the `SiteEvent` as `json`; its fields `at`, `name` |
//! | `deliveries (event, state, attempts, first, due, error)` | one per event that came while the site had an endpoint, or that was replayed: `event` is its sequence, `state` a `DeliveryState`, `attempts` how often it was sent, `first` when, `due` when it is sent next, and until when it belongs to whom took it |

use super::storage::{ObjectStorage, sql_time, unreadable};
use crate::config::Settings;
use embark_onboarding::resources::backend::EventFilter;
use embark_onboarding::resources::event_delivery::{LinkSigner, document};
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::time::UnixMillis;
use embark_protocol::SignupId;
use embark_protocol::backend::{DeliveryState, EventDelivery, EventPage, ListedEvent};
use std::collections::BTreeSet;
use worker::{Result, SqlStorageValue};

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
        "INSERT INTO event_log (id, at, name, json) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let values = vec![
        event.id.as_str().into(),
        sql_time(event.at),
        event.name.as_str().into(),
        serde_json::to_string(event)?.into(),
    ];
    storage.exec(insert, values)?;
    if let Some(state) = delivery {
        let insert = "INSERT INTO deliveries (event, state, attempts, due) \
                      SELECT n, ?, 0, 0 FROM event_log WHERE id = ? ON CONFLICT DO NOTHING";
        storage.exec(
            insert,
            vec![state.as_str().into(), event.id.as_str().into()],
        )?;
    }
    Ok(())
}

/// A page of events.
///
/// # Errors
/// The storage refused the query, or a row is not an event.
pub fn list(storage: &ObjectStorage, filter: EventFilter, limit: u32) -> Result<EventPage> {
    create_tables(storage)?;
    let only_dead = if filter.dead {
        " AND state = 'dead'"
    } else {
        ""
    };
    let order = if filter.newest_first { " DESC" } else { "" };
    let query = [
        "SELECT event_log.n, event_log.json, state, attempts, error, due FROM event_log \
         LEFT JOIN deliveries ON deliveries.event = event_log.n WHERE event_log.n > ?",
        only_dead,
        " ORDER BY event_log.n",
        order,
        " LIMIT ?",
    ]
    .concat();
    let values = vec![
        i64::try_from(filter.after).unwrap_or(i64::MAX).into(),
        i64::from(limit).into(),
    ];
    let rows = storage.rows(&query, values)?;
    let settings = storage.settings();
    let links = settings.as_ref().map(Settings::link_signer);
    let events: Vec<ListedEvent> = rows
        .iter()
        .map(|row| listed(row, links).ok_or_else(|| unreadable("event_log")))
        .collect::<Result<_>>()?;
    let sequences = events.iter().map(|listed| listed.event.data.sequence);
    let next = sequences.max().unwrap_or(filter.after);
    Ok(EventPage { events, next })
}

/// The events of a signup, the oldest first.
///
/// # Errors
/// The storage refused the query, or a row is not an event.
pub fn of_signup(storage: &ObjectStorage, signup: &SignupId) -> Result<Vec<ListedEvent>> {
    create_tables(storage)?;
    let query = "SELECT event_log.n, event_log.json, state, attempts, error, due FROM event_log \
                 LEFT JOIN deliveries ON deliveries.event = event_log.n \
                 WHERE json_extract(event_log.json, '$.signup') = ? ORDER BY event_log.n LIMIT 100";
    let rows = storage.rows(query, vec![signup.as_str().into()])?;
    let settings = storage.settings();
    let links = settings.as_ref().map(Settings::link_signer);
    rows.iter()
        .map(|row| listed(row, links).ok_or_else(|| unreadable("event_log")))
        .collect()
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
             SELECT n, 'pending', 0, 0 FROM event_log WHERE ",
            condition,
            " ",
            again,
        ]
        .concat()
    };
    let mut replayed = 0;
    match sequences {
        None => {
            let dead = "n IN (SELECT event FROM deliveries WHERE state = 'dead')";
            replayed = storage.rows(&select(dead), vec![])?.len();
        }
        Some(sequences) => {
            let one = select("n = ?");
            let distinct: BTreeSet<&u64> = sequences.iter().collect();
            for sequence in distinct {
                let sequence = i64::try_from(*sequence).unwrap_or(i64::MAX);
                replayed += storage.rows(&one, vec![sequence.into()])?.len();
            }
        }
    }
    Ok(u32::try_from(replayed).unwrap_or(u32::MAX))
}

/// `None`: the row is not an event.
fn listed(row: &[SqlStorageValue], links: Option<LinkSigner<'_>>) -> Option<ListedEvent> {
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
            let state = self::state(state)?;
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
        event: document(event, u64::try_from(*sequence).ok()?, links),
        delivery,
    })
}

/// The state with this name. `None`: there is none.
pub fn state(name: &str) -> Option<DeliveryState> {
    let states = [
        DeliveryState::Pending,
        DeliveryState::Delivered,
        DeliveryState::Dead,
    ];
    states.into_iter().find(|known| known.as_str() == name)
}

/// `None`: null.
pub fn time(value: &SqlStorageValue) -> Option<UnixMillis> {
    match value {
        SqlStorageValue::Integer(at) => u64::try_from(*at).ok().map(UnixMillis),
        _ => None,
    }
}

/// Creates the tables where they are missing.
///
/// # Errors
/// The storage refused it.
pub fn create_tables(storage: &ObjectStorage) -> Result<()> {
    storage.create(TABLES)
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS event_log \
     (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS deliveries \
     (event INTEGER PRIMARY KEY, state TEXT NOT NULL, attempts INTEGER NOT NULL, first INTEGER, \
     due INTEGER NOT NULL, error TEXT)",
    "CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due)",
    "CREATE INDEX IF NOT EXISTS event_log_signup ON event_log (json_extract(json, '$.signup'))",
    "CREATE INDEX IF NOT EXISTS event_log_messages ON event_log (at) \
     WHERE name IN ('message.received', 'message.status')",
];
