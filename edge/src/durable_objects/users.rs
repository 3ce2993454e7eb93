//! Who granted which token, and Meta's callbacks about these people. Rows of the Partner object.
//!
//! | table | rows |
//! |---|---|
//! | `grants (app, user, run, waba, number, at)` | one [`UserGrant`] per person, signup and account; `waba` is empty while it is not known. Deleted when the person's data is, or after 400 days |
//! | `user_callbacks (code, app, user, kind, issued, at, status)` | one [`UserCallback`] per callback. Deleted after 400 days |
//!
//! A callback is stored before Meta is answered; the object's alarm asks the others for their part, until each has done it.

use super::audit;
use super::fault_points::Operation;
use super::rpc;
use super::storage::{ObjectStorage, Row, sql_time, unreadable};
use embark_onboarding::resources::list_cursor::{ListCursor, cut_page, rows_to_read};
use embark_onboarding::resources::operators::AuditEntry;
use embark_onboarding::resources::phone_number::{PhoneReply, PhoneRequest};
use embark_onboarding::resources::rpc::{ObjectRequest, RpcError};
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_onboarding::resources::users::{
    UserGrant, UsersReply, UsersRequest, Withdrawal, first_status, issued_by, withdrawal,
};
use embark_onboarding::resources::waba::{WabaReply, WabaRequest};
use embark_onboarding::time::UnixMillis;
use embark_protocol::user_callbacks::{
    UserCallback, UserCallbackKind, UserCallbackPage, UserCallbackStatus,
};
use embark_protocol::{AppKey, PhoneNumberId, ProblemCode, SignupId, WabaId};
use worker::{Result, SqlStorageValue};

/// Answers a request. `None`: accepted. The alarm is set if there is something to do.
///
/// # Errors
/// The storage refused it.
pub async fn handle(storage: &ObjectStorage, request: UsersRequest) -> Result<Option<UsersReply>> {
    storage.create(TABLES)?;
    let reply = match request {
        UsersRequest::Granted(grant) => {
            add_grant(storage, &grant)?;
            None
        }
        UsersRequest::Callback(callback) => {
            add_callback(storage, callback)?;
            None
        }
        UsersRequest::Status { code, app } => {
            let callback = callback(storage, &code)?.filter(|callback| callback.app == app);
            Some(UsersReply::Callback(callback))
        }
        UsersRequest::List {
            status,
            after,
            limit,
        } => {
            let page = list(storage, status, after.as_ref(), limit)?;
            Some(UsersReply::Callbacks(page))
        }
        UsersRequest::Close { code } => {
            let close =
                "UPDATE user_callbacks SET status = 'done' WHERE code = ? AND status = 'unmatched'";
            let open = callback(storage, &code)?.map(|callback| callback.status);
            if open == Some(UserCallbackStatus::Unmatched) {
                storage.exec(close, vec![code.as_str().into()])?;
            }
            Some(UsersReply::Callback(callback(storage, &code)?))
        }
    };
    if reply.is_none() && has_work(storage)? {
        storage.set_alarm_within(core::time::Duration::ZERO).await;
    }
    if reply.is_none() {
        Operation::begin_request(storage, "answer_user").await.end();
    }
    Ok(reply)
}

/// Asks the objects for their part of every callback that is not done. Returns whether some did not do it.
///
/// # Errors
/// The storage refused it.
pub async fn work(storage: &ObjectStorage) -> Result<bool> {
    storage.create(TABLES)?;
    let mut remains = false;
    for callback in callbacks(storage, "WHERE status = 'working' ORDER BY at", vec![])? {
        let mut all_done = true;
        let grants = grants_of(storage, &callback)?;
        for grant in &grants {
            let withdrawal = withdrawal(&callback, grant);
            if withdraw(storage, &withdrawal, grant).await {
                if withdrawal.erase {
                    Operation::begin_request(storage, "delete_grant")
                        .await
                        .end();
                    delete_grant(storage, grant)?;
                }
            } else {
                all_done = false;
            }
        }
        // Others may have come meanwhile.
        let rest = grants_of(storage, &callback)?;
        all_done &= rest.iter().all(|grant| grants.contains(grant));
        if all_done {
            Operation::begin_request(storage, "callback_done")
                .await
                .end();
            set_status(storage, &callback.code, UserCallbackStatus::Done)?;
        }
        remains |= !all_done;
    }
    Ok(remains)
}

