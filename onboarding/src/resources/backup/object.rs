//! The objects of a backup.

use crate::resources::key_rotation::ObjectId;
use core::fmt;
use embark_protocol::SiteId;

/// A Durable Object, by its class and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackupObject {
    /// A signup, an account or a number.
    Other(ObjectId),
    /// A site.
    Site(SiteId),
    /// The Partner object.
    Partner,
}

impl BackupObject {
    /// The object of this text, as `Display` writes it. `None`: there is no such class, or it has no object of this name.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('/')? {
            ("partner", "main") => Some(Self::Partner),
            ("site", name) => SiteId::parse(name).ok().map(Self::Site),
            (class, name) => ObjectId::from_stored(class, name).map(Self::Other),
        }
    }

    /// The name of the object.
    pub fn name(&self) -> &str {
        match self {
            Self::Other(object) => object.name(),
            Self::Site(site) => site.as_str(),
            Self::Partner => "main",
        }
    }
}

impl fmt::Display for BackupObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(object) => object.fmt(f),
            Self::Site(site) => write!(f, "site/{site}"),
            Self::Partner => f.write_str("partner/main"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_names_one_object() {
        for text in [
            "partner/main",
            "site/acme",
            "run/0123456789abcdef0123456789abcdef",
            "waba/5000000000000001",
            "phone/6000000000000001",
        ] {
            let object = BackupObject::parse(text).unwrap();
            assert_eq!(object.to_string(), text);
        }
        for text in [
            "",
            "partner",
            "partner/other",
            "site/",
            "site/Not A Site",
            "run/5000000000000001",
            "waba/x",
            "phone/../x",
            "boot/main",
        ] {
            assert_eq!(BackupObject::parse(text), None, "{text}");
        }
    }
}
