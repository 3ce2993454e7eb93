//! What the tables of descriptions consist of.

use crate::description::Description;
use embark_edge::http::route::Route;

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
    /// What the table has of it.
    pub entry: Entry,
    /// Whether a route is that of this entry.
    pub is_of: fn(&Route) -> bool,
}

/// The function `rows` of a table: one row for each variant of `$type`, which `$select` finds in a route. A variant that has
/// none does not compile.
macro_rules! table {
    ($type:ident, $prefix:literal, $select:expr, $($variant:ident => $entry:expr,)+) => {
        /// The rows of this table.
        pub fn rows() -> Vec<$crate::routes::table::Row> {
            const _: fn(&$type) = |route| match route {
                $($type::$variant { .. } => (),)+
            };
            vec![$($crate::routes::table::Row {
                id: concat!($prefix, stringify!($variant)).to_owned(),
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
