//! Backups of the deployment, and their restore.

use super::{Deployment, sites};
use crate::clock;
use crate::durable_objects::rpc;
use crate::random;
use embark_onboarding::resources::backup::{
    BackupObject, BackupReply, BackupRequest, PartTask, Position, RestoreRefusal, TablePosition,
    check_header, key_checks,
};
use embark_onboarding::resources::key_rotation::{ObjectId, ObjectPage};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::backup::{
    ActivateRequest, ActivateResult, BACKUP_FORMAT, BackupHeader, BackupPage, BackupPart,
    RestoreRequest, RestoreResult,
};
use embark_protocol::{Problem, ProblemCode};
use futures_util::stream::{self, StreamExt};

/// Begins a backup: what its file begins with.
pub fn begin(deployment: Deployment<'_>) -> BackupHeader {
    let cx = deployment.settings.context();
    let id = random::fresh_id();
    BackupHeader {
        format: BACKUP_FORMAT,
        created_at: clock::now().0,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        key_checks: key_checks(cx.keyring, &id, || cx.nonce()),
        id,
    }
}

/// The next parts of a backup. `from`: where they begin.
///
/// # Errors
/// `internal`: an object did not reply; the same request may be repeated.
pub async fn read(deployment: Deployment<'_>, from: Position) -> Result<BackupPage, Problem> {
    let sites = sites::list(deployment).await?;
    let (parts, next) = match from {
        Position::Accounts { after } => {
            let limit = OBJECTS_PER_PAGE;
            let request = PartnerRequest::UnclaimedAfter { after, limit };
            let reply = rpc::call(deployment.env, &Singleton, &request).await?;
            let PartnerReply::Accounts(accounts) = reply else {
                return Err(RpcError::UnexpectedReply.into());
            };
            let next = match accounts.last().cloned() {
                Some(last) => Position::Accounts { after: Some(last) },
                None => Position::after_site(&sites, None),
            };
            let objects = accounts.into_iter().map(ObjectId::Waba).collect();
            (whole(deployment, objects).await?, Some(next))
        }
        Position::Objects { site, after } => {
            let limit = OBJECTS_PER_PAGE;
            let request = SiteRequest::Objects { after, limit };
            let reply = rpc::call(deployment.env, &site, &request).await?;
            let SiteReply::Objects(ObjectPage { objects, next }) = reply else {
                return Err(RpcError::UnexpectedReply.into());
            };
            let next = match next {
                Some(next) => Position::Objects {
                    site,
                    after: Some(next),
                },
                None => Position::Site {
                    site,
                    at: TablePosition::default(),
                },
            };
            (whole(deployment, objects).await?, Some(next))
        }
        Position::Site { site, at } => {
            let object = BackupObject::Site(site.clone());
            let (part, next) = read_part(deployment, &object, at).await?;
            let next = match next {
                Some(at) => Position::Site { site, at },
                None => Position::after_site(&sites, Some(&site)),
            };
            (part.into_iter().collect(), Some(next))
        }
        Position::Partner { at } => {
            let (part, next) = read_part(deployment, &BackupObject::Partner, at).await?;
            let next = next.map(|at| Position::Partner { at });
            (part.into_iter().collect(), next)
        }
    };
    let done = next
        .as_ref()
        .map_or(sites.len(), |next| next.sites_done(&sites));
    Ok(BackupPage {
        parts,
        sites: count(sites.len()),
        sites_done: count(done),
        next: next.map(|next| next.cursor()),
    })
}

/// Stores the next parts of a backup. Without any: checks whether the deployment takes it. Repeated, it changes nothing.
///
/// # Errors
/// `bad_request`: the backup is not one, or is of another format, or the deployment lacks a key of it. `conflict`: an object stores
/// something else, or a part comes before its turn. `internal`: an object did not reply. What comes before the part that is
/// refused is stored.
pub async fn restore(
    deployment: Deployment<'_>,
    order: RestoreRequest,
) -> Result<RestoreResult, Problem> {
    let backup = order.backup;
    check_header(&backup, deployment.settings.context().keyring)
        .map_err(|error| bad(&error.to_string()))?;
    if order.parts.len() > MOST_PARTS {
        return Err(bad(&format!("parts: at most {MOST_PARTS}")));
    }
    if order.parts.is_empty() {
        let request = BackupRequest::Check { backup: backup.id };
        ask(deployment, &BackupObject::Partner, &request).await?;
        return Ok(RestoreResult::default());
    }
    let mut result = RestoreResult::default();
    for part in order.parts {
        let object = parse(&part.object)?;
        let backup = backup.id.clone();
        let request = BackupRequest::Restore { backup, part };
        match ask(deployment, &object, &request).await? {
            BackupReply::Restored(PartTask::Store) => result.stored += 1,
            BackupReply::Restored(PartTask::AlreadyStored) => result.already_stored += 1,
            _ => return Err(RpcError::UnexpectedReply.into()),
        }
    }
    Ok(result)
}

