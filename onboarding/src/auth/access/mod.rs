//! Cloudflare Access before the operator's host: a request that it lets through has a JSON Web Token that says who signed in
//! (<https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/>).
//! Where the token comes from and which keys verify it is of `settings` and `certs`; what a token must have is of `token`.

mod certs;
mod settings;
mod token;

pub use certs::{AccessCerts, AccessKey, CertsCache, CertsError, KeyLookup};
pub use settings::{AccessSettings, AccessSettingsError};
pub use token::{AccessIdentity, AccessToken, AccessTokenError, VerifiedToken};
