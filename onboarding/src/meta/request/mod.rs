//! Requests to Meta's Graph API as values. The kind of token that a call takes is part of its type: a business
//! token cannot sign a call of the partner's. Tokens travel in the `Authorization` header, never in a URL, and every
//! call with a business or system token carries `appsecret_proof`
//! (<https://developers.facebook.com/docs/graph-api/guides/secure-requests>).

pub(super) mod call;
mod credentials;
mod endpoints;
mod overrides;

pub use call::{
    AppToken, BusinessToken, Call, GraphRequest, Method, NoToken, RequestBody, SystemToken,
};
pub use credentials::{AppCredentials, RedirectUriVariant};
pub(super) use endpoints::PHONE_FIELDS;
pub use endpoints::{
    debug_token, deregister, exchange, phone, phone_numbers, register, request_code,
    set_subscription, subscribe, subscribed_apps, subscriptions, sync, system_user_token,
    verify_code, waba,
};
pub use overrides::{
    clear_account_override, clear_number_override, number_override, set_account_override,
    set_number_override,
};
