//! Which parts of a backup an object takes.

use core::fmt;
use embark_protocol::backup::BackupPart;
use serde::{Deserialize, Serialize};

/// How far the restore of an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreProgress {
    /// The id of the backup.
    pub backup: String,
    /// How many parts are stored. 0: the Partner object has taken the backup on.
    pub parts: u32,
    /// Whether these are all.
    pub complete: bool,
    /// Whether the object works.
    pub activated: bool,
}

/// What is to be done with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartTask {
    /// It is to be stored, or was.
    Store,
    /// It was stored by an earlier request.
    AlreadyStored,
}

/// Why a part is not stored, or an object not activated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreRefusal {
    /// The object stores something else.
    InUse,
    /// Another part comes first.
    OutOfOrder {
        /// Which.
        expected: u32,
    },
    /// Another part of this number is stored, or the object has no more parts.
    OtherPart(u32),
    /// Not all parts are stored.
    Incomplete,
    /// The record is that of another object.
    OtherObject,
    /// A count of signups is none.
    BadCount(String),
    /// The object has no such table.
    UnknownTable(String),
    /// The table has no such column.
    UnknownColumn(String),
    /// A row does not fit its columns.
    BadRow(String),
}

impl RestoreRefusal {
    /// Whether another deployment would take it.
    pub const fn is_conflict(&self) -> bool {
        matches!(
            self,
            Self::InUse | Self::Incomplete | Self::OutOfOrder { .. } | Self::OtherPart(_)
        )
    }
}

impl fmt::Display for RestoreRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str(
                "it stores something else: a backup is restored in a deployment without apps, sites, operators and signups, \
                 and without parts of another backup",
            ),
            Self::OutOfOrder { expected } => write!(f, "part {expected} comes first"),
            Self::OtherPart(part) => {
                write!(f, "something else is stored as part {part} of this backup")
            }
            Self::OtherObject => f.write_str("the record is that of another object"),
            Self::BadCount(table) => write!(f, "a count of {table} is out of range"),
            Self::Incomplete => f.write_str("not all its parts are stored"),
            Self::UnknownTable(table) => write!(
                f,
                "there is no table {table}: the backup may be of a newer version of Embark"
            ),
            Self::UnknownColumn(column) => write!(
                f,
                "there is no column {column}: the backup may be of a newer version of Embark"
            ),
            Self::BadRow(table) => write!(f, "a row of {table} does not fit its columns"),
        }
    }
}

/// What an object does with a part. `progress`: `None` if nothing of a backup was stored. `stored_mac`: the MAC of the part that
/// was stored under this number; `None` if none was. `is_unused`: whether the object stores nothing of its own; it counts as long as
/// no part is stored.
///
/// # Errors
/// It is refused.
pub fn task_of(
    progress: Option<&RestoreProgress>,
    stored_mac: Option<&str>,
    is_unused: bool,
    backup: &str,
    part: &BackupPart,
) -> Result<PartTask, RestoreRefusal> {
    let expected = may_begin(progress, is_unused, backup)?;
    if let Some(stored) = stored_mac {
        return match stored == part.mac {
            true => Ok(PartTask::AlreadyStored),
            false => Err(RestoreRefusal::OtherPart(part.part)),
        };
    }
    let is_complete = progress.is_some_and(|progress| progress.complete);
    if is_complete || part.part < expected {
        Err(RestoreRefusal::OtherPart(part.part))
    } else if part.part == expected {
        Ok(PartTask::Store)
    } else {
        Err(RestoreRefusal::OutOfOrder { expected })
    }
}

/// Whether an object stores nothing but what came of this backup. Returns how many parts are stored.
///
/// # Errors
/// It stores something else.
pub fn may_begin(
    progress: Option<&RestoreProgress>,
    is_unused: bool,
    backup: &str,
) -> Result<u32, RestoreRefusal> {
    match progress {
        Some(progress) if progress.backup != backup => Err(RestoreRefusal::InUse),
        Some(progress) if progress.parts > 0 => Ok(progress.parts),
        _ if is_unused => Ok(0),
        _ => Err(RestoreRefusal::InUse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(backup: &str, parts: u32, complete: bool) -> Option<RestoreProgress> {
        Some(RestoreProgress {
            backup: backup.to_owned(),
            parts,
            complete,
            activated: false,
        })
    }

    fn part(part: u32, mac: &str) -> BackupPart {
        BackupPart {
            object: "site/acme".to_owned(),
            part,
            last: false,
            tables: vec![],
            mac: mac.to_owned(),
        }
    }

    #[test]
    fn parts_are_stored_once_in_their_order_and_only_where_nothing_else_is() {
        use PartTask::{AlreadyStored, Store};
        use RestoreRefusal::{InUse, OtherPart, OutOfOrder};
        let after = |expected| Err(OutOfOrder { expected });
        for (progress, stored, is_unused, number, expected) in [
            (None, None, true, 0, Ok(Store)),
            (None, None, true, 1, after(0)),
            (None, None, false, 0, Err(InUse)),
            // The Partner object has taken the backup on.
            (progress("b", 0, false), None, true, 0, Ok(Store)),
            (progress("b", 0, false), None, true, 1, after(0)),
            (progress("b", 0, false), None, false, 0, Err(InUse)),
            (
                progress("b", 1, false),
                Some("mac"),
                false,
                0,
                Ok(AlreadyStored),
            ),
            (
                progress("b", 1, false),
                Some("other"),
                false,
                0,
                Err(OtherPart(0)),
            ),
            (progress("b", 1, false), None, false, 0, Err(OtherPart(0))),
            (progress("b", 1, false), None, false, 1, Ok(Store)),
            (progress("b", 1, false), None, false, 2, after(1)),
            (
                progress("b", 2, true),
                Some("mac"),
                false,
                0,
                Ok(AlreadyStored),
            ),
            (
                progress("b", 2, true),
                Some("other"),
                false,
                1,
                Err(OtherPart(1)),
            ),
            (progress("b", 2, true), None, false, 2, Err(OtherPart(2))),
            (progress("other", 0, false), None, true, 0, Err(InUse)),
            (progress("other", 1, false), None, false, 1, Err(InUse)),
            (progress("other", 1, true), Some("mac"), true, 0, Err(InUse)),
        ] {
            let part = part(number, "mac");
            let task = task_of(progress.as_ref(), stored, is_unused, "b", &part);
            assert_eq!(task, expected, "{progress:?} {stored:?} {number}");
        }
    }
}
