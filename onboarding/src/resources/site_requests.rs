//! The requests that the Site object answers, and its replies.

use crate::auth::grant::Grant;
use crate::crypto::Sealed;
use crate::resources::backend::{BackendReply, BackendRequest};
use crate::resources::deadlines;
use crate::resources::event_delivery::queue::{BegunDeliveries, QueueRequest};
use crate::resources::key_rotation::{ObjectId, ObjectPage, ResealCount};
use crate::resources::list_cursor::ListCursor;
use crate::resources::message_route::MessageRoute;
use crate::resources::quota_events::QuotaEvent;
use crate::resources::rpc::{ObjectRequest, RpcError};
use crate::resources::secret_times::SecretTimes;
use crate::resources::settings_version::SettingsVersion;
use crate::resources::signup_session::SessionLookup;
use crate::resources::site_event::SiteEvent;
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::admin::{InvitationDetails, InvitationPage, SiteSettings};
use embark_protocol::policy::{Policy, PolicySettings};
use embark_protocol::site_events::CustomerReference;
use embark_protocol::snapshot::ConnectedAssets;
use embark_protocol::{
    FieldError, InvitationId, Problem, ProblemCode, SignupId, SignupStatus, SiteId, Step,
};
use serde::{Deserialize, Serialize};

/// A request to the Site object.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteRequest {
    /// Asks whether a signup of a page may go on.
    Admit {
        /// The origin of the page that carries the tag.
        #[serde(rename = "host")]
        page_origin: String,
        /// The signup. `None`: a version before this field asks.
        #[serde(default)]
        signup: Option<SignupId>,
        /// Whether it renews an account that is connected already.
        #[serde(default)]
        renewal: bool,
    },
    /// Counts something that strangers may cause, unless the site's budget is spent: see
    /// [`budget`](crate::resources::budget).
    Spend {
        /// What is counted. The same key counts once.
        key: String,
    },
    /// Stores a row of the signup index, unless the stored one is newer.
    Index(SignupIndexRow),
    /// Stores an event for the site's owner until it is delivered.
    Event(SiteEvent),
    /// Wakes signups that are idle.
    #[serde(rename = "poke")]
    WakeIdle,
    /// Stores the settings.
    Put(Box<SiteSettings>),
    /// Stores the settings, if they replace those that are expected.
    PutIf {
        /// The settings.
        settings: Box<SiteSettings>,
        /// The version of those that they replace.
        expected: SettingsVersion,
    },
    /// Stores a secret of the site.
    PutSecret {
        /// The key that it is sealed under.
        key: String,
        /// The secret.
        secret: Sealed,
    },
    /// Reads which secrets of the site are stored, and when each was last put.
    SecretTimes,
    /// Reads a secret of the site.
    GetSecret {
        /// The key that it is sealed under.
        key: String,
    },
    /// Reads the settings.
    Get,
    /// What the object says of itself.
    Health,
    /// Reads where messages are to be sent.
    MessageRoute,
    /// Stores the token of the webhook URL; the URL with the previous one ceases to work.
    #[serde(rename = "hook")]
    SetWebhookToken {
        /// SHA-256 of the token.
        digest: String,
    },
    /// Reads the settings, if the token is the site's.
    #[serde(rename = "hooked")]
    ResolveWebhookToken {
        /// SHA-256 of the token.
        digest: String,
    },
    /// Stores an invitation.
    #[serde(rename = "invite")]
    CreateInvitation(InvitationDetails),
    /// Reads a page of the invitations.
    Invitations {
        /// Behind this one. `None`: the first page.
        after: Option<ListCursor>,
        /// How many at most.
        limit: u32,
    },
    /// Deletes an invitation.
    #[serde(rename = "uninvite")]
    RevokeInvitation {
        /// The invitation.
        id: InvitationId,
    },
    /// Asks whether an invitation can be redeemed. Changes nothing.
    #[serde(rename = "look")]
    CheckInvitation {
        /// The invitation.
        id: InvitationId,
    },
    /// Asks what a page learns of a session. Changes nothing.
    CheckSession {
        /// SHA-256 of its text.
        digest: String,
        /// The origin of the page. `None`: a page that may use it passed it on to the hosted page.
        page_origin: Option<String>,
    },
    /// Redeems a session.
    RedeemSession {
        /// SHA-256 of its text.
        digest: String,
        /// The signup that it is redeemed for.
        signup: SignupId,
    },
    /// A request about the site's back end.
    #[serde(rename = "backend")]
    Backend(Box<BackendRequest>),
    /// A quota has reached a level: stores an event for the site's owner, if it is the site's.
    Quota(Box<QuotaEvent>),
    /// A request of the queue that delivers the site's events.
    #[serde(rename = "queue")]
    Queue(Box<QueueRequest>),
    /// Seals with the newest key what the site has sealed with older ones. An object that does not have this key yet fails.
    Reseal {
        /// The number of the newest key.
        key: u32,
    },
    /// Lists objects that the site's signups use.
    Objects {
        /// Where the page before ended. `None`: the first page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// How many at most.
        limit: u32,
    },
    /// Redeems an invitation.
    Redeem {
        /// The invitation.
        id: InvitationId,
        /// The signup that it is redeemed for.
        signup: SignupId,
    },
}

