//! Reading the body of a success as a document, and the documents that several calls share.

use super::lenient;
use crate::meta::error::{ApiError, check};
use crate::transport::ApiResult;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads a response of the Graph API as `T`.
///
/// # Errors
/// The error of [`check`], or [`ApiError::unreadable`] if the body of a success is not a `T`: the call took effect,
/// its result is lost.
pub fn decode<T: DeserializeOwned>(result: ApiResult) -> Result<T, ApiError> {
    let body = check(result)?;
    serde_json::from_slice(&body).map_err(|error| ApiError::unreadable_json(&error))
}

/// Reads one response as two documents. The second is `None` if it cannot be read.
///
/// # Errors
/// As of [`decode`], for the first document.
pub fn decode_both<T: DeserializeOwned, U: DeserializeOwned>(
    result: ApiResult,
) -> Result<(T, Option<U>), ApiError> {
    let body = check(result)?;
    let first = serde_json::from_slice(&body).map_err(|error| ApiError::unreadable_json(&error))?;
    Ok((first, serde_json::from_slice(&body).ok()))
}

/// The first page of a list (<https://developers.facebook.com/docs/graph-api/results>). The calls request pages
/// that hold everything. Entries that cannot be read are left out.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(in crate::meta) struct List<T> {
    #[serde(deserialize_with = "lenient::required_list")]
    pub(in crate::meta) data: Vec<T>,
}

/// `{"success":true}`, the response of calls that return nothing else.
#[derive(Deserialize)]
#[serde(try_from = "SuccessWire")]
pub struct Success;

#[derive(Deserialize)]
struct SuccessWire {
    #[serde(deserialize_with = "lenient::flag")]
    success: Option<bool>,
}

impl TryFrom<SuccessWire> for Success {
    type Error = &'static str;

    fn try_from(wire: SuccessWire) -> Result<Self, Self::Error> {
        if wire.success == Some(true) {
            Ok(Self)
        } else {
            Err("no success")
        }
    }
}
