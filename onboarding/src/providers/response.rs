//! The response of another provider as a `Result`. Meta's error codes mean nothing here: the HTTP status decides.

use crate::meta::{ApiError, ErrorClass};
use crate::transport::{ApiResponse, ApiResult};

/// Returns a 2xx response. Redirects are not followed.
///
/// # Errors
/// There is no response, or its status is no success. 401 and 403 are [`ErrorClass::Config`]: the operator's
/// credentials are wrong, which the customer cannot mend.
pub fn check_provider(result: ApiResult) -> Result<ApiResponse, ApiError> {
    let response = result.map_err(ApiError::from_transport)?;
    match response.status {
        200..=299 => Ok(response),
        status @ (401 | 403) => Err(ApiError::new(ErrorClass::Config, status)),
        404 => Err(ApiError::refused(404)),
        _ => Err(ApiError::from_status(&response)),
    }
}
