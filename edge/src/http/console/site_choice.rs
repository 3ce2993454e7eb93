//! Pages about the sites that the query chooses: one, or all.

use crate::http::incoming::Incoming;
use crate::operations::site_client::OperatorClient;
use crate::operations::{Deployment, sites};
use embark_protocol::{Problem, SiteId};
use futures_util::stream::{self, StreamExt};
use maud::{Markup, html};

/// The sites of the deployment, and which of them a page is about.
pub struct SiteChoice<'a> {
    deployment: Deployment<'a>,
    /// Every site.
    pub all: Vec<SiteId>,
    /// The site that the query names. `None`: none, or none of the deployment.
    pub chosen: Option<SiteId>,
}

impl<'a> SiteChoice<'a> {
    /// By the parameter `site`.
    ///
    /// # Errors
    /// `internal`: the Partner object did not reply.
    pub async fn of(incoming: &'a Incoming<'_>) -> Result<Self, Problem> {
        let deployment = incoming.deployment();
        let all = sites::list(deployment).await?;
        let name = incoming.query("site").unwrap_or_default();
        let chosen = all.iter().find(|site| site.as_str() == name).cloned();
        Ok(Self {
            deployment,
            all,
            chosen,
        })
    }

    /// Asks the chosen site, or all of them.
    pub async fn ask<T>(
        &self,
        ask: impl AsyncFn(OperatorClient<'a>) -> Result<T, Problem>,
    ) -> Replies<T> {
        let asked = match &self.chosen {
            Some(site) => vec![site.clone()],
            None => self.all.clone(),
        };
        every_site(asked, async |site| {
            ask(OperatorClient::new(self.deployment, site)).await
        })
        .await
    }

    /// The field of a form that chooses the site.
    pub fn field(&self) -> Markup {
        html! {
            div {
                label for="site" { "Site" }
                select id="site" name="site" {
                    option value="" { "All sites" }
                    @for site in &self.all { option value=(site) selected[self.chosen.as_ref() == Some(site)] { (site) } }
                }
            }
        }
    }
}

/// What each of several sites replied.
pub struct Replies<T> {
    /// By site, in the order of the sites.
    pub replies: Vec<(SiteId, T)>,
    /// Those that did not reply.
    pub missing: Vec<SiteId>,
}

impl<T> Replies<T> {
    /// Which sites are missing from what is shown.
    pub fn warning(&self) -> Markup {
        html! {
            @if !self.missing.is_empty() {
                p.card.warn role="status" {
                    "Not included, as they did not reply: "
                    (self.missing.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", "))
                }
            }
        }
    }

    /// The items of all replies, the first by `order` first, at most so many.
    pub fn merged<I, K: Ord>(
        self,
        items: impl Fn(T) -> Vec<I>,
        order: impl Fn(&I) -> K,
        limit: u32,
    ) -> Vec<(SiteId, I)> {
        let of_site = |(site, reply): (SiteId, T)| {
            let items = items(reply).into_iter();
            items.map(move |item| (site.clone(), item))
        };
        let mut all: Vec<(SiteId, I)> = self.replies.into_iter().flat_map(of_site).collect();
        all.sort_by_key(|(_, item)| order(item));
        all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        all
    }
}

/// Asks several sites. One that does not reply keeps nothing from the others.
pub async fn every_site<T>(
    sites: Vec<SiteId>,
    ask: impl AsyncFn(SiteId) -> Result<T, Problem>,
) -> Replies<T> {
    let mut all = Replies {
        replies: vec![],
        missing: vec![],
    };
    let replies = stream::iter(sites)
        .map(|site| {
            let reply = ask(site.clone());
            async move { (site, reply.await) }
        })
        .buffered(SITES_AT_ONCE);
    let mut replies = core::pin::pin!(replies);
    while let Some((site, reply)) = replies.next().await {
        match reply {
            Ok(reply) => all.replies.push((site, reply)),
            Err(_) => all.missing.push(site),
        }
    }
    all
}

/// Each request of the Worker may call so many objects at once without waiting for their connections.
const SITES_AT_ONCE: usize = 20;
