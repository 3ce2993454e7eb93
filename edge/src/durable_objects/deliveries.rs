//! The deliveries of a site's events: which are due, and what came of them. The table is that of `site_events`.

use super::site_events::{create_tables, time};
use super::storage::{ObjectStorage, sql_time, unreadable};
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::time::UnixMillis;
use embark_protocol::backend::DeliveryState;
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

/// The events that are due, the oldest first, `limit` at most.
///
/// # Errors
/// The storage refused the query, or a row is not an event.
pub fn due(storage: &ObjectStorage, now: UnixMillis, limit: usize) -> Result<Vec<DueEvent>> {
    create_tables(storage)?;
    let query = "SELECT deliveries.event, event_log.json, deliveries.attempts, deliveries.first \
                 FROM deliveries JOIN event_log ON event_log.n = deliveries.event \
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
