//! Backups of a deployment: everything that its Durable Objects store, secrets sealed as they are, and how another deployment
//! takes it in.
//!
//! A backup is read page by page ([`Position`]): of each site the signups, accounts and numbers that it uses and then the
//! site itself, and the Partner object last, which knows the sites. Each object is complete in itself; a deployment that goes on
//! working while it is read changes between two objects.
//!
//! A restore stores the parts of each object in their order, in objects that store nothing yet ([`RestoreProgress`]), and then
//! activates them: they write their copies in KV and set their alarms. Each request of it may be repeated.

mod header;
mod messages;
mod object;
mod position;
mod restore;

pub use header::{HeaderError, check_header, key_checks};
pub use messages::{BackupReply, BackupRequest, TablePosition};
pub use object::BackupObject;
pub use position::Position;
pub use restore::{PartTask, RestoreProgress, RestoreRefusal, check_rows, is_left_out, task_of};

/// Tables that backups leave out: what numbers incarnations, what a restore keeps of itself, open sessions, and what an hour's
/// budget was spent on.
pub const LEFT_OUT: [&str; 4] = ["boot", RESTORED, "console_sessions", "spent"];
/// The table of the [`RestoreProgress`].
pub const RESTORED: &str = "restored";
/// The table whose rows are numbered anew, behind those that the deployment has: its entries are of what was done, the restore
/// too.
pub const NUMBERED_ANEW: (&str, &str) = ("audit", "n");
