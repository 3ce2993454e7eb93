//! Operators and their sessions. The operators are in the record of the Partner object; of the sessions it has rows.
//!
//! | table | rows |
//! |---|---|
//! | `console_sessions (digest, token, operator, until)` | one per session of the console, by the SHA-256 of its text; deleted once it is over |

use super::record::ObjectRecord;
use super::storage::{ObjectStorage, sql_time, unreadable};
use super::{audit, checklist};
use embark_onboarding::crypto::sha256_hex;
use embark_onboarding::resources::operators::{
    ConsoleSession, OperatorsReply, OperatorsRequest, deployment_owner,
};
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::time::UnixMillis;
use embark_protocol::ProblemCode;
use embark_protocol::operators::OperatorIdentity;
use worker::{Result, SqlStorageValue};

/// Answers a request.
///
/// # Errors
/// The storage refused a statement.
pub fn handle(
    storage: &ObjectStorage,
    record: &ObjectRecord<PartnerRecord>,
    request: OperatorsRequest,
    now: UnixMillis,
) -> Result<OperatorsReply> {
    Ok(match request {
        OperatorsRequest::Add(operator) => {
            let added = record.change(storage, |record| record.operators.add(operator))?;
            match added {
                Ok(()) => OperatorsReply::Done,
                Err(error) => OperatorsReply::Refused {
                    code: ProblemCode::Conflict,
                    detail: Some(error.to_string()),
                },
            }
        }
        OperatorsRequest::List => {
            let operators = record.get(storage)?.borrow().operators.all().to_vec();
            OperatorsReply::Operators(operators)
        }
        OperatorsRequest::Remove { id } => {
            match record.change(storage, |record| record.operators.remove(&id))? {
                true => OperatorsReply::Done,
                false => OperatorsReply::Refused {
                    code: ProblemCode::NotFound,
                    detail: None,
                },
            }
        }
        OperatorsRequest::Identify { digest } => {
            let record = record.get(storage)?;
            let found = record.borrow().operators.by_digest(&digest, now);
            OperatorsReply::Identity(found)
        }
        OperatorsRequest::IdentifyEmail { email } => {
            let record = record.get(storage)?;
            let found = record.borrow().operators.by_email(&email, now);
            OperatorsReply::Identity(found)
        }
        OperatorsRequest::OpenSession(session) => {
            open_session(storage, &session, now)?;
            OperatorsReply::Done
        }
        OperatorsRequest::Session { digest, at } => {
            OperatorsReply::Identity(session(storage, record, &digest, at)?)
        }
        OperatorsRequest::CloseSession { digest } => {
            storage.create(TABLES)?;
            let delete = "DELETE FROM console_sessions WHERE digest = ?";
            storage.exec(delete, vec![digest.into()])?;
            OperatorsReply::Done
        }
        OperatorsRequest::Audit { after, limit } => {
            OperatorsReply::Audit(audit::read(storage, after, limit)?)
        }
        OperatorsRequest::BeginAction { at, who, what } => OperatorsReply::Begun {
            number: audit::begin(storage, at, &who, &what)?,
        },
        OperatorsRequest::EndAction { number, result } => {
            audit::end(storage, number, &result)?;
            OperatorsReply::Done
        }
        OperatorsRequest::Checklist { app } => {
            OperatorsReply::Checklist(checklist::list(storage, &app)?)
        }
        OperatorsRequest::Tick { app, tick, done } => {
            checklist::mark(storage, &app, &tick, done)?;
            OperatorsReply::Done
        }
    })
}

fn open_session(storage: &ObjectStorage, session: &ConsoleSession, now: UnixMillis) -> Result<()> {
    storage.create(TABLES)?;
    let delete = "DELETE FROM console_sessions WHERE until <= ?";
    storage.exec(delete, vec![sql_time(now)])?;
    let insert = "INSERT OR REPLACE INTO console_sessions (digest, token, operator, until) VALUES (?, ?, ?, ?)";
    let operator = session.operator.as_deref();
    let values = vec![
        session.digest.as_str().into(),
        session.token_digest.as_str().into(),
        operator.map_or(SqlStorageValue::Null, Into::into),
        sql_time(session.until),
    ];
    storage.exec(insert, values)
}

/// Whose session this is. `None`: it is over, or its operator was removed, or the deployment has another token.
fn session(
    storage: &ObjectStorage,
    record: &ObjectRecord<PartnerRecord>,
    digest: &str,
    now: UnixMillis,
) -> Result<Option<OperatorIdentity>> {
    storage.create(TABLES)?;
    let select = "SELECT token, operator FROM console_sessions WHERE digest = ? AND until > ?";
    let rows = storage.rows(select, vec![digest.into(), sql_time(now)])?;
    match rows.first().map(Vec::as_slice) {
        None => Ok(None),
        Some([SqlStorageValue::String(token), SqlStorageValue::Null]) => {
            let settings = storage.settings();
            let expected = settings.and_then(|settings| settings.operator_token);
            let expected = expected.map(|token| sha256_hex(token.expose_secret().as_bytes()));
            Ok((expected.as_ref() == Some(token)).then(deployment_owner))
        }
        Some([_, SqlStorageValue::String(operator)]) => {
            let record = record.get(storage)?;
            let found = record.borrow().operators.by_id(operator, now);
            Ok(found)
        }
        Some(_) => Err(unreadable("console_sessions")),
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS console_sessions (digest TEXT PRIMARY KEY, \
     token TEXT NOT NULL, operator TEXT, until INTEGER NOT NULL)",
];
