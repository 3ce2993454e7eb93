//! The deliveries of a site's events: which are due, and what came of them. The table is that of `site_events`.

use super::site_events::{create_tables, state, time};
use super::storage::{ObjectStorage, Row, parse_row, sql_time, unreadable};
use embark_onboarding::resources::event_delivery::Delivery;
use embark_onboarding::resources::event_delivery::schedule::LEASE;
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::time::UnixMillis;
use embark_protocol::backend::DeliveryState;
use worker::{Result, SqlStorageValue};

/// The deliveries that are due, the oldest first, `limit` at most, each with the sequence of its event.
///
/// # Errors
/// The storage refused the query, or a row is not a delivery.
pub fn due(storage: &ObjectStorage, now: UnixMillis, limit: usize) -> Result<Vec<(i64, Delivery)>> {
    create_tables(storage)?;
    let query = "SELECT event, state, attempts, first, due FROM deliveries \
                 WHERE state = 'pending' AND due <= ? ORDER BY due, event LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = storage.rows(query, vec![sql_time(now), limit.into()])?;
    rows.into_iter().map(|row| delivery(&row)).collect()
}

/// The delivery of an event. `None`: there is none any more.
///
/// # Errors
/// The storage refused the query, or a row is not a delivery.
pub fn get(storage: &ObjectStorage, sequence: i64) -> Result<Option<Delivery>> {
    create_tables(storage)?;
    let query = "SELECT event, state, attempts, first, due FROM deliveries WHERE event = ?";
    let rows = storage.rows(query, vec![sequence.into()])?;
    let found = rows.first().map(delivery).transpose()?;
    Ok(found.map(|(_, delivery)| delivery))
}

/// The event with this sequence.
///
/// # Errors
/// The storage refused the query, there is no such event, or the row is not one.
pub fn event(storage: &ObjectStorage, sequence: i64) -> Result<SiteEvent> {
    let query = "SELECT json FROM event_log WHERE n = ?";
    let rows = storage.rows(query, vec![sequence.into()])?;
    match rows.first().map(Vec::as_slice) {
        Some([SqlStorageValue::String(json)]) => parse_row("event_log", json),
        _ => Err(unreadable("event_log")),
    }
}

/// How many deliveries were taken, and are not over: by the time that they are due. A few that are repeated within this time
/// are counted too.
///
/// # Errors
/// The storage refused the query.
pub fn count_on_their_way(storage: &ObjectStorage, now: UnixMillis) -> Result<usize> {
    let query = "SELECT count(*) FROM deliveries WHERE state = 'pending' AND due > ? AND due <= ?";
    let rows = storage.rows(query, vec![sql_time(now), sql_time(now + LEASE)])?;
    match rows.first().map(Vec::as_slice) {
        Some([SqlStorageValue::Integer(count)]) => Ok(usize::try_from(*count).unwrap_or_default()),
        _ => Err(unreadable("deliveries")),
    }
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

/// Stores a delivery. `error`: why the last attempt failed; `None`: what is stored stays, unless the event was delivered.
///
/// # Errors
/// The storage refused it.
pub fn put(
    storage: &ObjectStorage,
    sequence: i64,
    delivery: &Delivery,
    error: Option<&str>,
) -> Result<()> {
    let update = match delivery.state {
        DeliveryState::Delivered => {
            "UPDATE deliveries SET state = ?, attempts = ?, first = ?, due = ?, error = ? WHERE event = ?"
        }
        _ => {
            "UPDATE deliveries SET state = ?, attempts = ?, first = ?, due = ?, \
             error = coalesce(?, error) WHERE event = ?"
        }
    };
    let values = vec![
        delivery.state.as_str().into(),
        i64::from(delivery.attempts).into(),
        delivery.first.map_or(SqlStorageValue::Null, sql_time),
        sql_time(delivery.due),
        error.map_or(SqlStorageValue::Null, SqlStorageValue::from),
        sequence.into(),
    ];
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

fn delivery(row: &Row) -> Result<(i64, Delivery)> {
    let [
        SqlStorageValue::Integer(sequence),
        SqlStorageValue::String(stored),
        SqlStorageValue::Integer(attempts),
        first,
        due,
    ] = row.as_slice()
    else {
        return Err(unreadable("deliveries"));
    };
    let delivery = Delivery {
        state: state(stored).ok_or_else(|| unreadable("deliveries"))?,
        attempts: u32::try_from(*attempts).unwrap_or(u32::MAX),
        first: time(first),
        due: time(due).unwrap_or_default(),
    };
    Ok((*sequence, delivery))
}
