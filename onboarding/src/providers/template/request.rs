//! The requests that a template describes: the order, and the polling of its status.

use super::placeholder::{
    is_header_value, resolve, substitute, substitute_in_json, substitute_in_url,
};
use crate::providers::order::OrderContext;
use crate::providers::request::{DEADLINE, ProviderRequest};
use core::time::Duration;
use embark_protocol::handoff::{HandoffMethod, HandoffTemplate};

/// The order. `None`: the template uses a value that the account does not have.
pub fn build_order(
    template: &HandoffTemplate,
    order: &OrderContext<'_>,
) -> Option<ProviderRequest> {
    let lookup = |name: &str| resolve(template, order, name);
    let body = match (&template.json, template.form.is_empty()) {
        (Some(json), _) => {
            let json = substitute_in_json(json, &lookup)?;
            Some(("application/json", json.to_string()))
        }
        (None, true) => None,
        (None, false) => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (name, text) in &template.form {
                form.append_pair(name, &substitute(text, &lookup)?);
            }
            Some(("application/x-www-form-urlencoded", form.finish()))
        }
    };
    Some(ProviderRequest {
        name: "handoff",
        site: order.site.clone(),
        method: match template.method {
            HandoffMethod::Post => "POST",
            HandoffMethod::Put => "PUT",
            HandoffMethod::Patch => "PATCH",
        },
        url: substitute_in_url(&template.url, &lookup)?,
        headers: build_headers(template, order, |_| true)?,
        body,
        deadline: DEADLINE,
    })
}

/// The request for the status of an accepted order; `url` is the one that its response led to. `None`: as for
/// [`build_order`].
pub fn build_status_request(
    template: &HandoffTemplate,
    url: &str,
    order: &OrderContext<'_>,
) -> Option<ProviderRequest> {
    let describes_no_body = |name: &str| !name.eq_ignore_ascii_case("content-type");
    Some(ProviderRequest {
        name: "handoff_status",
        site: order.site.clone(),
        method: "GET",
        url: url.to_owned(),
        headers: build_headers(template, order, describes_no_body)?,
        body: None,
        deadline: DEADLINE,
    })
}

/// The template's headers whose names are wanted. `None`: a value is missing, or makes no header.
fn build_headers(
    template: &HandoffTemplate,
    order: &OrderContext<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Option<Vec<(String, String)>> {
    let lookup = |name: &str| resolve(template, order, name);
    template
        .headers
        .iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, text)| {
            let value = substitute(text, &lookup).filter(|value| is_header_value(value))?;
            Some((name.clone(), value))
        })
        .collect()
}

/// The interval before the first poll of the status.
pub fn first_poll_interval(template: &HandoffTemplate) -> Duration {
    let seconds = template.status.as_ref().and_then(|status| status.every_s);
    Duration::from_secs(seconds.unwrap_or(15).into())
}

/// How long the provider may take from the accepted order on.
pub fn max_wait(template: &HandoffTemplate) -> Duration {
    let seconds = template
        .status
        .as_ref()
        .and_then(|status| status.deadline_s);
    seconds.map_or(Duration::from_hours(24), |seconds| {
        Duration::from_secs(seconds.into())
    })
}
