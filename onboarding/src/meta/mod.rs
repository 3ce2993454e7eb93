//! Meta's APIs as values: requests to the Graph API are built and responses are read by pure functions, and the Worker
//! sends them. Every response passes [`check`], which turns Meta's errors into an [`ApiError`]; the class of
//! each of Meta's error codes stands in `error_codes`.

pub mod app_setup;
pub mod credit;
pub mod error;
mod error_codes;
mod error_document;
pub mod graph_version;
pub mod health;
pub mod login_options;
pub mod oauth_dialog;
mod prefill;
pub mod request;
pub mod response;
pub(crate) mod same_address;
pub mod signed_request;
pub mod usage;
mod wait;
pub mod webhook;
pub mod webhook_setup;

pub use error::{ApiError, ErrorCause, check};
pub use error_codes::ErrorClass;
pub use request::{AppCredentials, GraphRequest, Method, RedirectUriVariant, RequestBody};