/// A row of the signup index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupIndexRow {
    /// The signup.
    #[serde(rename = "run")]
    pub signup: SignupId,
    /// The `seq` of the snapshot that the row was made of.
    pub seq: u32,
    /// The status of the signup.
    pub status: SignupStatus,
    /// When the row was made.
    pub at: UnixMillis,
    /// Why the signup is where it is: Meta's screen, or a problem code. `None`: neither is known.
    pub reason: Option<String>,
    /// The step at which it stands, or has stopped. `None`: it came to no step, is connected, or was stored before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// When the signup began. 0: stored before this was kept.
    #[serde(default)]
    pub started_at: UnixMillis,
    /// Whose signup it is. `None`: it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<CustomerReference>,
    /// The name of the customer's business: the number's display name at Meta, else the account's name. `None`: it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What was connected. `None`: nothing yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected: Option<ConnectedAssets>,
    /// The accounts and numbers that the signup has come to: those of this launch, and of earlier ones whose rows this one has
    /// replaced before they were sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectId>,
}

impl ObjectRequest for SiteRequest {
    type Reply = SiteReply;
    type Name = SiteId;
    const BINDING: &'static str = "SITE";
    const DEADLINE: Duration = deadlines::SITE;
}

/// A reply of the Site object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteReply {
    /// To [`SiteRequest::Admit`]: the signup may go on.
    Admitted {
        /// The site's policy.
        policy: Policy,
        /// The partner solution. `None`: the site has none.
        solution: Option<String>,
        /// The settings of the policy.
        #[serde(rename = "terms", default)]
        settings: Box<PolicySettings>,
        /// Where messages are to be sent. `None`: to the app's callback URL, as ever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        messages: Option<Box<MessageRoute>>,
    },
    /// To [`SiteRequest::MessageRoute`].
    MessageRoute {
        /// `None`: to the app's callback URL, as ever.
        route: Option<Box<MessageRoute>>,
    },
    /// To [`SiteRequest::Health`].
    Health(Box<crate::resources::health::SiteHealth>),
    /// The request was refused.
    Refused {
        /// Why.
        code: ProblemCode,
    },
    /// Done.
    #[serde(rename = "noted")]
    Accepted,
    /// To [`SiteRequest::Put`].
    Put {
        /// The version of the settings.
        version: u64,
        /// KV has acknowledged its copy. If not, the object repeats the put.
        #[serde(default)]
        copied: bool,
    },
    /// To [`SiteRequest::PutSecret`] and [`SiteRequest::SetWebhookToken`].
    Stored {
        /// KV has acknowledged its copy. If not, the object repeats the put.
        copied: bool,
    },
    /// To [`SiteRequest::GetSecret`].
    Secret {
        /// `None`: it was not put, or before secrets were stored here.
        secret: Option<Sealed>,
    },
    /// To [`SiteRequest::SecretTimes`].
    SecretTimes(SecretTimes),
    /// To [`SiteRequest::Get`] and [`SiteRequest::ResolveWebhookToken`].
    Config {
        /// `None`: the site was never set up, or the token is not its own.
        config: Option<Box<SiteSettings>>,
    },
    /// The settings are not valid, and were not stored.
    Invalid {
        /// The fields and what is wrong with them.
        detail: String,
        /// The same, one by one.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        errors: Vec<FieldError>,
    },
    /// To [`SiteRequest::CheckInvitation`]: it can be redeemed.
    #[serde(rename = "invitation")]
    Usable {
        /// The partner's own reference for the customer. `None`: it was created without.
        reference: Option<String>,
    },
    /// To [`SiteRequest::CheckSession`].
    Session(SessionLookup),
    /// To [`SiteRequest::Backend`].
    #[serde(rename = "backend")]
    Backend(Box<BackendReply>),
    /// To [`SiteRequest::Queue`]: deliveries that were begun. `None`: there is nothing to send.
    Begun {
        /// The deliveries.
        deliveries: Option<Box<BegunDeliveries>>,
    },
    /// To [`SiteRequest::Reseal`].
    Resealed(ResealCount),
    /// To [`SiteRequest::Objects`].
    Objects(ObjectPage),
    /// To [`SiteRequest::Invitations`].
    Invitations(InvitationPage),
}

impl SiteRequest {
    /// What the first post of a signup redeems.
    pub fn redemptions(grant: &Grant) -> Vec<Self> {
        let signup = || grant.signup.clone();
        let session = grant.session.clone().map(|digest| Self::RedeemSession {
            digest,
            signup: signup(),
        });
        let invitation = grant.invitation.clone().map(|id| Self::Redeem {
            id,
            signup: signup(),
        });
        session.into_iter().chain(invitation).collect()
    }
}

impl SiteReply {
    /// The outcome of a request that is answered by `Accepted` or `Refused`.
    ///
    /// # Errors
    /// The problem that the site refused the request with; `internal` for any other reply.
    pub fn into_accepted(self) -> Result<(), Problem> {
        match self {
            Self::Accepted => Ok(()),
            Self::Refused { code } => Err(Problem::new(code)),
            _ => Err(RpcError::UnexpectedReply.into()),
        }
    }
}
