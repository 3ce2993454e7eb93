//! Backups: everything that a deployment stores, for a file, and from a file into another deployment. Secrets stay sealed.
//!
//! A file of a backup has one JSON document per line: a [`BackupLine`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the format. A Worker restores backups of this one.
pub const BACKUP_FORMAT: u32 = 2;

/// A line of the file of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupLine {
    /// The first line.
    Header(BackupHeader),
    /// Any number of lines.
    Part(BackupPart),
    /// The last line: without it, the file is not whole.
    End(BackupEnd),
}

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupHeader {
    /// The version of the format: 2.
    pub format: u32,
    /// The backup's own id: 32 hexadecimal digits.
    pub id: String,
    /// When it was begun, in milliseconds since 1970.
    pub created_at: u64,
    /// The version of the Worker.
    pub version: String,
    /// A sealed text per sealing key of the deployment. Where the backup is restored, each has to open.
    pub key_checks: Vec<String>,
}

/// What a Durable Object has stored, or a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupPart {
    /// The object: its class and name, e.g. `site/acme`.
    pub object: String,
    /// Which part it is, from 0. Parts are restored in their order.
    pub part: u32,
    /// Whether it is the object's last.
    pub last: bool,
    /// The rows, by their tables.
    pub tables: Vec<BackupTable>,
    /// By which a changed part is noticed where it is restored: the number of a sealing key, a point, and 43 characters.
    pub mac: String,
}

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupTable {
    /// Its name.
    pub table: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// The rows: a value per column, null, a number or a text.
    pub rows: Vec<Vec<Value>>,
}

/// How much a backup has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupEnd {
    /// How many objects.
    pub objects: u64,
    /// How many parts.
    pub parts: u64,
    /// SHA-256 of all lines before this one, each with its line feed, in lower-case hexadecimal.
    pub sha256: String,
}

/// The next parts of a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BackupPage {
    /// The parts. An object that sites share may come again: its first complete set of parts counts.
    pub parts: Vec<BackupPart>,
    /// How many sites there are.
    pub sites: u32,
    /// How many of them are complete.
    pub sites_done: u32,
    /// Where the next page begins. Absent: this is the last one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
}

/// Parts of a backup that are to be restored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestoreRequest {
    /// The backup.
    pub backup: BackupHeader,
    /// Its next parts: 5 MiB of JSON at most, the whole request. None: whether the deployment takes the backup is checked, and nothing is stored.
    pub parts: Vec<BackupPart>,
}

/// What came of a restore.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestoreResult {
    /// How many parts were stored.
    pub stored: u32,
    /// How many were stored by an earlier request.
    pub already_stored: u32,
}

/// Objects of a restored backup that are to begin their work: alarms, and copies in KV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivateRequest {
    /// The id of the backup.
    pub backup: String,
    /// The objects, each by its class and name: at most 200.
    pub objects: Vec<String>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivateResult {
    /// How many objects work now.
    pub activated: u32,
}