/// Has objects of a restored backup work: their copies in KV are written, and their alarms set. Repeated, it does no harm.
///
/// # Errors
/// `bad_request`: there is no such object, or there are too many. `conflict`: not all parts of one are stored. `internal`: one did
/// not reply. Those before it work.
pub async fn activate(
    deployment: Deployment<'_>,
    order: ActivateRequest,
) -> Result<ActivateResult, Problem> {
    let ActivateRequest { backup, objects } = order;
    if objects.len() > MOST_PARTS {
        return Err(bad(&format!("objects: at most {MOST_PARTS}")));
    }
    let mut result = ActivateResult::default();
    for object in &objects {
        let backup = backup.clone();
        let object = parse(object)?;
        ask(deployment, &object, &BackupRequest::Activate { backup }).await?;
        result.activated += 1;
    }
    Ok(result)
}

/// All parts of these objects.
async fn whole(
    deployment: Deployment<'_>,
    objects: Vec<ObjectId>,
) -> Result<Vec<BackupPart>, Problem> {
    let read = |object: ObjectId| async move {
        let object = BackupObject::Other(object);
        let (mut parts, mut at) = (vec![], Some(TablePosition::default()));
        while let Some(from) = at {
            let (part, next) = read_part(deployment, &object, from).await?;
            parts.extend(part);
            at = next;
        }
        Ok::<_, Problem>(parts)
    };
    let mut all = vec![];
    let mut reads = core::pin::pin!(stream::iter(objects).map(read).buffered(AT_ONCE));
    while let Some(parts) = reads.next().await {
        all.extend(parts?);
    }
    Ok(all)
}

/// A part of an object, and where the next one begins. No part: it stores nothing.
async fn read_part(
    deployment: Deployment<'_>,
    object: &BackupObject,
    at: TablePosition,
) -> Result<(Option<BackupPart>, Option<TablePosition>), Problem> {
    let number = at.part;
    let reply = ask(deployment, object, &BackupRequest::Read(at)).await?;
    let BackupReply::Rows { tables, next } = reply else {
        return Err(RpcError::UnexpectedReply.into());
    };
    // One that stores nothing has no part; the last of several may have no rows.
    let is_empty = tables.is_empty() && number == 0;
    let part = (!is_empty).then(|| BackupPart {
        object: object.to_string(),
        part: number,
        last: next.is_none(),
        tables,
    });
    Ok((part, next))
}

async fn ask(
    deployment: Deployment<'_>,
    object: &BackupObject,
    request: &BackupRequest,
) -> Result<BackupReply, Problem> {
    match rpc::back_up(deployment.env, object, request).await? {
        BackupReply::Refused(refusal) => Err(refused(object, &refusal)),
        reply => Ok(reply),
    }
}

fn refused(object: &BackupObject, refusal: &RestoreRefusal) -> Problem {
    let code = match refusal.is_conflict() {
        true => ProblemCode::Conflict,
        false => ProblemCode::BadRequest,
    };
    Problem::new(code).with_detail(&format!("{object}: {refusal}"))
}

fn parse(object: &str) -> Result<BackupObject, Problem> {
    let error = || bad("object: a class and a name, e.g. site/acme, as backups have it");
    BackupObject::parse(object).ok_or_else(error)
}

fn bad(detail: &str) -> Problem {
    Problem::new(ProblemCode::BadRequest).with_detail(detail)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How many objects of a site a page has.
const OBJECTS_PER_PAGE: u32 = 20;
/// How many of them are read at a time.
const AT_ONCE: usize = 10;
/// How many parts, or objects, a request has at most.
const MOST_PARTS: usize = 200;
