//! A site's invitations.
//!
//! | table | rows |
//! |---|---|
//! | `invitations (id, until, json)` | one per invitation, by its id: the `InvitationDetails` as `json`; `until` is its expiry. Deleted 90 days after it, when another is written |

use super::storage::{ObjectStorage, Row, parse_row, sql_time, unreadable};
use crate::clock;
use embark_onboarding::resources::invitation;
use embark_onboarding::resources::list_cursor::{ListCursor, cut_page, rows_to_read};
use embark_onboarding::resources::one_time;
use embark_onboarding::resources::site::SiteReply;
use embark_onboarding::time::UnixMillis;
use embark_protocol::admin::{InvitationDetails, InvitationPage};
use embark_protocol::{InvitationId, ProblemCode, SignupId};
use worker::{Result, SqlStorageValue};

/// Stores a new invitation. One that is stored stays as it is: the request came twice.
///
/// # Errors
/// The storage refused it.
pub fn create(storage: &ObjectStorage, invitation: &InvitationDetails) -> Result<()> {
    match find(storage, &invitation.id)? {
        Some(_) => Ok(()),
        None => put(storage, invitation),
    }
}

/// Stores an invitation, in place of an earlier version of it.
///
/// # Errors
/// The storage refused it.
fn put(storage: &ObjectStorage, invitation: &InvitationDetails) -> Result<()> {
    create_table(storage)?;
    let oldest = clock::now().before(invitation::KEPT_AFTER_EXPIRY);
    let delete = "DELETE FROM invitations WHERE until < ?";
    storage.exec(delete, vec![sql_time(oldest)])?;
    let insert = "INSERT INTO invitations (id, until, json) VALUES (?, ?, ?) \
                  ON CONFLICT (id) DO UPDATE SET json = excluded.json";
    let values = vec![
        invitation.id.as_str().into(),
        sql_time(UnixMillis(invitation.expires_at)),
        serde_json::to_string(invitation)?.into(),
    ];
    storage.exec(insert, values)
}

/// A page of the invitations, the one that expires last first.
///
/// # Errors
/// The storage refused the query, or a row is not an invitation.
pub fn list(
    storage: &ObjectStorage,
    after: Option<&ListCursor>,
    limit: u32,
) -> Result<InvitationPage> {
    let newest = "SELECT json FROM invitations WHERE (until, id) < (?, ?) ORDER BY until DESC, id DESC LIMIT ?";
    let (until, id) = ListCursor::bound(after);
    let values = vec![
        sql_time(until),
        id.into(),
        i64::from(rows_to_read(limit)).into(),
    ];
    let rows = select(storage, newest, values)?;
    let (invitations, next) = cut_page(rows, limit, |last| ListCursor {
        at: UnixMillis(last.expires_at),
        id: last.id.to_string(),
    });
    Ok(InvitationPage { invitations, next })
}

/// Deletes an invitation. One that was used is kept, because it records by whom.
///
/// # Errors
/// The storage refused it.
pub fn revoke(storage: &ObjectStorage, id: &InvitationId) -> Result<()> {
    match find(storage, id)? {
        Some(found) if found.used_by.is_none() => {
            let delete = "DELETE FROM invitations WHERE id = ?";
            storage.exec(delete, vec![id.as_str().into()])
        }
        _ => Ok(()),
    }
}

/// Whether the invitation can be redeemed: `Accepted`, or `Refused` with the reason.
///
/// # Errors
/// The storage refused the query, or a row is not an invitation.
pub fn check(storage: &ObjectStorage, id: &InvitationId) -> Result<SiteReply> {
    let Some(found) = find(storage, id)? else {
        return Ok(reply(Err(ProblemCode::InvitationExpired)));
    };
    Ok(match one_time::check_usable(&found, clock::now()) {
        Ok(()) => SiteReply::Usable {
            reference: found.reference,
        },
        Err(code) => SiteReply::Refused { code },
    })
}

/// Whether the signup has redeemed an invitation.
///
/// # Errors
/// The storage refused the query, or a row is not an invitation.
pub fn has_redeemed(storage: &ObjectStorage, signup: &SignupId) -> Result<bool> {
    let used = "SELECT json FROM invitations WHERE json_extract(json, '$.used_by') = ?";
    Ok(!select(storage, used, vec![signup.as_str().into()])?.is_empty())
}

/// Redeems the invitation for a signup: `Accepted`, also if that signup redeemed it before, or `Refused` with the
/// reason.
///
/// # Errors
/// The storage refused it.
pub fn redeem(storage: &ObjectStorage, id: &InvitationId, signup: &SignupId) -> Result<SiteReply> {
    let Some(mut found) = find(storage, id)? else {
        return Ok(reply(Err(ProblemCode::InvitationExpired)));
    };
    let redeemed = one_time::redeem(&mut found, signup, clock::now());
    if redeemed == Ok(true) {
        put(storage, &found)?;
    }
    Ok(reply(redeemed.map(|_| ())))
}

fn reply(checked: core::result::Result<(), ProblemCode>) -> SiteReply {
    match checked {
        Ok(()) => SiteReply::Accepted,
        Err(code) => SiteReply::Refused { code },
    }
}

fn find(storage: &ObjectStorage, id: &InvitationId) -> Result<Option<InvitationDetails>> {
    let one = "SELECT json FROM invitations WHERE id = ?";
    Ok(select(storage, one, vec![id.as_str().into()])?.pop())
}

fn select(storage: &ObjectStorage, query: &str, values: Row) -> Result<Vec<InvitationDetails>> {
    create_table(storage)?;
    let parse = |value| match value {
        SqlStorageValue::String(json) => parse_row("invitations", &json),
        _ => Err(unreadable("invitations")),
    };
    let rows = storage.rows(query, values)?;
    rows.into_iter().flatten().map(parse).collect()
}

fn create_table(storage: &ObjectStorage) -> Result<()> {
    storage.create(TABLES)
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS invitations \
     (id TEXT PRIMARY KEY, until INTEGER NOT NULL, json TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS invitations_by_until ON invitations (until, id)",
    "CREATE INDEX IF NOT EXISTS invitations_used_by ON invitations (json_extract(json, '$.used_by'))",
];
