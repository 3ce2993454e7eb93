//! What a Site object answers about its partner's back end: tokens, lists, and the endpoint of its events.
//!
//! | table | rows |
//! |---|---|
//! | `token_reads (n, at, who, what)` | one per business token that was given out: the id of the back-end token that read it, and which |

use super::event_delivery::EventDeliverer;
use super::fault_points::Operation;
use super::record::ObjectRecord;
use super::storage::{ObjectStorage, sql_time, unreadable};
use super::{backend_writes, deliveries, sessions, signup_counts, signup_lists, site_events};
use crate::clock;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply, BackendRequest, Caller};
use embark_onboarding::resources::event_delivery::EventEndpoint;
use embark_onboarding::resources::site::SiteRecord;
use embark_onboarding::resources::site_event::SiteEvent;
use embark_onboarding::time::UnixMillis;
use embark_protocol::backend::{AuditEntry, EndpointStatus, SignupDetails};
use embark_protocol::site_events::SiteEventType;
use embark_protocol::{ProblemCode, SiteId};
use std::rc::Rc;
use worker::{Result, SqlStorageValue};

/// Answers a request of a site that was set up.
///
/// # Errors
/// The storage refused it.
pub async fn handle(
    storage: &ObjectStorage,
    record: &ObjectRecord<SiteRecord>,
    deliverer: &Rc<EventDeliverer>,
    site: &SiteId,
    request: BackendRequest,
) -> Result<BackendReply> {
    let now = clock::now();
    match request {
        BackendRequest::CreateToken(token) => {
            record.change(storage, |record| record.add_backend_token(token, now))
        }
        BackendRequest::Tokens => {
            let tokens = record.get(storage)?.borrow().backend_tokens.clone();
            Ok(BackendReply::Tokens(tokens))
        }
        BackendRequest::RevokeToken { id } => {
            record.change(storage, |record| record.revoke_backend_token(&id))
        }
        BackendRequest::PutEndpoint { url, secret } => {
            let put = record.change(storage, |record| match &mut record.endpoint {
                Some(endpoint) => endpoint.set_url(url, now).map(|()| false),
                None => EventEndpoint::new(url, secret, now).map(|endpoint| {
                    record.endpoint = Some(endpoint);
                    true
                }),
            })?;
            match put {
                Ok(secret_taken) => {
                    deliverer.spawn_due().await;
                    endpoint(storage, record, secret_taken)
                }
                Err(error) => Ok(BackendReply::refused(
                    ProblemCode::BadRequest,
                    &error.to_string(),
                )),
            }
        }
        BackendRequest::RotateSecret { secret } => {
            let rotated = record.change(storage, |record| {
                let endpoint = record.endpoint.as_mut();
                endpoint.map(|endpoint| endpoint.rotate_secret(secret, now))
            })?;
            if rotated.is_none() {
                return Ok(BackendReply::no_endpoint());
            }
            endpoint(storage, record, true)
        }
        BackendRequest::DeleteEndpoint => {
            record.change(storage, |record| record.endpoint = None)?;
            deliveries::give_up(storage)?;
            Ok(BackendReply::Done)
        }
        BackendRequest::Endpoint => endpoint(storage, record, false),
        BackendRequest::TestEndpoint { id } => {
            let refused = record.get(storage)?.borrow().require_endpoint().err();
            if let Some(refused) = refused {
                return Ok(refused);
            }
            let event = SiteEvent::new(id, site.clone(), SiteEventType::EndpointTest, now);
            deliverer.enqueue(&event).await?;
            Ok(BackendReply::Done)
        }
        BackendRequest::Audit => token_reads(storage),
        BackendRequest::Query { operator, query } => {
            let caller = Caller::operator(operator);
            answer(storage, record, deliverer, &caller, query).await
        }
        BackendRequest::TokenQuery { digest, query } => {
            let authorized = record
                .get(storage)?
                .borrow()
                .authorize(&digest, &query, now);
            match authorized {
                Ok(caller) => answer(storage, record, deliverer, &caller, query).await,
                Err(refused) => Ok(refused),
            }
        }
    }
}

