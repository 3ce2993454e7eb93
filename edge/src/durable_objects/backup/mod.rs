//! Backups of an object: what it stores, row by row, and a restore of it. What is restored is decided by
//! `embark_onboarding::resources::backup`.
//!
//! | table | rows |
//! |---|---|
//! | `restored (one, backup, parts, complete, activated)` | one row in an object that was restored: from which backup, how many of its parts are stored, whether these are all, and whether the object works. In the Partner object from the first part of any object on |
//! | `restored_parts (part, mac)` | one per part that is stored: its number and its MAC |

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
        BackupRequest::Check { backup } => match restore::check(object, &backup)? {
            Ok(task) => BackupReply::Restored(task),
            Err(refusal) => BackupReply::Refused(refusal),
        },
        BackupRequest::Begin { backup } => restore::begin(object, &backup)?,
        BackupRequest::Restore {
            backup,
            part,
            is_over,
        } => restore::store(object, &backup, &part, is_over)?,
        BackupRequest::Activate { backup } => {
            if restore::is_complete(object.storage(), &backup)? {
                object.activate(&name).await?;
                restore::keep_activated(object.storage())?;
                BackupReply::Activated
            } else {
                BackupReply::Refused(RestoreRefusal::Incomplete)
            }
        }
    };
    rpc::respond(&reply)
}
