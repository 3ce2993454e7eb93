//! Ids, parsed once at the door. Meta's ids are decimal strings of up to twenty digits: they exceed 2^53,
//! so they are never numbers here. Ours are lower-case words (sites, apps) or 32 hex digits (signups).

use alloc::{borrow::ToOwned, string::String};
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize};

/// Text where an id belongs, or an id of the wrong shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadId;

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id")
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $valid:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text if it has the shape of this id.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                if $valid(text) { Ok(Self(text.to_owned())) } else { Err(BadId) }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
                let text = String::deserialize(de)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A WhatsApp Business Account.
    WabaId,
    is_meta_id
);
id!(
    /// A business phone number's id (not the number itself).
    PhoneNumberId,
    is_meta_id
);
id!(
    /// A business portfolio.
    BusinessId,
    is_meta_id
);
id!(
    /// An extended credit line.
    CreditLineId,
    is_meta_id
);
id!(
    /// A system user of a business portfolio.
    SystemUserId,
    is_meta_id
);
id!(
    /// A Meta app.
    MetaAppId,
    is_meta_id
);
id!(
    /// One signup: 32 lower-case hex digits, drawn by the Worker.
    SignupId,
    is_signup_id
);
id!(
    /// One invitation: 32 lower-case hex digits, drawn by the Worker.
    InvitationId,
    is_signup_id
);
id!(
    /// One customer website, as the operator named it.
    SiteId,
    is_word
);
id!(
    /// One Meta app, as the operator named it.
    AppKey,
    is_word
);

fn is_meta_id(text: &str) -> bool {
    (5..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_signup_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_word(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_digits_and_refuse_everything_else() {
        for ok in ["12345", "100000000000001", "99999999999999999999"] {
            assert_eq!(
                WabaId::parse(ok).map(|id| id.to_string()),
                Ok(ok.to_owned())
            );
        }
        for bad in [
            "",
            "1234",
            "123456789012345678901",
            "12 45",
            "1e15000",
            "-12345",
            "１２３４５",
            "abcdef",
        ] {
            assert_eq!(WabaId::parse(bad), Err(BadId), "{bad:?}");
        }
    }

    #[test]
    fn a_number_is_not_an_id_even_when_it_looks_like_one() {
        assert!(serde_json::from_str::<PhoneNumberId>("100000000000001").is_err());
        assert!(serde_json::from_str::<PhoneNumberId>("\"100000000000001\"").is_ok());
    }

    #[test]
    fn words_are_lower_case_and_short() {
        for ok in ["acme", "a", "shop-1"] {
            assert!(SiteId::parse(ok).is_ok(), "{ok:?}");
        }
        for bad in [
            "",
            "Acme",
            "a_b",
            "-a",
            "a-",
            "../x",
            "a/b",
            &"a".repeat(41),
        ] {
            assert!(SiteId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
