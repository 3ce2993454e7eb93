//! The requests that a template describes: the order, and the polling of its status.

use super::placeholder::{
    resolve, substitute, substitute_in_header, substitute_in_json, substitute_in_url,
};
use crate::providers::destination::is_allowed_destination;
use crate::providers::header_value::HeaderValue;
use crate::providers::order::{OrderContext, OrderError};
use crate::providers::request::{DEADLINE, ProviderRequest};
use core::time::Duration;
use embark_protocol::handoff::{HandoffMethod, HandoffTemplate};

/// The order.
///
/// # Errors
/// The template uses a value that the account does not have, or the URL may not be requested with it.
pub fn build_order(
    template: &HandoffTemplate,
    order: &OrderContext<'_>,
) -> Result<ProviderRequest, OrderError> {
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
    Ok(ProviderRequest {
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

/// The request for the status of an accepted order; `url` is the one that its response led to.
///
/// # Errors
/// As for [`build_order`].
pub fn build_status_request(
    template: &HandoffTemplate,
    url: &str,
    order: &OrderContext<'_>,
) -> Result<ProviderRequest, OrderError> {
    if !is_allowed_destination(url) {
        return Err(OrderError::ForbiddenDestination);
    }
    let describes_no_body = |name: &str| !name.eq_ignore_ascii_case("content-type");
    Ok(ProviderRequest {
        name: "handoff_status",
        site: order.site.clone(),
        method: "GET",
        url: url.to_owned(),
        headers: build_headers(template, order, describes_no_body)?,
        body: None,
        deadline: DEADLINE,
    })
}

/// The template's headers whose names are wanted.
///
/// # Errors
/// A value is missing.
fn build_headers(
    template: &HandoffTemplate,
    order: &OrderContext<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, HeaderValue)>, OrderError> {
    let lookup = |name: &str| resolve(template, order, name);
    template
        .headers
        .iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, text)| {
            let fill = |text: &str| substitute_in_header(text, &lookup);
            Ok((name.clone(), HeaderValue::from_template(text, fill)?))
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
