//! An invitation: a link for one customer, which is good for one signup and until it expires. Opening the link changes
//! nothing, because mail scanners do so; the first post of the signup redeems it.

use crate::resources::one_time::OneTime;
use crate::settings_error::SettingsError;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::admin::{InvitationDetails, InvitationRequest};
use embark_protocol::{InvitationId, ProblemCode, SignupId};

/// The invitation that an operator requested, as it is stored.
///
/// # Errors
/// The lifetime is out of bounds, or the reference too long.
pub fn create(
    request: InvitationRequest,
    id: InvitationId,
    now: UnixMillis,
) -> Result<InvitationDetails, SettingsError> {
    let seconds = request.expires_in_s.unwrap_or(DEFAULT_LIFETIME_S);
    SettingsError::require(
        (1..=MAX_LIFETIME_S).contains(&seconds),
        "expires_in_s",
        "between 1 and 7776000",
    )?;
    SettingsError::require(
        request
            .reference
            .as_ref()
            .is_none_or(|text| text.len() <= 200),
        "reference",
        "at most 200 bytes",
    )?;
    Ok(InvitationDetails {
        id,
        url: None,
        expires_at: (now + Duration::from_secs(seconds.into())).0,
        reference: request.reference,
        used_by: None,
        used_at: None,
    })
}

impl OneTime for InvitationDetails {
    const USED: ProblemCode = ProblemCode::InvitationUsed;
    const EXPIRED: ProblemCode = ProblemCode::InvitationExpired;

    fn expires_at(&self) -> UnixMillis {
        UnixMillis(self.expires_at)
    }

    fn used_by(&self) -> Option<&SignupId> {
        self.used_by.as_ref()
    }

    fn set_used(&mut self, signup: &SignupId, now: UnixMillis) {
        self.used_by = Some(signup.clone());
        self.used_at = Some(now.0);
    }
}

/// How long an invitation is valid, in seconds, unless the operator says otherwise.
const DEFAULT_LIFETIME_S: u32 = 14 * 86_400;
/// The longest that an operator may choose, in seconds.
const MAX_LIFETIME_S: u32 = 90 * 86_400;
/// How long an invitation is listed after it expired.
pub const KEPT_AFTER_EXPIRY: Duration = Duration::from_hours(90 * 24);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::one_time::{check_usable, redeem};

    fn create_expiring_in(expires_in_s: Option<u32>) -> Result<InvitationDetails, SettingsError> {
        let id = InvitationId::parse(&"1".repeat(32)).unwrap();
        create(
            InvitationRequest {
                expires_in_s,
                reference: None,
            },
            id,
            UnixMillis(1_000),
        )
    }

    #[test]
    fn invitation_lifetime_is_bounded() {
        for (seconds, is_valid) in [
            (None, true),
            (Some(0), false),
            (Some(1), true),
            (Some(MAX_LIFETIME_S), true),
            (Some(MAX_LIFETIME_S + 1), false),
        ] {
            assert_eq!(create_expiring_in(seconds).is_ok(), is_valid, "{seconds:?}");
        }
    }

    #[test]
    fn invitation_is_redeemed_by_one_signup_before_it_expires() {
        let signup = |digit: &str| SignupId::parse(&digit.repeat(32)).unwrap();
        let (one, two) = (signup("a"), signup("b"));
        let mut expired = create_expiring_in(Some(10)).unwrap();
        assert_eq!(
            redeem(&mut expired, &one, UnixMillis(11_001)),
            Err(ProblemCode::InvitationExpired)
        );
        assert_eq!(expired.used_by, None);

        let mut good = create_expiring_in(Some(10)).unwrap();
        assert_eq!(check_usable(&good, UnixMillis(11_000)), Ok(()));
        assert_eq!(redeem(&mut good, &one, UnixMillis(11_000)), Ok(true));
        // The signup that redeemed it may repeat the request, however late; no other may.
        assert_eq!(redeem(&mut good, &one, UnixMillis(99_000)), Ok(false));
        assert_eq!(
            redeem(&mut good, &two, UnixMillis(11_000)),
            Err(ProblemCode::InvitationUsed)
        );
        assert_eq!(
            check_usable(&good, UnixMillis(11_000)),
            Err(ProblemCode::InvitationUsed)
        );
        assert_eq!((good.used_by, good.used_at), (Some(one), Some(11_000)));
    }
}
