//! Problem documents for failed API calls.

use crate::meta::ApiError;
use embark_protocol::{Problem, ProblemCode, Step};

/// The problem that an error of Meta's, or of another provider, leads to. Carries Meta's error code and
/// trace id, where the reply had them.
pub fn from_api_error(code: ProblemCode, step: Step, error: &ApiError) -> Problem {
    Problem {
        meta_code: error.meta_code(),
        fbtrace_id: error.fbtrace_id.clone(),
        ..Problem::new(code).at_step(step)
    }
}
