//! Meta's verification of a callback URL: a GET that asks for its challenge back
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint>).

use crate::crypto::Secret;
use subtle::ConstantTimeEq;

/// The query of the request.
#[derive(Debug, Default)]
pub struct Handshake {
    /// `hub.mode`
    pub mode: Option<String>,
    /// `hub.verify_token`
    pub verify_token: Option<Secret>,
    /// `hub.challenge`
    pub challenge: Option<String>,
}

impl Handshake {
    /// The challenge to send back as plain text. `None`: the request is not one of Meta's for this app: another mode,
    /// another token, or a challenge that could be anything but a number or a word.
    pub fn challenge(self, verify_token: Option<&Secret>) -> Option<String> {
        let (sent, expected) = (self.verify_token?, verify_token?);
        let sent = sent.expose_secret().as_bytes();
        let is_token: bool = sent.ct_eq(expected.expose_secret().as_bytes()).into();
        let is_subscription = self.mode.as_deref() == Some("subscribe");
        self.challenge
            .filter(|text| is_token && is_subscription && is_plain(text))
    }
}

/// Whether no reader takes it for anything but text.
fn is_plain(challenge: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=128).contains(&challenge.len()) && challenge.bytes().all(is_allowed)
}
