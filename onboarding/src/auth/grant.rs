//! The grant: a signed, expiring permission to act for one signup, in the header of every post and poll. A page gets
//! its own with the launch document; the grants of links to the hosted page are others, each for one purpose
//! ([`GrantKind`]). `launch_by` limits when Meta's popup may be opened, `submit_by` the whole flow, because a business may
//! have to be verified inside the popup.
//!
//! A grant is not a JWT: it has one algorithm and one audience, and a JWT library would bring a choice of both.

use crate::crypto::{Keyring, sha256_hex};
use crate::time::UnixMillis;
use base64ct::{Base64UrlUnpadded, Encoding};
use core::ops::RangeInclusive;
use core::time::Duration;
use embark_protocol::site_events::CustomerReference;
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
    /// The link that the grant was signed for. `None`: a handover, a renewal of a version before this field, or
    /// no link.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<LinkKind>,
    /// The number of the handover by which one other window may act for the signup. `None`: it was not handed over
    /// to the holder of this grant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handover: Option<usize>,
    /// SHA-256 of the name of the window that took the signup over. A handover is not signed with it: the window's
    /// name is sent beside the grant. A link to resume is: the window that it was given to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub holder: Option<String>,
    /// Whose signup it is. `None`: nobody said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<CustomerReference>,
}

/// What a link to the hosted page was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// To go on with a signup that waits for its customer.
    Resume,
    /// To replace the token of one account.
    Renewal,
}