/// The signup first, so that it claims nothing any more; then the account, then the number.
async fn withdraw(storage: &ObjectStorage, withdrawal: &Withdrawal, grant: &UserGrant) -> bool {
    if withdrawal.erase {
        let request = RunRequest::Erase(withdrawal.clone());
        match ask(storage, "erase_signup", &grant.signup, &request).await {
            Ok(RunReply::Document(_)) => {}
            // It has erased itself by now.
            Ok(RunReply::Refused(problem)) if problem.code == ProblemCode::NotLaunched => {}
            _ => return false,
        }
    }
    if let Some(waba) = &grant.waba {
        let request = WabaRequest::Withdraw(withdrawal.clone());
        let reply = ask(storage, "withdraw", waba, &request).await;
        if !matches!(reply, Ok(WabaReply::Accepted)) {
            return false;
        }
    }
    match &grant.number {
        Some(number) if withdrawal.erase => {
            let signup = grant.signup.clone();
            let request = PhoneRequest::ErasePin { signup };
            let reply = ask(storage, "erase_pin", number, &request).await;
            matches!(reply, Ok(PhoneReply::Erased))
        }
        _ => true,
    }
}

/// `operation`: its name among the operations at which tests inject faults.
async fn ask<R: ObjectRequest>(
    storage: &ObjectStorage,
    operation: &'static str,
    object: &R::Name,
    request: &R,
) -> core::result::Result<R::Reply, RpcError> {
    let operation = Operation::begin_request(storage, operation).await;
    let reply = rpc::call(storage.env(), object, request).await;
    operation.end();
    reply
}

/// Stores a grant. A callback that came before it is worked on again.
fn add_grant(storage: &ObjectStorage, grant: &UserGrant) -> Result<()> {
    let text = |text: &str| SqlStorageValue::from(text);
    let waba = grant.waba.as_ref().map_or("", WabaId::as_str);
    let number = grant.number.as_ref().map_or("", PhoneNumberId::as_str);
    let insert = "INSERT INTO grants (app, user, run, waba, number, at) VALUES (?, ?, ?, ?, ?, ?) \
                  ON CONFLICT (app, user, run, waba) DO UPDATE SET number = excluded.number, \
                  at = max(at, excluded.at)";
    let values = vec![
        text(grant.app.as_str()),
        text(&grant.user_id),
        text(grant.signup.as_str()),
        text(waba),
        text(number),
        sql_time(grant.issued_at),
    ];
    storage.exec(insert, values)?;
    let known = callbacks(
        storage,
        "WHERE app = ? AND user = ?",
        vec![text(grant.app.as_str()), text(&grant.user_id)],
    )?;
    for callback in known {
        if issued_by(&callback) >= grant.issued_at {
            set_status(storage, &callback.code, UserCallbackStatus::Working)?;
        }
    }
    Ok(())
}

fn add_callback(storage: &ObjectStorage, mut new: UserCallback) -> Result<()> {
    if callback(storage, &new.code)?.is_some() {
        return Ok(());
    }
    let granted = !grants_of(storage, &new)?.is_empty();
    let was_deleted = "WHERE app = ? AND user = ? AND kind = 'delete' AND status != 'unmatched'";
    let person = vec![new.app.as_str().into(), new.user_id.as_str().into()];
    let was_deleted = !callbacks(storage, was_deleted, person)?.is_empty();
    new.status = first_status(new.kind, granted, was_deleted);
    let at = UnixMillis(new.received_at);
    let insert = "INSERT INTO user_callbacks (code, app, user, kind, issued, at, status) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let values = vec![
        new.code.as_str().into(),
        new.app.as_str().into(),
        new.user_id.as_str().into(),
        new.kind.as_str().into(),
        sql_time(UnixMillis(new.issued_at)),
        sql_time(at),
        new.status.as_str().into(),
    ];
    storage.exec(insert, values)?;
    let (app, kind, code) = (&new.app, new.kind.as_str(), &new.code);
    let status = new.status.as_str();
    let action = format!("Meta's callback {kind} of app {app}, code {code}: {status}");
    audit::write(storage, &AuditEntry { at, action })
}

/// The grants that a callback is about.
fn grants_of(storage: &ObjectStorage, callback: &UserCallback) -> Result<Vec<UserGrant>> {
    let select = "SELECT run, waba, number, at FROM grants WHERE app = ? AND user = ? AND at <= ?";
    let values = vec![
        callback.app.as_str().into(),
        callback.user_id.as_str().into(),
        sql_time(issued_by(callback)),
    ];
    let read = |row: Row| {
        let [
            SqlStorageValue::String(signup),
            SqlStorageValue::String(waba),
            SqlStorageValue::String(number),
            SqlStorageValue::Integer(at),
        ] = row.as_slice()
        else {
            return None;
        };
        Some(UserGrant {
            app: callback.app.clone(),
            user_id: callback.user_id.clone(),
            signup: SignupId::parse(signup).ok()?,
            waba: WabaId::parse(waba).ok(),
            number: PhoneNumberId::parse(number).ok(),
            issued_at: UnixMillis(u64::try_from(*at).ok()?),
        })
    };
    let rows = storage.rows(select, values)?.into_iter();
    rows.map(|row| read(row).ok_or_else(|| unreadable("grants")))
        .collect()
}

