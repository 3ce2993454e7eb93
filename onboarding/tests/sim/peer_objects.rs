//! The Site, Waba and Partner objects. They answer at once, with the library's own records; what the real objects
//! keep in further tables is kept in maps.

use crate::state::event::Event;
use crate::state::peers::{PeerObjects, SiteObject};
use crate::state::world::{DEPLOYMENT_ORIGIN, World};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::resources::site_admission::Candidate;
use embark_onboarding::resources::waba::{WabaReply, WabaRequest};
use embark_onboarding::signup::{PeerReply, PeerRequest};
use embark_protocol::WabaId;

impl PeerObjects {
    /// The reply to a request for any object but a Phone object.
    pub fn reply(&self, world: &World, request: PeerRequest) -> Option<PeerReply> {
        let name = request.name();
        let reply = match request {
            PeerRequest::Site(id, request) => PeerReply::Site(self.site(&id).reply(request)),
            PeerRequest::Waba(id, request) => PeerReply::Waba(self.waba_reply(world, &id, request)),
            PeerRequest::Partner(request) => PeerReply::Partner(self.partner_reply(request)),
            PeerRequest::Phone(..) => return None,
        };
        world.log(|| format!("  {name} answered: {reply:?}"));
        Some(reply)
    }

    fn waba_reply(&self, world: &World, id: &WabaId, request: WabaRequest) -> WabaReply {
        let mut wabas = self.wabas.borrow_mut();
        let record = wabas.entry(id.clone()).or_default();
        if !world.reads_own_record("waba") {
            return record.handle(id, request);
        }
        let mut own = record.clone();
        let reply = own.handle(id, request);
        let stored = Event::WabaStores(id.clone(), Box::new(own));
        world.schedule(world.random.millis(1..=10_000), stored);
        reply
    }

    fn partner_reply(&self, request: PartnerRequest) -> PartnerReply {
        match request {
            PartnerRequest::GetApp { key } => PartnerReply::App {
                app: self.partner.borrow().app(&key).cloned(),
            },
            _ => PartnerReply::Accepted,
        }
    }
}

impl SiteObject {
    fn reply(&self, request: SiteRequest) -> SiteReply {
        match request {
            SiteRequest::Admit { page_origin, .. } => {
                let candidate = Candidate::default();
                let record = self.record.borrow();
                record.admit(&page_origin, DEPLOYMENT_ORIGIN, candidate)
            }
            SiteRequest::MessageRoute => SiteReply::MessageRoute {
                route: self.record.borrow().message_route().map(Box::new),
            },
            SiteRequest::Index(row) => {
                let mut index = self.index.borrow_mut();
                let current = index.get(&row.signup);
                if current.is_none_or(|current| row.seq > current.seq) {
                    index.insert(row.signup.clone(), row);
                }
                SiteReply::Accepted
            }
            _ => SiteReply::Accepted,
        }
    }
}
