//! The request that every object answers, whatever its class, and its reply.

use super::restore::{PartTask, RestoreRefusal};
use embark_protocol::backup::{BackupPart, BackupTable};
use serde::{Deserialize, Serialize};

/// A request about backups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupRequest {
    /// Reads what is stored, from there on.
    Read(TablePosition),
    /// Asks whether a backup could be restored. Changes nothing.
    Check {
        /// Its id.
        backup: String,
    },
    /// To the Partner object alone: takes the backup on. From now on the deployment takes no other.
    Begin {
        /// Its id.
        backup: String,
    },
    /// Stores a part of a backup.
    Restore {
        /// Its id.
        backup: String,
        /// The part.
        part: BackupPart,
        /// Whether the deployment works already: only what is stored is then acknowledged.
        is_over: bool,
    },
    /// Begins to work, once all parts are stored: writes the copies in KV, and sets the alarm.
    Activate {
        /// The id of the backup.
        backup: String,
    },
}

/// The reply to a [`BackupRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupReply {
    /// Rows.
    Rows {
        /// By their tables. None: the object stores nothing, or no more.
        tables: Vec<BackupTable>,
        /// Where the next part begins. `None`: this is the last.
        next: Option<TablePosition>,
    },
    /// The part is stored, or can be. To [`Begin`](BackupRequest::Begin): `AlreadyStored` if the Partner object works already.
    Restored(PartTask),
    /// It works.
    Activated,
    /// It cannot be restored. Nothing is changed.
    Refused(RestoreRefusal),
}

/// A place in the tables of an object, which are read in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePosition {
    /// How many parts come before.
    pub part: u32,
    /// The table. Empty: the first.
    pub table: String,
    /// The last row that was read: its number, or how many there were. `None`: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
}
