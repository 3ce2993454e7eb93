//! What follows when a provider is done with an order: the number is connected at Meta, and Infobip says so by webhook.

use crate::state::event::Event;
use crate::state::world::World;
use embark_onboarding::providers::infobip::{RegistrationStatus, RegistrationWebhook};
use embark_onboarding::signup::commands;
use embark_onboarding::time::UnixMillis;
use std::rc::Rc;

impl World {
    /// A provider is done with an order.
    pub fn order_ends(&self, key: &str) {
        let providers = self.providers.borrow();
        let Some(order) = providers.orders.iter().find(|order| order.key == key) else {
            return;
        };
        self.log(|| format!("order {key} ends; fails: {}", order.fails));
        let mut meta = self.meta.borrow_mut();
        let waba = meta.wabas.iter().position(|waba| key.contains(&waba.id));
        if !order.fails {
            for number in &mut meta.numbers {
                if Some(number.waba) == waba {
                    number.connected = true;
                }
            }
        }
        let runs = self.runs.borrow();
        let run = runs.iter().find(|run| run.id == order.signup);
        let (Some(waba), Some(run), true) = (waba, run, order.is_infobip) else {
            return;
        };
        let webhook = RegistrationWebhook {
            waba: meta.wabas[waba].id.clone(),
            status: if order.fails {
                RegistrationStatus::Failed
            } else {
                RegistrationStatus::Finished
            },
            is_status_unknown: false,
            modified_at: self.now.get(),
            senders: vec![],
        };
        let early = RegistrationWebhook {
            status: RegistrationStatus::InProgress,
            modified_at: UnixMillis(self.now.get().0 - 1),
            ..webhook.clone()
        };
        // Repeated, out of order, or lost.
        for webhook in [webhook.clone(), early, webhook] {
            if !self.fault_occurs(self.fault_rates.get().browser_requests) {
                let delay = self.random.millis(1..=5_000);
                self.schedule(delay, Event::Webhook(run.index, Box::new(webhook)));
            }
        }
    }

    /// Infobip's webhook reaches a Run object.
    pub fn run_receives_webhook(self: &Rc<Self>, index: usize, webhook: RegistrationWebhook) {
        self.log(|| format!("signup {index}: webhook {:?}", webhook.status));
        self.run_receives_change(index, |signup, world| {
            commands::infobip_webhook(signup, webhook, &world.context());
        });
    }
}
