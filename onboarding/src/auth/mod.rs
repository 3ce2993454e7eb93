//! Signed permissions: the grant of a signup, and the return from Meta's dialog when it was opened without a
//! popup.

pub mod grant;
pub mod redirect;
pub mod return_cookie;
