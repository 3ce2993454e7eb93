//! Backups of a deployment: everything that its Durable Objects store, secrets sealed as they are, and how another deployment
//! takes it in.
//!
//! A backup is read page by page ([`Position`]): of each site the signups, accounts and numbers that it uses and then the
//! site itself, and the Partner object last, which knows the sites. Each object is complete in itself; a deployment that goes on
//! working while it is read changes between two objects. An object is read in parts of limited size ([`PartRows`]), and each part
//! is signed ([`sign_part`]).
//!
//! A restore begins with the Partner object, which takes one backup on and no other. It then stores the parts of each object in
//! their order, in objects that store nothing yet ([`RestoreProgress`]), and activates them: they write their copies in KV and
//! set their alarms. Each request of it may be repeated.

mod check_rows;
mod header;
mod messages;
mod object;
mod part_rows;
mod position;
mod restore;
mod signature;

pub use check_rows::{check_rows, is_left_out};
pub use header::{HeaderError, check_header, is_backup_id, key_checks};
pub use messages::{BackupReply, BackupRequest, TablePosition};
pub use object::BackupObject;
pub use part_rows::{PART_SIZE, PartRows, REQUEST_CAP};
pub use position::{ObjectPosition, Position, rest_of_list};
pub use restore::{PartTask, RestoreProgress, RestoreRefusal, may_begin, task_of};
pub use signature::{SignatureError, check_part, sign_part};

/// Tables that backups leave out: what numbers incarnations, what a restore keeps of itself, open sessions, what an hour's
/// budget was spent on, and the keys of the changes that Meta may repeat.
pub const LEFT_OUT: [&str; 6] = [
    "boot",
    RESTORED,
    RESTORED_PARTS,
    "console_sessions",
    "spent",
    "seen",
];
/// The table of the [`RestoreProgress`].
pub const RESTORED: &str = "restored";
/// The table of the parts that were stored, each with its MAC.
pub const RESTORED_PARTS: &str = "restored_parts";
/// The table whose rows are numbered anew, behind those that the deployment has: its entries are of what was done, the restore
/// too.
pub const NUMBERED_ANEW: (&str, &str) = ("audit", "n");