/// What a grant may do, by where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantKind {
    /// The page that the signup was issued to. Never taken from an address: whoever has a page of the site could
    /// otherwise have another browser go on with a signup of theirs.
    Page,
    /// The one window that takes the signup over.
    Handover,
    /// Any window of the customer that follows the link in `resume_url`, as long as the window that was given the
    /// link may act for the signup. Cannot hand the signup over.
    Resume,
    /// Any window of the customer that follows the operator's link. Bound to one account.
    Renewal,
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
            link: None,
            handover: None,
            holder: None,
            reference: None,
        }
    }

    /// The grant of a link by which the customer renews the token of one account, and of no other. It is for the hosted page
    /// at `origin`, and valid for two weeks.
    pub fn renewal(
        signup: SignupId,
        site: SiteId,
        app: AppKey,
        waba: WabaId,
        origin: &str,
        now: UnixMillis,
    ) -> Self {
        let expires_at = now + RESUME_PERIOD;
        Self {
            launch_by: expires_at,
            submit_by: expires_at,
            bound_waba: Some(waba),
            link: Some(LinkKind::Renewal),
            ..Self::new(signup, site, app, origin.to_owned(), now)
        }
    }

    /// What the grant may do.
    pub fn kind(&self) -> GrantKind {
        match self.link {
            Some(LinkKind::Resume) => GrantKind::Resume,
            Some(LinkKind::Renewal) => GrantKind::Renewal,
            None if self.handover.is_some() => GrantKind::Handover,
            // No page is issued a grant that is bound to an account.
            None if self.bound_waba.is_some() => GrantKind::Renewal,
            None => GrantKind::Page,
        }
    }

    /// Who holds the grant, as one text that differs between the windows that may act for one signup: the page, each
    /// holder of a handover, and whoever follows a link.
    pub fn bearer(&self) -> String {
        let kind = match self.kind() {
            GrantKind::Page => "page",
            GrantKind::Handover => "handover",
            GrantKind::Resume => "resume",
            GrantKind::Renewal => "renewal",
        };
        [kind, "/", self.holder.as_deref().unwrap_or_default()].concat()
    }

    /// The URL of the hosted page at `origin` that continues this signup. The grant stands in the fragment, which
    /// reaches no server and no log. `None`: as for [`sign`](Self::sign), and for a page's own grant, which no
    /// window takes from an address.
    pub fn hosted_page_url(&self, origin: &str, keyring: &Keyring) -> Option<String> {
        if self.kind() == GrantKind::Page {
            return None;
        }
        let (site, signup) = (self.site.as_str(), self.signup.as_str());
        let signed = self.sign(keyring)?;
        Some([origin, "/go/", site, "#embark=", signup, ".", &signed].concat())
    }

    /// The signed form, `g1.<key number>.<base64url(JSON)>.<base64url(HMAC-SHA256)>`. `None`: the grant cannot be
    /// serialised, which no value of its fields causes.
    pub fn sign(&self, keyring: &Keyring) -> Option<String> {
        let payload = Base64UrlUnpadded::encode_string(&serde_json::to_vec(self).ok()?);
        let (number, tag) = keyring.sign(PURPOSE, payload.as_bytes());
        let tag = Base64UrlUnpadded::encode_string(&tag);
        Some(["g1.", &number.to_string(), ".", &payload, ".", &tag].concat())
    }

    /// Verifies a grant that must be for `signup` and may still be submitted. A window that took the grant from its
    /// address adds `~` and a name that it chose: the grants of links are taken with such a name only, and a page's
    /// own grant without one only.
    ///
    /// # Errors
    /// The problem to answer with: [`ProblemCode::GrantInvalid`] for text that is not a valid grant, a link's
    /// without the window's name or a page's own with one, [`ProblemCode::GrantMismatch`] for another signup's,
    /// [`ProblemCode::GrantExpired`].
    pub fn verify(
        text: &str,
        signup: &SignupId,
        keyring: &Keyring,
        now: UnixMillis,
    ) -> Result<Self, ProblemCode> {
        let (text, window) = match text.split_once('~') {
            Some((text, window)) => (text, Some(window)),
            None => (text, None),
        };
        let mut grant = Self::verify_signature(text, keyring).ok_or(ProblemCode::GrantInvalid)?;
        if grant.signup != *signup {
            return Err(ProblemCode::GrantMismatch);
        }
        if now > grant.submit_by {
            return Err(ProblemCode::GrantExpired);
        }
        match (grant.kind(), window) {
            (GrantKind::Page, None) => {}
            (GrantKind::Page, Some(_)) | (_, None) => return Err(ProblemCode::GrantInvalid),
            (_, Some(window)) if !WINDOW_NAME_LENGTH.contains(&window.len()) => {
                return Err(ProblemCode::GrantInvalid);
            }
            (GrantKind::Handover, Some(window)) => {
                grant.holder = Some(sha256_hex(window.as_bytes()));
            }
            (GrantKind::Resume | GrantKind::Renewal, Some(_)) => {}
        }
        Ok(grant)
    }

    /// The origin of the page that a grant was issued to, also if the grant has expired or is another signup's.
    /// `None`: it is not signed by us.
    pub fn page_origin_of(text: &str, keyring: &Keyring) -> Option<String> {
        let (text, _) = text.split_once('~').unwrap_or((text, ""));
        Self::verify_signature(text, keyring).map(|grant| grant.page_origin)
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
        assert_eq!(verify(&own), Ok(grant()));
        let one = verify(&format!("{handed}~{uuid}")).unwrap();
        let two = verify(&format!("{handed}~{uuid}0")).unwrap();
        assert!(one.holder.is_some() && one.holder != two.holder);
        for bad in ["", "~", "~short", &format!("~{}", "a".repeat(65))] {
            let text = [&handed, bad].concat();
            assert_eq!(verify(&text), Err(ProblemCode::GrantInvalid), "{bad}");
        }
    }

    #[test]
    fn only_grants_of_links_are_taken_from_an_address() {
        let keyring = keyring();
        let waba = || WabaId::parse("5000000000000001").ok();
        let window = "0".repeat(36);
        let link = |link| Grant {
            link: Some(link),
            ..grant()
        };
        let mut invited = grant();
        invited.invitation = InvitationId::parse(&"1".repeat(32)).ok();
        let mut handover = grant();
        handover.handover = Some(0);
        let mut resumed_by_holder = link(LinkKind::Resume);
        resumed_by_holder.handover = Some(0);
        resumed_by_holder.holder = Some("digest".into());
        let mut resumed_renewal = link(LinkKind::Resume);
        resumed_renewal.bound_waba = waba();
        let mut old_renewal = grant();
        old_renewal.bound_waba = waba();
        for (name, change, kind) in [
            ("page", grant(), GrantKind::Page),
            ("invited page", invited, GrantKind::Page),
            ("handover", handover, GrantKind::Handover),
            ("resume", link(LinkKind::Resume), GrantKind::Resume),
            ("resume by a holder", resumed_by_holder, GrantKind::Resume),
            ("resume of a renewal", resumed_renewal, GrantKind::Resume),
            ("renewal", link(LinkKind::Renewal), GrantKind::Renewal),
            ("renewal, unmarked", old_renewal, GrantKind::Renewal),
        ] {
            assert_eq!(change.kind(), kind, "{name}");
            let text = change.sign(&keyring).unwrap();
            let verify = |text: &str| {
                Grant::verify(text, &change.signup, &keyring, UnixMillis(1_000_000)).is_ok()
            };
            let is_page = kind == GrantKind::Page;
            assert_eq!(verify(&text), is_page, "{name}: from the document");
            let from_address = format!("{text}~{window}");
            assert_eq!(verify(&from_address), !is_page, "{name}: from an address");
            let url = change.hosted_page_url("https://signup.example", &keyring);
            assert_eq!(url.is_none(), is_page, "{name}");
        }
    }

    #[test]
    fn link_to_resume_keeps_the_window_that_it_was_given_to() {
        let keyring = keyring();
        let resume = Grant {
            link: Some(LinkKind::Resume),
            handover: Some(0),
            holder: Some("digest".into()),
            ..grant()
        };
        let text = format!("{}~{}", resume.sign(&keyring).unwrap(), "0".repeat(36));
        let verified = Grant::verify(&text, &resume.signup, &keyring, UnixMillis(1_000_000));
        assert_eq!(verified, Ok(resume));
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
