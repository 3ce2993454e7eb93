//! Delay between attempts of a request.

/// Milliseconds after `failures` failures: 500, doubled with each one, at most `cap`.
pub fn backoff_ms(failures: u8, cap: u32) -> u32 {
    (500u32 << failures.min(6)).min(cap)
}
