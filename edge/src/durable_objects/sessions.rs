//! A site's sessions.
//!
//! | table | rows |
//! |---|---|
//! | `sessions (digest, until, used_by, json)` | one per session, by the SHA-256 of its text: the `SignupSession` as `json`; `until` is its expiry, `used_by` the signup that redeemed it. Deleted a day after `until`, 120 days after it if it was redeemed, when another is stored |

use super::storage::{ObjectStorage, parse_row, sql_time, unreadable};
use crate::clock;
use embark_onboarding::resources::backend::BackendReply;
use embark_onboarding::resources::one_time;
use embark_onboarding::resources::signup_session::{
    KEPT_UNUSED, KEPT_USED, MAX_OPEN, SessionLookup, SignupSession,
};
use embark_onboarding::resources::site::SiteReply;
use embark_protocol::{ProblemCode, SignupId};
use worker::{Result, SqlStorageValue};

/// Stores a session: `Session`, also if it was stored before, or `Refused` while too many are open.
///
/// # Errors
/// The storage refused it.
pub fn create(storage: &ObjectStorage, session: &SignupSession) -> Result<BackendReply> {
    create_table(storage)?;
    let now = clock::now();
    for (delete, kept) in [
        (
            "DELETE FROM sessions WHERE used_by IS NULL AND until < ?",
            KEPT_UNUSED,
        ),
        (
            "DELETE FROM sessions WHERE used_by IS NOT NULL AND until < ?",
            KEPT_USED,
        ),
    ] {
        storage.exec(delete, vec![sql_time(now.before(kept))])?;
    }
    if let Some(stored) = find(storage, &session.digest)? {
        let expires_at = stored.expires_at;
        return Ok(BackendReply::Session { expires_at });
    }
    let open = "SELECT 1 FROM sessions WHERE used_by IS NULL AND until >= ? LIMIT ?";
    let values = vec![sql_time(now), i64::from(MAX_OPEN).into()];
    if storage.rows(open, values)?.len() >= usize::try_from(MAX_OPEN).unwrap_or(usize::MAX) {
        let detail = "the site has 1000 open sessions; each ends after 15 minutes";
        return Ok(BackendReply::refused(ProblemCode::TooManyRequests, detail));
    }
    put(storage, session)?;
    Ok(BackendReply::Session {
        expires_at: session.expires_at,
    })
}

/// What a page of this origin learns of a session.
///
/// # Errors
/// The storage refused the query, or the row is not a session.
pub fn check(
    storage: &ObjectStorage,
    digest: &str,
    page_origin: Option<&str>,
) -> Result<SessionLookup> {
    Ok(match find(storage, digest)? {
        Some(session) => session.look_up(page_origin, clock::now()),
        None => SessionLookup::refused(ProblemCode::SessionUnknown),
    })
}

/// Redeems a session for a signup: `Accepted`, also if that signup redeemed it before, or `Refused` with the reason.
///
/// # Errors
/// The storage refused it.
pub fn redeem(storage: &ObjectStorage, digest: &str, signup: &SignupId) -> Result<SiteReply> {
    let Some(mut session) = find(storage, digest)? else {
        let code = ProblemCode::SessionUnknown;
        return Ok(SiteReply::Refused { code });
    };
    match one_time::redeem(&mut session, signup, clock::now()) {
        Ok(true) => put(storage, &session)?,
        Ok(false) => {}
        Err(code) => return Ok(SiteReply::Refused { code }),
    }
    Ok(SiteReply::Accepted)
}

/// The session that the signup has redeemed. `None`: it has not.
///
/// # Errors
/// The storage refused the query, or the row is not a session.
pub fn redeemed_by(storage: &ObjectStorage, signup: &SignupId) -> Result<Option<SignupSession>> {
    create_table(storage)?;
    let used = "SELECT json FROM sessions WHERE used_by = ?";
    let rows = storage.rows(used, vec![signup.as_str().into()])?;
    match rows.first().map(Vec::as_slice) {
        None => Ok(None),
        Some([SqlStorageValue::String(json)]) => parse_row("sessions", json).map(Some),
        Some(_) => Err(unreadable("sessions")),
    }
}

fn put(storage: &ObjectStorage, session: &SignupSession) -> Result<()> {
    let insert = "INSERT INTO sessions (digest, until, used_by, json) VALUES (?, ?, ?, ?) \
                  ON CONFLICT (digest) DO UPDATE SET used_by = excluded.used_by, json = excluded.json";
    let used_by = session.used_by.as_ref();
    let values = vec![
        session.digest.as_str().into(),
        sql_time(session.expires_at),
        used_by.map_or(SqlStorageValue::Null, |signup| signup.as_str().into()),
        serde_json::to_string(session)?.into(),
    ];
    storage.exec(insert, values)
}

fn find(storage: &ObjectStorage, digest: &str) -> Result<Option<SignupSession>> {
    create_table(storage)?;
    let one = "SELECT json FROM sessions WHERE digest = ?";
    match storage.rows(one, vec![digest.into()])?.pop().as_deref() {
        None => Ok(None),
        Some([SqlStorageValue::String(json)]) => parse_row("sessions", json).map(Some),
        Some(_) => Err(unreadable("sessions")),
    }
}

fn create_table(storage: &ObjectStorage) -> Result<()> {
    storage.create(TABLES)
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS sessions \
     (digest TEXT PRIMARY KEY, until INTEGER NOT NULL, used_by TEXT, json TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS sessions_used_by ON sessions (used_by, until)",
    "CREATE INDEX IF NOT EXISTS sessions_until ON sessions (until)",
];
