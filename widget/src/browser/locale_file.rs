//! Fetches the locale file.

use super::{plural_rules::plural_category, requests::fetch};
use crate::{
    json,
    launch_document::LaunchDocument,
    locale_file::{LocaleRequest, Next},
};
use embark_view::messages::Messages;
use gloo_timers::future::TimeoutFuture;
use web_sys::Request;

/// The texts of the launch document's language, else the English ones. `None` if there are none.
pub async fn load(launch: &LaunchDocument) -> Option<Messages> {
    let mut request = LocaleRequest::new(launch);
    loop {
        // From the browser's cache, if the page has preloaded it.
        let file = Request::new_with_str(&request.url(launch)).ok()?;
        let response = fetch(file).await.ok();
        let status = response.as_ref().map(|(status, _)| *status);
        if let Some((200, text)) = response
            && let Some(texts) = json::parse(&text)
        {
            return Some(Messages::new(texts, plural_category));
        }
        match request.after_failure(status) {
            Next::Send(next, delay) => {
                TimeoutFuture::new(delay).await;
                request = next;
            }
            Next::GiveUp => return None,
        }
    }
}
