//! The grant: a signed, expiring permission to act for one signup. It stands in links and in the header of every
//! post. `launch_by` limits when Meta's popup may be opened, `submit_by` the whole flow, because a business may
//! have to be verified inside the popup.
//!
//! A grant is not a JWT: it has one algorithm and one audience, and a JWT library would bring a choice of both.

use crate::crypto::{Keyring, sha256_hex};
use crate::time::UnixMillis;
use base64ct::{Base64UrlUnpadded, Encoding};
use core::ops::RangeInclusive;
use core::time::Duration;
use embark_protocol::{AppKey, InvitationId, ProblemCode, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// What a grant permits. Its JSON is the signed payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The signup.
    pub signup: SignupId,
    /// The site that it belongs to.
    pub site: SiteId,
    /// The Meta app that it runs under.
    pub app: AppKey,
    /// The origin of the page that carries the tag.
    #[serde(rename = "host")]
    pub page_origin: String,
    /// Until when Meta's popup may be opened.
    pub launch_by: UnixMillis,
    /// Until when anything may be submitted.
    pub submit_by: UnixMillis,
    /// The account that is to be renewed: no other may be connected. `None`: any may be.
    #[serde(rename = "bound", skip_serializing_if = "Option::is_none", default)]
    pub bound_waba: Option<WabaId>,
    /// The invitation that the first post of the signup redeems. `None`: it needs none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invitation: Option<InvitationId>,
    /// The number of the handover by which one other window may act for the signup. `None`: the grant is the
    /// page's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handover: Option<usize>,
    /// SHA-256 of the name of the window that took the signup over. Not part of what is signed: it is sent beside
    /// the grant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub holder: Option<String>,
}

impl Grant {
    /// The grant of a new signup, for the usual periods.
    pub fn new(
        signup: SignupId,
        site: SiteId,
        app: AppKey,
        page_origin: String,
        now: UnixMillis,
    ) -> Self {
        Self {
            signup,
            site,
            app,
            page_origin,
            launch_by: now + LAUNCH_PERIOD,
            submit_by: now + SUBMIT_PERIOD,
            bound_waba: None,
            invitation: None,
            handover: None,
            holder: None,
        }
    }

    /// The URL of the hosted page at `origin` that continues this signup. `None`: as for [`sign`](Self::sign).
    pub fn hosted_page_url(&self, origin: &str, keyring: &Keyring) -> Option<String> {
        Some(self.hosted_page_url_with(origin, "", &self.sign(keyring)?))
    }

    /// The same with a query, which begins with `?` or is empty, and with the grant as it was signed. The grant
    /// stands in the fragment, which reaches no server and no log.
    pub fn hosted_page_url_with(&self, origin: &str, query: &str, signed: &str) -> String {
        let (site, signup) = (self.site.as_str(), self.signup.as_str());
        let parts = [origin, "/go/", site, query, "#embark=", signup, ".", signed];
        parts.concat()
    }

    /// The signed form, `g1.<key number>.<base64url(JSON)>.<base64url(HMAC-SHA256)>`. `None`: the grant cannot be
    /// serialised, which no value of its fields causes.
    pub fn sign(&self, keyring: &Keyring) -> Option<String> {
        let payload = Base64UrlUnpadded::encode_string(&serde_json::to_vec(self).ok()?);
        let (number, tag) = keyring.sign(PURPOSE, payload.as_bytes());
        let tag = Base64UrlUnpadded::encode_string(&tag);
        Some(["g1.", &number.to_string(), ".", &payload, ".", &tag].concat())
    }

    /// Verifies a grant that must be for `signup` and may still be submitted. The grant of a handover is followed
    /// by `~` and the name of the window that holds it.
    ///
    /// # Errors
    /// The problem to answer with: [`ProblemCode::GrantInvalid`] for text that is not a valid grant or lacks the
    /// window's name, [`ProblemCode::GrantMismatch`] for another signup's, [`ProblemCode::GrantExpired`].
    pub fn verify(
        text: &str,
        signup: &SignupId,
        keyring: &Keyring,
        now: UnixMillis,
    ) -> Result<Self, ProblemCode> {
        let (text, window) = text.split_once('~').unwrap_or((text, ""));
        let mut grant = Self::verify_signature(text, keyring).ok_or(ProblemCode::GrantInvalid)?;
        if grant.signup != *signup {
            return Err(ProblemCode::GrantMismatch);
        }
        if now > grant.submit_by {
            return Err(ProblemCode::GrantExpired);
        }
        if grant.handover.is_some() {
            if !WINDOW_NAME_LENGTH.contains(&window.len()) {
                return Err(ProblemCode::GrantInvalid);
            }
            grant.holder = Some(sha256_hex(window.as_bytes()));
        }
        Ok(grant)
    }

