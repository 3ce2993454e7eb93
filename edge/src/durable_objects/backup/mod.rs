//! Backups of an object: what it stores, row by row, and a restore of it. What is restored is decided by
//! `embark_onboarding::resources::backup`.
//!
//! | table | rows |
//! |---|---|
//! | `restored (one, backup, parts, complete)` | one row in an object that was restored: from which backup, how many of its parts are stored, and whether these are all |

mod object;
mod read;
mod restore;

pub use object::BackedUp;

use super::rpc;
use embark_onboarding::resources::backup::{BackupReply, BackupRequest, RestoreRefusal};
use worker::{Request, Response, Result};

/// Whether the request is one about backups.
pub fn is_request(request: &Request) -> bool {
    request.path().starts_with(rpc::BACKUP_PATH)
}

/// Answers a request about backups.
///
/// # Errors
/// The request is not one, or the storage refused it.
pub async fn respond<O: BackedUp>(object: &O, request: Request) -> Result<Response> {
    let (name, request) = rpc::read_backup_request::<O::Name>(request).await?;
    let reply = match request {
        BackupRequest::Read(position) => read::rows(object.storage(), position)?,
        BackupRequest::Check { backup } => match restore::check(object, &backup, 0)? {
            Ok(task) => BackupReply::Restored(task),
            Err(refusal) => BackupReply::Refused(refusal),
        },
        BackupRequest::Restore { backup, part } => restore::store(object, &backup, &part)?,
        BackupRequest::Activate { backup } => {
            if restore::is_complete(object.storage(), &backup)? {
                object.activate(&name).await?;
                BackupReply::Activated
            } else {
                BackupReply::Refused(RestoreRefusal::Incomplete)
            }
        }
    };
    rpc::respond(&reply)
}
