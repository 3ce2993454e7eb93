//! Responses of the Worker: from status and text to a document or an `ApiError`.

use crate::{
    error::{ApiError, local_problem},
    json,
    launch_document::{self, LaunchDocument},
};
use embark_protocol::Remedy;
use embark_view::model::Snapshot;

/// Longest response that is read, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;
/// The Worker holds a poll for up to 20 seconds.
pub const GET_TIMEOUT_MS: u32 = 30_000;
/// A post is answered at once. The code in it lives 30 seconds, retries included.
pub const POST_TIMEOUT_MS: u32 = 8_000;

/// A response: its HTTP status and body. `None` if there was none, or none in time.
pub type Response = Option<(u16, String)>;

/// Reads the response to a poll or a post.
///
/// # Errors
/// `Refused` with the Worker's problem, if the status is not 2xx; `Unreachable`, if there is no response, or one that is too
/// long or no snapshot.
pub fn read_snapshot(response: Response) -> Result<Box<Snapshot>, ApiError> {
    // A successful response that is not the document comes from a captive portal, for example.
    let snapshot = json::parse(&successful_body(response)?);
    snapshot.map(Box::new).ok_or(ApiError::Unreachable)
}

/// Reads the response to a request for a launch document.
///
/// # Errors
/// As [`read_snapshot`].
pub fn read_launch(response: Response) -> Result<Box<LaunchDocument>, ApiError> {
    let launch = launch_document::parse(&successful_body(response)?);
    launch.map(Box::new).ok_or(ApiError::Unreachable)
}

/// The body of a 2xx response. Errors as [`read_snapshot`].
fn successful_body(response: Response) -> Result<String, ApiError> {
    let (status, body) = response.ok_or(ApiError::Unreachable)?;
    let body = Some(body).filter(|body| body.len() <= MAX_RESPONSE);
    if (200..300).contains(&status) {
        return body.ok_or(ApiError::Unreachable);
    }
    let problem = body.and_then(|body| json::parse(&body));
    let problem = problem.unwrap_or_else(|| local_problem("internal", Remedy::Contact));
    Err(ApiError::Refused {
        status,
        problem: Box::new(problem),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch_document::tests::document;

    #[test]
    fn response_of_any_kind_is_a_document_or_an_error() {
        let read = |status, text: &str| read_snapshot(Some((status, text.to_owned())));
        assert_eq!(read_snapshot(None), Err(ApiError::Unreachable));
        for (status, text) in [
            (200, "<html>"),
            (202, ""),
            (200, &"1".repeat(MAX_RESPONSE + 1)),
        ] {
            assert_eq!(read(status, text), Err(ApiError::Unreachable), "{status}");
        }
        for (status, text, code) in [
            (
                404,
                r#"{"code":"not_launched","remedy":"relaunch"}"#,
                "not_launched",
            ),
            (502, "<html>Bad gateway", "internal"),
            (403, r#"{"title":"no code"}"#, "internal"),
            (307, "", "internal"),
        ] {
            match read(status, text) {
                Err(ApiError::Refused {
                    status: actual,
                    problem,
                }) => {
                    assert_eq!((actual, problem.code.as_str()), (status, code));
                }
                other => panic!("{other:?}"),
            }
        }
        let snapshot = r#"{"id":"0123456789abcdef0123456789abcdef","seq":1,"status":"running","steps":[],"poll_after_ms":0}"#;
        assert!(read(202, snapshot).is_ok());
        assert!(read(202, r#"{"id":"x"}"#).is_err());
        assert!(read_launch(Some((200, document().to_string()))).is_ok());
    }
}
