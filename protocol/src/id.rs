//! Ids, validated where they are parsed.
//!
//! Meta's ids are decimal strings of up to twenty digits. They exceed 2^53, so they are never JSON numbers.
//! Ids of this service are lower-case names chosen by the operator (sites, apps) or 32 hex digits (signups,
//! invitations).

use core::ops::RangeInclusive;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The text does not have the shape of the expected id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadId {
    expected: &'static str,
}

impl BadId {
    /// The kind of id that was expected, and its shape, in English.
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id: expected {}", self.expected)
    }
}

impl std::error::Error for BadId {}

/// Which texts are ids of a kind.
struct Rule {
    /// In bytes.
    length: RangeInclusive<usize>,
    /// Whether a text of such a length is one.
    is_valid: fn(&str) -> bool,
    /// Its characters, as a regular expression of ECMA-262.
    #[cfg(feature = "openapi")]
    pattern: &'static str,
}

impl Rule {
    fn accepts(&self, text: &str) -> bool {
        self.length.contains(&text.len()) && (self.is_valid)(text)
    }

    #[cfg(feature = "openapi")]
    fn schema(&self, description: String) -> utoipa::openapi::Schema {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some(description))
            .min_length(Some(*self.length.start()))
            .max_length(Some(*self.length.end()))
            .pattern(Some(self.pattern))
            .into()
    }
}

macro_rules! id {
    ($(#[doc = $doc:literal])+ $name:ident, $rule:path, $expected:literal) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("Parses ", $expected, ".")]
            ///
            /// # Errors
            ///
            /// [`BadId`] if the text has any other shape.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                if $rule.accepts(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(BadId { expected: $expected })
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let about = [$($doc),+].concat();
                $rule.schema([about.trim(), " Expected: ", $expected, "."].concat()).into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
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
    META_ID,
    "a WhatsApp Business Account id (5 to 20 digits)"
);
id!(
    /// A business phone number's id at Meta; not the number itself.
    PhoneNumberId,
    META_ID,
    "a phone number id (5 to 20 digits)"
);
id!(
    /// A business portfolio at Meta.
    BusinessId,
    META_ID,
    "a business portfolio id (5 to 20 digits)"
);
id!(
    /// An extended credit line at Meta.
    CreditLineId,
    META_ID,
    "a credit line id (5 to 20 digits)"
);
id!(
    /// A system user of a business portfolio at Meta.
    SystemUserId,
    META_ID,
    "a system user id (5 to 20 digits)"
);
id!(
    /// A partner solution at Meta.
    SolutionId,
    META_ID,
    "a partner solution id (5 to 20 digits)"
);
id!(
    /// A Meta app.
    MetaAppId,
    META_ID,
    "a Meta app id (5 to 20 digits)"
);
id!(
    /// One signup. The Worker generates it at random.
    SignupId,
    RANDOM_ID,
    "a signup id (32 lower-case hex digits)"
);
id!(
    /// A partner's own id of a customer, as the tag names it. Opaque to this service.
    Reference,
    REFERENCE,
    "a reference (1 to 200 bytes without control characters)"
);
id!(
    /// One invitation. The Worker generates it at random.
    InvitationId,
    RANDOM_ID,
    "an invitation id (32 lower-case hex digits)"
);
id!(
    /// One customer website, by the name the operator chose.
    SiteId,
    NAME,
    "a site name (1 to 40 of a-z, 0-9 and inner hyphens)"
);
id!(
    /// One Meta app, by the name the operator chose.
    AppKey,
    NAME,
    "an app name (1 to 40 of a-z, 0-9 and inner hyphens)"
);

/// An id of Meta's.
const META_ID: Rule = Rule {
    length: 5..=20,
    is_valid: |text| text.bytes().all(|byte| byte.is_ascii_digit()),
    #[cfg(feature = "openapi")]
    pattern: "^[0-9]+$",
};

/// An id that the Worker generates.
const RANDOM_ID: Rule = Rule {
    length: 32..=32,
    is_valid: |text| {
        text.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    },
    #[cfg(feature = "openapi")]
    pattern: "^[0-9a-f]+$",
};

/// A name that the operator chose.
const NAME: Rule = Rule {
    length: 1..=40,
    is_valid: |text| {
        text.bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !text.starts_with('-')
            && !text.ends_with('-')
    },
    #[cfg(feature = "openapi")]
    pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
};

/// An id of the partner's.
const REFERENCE: Rule = Rule {
    length: 1..=200,
    is_valid: |text| !text.chars().any(char::is_control),
    #[cfg(feature = "openapi")]
    pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meta_id_is_five_to_twenty_digits() {
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
            let error = WabaId::parse(bad).unwrap_err();
            assert!(
                error.expected().contains("WhatsApp Business Account"),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn meta_id_as_json_number_is_refused() {
        assert!(serde_json::from_str::<PhoneNumberId>("100000000000001").is_err());
        assert!(serde_json::from_str::<PhoneNumberId>("\"100000000000001\"").is_ok());
    }

    #[test]
    fn reference_is_capped_and_has_no_control_characters() {
        let longest = "ü".repeat(100);
        for ok in ["1", "shop 1 / ü", "a:b@c", longest.as_str()] {
            assert!(Reference::parse(ok).is_ok(), "{ok:?}");
        }
        let too_long = [&longest, "x"].concat();
        for bad in ["", "a\nb", "\u{7f}", "\u{85}", too_long.as_str()] {
            assert!(Reference::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn site_name_is_short_and_lower_case() {
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
