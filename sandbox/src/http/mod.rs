//! HTTP as the rest of the sandbox sees it: requests and replies as values, connections that can be reset, and the
//! requests the sandbox makes itself.

mod client;
mod connection;
mod reply;
mod request;

pub use client::{RequestError, get, is_loopback_http, post_form, post_json, post_signed};
pub use connection::{Connection, ResettableAcceptor};
pub use reply::Reply;
pub use request::IncomingRequest;
