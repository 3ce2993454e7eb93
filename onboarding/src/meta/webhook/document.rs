//! The JSON of a webhook, as far as it is read: every member may be missing or of another type.

use crate::meta::response::lenient;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The body.
#[derive(Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(super) object: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) entry: Option<&'a RawValue>,
}

/// One of its entries. Meta's examples have `field` and `value` in several places.
#[derive(Deserialize)]
pub(super) struct Entry<'a> {
    #[serde(borrow, default)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) time: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) field: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) changes: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct WebhookChange {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) field: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    pub(super) value: ChangeValue,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ChangeValue {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) field: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) event: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) phone_number: Option<String>,
    #[serde(deserialize_with = "lenient::or_default")]
    pub(super) waba_info: WabaInfo,
    #[serde(deserialize_with = "lenient::or_default")]
    pub(super) metadata: Metadata,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) history: Vec<HistoryChunk>,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) messages: Vec<MessageId>,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) statuses: Vec<MessageId>,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) message_echoes: Vec<MessageId>,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) state_sync: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct WabaInfo {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) waba_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) solution_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Metadata {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) phone_number_id: Option<String>,
}

/// A message, an echo of one, or a status of one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct MessageId {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct HistoryChunk {
    #[serde(deserialize_with = "lenient::or_default")]
    pub(super) metadata: ChunkMetadata,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) errors: Vec<HistoryError>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ChunkMetadata {
    #[serde(deserialize_with = "lenient::unsigned")]
    pub(super) progress: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct HistoryError {
    #[serde(deserialize_with = "lenient::signed")]
    pub(super) code: Option<i64>,
}
