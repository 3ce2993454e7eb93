//! An invitation: a link for one customer. It is good for one signup and until a day; opening the link
//! changes nothing (mail scanners do that), opening Meta's window uses it up.

use crate::run::Ms;
use embark_protocol::config::{Invitation, Invite};
use embark_protocol::{Code, InvitationId, SignupId};

/// What an operator ordered, as it is kept.
pub fn invite(order: Invite, id: InvitationId, now: Ms) -> Result<Invitation, String> {
    let seconds = order.expires_in_s.unwrap_or(LIFE_S);
    if !(1..=LONGEST_S).contains(&seconds) {
        return Err("expires_in_s: between 1 and 7776000".to_owned());
    }
    if order
        .reference
        .as_ref()
        .is_some_and(|text| text.len() > 200)
    {
        return Err("reference: at most 200 bytes".to_owned());
    }
    Ok(Invitation {
        id,
        url: None,
        expires_at: now + u64::from(seconds) * 1_000,
        reference: order.reference,
        used_by: None,
        used_at: None,
    })
}

/// Whether it still invites anyone.
pub fn check(invitation: &Invitation, now: Ms) -> Result<(), Code> {
    if invitation.used_by.is_some() {
        Err(Code::InvitationUsed)
    } else if now > invitation.expires_at {
        Err(Code::InvitationExpired)
    } else {
        Ok(())
    }
}

/// Uses it up for a signup; the same signup may come again. `true`: it changed.
pub fn redeem(invitation: &mut Invitation, signup: &SignupId, now: Ms) -> Result<bool, Code> {
    if invitation.used_by.as_ref() == Some(signup) {
        return Ok(false);
    }
    check(invitation, now)?;
    invitation.used_by = Some(signup.clone());
    invitation.used_at = Some(now);
    Ok(true)
}

const LIFE_S: u32 = 14 * 86_400;
const LONGEST_S: u32 = 90 * 86_400;
/// How long an invitation that is over is still listed.
pub const KEPT_MS: Ms = 90 * 86_400_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn order(expires_in_s: Option<u32>) -> Result<Invitation, String> {
        let id = InvitationId::parse(&"1".repeat(32)).unwrap();
        invite(
            Invite {
                expires_in_s,
                reference: None,
            },
            id,
            1_000,
        )
    }

    #[test]
    fn an_order_is_within_bounds() {
        for (seconds, fits) in [
            (None, true),
            (Some(0), false),
            (Some(1), true),
            (Some(LONGEST_S), true),
            (Some(LONGEST_S + 1), false),
        ] {
            assert_eq!(order(seconds).is_ok(), fits, "{seconds:?}");
        }
    }

    #[test]
    fn one_signup_uses_it_up_and_only_in_time() {
        let signup = |digit: &str| SignupId::parse(&digit.repeat(32)).unwrap();
        let (one, two) = (signup("a"), signup("b"));
        let mut late = order(Some(10)).unwrap();
        assert_eq!(
            redeem(&mut late, &one, 11_001),
            Err(Code::InvitationExpired)
        );
        assert_eq!(late.used_by, None);

        let mut good = order(Some(10)).unwrap();
        assert_eq!(check(&good, 11_000), Ok(()));
        assert_eq!(redeem(&mut good, &one, 11_000), Ok(true));
        // Its own signup goes on, however late; nobody else does.
        assert_eq!(redeem(&mut good, &one, 99_000), Ok(false));
        assert_eq!(redeem(&mut good, &two, 11_000), Err(Code::InvitationUsed));
        assert_eq!(check(&good, 11_000), Err(Code::InvitationUsed));
        assert_eq!((good.used_by, good.used_at), (Some(one), Some(11_000)));
    }
}
