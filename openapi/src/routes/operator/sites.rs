//! Sites, their secrets and invitations.

use super::apps::{COPY_FOLLOWS, doctor, secret, secrets};
use crate::content::Content;
use crate::description::{Access, Description, delete, get, patch, post, put};
use crate::parameters::{after_row, limit};
use embark_protocol::ProblemCode::{BadJson, BadRequest, NotFound, UnknownSite};
use embark_protocol::SiteId;
use embark_protocol::admin::{
    AppliedMessages, ApplyMessagesRequest, InvitationDetails, InvitationPage, InvitationRequest,
    SiteSettings, StoredSite,
};

pub fn list() -> Description {
    get("/v1/admin/sites", Access::Operator)
        .about("The ids of all sites.")
        .answers(200, "The ids.", Some(Content::list_of::<SiteId>()))
}

pub fn get_site() -> Description {
    get("/v1/admin/sites/{site}", Access::Operator)
        .about("The settings of a site, without secrets.")
        .gives::<SiteSettings>("The settings.")
        .refuses(&[UnknownSite])
}

pub fn put_site() -> Description {
    stored(put("/v1/admin/sites/{site}", Access::Operator))
        .about("Adds or replaces a site.")
        .takes::<SiteSettings>()
}

pub fn patch_site() -> Description {
    stored(patch("/v1/admin/sites/{site}", Access::Operator))
        .about("Adds a site, or changes the settings that the patch names.")
        .takes_content(Content::patch_of::<SiteSettings>())
}

fn stored(description: Description) -> Description {
    let site = || Some(Content::of::<StoredSite>());
    description
        .answers(200, "The settings, stored.", site())
        .answers(202, COPY_FOLLOWS, site())
        .refuses(&[BadJson, BadRequest])
        .replaces_version()
}

pub fn apply_messages() -> Description {
    post("/v1/admin/sites/{site}/messages", Access::Operator)
        .about("Applies the site's settings of messages to the numbers that are connected already.")
        .notes("One page of accounts; answers before it is done. Repeatable.")
        .takes::<ApplyMessagesRequest>()
        .answers(
            202,
            "What it is applied to.",
            Some(Content::of::<AppliedMessages>()),
        )
        .refuses(&[BadJson, UnknownSite])
}

pub fn check() -> Description {
    doctor(get("/v1/admin/sites/{site}/doctor", Access::Operator))
        .about(
            "Checks what usually goes wrong with a site and its app, before a customer meets it.",
        )
        .refuses(&[NotFound, UnknownSite])
}

pub fn list_secrets() -> Description {
    secrets(get("/v1/admin/secrets/site/{site}", Access::Operator))
        .about("The secrets of a site that are stored.")
        .refuses(&[UnknownSite])
}

pub fn put_secret() -> Description {
    secret(put(
        "/v1/admin/secrets/site/{site}/{site_secret}",
        Access::Operator,
    ))
    .about("Stores a secret of a site.")
    .refuses(&[UnknownSite])
}

pub fn create_invitation() -> Description {
    post("/v1/admin/sites/{site}/invitations", Access::Operator)
        .about("Creates an invitation with its link.")
        .takes::<InvitationRequest>()
        .gives::<InvitationDetails>("The invitation. The link is in this response only.")
        .refuses(&[BadJson, UnknownSite])
}

pub fn list_invitations() -> Description {
    get("/v1/admin/sites/{site}/invitations", Access::Operator)
        .about("The invitations of a site, the one that expires last first.")
        .with([after_row(), limit()])
        .gives::<InvitationPage>("A page.")
        .refuses(&[BadRequest, UnknownSite])
}

pub fn revoke_invitation() -> Description {
    delete(
        "/v1/admin/sites/{site}/invitations/{invitation}",
        Access::Operator,
    )
    .about("Takes an invitation back. One that was used or is not known is no error.")
    .answers(204, "It cannot be used any more.", None)
    .refuses(&[UnknownSite])
}
