//! The requests that the Waba object answers, and its replies.

use super::record::TokenOfRecord;
use super::signups::ClaimedNumber;
use crate::crypto::Sealed;
use crate::meta::webhook::MetaChange;
use crate::resources::deadlines;
use crate::resources::key_rotation::ResealCount;
use crate::resources::rpc::ObjectRequest;
use crate::resources::users::Withdrawal;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::{AppKey, PhoneNumberId, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// A request to the Waba object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WabaRequest {
    /// Stores the token of a signup, and makes the site an owner.
    Claim {
        /// The site.
        site: SiteId,
        /// The token.
        #[serde(rename = "held")]
        token: TokenOfRecord,
        /// When it was claimed.
        at: UnixMillis,
        /// The number that the signup claimed before. `None`: the account has none; a version before this field claims.
        #[serde(default)]
        number: Option<ClaimedNumber>,
    },
    /// Makes a site an owner, because a number of the account is transferred to it.
    #[serde(rename = "own")]
    AddOwner {
        /// The site.
        site: SiteId,
        /// The number, once it belongs to the site. `None`: it does not yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<PhoneNumberId>,
    },
    /// Reads a token of record of an app: a valid one, if there is one.
    Token {
        /// The app.
        app: AppKey,
        /// When it is read.
        #[serde(default)]
        at: UnixMillis,
    },
    /// Reads the token of record of an app that came through a site.
    TokenOfSite {
        /// The app.
        app: AppKey,
        /// The site.
        site: SiteId,
    },
    /// Reads which signup the token of record of an app came with.
    #[serde(rename = "run")]
    Signup {
        /// The app.
        app: AppKey,
        /// The site that it came through. `None`: any; a version before this field asks.
        #[serde(default)]
        site: Option<SiteId>,
    },
    /// Signs the account, which nobody owns, up for a site.
    Assign {
        /// The app of the site.
        app: AppKey,
        /// The site.
        site: SiteId,
        /// When.
        at: UnixMillis,
    },
    /// Takes in changes that Meta's webhook of an app has for the account.
    Changes {
        /// The app.
        app: AppKey,
        /// The changes.
        changes: Vec<MetaChange>,
        /// Who lists the account, if nobody owns it.
        #[serde(default)]
        listing: Listing,
    },
    /// Meta refused a token of an app with error 190: it is not valid any more, whatever its expiry.
    TokenRefused {
        /// The app.
        app: AppKey,
        /// When it was refused.
        at: UnixMillis,
        /// The signup that the token came with. `None`: the token that the app's [`WabaRequest::Token`] is.
        #[serde(default)]
        signup: Option<SignupId>,
    },
    /// A person removed the app, or wants their data deleted.
    Withdraw(Withdrawal),
    /// Seals with the newest key what is sealed with older ones. An object that does not have this key yet fails.
    Reseal {
        /// The number of the newest key.
        key: u32,
    },
}

/// How the Partner object comes to list an account that nobody owns, before anything of it is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// The account's object asks for it.
    #[default]
    ByObject,
    /// The sender does, for many accounts at once: the object replies [`WabaReply::Unlisted`].
    BySender,
    /// The sender has, until then.
    Until(UnixMillis),
}

impl ObjectRequest for WabaRequest {
    type Reply = WabaReply;
    type Name = WabaId;
    const BINDING: &'static str = "WABA";
    const DEADLINE: Duration = deadlines::WABA;
}

/// A reply of the Waba object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WabaReply {
    /// To [`WabaRequest::Claim`].
    Claimed {
        /// The token replaced an earlier one of this site.
        renewed: bool,
    },
    /// To [`WabaRequest::Token`].
    Token {
        /// `None`: no token is stored for the app.
        token: Option<Sealed>,
    },
    /// To [`WabaRequest::TokenOfSite`].
    TokenOfRecord {
        /// `None`: the site has none of the app.
        token: Option<Box<TokenOfRecord>>,
    },
    /// To [`WabaRequest::Reseal`].
    Resealed(ResealCount),
    /// To [`WabaRequest::Signup`].
    #[serde(rename = "run")]
    Signup {
        /// `None`: no token is stored for the app.
        #[serde(rename = "run")]
        signup: Option<SignupId>,
    },
    /// To [`WabaRequest::Assign`].
    Assigned {
        /// `None`: the account has an owner, is assigned to another site, or no customer of the app came with it.
        signup: Option<SignupId>,
    },
    /// To [`WabaRequest::Changes`]: nothing is stored until the account is listed.
    Unlisted {
        /// Until when it is to be.
        until: UnixMillis,
    },
    /// To the other requests: done.
    #[serde(rename = "noted")]
    Accepted,
}
