//! The JSON of a change, as far as it is read: every member may be missing or of another type.

use crate::meta::response::lenient;
use serde::Deserialize;
use serde::de::IgnoredAny;

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
    pub(super) state_sync: Vec<StateSync>,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) message_echoes: Vec<IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct WabaInfo {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) waba_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) owner_business_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) solution_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Metadata {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) phone_number_id: Option<String>,
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
    pub(super) phase: Option<u64>,
    #[serde(deserialize_with = "lenient::unsigned")]
    pub(super) chunk_order: Option<u64>,
    #[serde(deserialize_with = "lenient::unsigned")]
    pub(super) progress: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct HistoryError {
    #[serde(deserialize_with = "lenient::signed")]
    pub(super) code: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct StateSync {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) action: Option<String>,
}
