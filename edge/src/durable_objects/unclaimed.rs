//! The accounts that Meta's webhooks name and no site owns. Rows of the Partner object.
//!
//! | table | rows |
//! |---|---|
//! | `unclaimed (waba, app, first_at, last_at, until)` | one per account: the app whose webhook named it, when first and last, and until when its object keeps events. Deleted then, or when a site claims the account |

use super::storage::{ObjectStorage, Row, sql_time, unreadable};
use embark_onboarding::resources::list_cursor::{ListCursor, cut_page, rows_to_read};
use embark_onboarding::resources::unclaimed::{
    LISTED_FOR_TRAFFIC, UNCLAIMED_PER_APP, UnclaimedAccounts,
};
use embark_onboarding::time::UnixMillis;
use embark_protocol::admin::{UnclaimedAccount, UnclaimedPage};
use embark_protocol::{AppKey, WabaId};
use worker::{Result, SqlStorageValue};

/// Lists accounts. Returns those that are listed: of others the app has too many already.
///
/// # Errors
/// The storage refused it.
pub fn list(storage: &ObjectStorage, unclaimed: &UnclaimedAccounts) -> Result<Vec<WabaId>> {
    let UnclaimedAccounts { app, at, accounts } = unclaimed;
    storage.create(TABLES)?;
    storage.exec(
        "DELETE FROM unclaimed WHERE until <= ?",
        vec![sql_time(*at)],
    )?;
    let mut count = count(storage, app)?;
    let mut listed = vec![];
    for (waba, until) in accounts {
        let known = "SELECT 1 FROM unclaimed WHERE waba = ?";
        let is_known = !storage.rows(known, vec![waba.as_str().into()])?.is_empty();
        if !is_known && count >= UNCLAIMED_PER_APP {
            if *until <= *at + LISTED_FOR_TRAFFIC || !replace(storage, app, *at)? {
                continue;
            }
            count = count.saturating_sub(1);
        }
        count += u64::from(!is_known);
        let insert = "INSERT INTO unclaimed (waba, app, first_at, last_at, until) VALUES (?, ?, ?, ?, ?) \
                      ON CONFLICT (waba) DO UPDATE SET last_at = excluded.last_at, \
                      until = max(until, excluded.until)";
        let values = vec![
            waba.as_str().into(),
            app.as_str().into(),
            sql_time(*at),
            sql_time(*at),
            sql_time(*until),
        ];
        storage.exec(insert, values)?;
        listed.push(waba.clone());
    }
    Ok(listed)
}

/// Takes the account from the list that is soonest outdated, if it is listed for a day only. Returns whether there was one.
fn replace(storage: &ObjectStorage, app: &AppKey, now: UnixMillis) -> Result<bool> {
    let delete = "DELETE FROM unclaimed WHERE waba = (SELECT waba FROM unclaimed WHERE app = ? AND until <= ? \
                  ORDER BY until LIMIT 1) RETURNING waba";
    let values = vec![app.as_str().into(), sql_time(now + LISTED_FOR_TRAFFIC)];
    Ok(!storage.rows(delete, values)?.is_empty())
}

/// Takes an account from the list: it has an owner.
///
/// # Errors
/// The storage refused it.
pub fn remove(storage: &ObjectStorage, waba: &WabaId) -> Result<()> {
    storage.create(TABLES)?;
    let delete = "DELETE FROM unclaimed WHERE waba = ?";
    storage.exec(delete, vec![waba.as_str().into()])
}

/// A page of the accounts, the newest of the list first. When Meta last named one is not what they are ordered by: it changes while
/// pages are read.
///
/// # Errors
/// The storage refused it.
pub fn read(
    storage: &ObjectStorage,
    now: UnixMillis,
    after: Option<&ListCursor>,
    limit: u32,
) -> Result<UnclaimedPage> {
    storage.create(TABLES)?;
    let select = "SELECT waba, app, first_at, last_at, until FROM unclaimed \
                  WHERE (first_at, waba) < (?, ?) AND until > ? ORDER BY first_at DESC, waba DESC LIMIT ?";
    let (first_at, waba) = ListCursor::bound(after);
    let values = vec![
        sql_time(first_at),
        waba.into(),
        sql_time(now),
        i64::from(rows_to_read(limit)).into(),
    ];
    let rows = storage.rows(select, values)?.into_iter();
    let rows: Result<Vec<_>> = rows
        .map(|row| account(row).ok_or_else(|| unreadable("unclaimed")))
        .collect();
    let (accounts, next) = cut_page(rows?, limit, |last| ListCursor {
        at: UnixMillis(last.first_at),
        id: last.waba_id.to_string(),
    });
    Ok(UnclaimedPage { accounts, next })
}

/// The next accounts by their ids, also those that are not shown any more.
///
/// # Errors
/// The storage refused it.
pub fn after(storage: &ObjectStorage, after: Option<&WabaId>, limit: u32) -> Result<Vec<WabaId>> {
    storage.create(TABLES)?;
    let select = "SELECT waba FROM unclaimed WHERE waba > ? ORDER BY waba LIMIT ?";
    let after = after.map_or("", WabaId::as_str);
    let rows = storage.rows(select, vec![after.into(), i64::from(limit).into()])?;
    let id = |row: Row| match row.as_slice() {
        [SqlStorageValue::String(waba)] => WabaId::parse(waba).ok(),
        _ => None,
    };
    rows.into_iter()
        .map(|row| id(row).ok_or_else(|| unreadable("unclaimed")))
        .collect()
}

fn account(row: Row) -> Option<UnclaimedAccount> {
    let [
        SqlStorageValue::String(waba),
        SqlStorageValue::String(app),
        SqlStorageValue::Integer(first_at),
        SqlStorageValue::Integer(last_at),
        SqlStorageValue::Integer(until),
    ] = row.as_slice()
    else {
        return None;
    };
    Some(UnclaimedAccount {
        waba_id: WabaId::parse(waba).ok()?,
        app: AppKey::parse(app).ok()?,
        first_at: u64::try_from(*first_at).ok()?,
        last_at: u64::try_from(*last_at).ok()?,
        kept_until: u64::try_from(*until).ok()?,
    })
}

/// How many accounts are listed.
///
/// # Errors
/// The storage refused it.
pub fn count_all(storage: &ObjectStorage, now: UnixMillis) -> Result<u64> {
    storage.create(TABLES)?;
    let select = "SELECT count(*) FROM unclaimed WHERE until > ?";
    counted(storage, select, sql_time(now))
}

fn count(storage: &ObjectStorage, app: &AppKey) -> Result<u64> {
    let select = "SELECT count(*) FROM unclaimed WHERE app = ?";
    counted(storage, select, app.as_str().into())
}

fn counted(storage: &ObjectStorage, select: &str, value: SqlStorageValue) -> Result<u64> {
    let rows = storage.rows(select, vec![value])?;
    match rows.first().and_then(|row| row.first()) {
        Some(SqlStorageValue::Integer(count)) => Ok(u64::try_from(*count).unwrap_or(u64::MAX)),
        _ => Err(unreadable("unclaimed")),
    }
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS unclaimed (waba TEXT PRIMARY KEY, app TEXT NOT NULL, \
     first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, until INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS unclaimed_by_first ON unclaimed (first_at, waba)",
];
