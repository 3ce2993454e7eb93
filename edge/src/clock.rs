//! The Worker's clock and timer.

use core::time::Duration;
use embark_onboarding::time::UnixMillis;
use worker::{Date, Delay};

/// The current time. Workers' clock stands still between two I/O operations
/// (<https://developers.cloudflare.com/workers/runtime-apis/performance/>).
pub fn now() -> UnixMillis {
    let now = UnixMillis(Date::now().as_millis());
    #[cfg(feature = "local")]
    let now = now + offset::OFFSET.get();
    now
}

/// Resolves after `duration`.
pub async fn sleep(duration: Duration) {
    Delay::from(duration).await;
}

/// Sets how far [`now`] is ahead of the real time, for this wasm instance.
#[cfg(feature = "local")]
pub fn set_offset(duration: Duration) {
    offset::OFFSET.set(duration);
}

#[cfg(feature = "local")]
mod offset {
    use core::cell::Cell;
    use core::time::Duration;

    thread_local! {
        pub(super) static OFFSET: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }
}
