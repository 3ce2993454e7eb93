//! Signed permissions: the grant of a signup, and the way to Meta's dialog and back when it is opened without a
//! popup. And whom Cloudflare Access has signed in, among the operators.

pub mod access;
pub mod dialog_start;
pub mod grant;
pub mod redirect;
pub mod return_cookie;
pub mod site_secret;
