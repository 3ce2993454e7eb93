//! What survives a reload of this tab, where the browser lets us: the signup under way and its grant. And
//! what another page hands over in the address.

use crate::{
    config::{HANDOVER, Launch, Saved},
    json::join,
    page,
};
use alloc::string::String;
use embark_protocol::launch::Mode;

/// The signup to go on with: one handed over in the address, else one this tab had begun.
pub fn saved(launch: &Launch) -> Option<Saved> {
    let handed_over = if launch.mode == Mode::Page {
        page::handed_over(HANDOVER).as_string()
    } else {
        None
    };
    let handed_over = handed_over.and_then(|text| Saved::parse(&text, true));
    handed_over.or_else(|| Saved::parse(&page::stored(&key(launch)).as_string()?, false))
}

pub fn remember(launch: &Launch) {
    page::store(&key(launch), &launch.pass());
}

/// What is empty reads as nothing saved.
pub fn forget(launch: &Launch) {
    page::store(&key(launch), "");
}

fn key(launch: &Launch) -> String {
    join(&["embark:", &launch.site()])
}
