//! The OpenAPI documents (<https://spec.openapis.org/oas/v3.1.1.html>) of the Worker's API. `cargo xtask generate` writes
//! them to `docs/`, and the Worker serves those files.
//!
//! | module | content |
//! |---|---|
//! | [`routes`] | each route of the Worker's route table, described |
//! | [`description`] | what a description consists of |
//! | [`parameters`] | parameters of paths and queries |
//! | [`content`] | bodies of requests and responses |
//! | [`problems`] | problem codes: in responses, and all of them |
//! | [`document`] | a document of descriptions |
//! | [`schemas`] | the schemas of types, as the documents have them |
//! | [`meanings`] | what the words of enumerations mean |
//! | [`text`] | documents and doc comments as text |

#![warn(missing_docs)]

pub mod content;
pub mod description;
pub mod document;
pub mod meanings;
pub mod parameters;
pub mod problems;
pub mod routes;
pub mod schemas;
pub mod text;
