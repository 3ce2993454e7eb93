//! Backups of the deployment, and their restore.

use super::{Deployment, sites};
use crate::clock;
use crate::durable_objects::rpc;
use crate::random;
use embark_onboarding::resources::backup::{
    BackupObject, BackupReply, BackupRequest, ObjectPosition, PartTask, Position, RestoreRefusal,
    TablePosition, check_header, check_part, key_checks, rest_of_list, sign_part,
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

/// The next parts of this backup. `from`: where they begin.
///
/// # Errors
/// `internal`: an object did not reply; the same request may be repeated.
pub async fn read(
    deployment: Deployment<'_>,
    backup: &str,
    from: Position,
) -> Result<BackupPage, Problem> {
    let sites = sites::list(deployment).await?;
    let mut page = PageReader::new(deployment, backup);
    let next = match from {
        Position::Accounts { after, from } => {
            let limit = OBJECTS_PER_LIST;
            let list = after.clone();
            let request = PartnerRequest::UnclaimedAfter { after: list, limit };
            let reply = rpc::call(deployment.env, &Singleton, &request).await?;
            let PartnerReply::Accounts(accounts) = reply else {
                return Err(RpcError::UnexpectedReply.into());
            };
            let last = accounts.last().cloned();
            let objects = accounts.into_iter().map(ObjectId::Waba).collect();
            let from = page.read_list(rest_of_list(objects, from)).await?;
            Some(match (from, last) {
                (Some(from), _) => Position::Accounts {
                    after,
                    from: Some(from),
                },
                (None, Some(last)) => Position::Accounts {
                    after: Some(last),
                    from: None,
                },
                (None, None) => Position::after_site(&sites, None),
            })
        }
        Position::Objects { site, after, from } => {
            let limit = OBJECTS_PER_LIST;
            let list = after.clone();
            let request = SiteRequest::Objects { after: list, limit };
            let reply = rpc::call(deployment.env, &site, &request).await?;
            let SiteReply::Objects(ObjectPage { objects, next }) = reply else {
                return Err(RpcError::UnexpectedReply.into());
            };
            let from = page.read_list(rest_of_list(objects, from)).await?;
            Some(match (from, next) {
                (Some(from), _) => Position::Objects {
                    site,
                    after,
                    from: Some(from),
                },
                (None, Some(next)) => Position::Objects {
                    site,
                    after: Some(next),
                    from: None,
                },
                (None, None) => Position::Site {
                    site,
                    at: TablePosition::default(),
                },
            })
        }
        Position::Site { site, at } => {
            let object = BackupObject::Site(site.clone());
            Some(match page.read_object(&object, at).await? {
                Some(at) => Position::Site { site, at },
                None => Position::after_site(&sites, Some(&site)),
            })
        }
        Position::Partner { at } => {
            let next = page.read_object(&BackupObject::Partner, at).await?;
            next.map(|at| Position::Partner { at })
        }
    };
    let done = next
        .as_ref()
        .map_or(sites.len(), |next| next.sites_done(&sites));
    Ok(BackupPage {
        parts: page.parts,
        sites: count(sites.len()),
        sites_done: count(done),
        next: next.map(|next| next.cursor()),
    })
}

/// Stores the next parts of a backup. Without any: checks whether the deployment takes it. Repeated, it changes nothing.
///
/// # Errors
/// `bad_request`: the backup is not one, or is of another format, the deployment lacks a key of it, or a part was changed.
/// `conflict`: the deployment, or an object, stores something else, or a part comes before its turn. `internal`: an object did not
/// reply. What comes before the part that is refused is stored, unless that was changed.
pub async fn restore(
    deployment: Deployment<'_>,
    order: RestoreRequest,
) -> Result<RestoreResult, Problem> {
    let backup = order.backup;
    let keyring = deployment.settings.context().keyring;
    check_header(&backup, keyring).map_err(|error| bad(&error.to_string()))?;
    if order.parts.len() > MOST_PARTS {
        return Err(bad(&format!("parts: at most {MOST_PARTS}")));
    }
    let mut parts = vec![];
    for part in order.parts {
        let object = parse(&part.object)?;
        check_part(&part, &backup.id, keyring)
            .map_err(|error| bad(&format!("{object}: part {}: {error}", part.part)))?;
        parts.push((object, part));
    }
    let backup = backup.id;
    if parts.is_empty() {
        let request = BackupRequest::Check { backup };
        ask(deployment, &BackupObject::Partner, &request).await?;
        return Ok(RestoreResult::default());
    }
    let begin = BackupRequest::Begin {
        backup: backup.clone(),
    };
    let begun = ask(deployment, &BackupObject::Partner, &begin).await?;
    let BackupReply::Restored(task) = begun else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let mut result = RestoreResult::default();
    for (object, part) in parts {
        let request = BackupRequest::Restore {
            backup: backup.clone(),
            part,
            is_over: task == PartTask::AlreadyStored,
        };
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
/// `bad_request`: there is no such object, or there are too many. `conflict`: the deployment stores something else, or not all parts of
/// one are stored. `internal`: one did not reply. Those before it work.
pub async fn activate(
    deployment: Deployment<'_>,
    order: ActivateRequest,
) -> Result<ActivateResult, Problem> {
    let ActivateRequest { backup, objects } = order;
    if objects.len() > MOST_PARTS {
        return Err(bad(&format!("objects: at most {MOST_PARTS}")));
    }
    let request = BackupRequest::Check {
        backup: backup.clone(),
    };
    ask(deployment, &BackupObject::Partner, &request).await?;
    let mut result = ActivateResult::default();
    for object in &objects {
        let backup = backup.clone();
        let object = parse(object)?;
        ask(deployment, &object, &BackupRequest::Activate { backup }).await?;
        result.activated += 1;
    }
    Ok(result)
}

/// Reads objects into a page, until that is full.
struct PageReader<'a> {
    deployment: Deployment<'a>,
    /// The id of the backup.
    backup: &'a str,
    parts: Vec<BackupPart>,
    /// In bytes of JSON.
    size: usize,
}

impl<'a> PageReader<'a> {
    const fn new(deployment: Deployment<'a>, backup: &'a str) -> Self {
        Self {
            deployment,
            backup,
            parts: vec![],
            size: 0,
        }
    }

    const fn is_full(&self) -> bool {
        self.size >= PAGE_SIZE
    }

    /// Reads these objects, each from its place on. Returns where the next page begins. `None`: all are read.
    async fn read_list(
        &mut self,
        objects: Vec<ObjectPosition>,
    ) -> Result<Option<ObjectPosition>, Problem> {
        let deployment = self.deployment;
        let read = |from: ObjectPosition| async move {
            let object = BackupObject::Other(from.object.clone());
            let read = read_part(deployment, &object, from.at.clone()).await;
            (from, object, read)
        };
        let mut reads = core::pin::pin!(stream::iter(objects).map(read).buffered(AT_ONCE));
        while let Some((from, object, read)) = reads.next().await {
            if self.is_full() {
                return Ok(Some(from));
            }
            if let Some(at) = self.add(&object, read?).await? {
                let object = from.object;
                return Ok(Some(ObjectPosition { object, at }));
            }
        }
        Ok(None)
    }

    /// Reads an object from there on. Returns where the next page begins. `None`: it is read to its end.
    async fn read_object(
        &mut self,
        object: &BackupObject,
        at: TablePosition,
    ) -> Result<Option<TablePosition>, Problem> {
        let read = read_part(self.deployment, object, at).await?;
        self.add(object, read).await
    }

    /// Adds a part of an object, and those behind it.
    async fn add(
        &mut self,
        object: &BackupObject,
        (part, mut next): PartRead,
    ) -> Result<Option<TablePosition>, Problem> {
        self.sign(part);
        while let Some(at) = next {
            if self.is_full() {
                return Ok(Some(at));
            }
            let part;
            (part, next) = read_part(self.deployment, object, at).await?;
            self.sign(part);
        }
        Ok(None)
    }

    fn sign(&mut self, part: Option<BackupPart>) {
        if let Some(mut part) = part {
            let keyring = self.deployment.settings.context().keyring;
            self.size += sign_part(&mut part, self.backup, keyring);
            self.parts.push(part);
        }
    }
}

/// A part of an object, without a MAC, and where the next one begins. No part: it stores nothing.
type PartRead = (Option<BackupPart>, Option<TablePosition>);

async fn read_part(
    deployment: Deployment<'_>,
    object: &BackupObject,
    at: TablePosition,
) -> Result<PartRead, Problem> {
    let number = at.part;
    let reply = ask(deployment, object, &BackupRequest::Read(at)).await?;
    let BackupReply::Rows { tables, next } = reply else {
        return Err(RpcError::UnexpectedReply.into());
    };
    // One that stores nothing has no part; what is left of one that was erased meanwhile has no rows.
    let is_empty = tables.is_empty() && number == 0;
    let part = (!is_empty).then(|| BackupPart {
        object: object.to_string(),
        part: number,
        last: next.is_none(),
        tables,
        mac: String::new(),
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

/// How many signups, or objects, a list has.
const OBJECTS_PER_LIST: u32 = 20;
/// How many of them are read at a time.
const AT_ONCE: usize = 10;
/// In bytes of JSON: a page with as many ends with the part that it has.
const PAGE_SIZE: usize = 2 << 20;
/// How many parts, or objects, a request has at most.
const MOST_PARTS: usize = 200;
