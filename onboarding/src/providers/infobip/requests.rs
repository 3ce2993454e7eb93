//! The requests to Infobip's API (<https://www.infobip.com/docs/api>), and the base URLs that they may have.

use crate::meta::ApiError;
use crate::providers::destination::is_allowed_destination;
use crate::providers::header_value::HeaderValue;
use crate::providers::order::{OrderContext, OrderOutcome};
use crate::providers::request::{DEADLINE, ProviderRequest};
use crate::providers::response::check_provider;
use crate::settings_error::SettingsErrors;
use crate::transport::ApiResult;
use embark_protocol::SiteId;
use embark_protocol::infobip::{
    InfobipAuthScheme, InfobipMessageRequest, InfobipSenderRequest, InfobipSettings,
};
use serde_json::{Value, json};

/// `POST /whatsapp/1/embedded-signup/registrations/share-waba`: shares the account with Infobip.
pub fn share_waba(infobip: &InfobipSettings, order: &OrderContext<'_>) -> ProviderRequest {
    let path = "/whatsapp/1/embedded-signup/registrations/share-waba";
    let body = json!({"businessAccountId": order.waba.as_str()});
    post("share_waba", infobip, order.site, path, &body)
}

/// `POST /whatsapp/1/embedded-signup/registrations/business-account/{waba}/senders`: adds another number of a
/// shared account. `sender` is a [`sender_body`].
pub fn add_sender(
    infobip: &InfobipSettings,
    site: &SiteId,
    waba: &str,
    sender: &Value,
) -> ProviderRequest {
    let path = [
        "/whatsapp/1/embedded-signup/registrations/business-account/",
        waba,
        "/senders",
    ];
    post("add_sender", infobip, site, &path.concat(), sender)
}

/// The body of [`add_sender`].
pub fn sender_body(order: &InfobipSenderRequest) -> Value {
    json!({
        "countryCode": order.country_code,
        "phoneNumber": order.phone_number,
        "displayName": order.display_name,
        "type": order.kind,
        "locale": order.locale,
    })
}

/// The kind, `template` or `text`, and the body of a test message. The message is attributed to the customer's
/// entity.
pub fn message_body(
    infobip: &InfobipSettings,
    order: &InfobipMessageRequest,
) -> (&'static str, Value) {
    let content = match &order.template {
        None => json!({"text": order.text}),
        Some(template) => json!({
            "templateName": template,
            "templateData": {"body": {"placeholders": order.placeholders}},
            "language": order.language,
        }),
    };
    let entity = order.business_id.as_ref().map(ToString::to_string);
    let fields = [
        ("from", Some(order.from.as_str().into())),
        ("to", Some(order.to.as_str().into())),
        ("content", Some(content)),
        ("entityId", entity.map(Value::from)),
        (
            "applicationId",
            infobip.application_id.clone().map(Value::from),
        ),
    ];
    let members = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let message = Value::Object(members.collect());
    match order.template {
        None => ("text", message),
        Some(_) => ("template", json!({"messages": [message]})),
    }
}

/// `POST /whatsapp/1/message/{kind}`: sends a [`message_body`].
pub fn send_message(
    infobip: &InfobipSettings,
    site: &SiteId,
    kind: &str,
    message: &Value,
) -> ProviderRequest {
    let path = ["/whatsapp/1/message/", kind].concat();
    post("send_message", infobip, site, &path, message)
}

/// `GET /messages-api/1/reports`: the delivery report of a message. Infobip returns each report once.
pub fn delivery_report(
    infobip: &InfobipSettings,
    site: &SiteId,
    message_id: &str,
) -> ProviderRequest {
    let path = ["/messages-api/1/reports?messageId=", message_id].concat();
    ProviderRequest {
        method: "GET",
        body: None,
        ..post("delivery_report", infobip, site, &path, &Value::Null)
    }
}

/// The name of the site's secret that requests have the credentials of.
pub const SECRET: &str = "infobip";

/// A `POST` with the credentials of the site's secret [`SECRET`]
/// (<https://www.infobip.com/docs/developer-resources/authentication-and-access/api-authentication>).
fn post(
    name: &'static str,
    infobip: &InfobipSettings,
    site: &SiteId,
    path: &str,
    body: &Value,
) -> ProviderRequest {
    let authorization = match infobip.authorization {
        InfobipAuthScheme::App => "App {secret:infobip}",
        InfobipAuthScheme::Basic => "Basic {secret_base64:infobip}",
        InfobipAuthScheme::Ibsso => "IBSSO {secret:infobip}",
        InfobipAuthScheme::Bearer => "Bearer {secret:infobip}",
    };
    ProviderRequest {
        name,
        site: site.clone(),
        method: "POST",
        url: [infobip.base_url.as_str(), path].concat(),
        headers: vec![(
            "authorization".to_owned(),
            HeaderValue::parse(authorization),
        )],
        body: Some(("application/json", body.to_string())),
        deadline: DEADLINE,
    }
}

/// Reads the response of [`share_waba`]. The body of a success is not documented: any 2xx counts. Infobip reports
/// its progress by webhook.
///
/// # Errors
/// The order was not accepted, or its outcome is unknown.
pub fn parse_order_response(result: ApiResult) -> Result<OrderOutcome, ApiError> {
    check_provider(result).map(|_| OrderOutcome::Pending { status_url: None })
}

/// Validates the base URL: `https://api.infobip.com`, or the account's own below that name
/// (<https://www.infobip.com/docs/developer-resources/about-infobip-apis/base-url>).
/// Adds an error, if it is not one of Infobip's.
pub fn check(infobip: &InfobipSettings, errors: &mut SettingsErrors) {
    let host = infobip
        .base_url
        .strip_prefix("https://")
        .unwrap_or_default();
    let is_infobip = host == "api.infobip.com" || host.ends_with(".api.infobip.com");
    #[cfg(feature = "local")]
    let is_infobip = is_infobip || infobip.base_url.starts_with("http://localhost");
    errors.require(
        is_infobip && is_allowed_destination(&infobip.base_url),
        "infobip: base_url",
        "https://api.infobip.com, or the account's own",
    );
}