fn delete_grant(storage: &ObjectStorage, grant: &UserGrant) -> Result<()> {
    let delete = "DELETE FROM grants WHERE app = ? AND user = ? AND run = ? AND waba = ?";
    let values = vec![
        grant.app.as_str().into(),
        grant.user_id.as_str().into(),
        grant.signup.as_str().into(),
        grant.waba.as_ref().map_or("", WabaId::as_str).into(),
    ];
    storage.exec(delete, values)
}

fn set_status(storage: &ObjectStorage, code: &str, status: UserCallbackStatus) -> Result<()> {
    let update = "UPDATE user_callbacks SET status = ? WHERE code = ?";
    storage.exec(update, vec![status.as_str().into(), code.into()])
}

fn has_work(storage: &ObjectStorage) -> Result<bool> {
    let working = storage.rows(
        "SELECT 1 FROM user_callbacks WHERE status = 'working' LIMIT 1",
        vec![],
    )?;
    Ok(!working.is_empty())
}

/// A page of the callbacks, the newest first.
fn list(
    storage: &ObjectStorage,
    status: Option<UserCallbackStatus>,
    after: Option<&ListCursor>,
    limit: u32,
) -> Result<UserCallbackPage> {
    let (at, code) = ListCursor::bound(after);
    let mut values = vec![sql_time(at), code.into()];
    let mut with_status = "";
    if let Some(status) = status {
        with_status = "AND status = ? ";
        values.push(status.as_str().into());
    }
    values.push(i64::from(rows_to_read(limit)).into());
    let condition = [
        "WHERE (at, code) < (?, ?) ",
        with_status,
        "ORDER BY at DESC, code DESC LIMIT ?",
    ];
    let rows = callbacks(storage, &condition.concat(), values)?;
    let (callbacks, next) = cut_page(rows, limit, |last| ListCursor {
        at: UnixMillis(last.received_at),
        id: last.code.clone(),
    });
    Ok(UserCallbackPage { callbacks, next })
}

fn callback(storage: &ObjectStorage, code: &str) -> Result<Option<UserCallback>> {
    let found = callbacks(storage, "WHERE code = ?", vec![code.into()])?;
    Ok(found.into_iter().next())
}

/// `condition`: what follows the table's name.
fn callbacks(storage: &ObjectStorage, condition: &str, values: Row) -> Result<Vec<UserCallback>> {
    let select = [
        "SELECT code, app, user, kind, issued, at, status FROM user_callbacks ",
        condition,
    ];
    let rows = storage.rows(&select.concat(), values)?.into_iter();
    rows.map(|row| read_callback(row).ok_or_else(|| unreadable("user_callbacks")))
        .collect()
}

fn read_callback(row: Row) -> Option<UserCallback> {
    let [
        SqlStorageValue::String(code),
        SqlStorageValue::String(app),
        SqlStorageValue::String(user),
        SqlStorageValue::String(kind),
        SqlStorageValue::Integer(issued),
        SqlStorageValue::Integer(at),
        SqlStorageValue::String(status),
    ] = row.as_slice()
    else {
        return None;
    };
    Some(UserCallback {
        code: code.clone(),
        app: AppKey::parse(app).ok()?,
        user_id: user.clone(),
        kind: UserCallbackKind::parse(kind)?,
        issued_at: u64::try_from(*issued).ok()?,
        received_at: u64::try_from(*at).ok()?,
        status: UserCallbackStatus::parse(status)?,
    })
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS grants (app TEXT NOT NULL, user TEXT NOT NULL, run TEXT NOT NULL, waba TEXT NOT NULL, \
     number TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (app, user, run, waba))",
    "CREATE TABLE IF NOT EXISTS user_callbacks (code TEXT PRIMARY KEY, app TEXT NOT NULL, user TEXT NOT NULL, \
     kind TEXT NOT NULL, issued INTEGER NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS user_callbacks_by_user ON user_callbacks (app, user)",
    "CREATE INDEX IF NOT EXISTS user_callbacks_by_at ON user_callbacks (at, code)",
    "CREATE INDEX IF NOT EXISTS user_callbacks_by_status ON user_callbacks (status, at, code)",
];
