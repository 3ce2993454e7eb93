//! Each route of the Worker's route table, described.
//!
//! The tables `public`, `signups`, `callbacks`, `backend` and `operator` have an entry for each variant of a route's type.
//! A route without one does not compile; `tests/routes.rs` compares methods and paths with the route table.

pub mod backend;
pub mod callbacks;
pub mod operator;
pub mod public;
pub mod signups;

use crate::description::Description;
use embark_edge::http::route::{Audience, Route};

/// What a table has of a route.
pub enum Entry {
    /// Its description.
    Described(Box<Description>),
    /// It is no part of the API.
    LeftOut {
        /// Method and path, as people write them.
        request: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// It has a table of its own.
    Table,
}

impl From<Description> for Entry {
    fn from(description: Description) -> Self {
        Self::Described(Box::new(description))
    }
}

/// An entry of a table.
pub struct Row {
    /// The name of the operation, unique in the API.
    pub id: String,
    /// The tag that it is listed under.
    pub tag: &'static str,
    /// What the table has of it.
    pub entry: Entry,
    /// Whether a route is that of this entry.
    pub is_of: fn(&Route) -> bool,
}

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
        Audience::Operator => operator::rows(),
    }
}

/// The function `rows` of a table: one row for each variant of `$type`, which `$select` finds in a route. A variant that has
/// none does not compile.
macro_rules! table {
    ($type:ident, $tag:literal, $prefix:literal, $select:expr, $($variant:ident => $entry:expr,)+) => {
        /// The rows of this table.
        pub fn rows() -> Vec<$crate::routes::Row> {
            const _: fn(&$type) = |route| match route {
                $($type::$variant { .. } => (),)+
            };
            vec![$($crate::routes::Row {
                id: concat!($prefix, stringify!($variant)).to_owned(),
                tag: $tag,
                entry: $entry.into(),
                is_of: |route| {
                    let select: fn(&embark_edge::http::route::Route) -> Option<&$type> = $select;
                    matches!(select(route), Some($type::$variant { .. }))
                },
            }),+]
        }
    };
}
pub(crate) use table;