    /// `None`: not the signed form, an unknown key, or a wrong signature.
    fn verify_signature(text: &str, keyring: &Keyring) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let (Some("g1"), Some(number), Some(payload), Some(tag)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let tag = Base64UrlUnpadded::decode_vec(tag).ok()?;
        let expected = keyring.mac(number.parse().ok()?, PURPOSE, payload.as_bytes())?;
        if !bool::from(tag.ct_eq(&expected)) {
            return None;
        }
        let json = Base64UrlUnpadded::decode_vec(payload).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

/// What the key of grants is derived for.
const PURPOSE: &str = "embark grant v1";
/// How long after it was granted the popup may be opened.
const LAUNCH_PERIOD: Duration = Duration::from_mins(15);
/// How long a flow may take once it was launched.
pub const SUBMIT_PERIOD: Duration = Duration::from_hours(24);
/// Bytes of a window's name; a UUID has 36.
const WINDOW_NAME_LENGTH: RangeInclusive<usize> = 32..=64;
/// How long a link that resumes a signup, or an invitation that was opened, remains valid.
pub const RESUME_PERIOD: Duration = Duration::from_hours(14 * 24);
/// When a page fetches a fresh grant: well before [`Grant::launch_by`].
pub const RENEW_AFTER: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::tests::keyring;

    fn grant() -> Grant {
        let signup = SignupId::parse(&"a".repeat(32)).unwrap();
        let site = SiteId::parse("acme").unwrap();
        let app = AppKey::parse("main").unwrap();
        Grant::new(
            signup,
            site,
            app,
            "https://shop.example".into(),
            UnixMillis(1_000_000),
        )
    }

    #[test]
    fn grant_is_valid_for_its_signup_until_it_expires() {
        let (grant, keyring) = (grant(), keyring());
        let text = grant.sign(&keyring).unwrap();
        let verify = |signup: &SignupId, now| Grant::verify(&text, signup, &keyring, now);
        assert_eq!(
            verify(&grant.signup, UnixMillis(1_000_000)),
            Ok(grant.clone())
        );
        assert_eq!(
            verify(&grant.signup, grant.submit_by + Duration::from_millis(1)),
            Err(ProblemCode::GrantExpired)
        );
        let other = SignupId::parse(&"b".repeat(32)).unwrap();
        assert_eq!(
            verify(&other, UnixMillis(1_000_000)),
            Err(ProblemCode::GrantMismatch)
        );
    }

    #[test]
    fn handover_grant_needs_the_name_of_its_window() {
        let keyring = keyring();
        let handover = Grant {
            handover: Some(0),
            ..grant()
        };
        let (own, handed) = (
            grant().sign(&keyring).unwrap(),
            handover.sign(&keyring).unwrap(),
        );
        let uuid = "01234567-89ab-cdef-0123-456789abcdef";
        let verify =
            |text: &str| Grant::verify(text, &grant().signup, &keyring, UnixMillis(1_000_000));
        assert_eq!(verify(&format!("{own}~{uuid}")), Ok(grant()));
        let one = verify(&format!("{handed}~{uuid}")).unwrap();
        let two = verify(&format!("{handed}~{uuid}0")).unwrap();
        assert!(one.holder.is_some() && one.holder != two.holder);
        for bad in ["", "~", "~short", &format!("~{}", "a".repeat(65))] {
            let text = [&handed, bad].concat();
            assert_eq!(verify(&text), Err(ProblemCode::GrantInvalid), "{bad}");
        }
    }

    #[test]
    fn grant_with_any_changed_byte_is_invalid() {
        let (grant, keyring) = (grant(), keyring());
        let text = grant.sign(&keyring).unwrap();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert!(
                Grant::verify(&forged, &grant.signup, &keyring, UnixMillis(1_000_000)).is_err(),
                "byte {at}"
            );
        }
        for bad in ["", "g1", "g1.1..", "g1.1.e30.", "x.y.z.w"] {
            assert_eq!(
                Grant::verify(bad, &grant.signup, &keyring, UnixMillis(0)),
                Err(ProblemCode::GrantInvalid),
                "{bad}"
            );
        }
    }
}
