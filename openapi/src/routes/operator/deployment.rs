//! The deployment itself.

use crate::description::{Access, Description, get};
use crate::parameters::{query, text};
use embark_protocol::ProblemCode::BadRequest;
use embark_protocol::health::HealthReport;

pub fn health() -> Description {
    let about = "The site that the page comes after: the field `next` of the page before.";
    get("/v1/admin/health", Access::Operator)
        .about("What is wrong with the deployment now, and what to do about it.")
        .notes("Asks KV, an object of each class and 40 sites: it takes twenty seconds at most. A deployment with which something is wrong is answered with 200 and the status `degraded`.")
        .with([query("after", about, text())])
        .gives::<HealthReport>("The checks.")
        .refuses(&[BadRequest])
}