async fn answer(
    storage: &ObjectStorage,
    record: &ObjectRecord<SiteRecord>,
    deliverer: &Rc<EventDeliverer>,
    caller: &Caller,
    query: BackendQuery,
) -> Result<BackendReply> {
    match query {
        BackendQuery::Identity => Ok(BackendReply::Identity {
            scopes: caller.scopes.clone(),
        }),
        BackendQuery::Signups {
            filter,
            after,
            limit,
        } => {
            let page = signup_lists::list(storage, &filter, after.as_ref(), limit)?;
            Ok(BackendReply::Signups(page))
        }
        BackendQuery::Signup { id } => {
            let Some(signup) = signup_lists::find(storage, &id)? else {
                return Ok(BackendReply::Signup(None));
            };
            let events = site_events::of_signup(storage, &id)?;
            let details = SignupDetails { signup, events };
            Ok(BackendReply::Signup(Some(Box::new(details))))
        }
        BackendQuery::Accounts { after, limit } => {
            let page = signup_lists::list_accounts(storage, after.as_ref(), limit)?;
            Ok(BackendReply::Accounts(page))
        }
        BackendQuery::Counts { first_day } => Ok(BackendReply::Counts(signup_counts::read(
            storage, first_day,
        )?)),
        BackendQuery::Permit { .. } => Ok(BackendReply::Done),
        BackendQuery::Events { filter, limit } => {
            let page = site_events::list(storage, filter, limit)?;
            Ok(BackendReply::Events(page))
        }
        BackendQuery::Replay { sequences } => {
            let refused = record.get(storage)?.borrow().require_endpoint().err();
            if let Some(refused) = refused {
                return Ok(refused);
            }
            let replayed = site_events::replay(storage, sequences.as_deref())?;
            deliverer.spawn().await;
            Ok(BackendReply::Replayed(replayed))
        }
        BackendQuery::CreateSession(session) => sessions::create(storage, &session),
        BackendQuery::BeginWrite(attempt) => {
            let admission = backend_writes::begin(storage, &caller.name, &attempt)?;
            Operation::begin_request(storage, "answer_begin_write")
                .await
                .end();
            Ok(BackendReply::Write(admission))
        }
        BackendQuery::EndWrite {
            key,
            attempt,
            answer,
        } => {
            Operation::begin_request(storage, "end_write").await.end();
            backend_writes::end(storage, &caller.name, &key, &attempt, answer)?;
            Operation::begin_request(storage, "answer_end_write")
                .await
                .end();
            Ok(BackendReply::Done)
        }
        BackendQuery::ReadToken { what } => {
            record_token_read(storage, &caller.name, &what)?;
            Ok(BackendReply::Done)
        }
    }
}

fn endpoint(
    storage: &ObjectStorage,
    record: &ObjectRecord<SiteRecord>,
    secret_taken: bool,
) -> Result<BackendReply> {
    Ok(BackendReply::Endpoint {
        endpoint: endpoint_status(storage, record, clock::now())?,
        secret_taken,
    })
}

/// How the endpoint does. `None`: there is none.
///
/// # Errors
/// The storage refused it.
pub fn endpoint_status(
    storage: &ObjectStorage,
    record: &ObjectRecord<SiteRecord>,
    now: UnixMillis,
) -> Result<Option<EndpointStatus>> {
    let record = record.get(storage)?;
    let record = record.borrow();
    let Some(endpoint) = &record.endpoint else {
        return Ok(None);
    };
    let (pending, dead) = deliveries::counts(storage)?;
    Ok(Some(endpoint.status(pending, dead, now)))
}

fn record_token_read(storage: &ObjectStorage, who: &str, what: &str) -> Result<()> {
    create_table(storage)?;
    let insert = "INSERT INTO token_reads (at, who, what) VALUES (?, ?, ?)";
    storage.exec(
        insert,
        vec![sql_time(clock::now()), who.into(), what.into()],
    )
}

fn token_reads(storage: &ObjectStorage) -> Result<BackendReply> {
    create_table(storage)?;
    let query = "SELECT at, who, what FROM token_reads ORDER BY n DESC LIMIT 500";
    let parse = |row: Vec<SqlStorageValue>| match row.as_slice() {
        [
            SqlStorageValue::Integer(at),
            SqlStorageValue::String(who),
            SqlStorageValue::String(what),
        ] => Ok(AuditEntry {
            at: u64::try_from(*at).unwrap_or_default(),
            who: who.clone(),
            what: what.clone(),
        }),
        _ => Err(unreadable("token_reads")),
    };
    let rows = storage.rows(query, vec![])?;
    rows.into_iter()
        .map(parse)
        .collect::<Result<_>>()
        .map(BackendReply::Audit)
}

fn create_table(storage: &ObjectStorage) -> Result<()> {
    storage.create(TABLES)
}

/// The statements that create the tables.
pub const TABLES: &[&str] = &["CREATE TABLE IF NOT EXISTS token_reads \
     (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL)"];
