//! Tests that do not run in every browser say so in their first line, with the reason.

use embark_tests::browser::BrowserKind;

/// Whether the suite runs in this browser. If not, prints that the test is skipped; the test then returns at
/// once, before it starts a deployment:
///
/// ```ignore
/// if !runs_in(BrowserKind::Chromium, "needs DevTools to pause requests") {
///     return Ok(());
/// }
/// ```
pub fn runs_in(required: BrowserKind, reason: &str) -> bool {
    let runs = BrowserKind::from_env() == required;
    if !runs {
        println!("skipped: {required:?} only: {reason}");
    }
    runs
}
