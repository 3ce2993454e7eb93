//! Questions to every site of the deployment.

use embark_protocol::{Problem, SiteId};
use futures_util::stream::{self, StreamExt};

/// What each of several sites replied.
pub struct Replies<T> {
    /// By site, in the order of the sites.
    pub replies: Vec<(SiteId, T)>,
    /// Those that did not reply.
    pub missing: Vec<SiteId>,
}

impl<T> Replies<T> {
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
