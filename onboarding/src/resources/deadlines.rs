//! How long the sender of a request to a Durable Object waits for its reply. An object that asks another one before it
//! replies is itself waited for: what it waits for is shorter, so that it still replies if the other one does not.
//!
//! Who asks whom before it replies: a Run object its Site object, to count and to redeem; a Site object the Partner object,
//! and Run objects that it wakes; Phone and Run objects read credentials of the Partner object, secrets of the Site object.
//! Workflows and alarms ask as well, but nobody waits for them.

use core::time::Duration;

/// The Partner object. It asks no object.
pub const PARTNER: Duration = Duration::from_secs(12);
/// A Waba object. Before it takes in what Meta says of an account that nobody owns, it asks the Partner object.
pub const WABA: Duration = Duration::from_secs(20);
/// A Site object.
pub const SITE: Duration = Duration::from_secs(30);
/// A Run object, whose long polls take 20 s.
pub const RUN: Duration = Duration::from_secs(45);
/// A Phone object, which calls Meta.
pub const PHONE: Duration = Duration::from_secs(45);

/// For originals of secrets and settings, of which KV has copies.
pub const ORIGINAL: Duration = Duration::from_secs(3);
/// For a site's count of an expense, which holds no customer up.
pub const SPEND: Duration = Duration::from_secs(2);
/// For each signup that a site wakes.
pub const WAKE: Duration = Duration::from_secs(2);
/// For each object that a rotation of keys visits.
pub const RESEAL: Duration = Duration::from_secs(10);
/// For a part of a backup, which an object reads or stores.
pub const BACKUP: Duration = Duration::from_secs(20);
/// How many signups a site wakes at a time.
pub const WAKES_AT_ONCE: usize = 10;
/// How many signups a site wakes in reply to one request.
pub const WAKES: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_replies_in_time_if_no_object_that_it_asks_replies() {
        let wakes = WAKE * u32::try_from(WAKES.div_ceil(WAKES_AT_ONCE)).unwrap();
        for (request, outer, inner) in [
            ("Run: a first post", RUN, SPEND + SITE),
            ("Site: Admit", SITE, PARTNER),
            ("Site: Index", SITE, PARTNER),
            ("Site: WakeIdle", SITE, wakes + PARTNER),
            ("Waba: Webhooks", WABA, PARTNER),
            ("Phone: Register", PHONE, ORIGINAL),
        ] {
            assert!(inner < outer, "{request}: {inner:?} within {outer:?}");
        }
    }
}
