//! The session in this tab's `sessionStorage`, where the browser allows it, and the one handed over in
//! the URL.

use crate::{
    browser,
    launch_document::{HANDOVER_PREFIX, LaunchDocument},
    session::Session,
};
use alloc::string::String;
use embark_protocol::launch::LaunchMode;

/// The session to resume: one handed over in the URL, or the one that this browser left for Meta's dialog with (both on
/// the hosted page only), else the one this tab stored.
pub fn load(launch: &LaunchDocument) -> Option<Session> {
    let handed_over = if launch.mode == LaunchMode::Page {
        browser::take_handover(HANDOVER_PREFIX).as_string()
    } else {
        None
    };
    let handed_over = handed_over.or_else(|| launch.returned_session());
    let handed_over = handed_over.and_then(|token| Session::parse(&token, true));
    handed_over.or_else(|| Session::parse(&browser::read_storage(&key(launch)).as_string()?, false))
}

pub fn save(launch: &LaunchDocument) {
    browser::write_storage(&key(launch), &launch.resume_token());
}

/// An empty entry reads as no session.
pub fn clear(launch: &LaunchDocument) {
    browser::write_storage(&key(launch), "");
}

fn key(launch: &LaunchDocument) -> String {
    ["embark:", &launch.site()].concat()
}
