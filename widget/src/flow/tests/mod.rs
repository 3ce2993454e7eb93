//! Tests of the whole flow, without a browser.

mod code;
mod hosted_page;
mod input;
mod launch;
mod renewal;
mod report;
mod resume;
pub mod sim;
mod snapshots;
