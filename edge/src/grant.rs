//! Our signed permission to submit one signup: which signup, for which site, from which page, until when.
//! `launch_by` bounds the click, `submit_by` the whole flow: verification inside Meta's popup takes time.

use crate::run::Ms;
use crate::seal::{Vault, sha256_hex};
use base64ct::{Base64UrlUnpadded, Encoding};
use embark_protocol::{AppKey, Code, InvitationId, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub signup: SignupId,
    pub site: SiteId,
    pub app: AppKey,
    /// Origin of the page that carries the tag.
    pub host: String,
    pub launch_by: Ms,
    pub submit_by: Ms,
    /// The account that is to be renewed, and no other.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bound: Option<WabaId>,
    /// Used up by the signup's first post.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invitation: Option<InvitationId>,
    /// Which handover of the signup this is, for one other window; `None`: the page's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handover: Option<usize>,
    /// SHA-256 of the name that window gave itself. Stands beside what is signed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub holder: Option<String>,
}

impl Grant {
    pub fn new(signup: SignupId, site: SiteId, app: AppKey, host: String, now: Ms) -> Self {
        let (launch_by, submit_by) = (now + LAUNCH_MS, now + SUBMIT_MS);
        Self {
            signup,
            site,
            app,
            host,
            launch_by,
            submit_by,
            bound: None,
            invitation: None,
            handover: None,
            holder: None,
        }
    }

    /// The address that brings a person back to this signup.
    pub fn link(&self, origin: &str, vault: &Vault) -> Option<String> {
        Some(self.address(origin, "", &self.sign(vault)?))
    }

    /// The hosted page with this signup; `text` is the grant as it was signed, `query` begins with `?` or is
    /// empty. Fragments reach no server and no log.
    pub fn address(&self, origin: &str, query: &str, text: &str) -> String {
        let (site, signup) = (self.site.as_str(), self.signup.as_str());
        let parts = [origin, "/go/", site, query, "#embark=", signup, ".", text];
        parts.concat()
    }

    /// `g1.<key number>.<base64url(json)>.<base64url(hmac)>`.
    pub fn sign(&self, vault: &Vault) -> Option<String> {
        let payload = Base64UrlUnpadded::encode_string(&serde_json::to_vec(self).ok()?);
        let (number, tag) = vault.mac(None, PURPOSE, payload.as_bytes())?;
        let tag = Base64UrlUnpadded::encode_string(&tag);
        Some(["g1.", &number.to_string(), ".", &payload, ".", &tag].concat())
    }

    /// Reads a grant that must be for `signup` and not too old to submit. Behind a `~` stands the name of the
    /// window that holds it, which a handover needs.
    pub fn read(text: &str, signup: &SignupId, vault: &Vault, now: Ms) -> Result<Self, Code> {
        let (text, holder) = text.split_once('~').unwrap_or((text, ""));
        let mut parts = text.splitn(4, '.');
        let (Some("g1"), Some(number), Some(payload), Some(tag)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Code::GrantInvalid);
        };
        let number: u32 = number.parse().map_err(|_| Code::GrantInvalid)?;
        let tag = Base64UrlUnpadded::decode_vec(tag).map_err(|_| Code::GrantInvalid)?;
        let (_, want) = vault
            .mac(Some(number), PURPOSE, payload.as_bytes())
            .ok_or(Code::GrantInvalid)?;
        if !bool::from(tag.ct_eq(&want)) {
            return Err(Code::GrantInvalid);
        }
        let json = Base64UrlUnpadded::decode_vec(payload).map_err(|_| Code::GrantInvalid)?;
        let mut grant: Self = crate::json::from_slice(&json).map_err(|_| Code::GrantInvalid)?;
        if grant.signup != *signup {
            return Err(Code::GrantMismatch);
        }
        if now > grant.submit_by {
            return Err(Code::GrantExpired);
        }
        if grant.handover.is_some() {
            if !HOLDER.contains(&holder.len()) {
                return Err(Code::GrantInvalid);
            }
            grant.holder = Some(sha256_hex(holder.as_bytes()));
        }
        Ok(grant)
    }
}

const PURPOSE: &str = "embark grant v1";
const LAUNCH_MS: Ms = 15 * 60_000;
/// How long a flow may take once it was launched.
pub const SUBMIT_MS: Ms = 24 * 3_600_000;
/// Length of a window's name; a UUID has 36 characters.
const HOLDER: core::ops::RangeInclusive<usize> = 32..=64;
/// How long a person may take to come back, or to take up an invitation.
pub const RESUME_MS: Ms = 14 * 24 * 3_600_000;
/// A page fetches a fresh grant well before the old one runs out.
pub const RENEW_MS: u32 = 10 * 60_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::tests::vault;

    fn grant() -> Grant {
        let signup = SignupId::parse(&"a".repeat(32)).unwrap();
        let site = SiteId::parse("acme").unwrap();
        let app = AppKey::parse("main").unwrap();
        Grant::new(signup, site, app, "https://shop.example".into(), 1_000_000)
    }

    #[test]
    fn a_grant_is_for_one_signup_and_one_day() {
        let (grant, vault) = (grant(), vault());
        let text = grant.sign(&vault).unwrap();
        let read = |signup: &SignupId, now| Grant::read(&text, signup, &vault, now);
        assert_eq!(read(&grant.signup, 1_000_000), Ok(grant.clone()));
        assert_eq!(
            read(&grant.signup, grant.submit_by + 1),
            Err(Code::GrantExpired)
        );
        let other = SignupId::parse(&"b".repeat(32)).unwrap();
        assert_eq!(read(&other, 1_000_000), Err(Code::GrantMismatch));
    }

    #[test]
    fn a_handover_wants_a_holder_and_no_other_grant_has_one() {
        let vault = vault();
        let handover = Grant {
            handover: Some(0),
            ..grant()
        };
        let (own, handed) = (
            grant().sign(&vault).unwrap(),
            handover.sign(&vault).unwrap(),
        );
        let uuid = "01234567-89ab-cdef-0123-456789abcdef";
        let read = |text: &str| Grant::read(text, &grant().signup, &vault, 1_000_000);
        assert_eq!(read(&format!("{own}~{uuid}")), Ok(grant()));
        let one = read(&format!("{handed}~{uuid}")).unwrap();
        let two = read(&format!("{handed}~{uuid}0")).unwrap();
        assert!(one.holder.is_some() && one.holder != two.holder);
        for bad in ["", "~", "~short", &format!("~{}", "a".repeat(65))] {
            let text = [&handed, bad].concat();
            assert_eq!(read(&text), Err(Code::GrantInvalid), "{bad}");
        }
    }

    #[test]
    fn a_forged_grant_is_refused() {
        let (grant, vault) = (grant(), vault());
        let text = grant.sign(&vault).unwrap();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert!(
                Grant::read(&forged, &grant.signup, &vault, 1_000_000).is_err(),
                "byte {at}"
            );
        }
        for bad in ["", "g1", "g1.1..", "g1.1.e30.", "x.y.z.w"] {
            assert_eq!(
                Grant::read(bad, &grant.signup, &vault, 0),
                Err(Code::GrantInvalid),
                "{bad}"
            );
        }
    }
}
