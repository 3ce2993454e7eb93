//! Reading the body of a success as a document, and the documents that several calls share.

use super::lenient;
use crate::meta::error::{ApiError, check};
use crate::transport::ApiResult;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};

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

/// An id, which some documents write as text and some as a number. Whole numbers below 2^64 keep their digits;
/// anything else is not an id.
pub(crate) struct TextOrNumber(pub(crate) String);

impl<'de> Deserialize<'de> for TextOrNumber {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = TextOrNumber;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("an id")
            }

            fn visit_str<E>(self, text: &str) -> Result<TextOrNumber, E> {
                Ok(TextOrNumber(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<TextOrNumber, E> {
                Ok(TextOrNumber(number.to_string()))
            }
        }
        de.deserialize_any(Either)
    }
}
