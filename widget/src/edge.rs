//! What comes back from the edge: from status and text to a document or a `Fault`.

use crate::{
    doc::Doc,
    error::{Fault, Problem},
};
use alloc::string::String;

/// Longest answer we read, in bytes.
const LONGEST: usize = 64 * 1024;
/// The edge holds a question for twenty seconds.
pub const GET_MS: u32 = 30_000;
/// A post is answered at once; the code in it lives thirty seconds, retries included.
pub const POST_MS: u32 = 8_000;

/// Reads an answer; status 0 is none.
pub fn read(status: u32, text: Option<String>) -> Result<Doc, Fault> {
    let document = text
        .filter(|text| text.len() <= LONGEST)
        .and_then(|text| Doc::parse(&text));
    match (status, document) {
        (200..300, Some(document)) => Ok(document),
        // Nothing, or not our JSON under a good status: a captive portal for one.
        (0..300, _) => Err(Fault::Unreachable),
        (status, document) => {
            let problem = document.and_then(|document| Problem::read(&document));
            let unnamed = || Problem::ours("internal", "contact");
            Err(Fault::Refused {
                status,
                problem: problem.unwrap_or_else(unnamed),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_comes_back_is_a_document_or_a_fault() {
        let read = |status, text: &str| read(status, Some(text.to_owned()));
        for (status, text) in [
            (0, ""),
            (200, "<html>"),
            (202, ""),
            (200, &"1".repeat(LONGEST + 1)),
        ] {
            assert_eq!(read(status, text), Err(Fault::Unreachable), "{status}");
        }
        for (status, text, code) in [
            (
                404,
                r#"{"code":"not_launched","remedy":"relaunch"}"#,
                "not_launched",
            ),
            (502, "<html>Bad gateway", "internal"),
            (403, r#"{"title":"no code"}"#, "internal"),
        ] {
            match read(status, text) {
                Err(Fault::Refused {
                    status: seen,
                    problem,
                }) => {
                    assert_eq!((seen, problem.code.as_str()), (status, code));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(read(202, r#"{"id":"x"}"#).is_ok());
    }
}
