//! Events for the owner of a site, kept for their delivery. Nothing delivers them yet.
//!
//! | table | rows |
//! |---|---|
//! | `events (id, at, name, json)` | one per event, by its id: the `SiteEvent` as `json`; its fields `at`, `name` |

use super::storage::{ObjectStorage, sql_time};
use embark_onboarding::resources::site_event::SiteEvent;
use worker::Result;

/// Stores an event. One that is stored already changes nothing.
///
/// # Errors
/// The storage refused it.
pub fn enqueue(storage: &ObjectStorage, event: &SiteEvent) -> Result<()> {
    let table = "CREATE TABLE IF NOT EXISTS events \
                 (id TEXT PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL)";
    storage.exec(table, vec![])?;
    let insert =
        "INSERT INTO events (id, at, name, json) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let values = vec![
        event.id.as_str().into(),
        sql_time(event.at),
        event.name.as_str().into(),
        serde_json::to_string(event)?.into(),
    ];
    storage.exec(insert, values)
}
