//! The provider that a site's hand-off template describes
//! ([`HandoffTemplate`](embark_protocol::handoff::HandoffTemplate)): URL, headers and body of the order, what counts
//! as success, and how the status is polled. A template is validated when the site's settings are put, so that no
//! signup meets an invalid one.

mod placeholder;
mod request;
mod response;
mod validate;

pub use request::{build_order, build_status_request, first_poll_interval, max_wait};
pub use response::{parse_order_response, parse_status};
pub use validate::check;
