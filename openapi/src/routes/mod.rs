//! Each route of the Worker's route table, described.
//!
//! The tables `public`, `signups`, `callbacks`, `backend` and `operator` have an entry for each variant of a route's type.
//! A route without one does not compile; `tests/routes.rs` compares methods and paths with the route table.

pub mod backend;
pub mod callbacks;
pub mod operator;
pub mod public;
pub mod signups;
pub mod table;

use embark_edge::http::route::Audience;
use table::Row;

/// Every entry of an origin.
pub fn rows(audience: Audience) -> Vec<Row> {
    match audience {
        Audience::Public => [
            public::rows(),
            signups::rows(),
            backend::rows(),
            callbacks::rows(),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Audience::Operator => {
            let mut rows = operator::rows();
            rows.extend(operator::of_site::rows());
            rows
        }
    }
}
