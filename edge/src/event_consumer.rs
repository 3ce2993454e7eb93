//! The consumer of the queue that delivers events. A message points to events of one site: the Site object says which of
//! them are to be sent, and takes in what came of them, one request each. Messages are taken one at a time
//! (`max_batch_size` in `wrangler.toml`), so that a receiver that is slow holds up nothing but its own site.
//!
//! Nothing is decided here: a message that is lost, comes twice or cannot be processed costs time, and no event.

use crate::clock;
use crate::config::Settings;
use crate::durable_objects::rpc;
use crate::event_sender::send_event;
use crate::telemetry;
use core::time::Duration;
use embark_onboarding::resources::event_delivery::queue::{
    AT_ONCE, BEGIN_WITHIN, BegunDeliveries, DeliveryResult, QueueRequest, QueuedDeliveries,
};
use embark_onboarding::resources::event_delivery::{DeliveryOutcome, UNREACHABLE_FROM};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_onboarding::telemetry::{LogEvent, QueueEvent, Subject};
use embark_onboarding::time::millis;
use embark_protocol::SiteId;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use worker::{Env, MessageBatch, MessageExt};

/// Processes the messages of a batch, each for itself.
pub async fn consume(batch: &MessageBatch<String>, env: &Env) {
    let begun_at = clock::now();
    let (mut messages, mut retried) = (0, 0);
    let are_dead = batch.queue().ends_with(DEAD_LETTERS);
    for message in batch.iter() {
        messages += 1;
        let Ok(message) = message else {
            // It is no text: not one of ours.
            report(&format!("a message of {} is no text", batch.queue()));
            continue;
        };
        let text = message.body();
        let Ok(deliveries) = serde_json::from_str::<QueuedDeliveries>(text) else {
            report(&format!("a message of {} is none of ours", batch.queue()));
            continue;
        };
        if are_dead {
            report_dead_letter(env, deliveries).await;
        } else if deliver(env, deliveries).await.is_err() {
            message.retry();
            retried += 1;
        }
    }
    let event = QueueEvent {
        queue: batch.queue(),
        messages,
        retried,
        duration_ms: millis(clock::now().since(begun_at)),
    };
    telemetry::record(LogEvent::Queue(event), &Subject::default());
}

fn report(detail: &str) {
    telemetry::failure("queue_message", &detail, &Subject::default());
}

/// Delivers the events of a message.
///
/// # Errors
/// The Site object did not reply, and nothing was sent.
async fn deliver(env: &Env, message: QueuedDeliveries) -> Result<(), RpcError> {
    let QueuedDeliveries {
        site,
        ticket,
        sequences,
    } = message;
    let begin = QueueRequest::Begin { ticket, sequences };
    let Some(begun) = ask(env, &site, begin, BEGIN_DEADLINE).await? else {
        return Ok(());
    };
    let finish = QueueRequest::Finish {
        sent_to: begun.endpoint.address(),
        results: send_all(env, *begun).await,
    };
    for _ in 0..FINISH_ATTEMPTS {
        if ask(env, &site, finish.clone(), FINISH_DEADLINE)
            .await
            .is_ok()
        {
            return Ok(());
        }
    }
    // The object does not know what came of them, and has them sent again.
    let detail = "the end of deliveries could not be stored";
    telemetry::failure("deliveries", &detail, &Subject::site(&site));
    Ok(())
}

/// Sends the events, a few at a time. A receiver that takes none is not sent the rest.
async fn send_all(env: &Env, begun: BegunDeliveries) -> Vec<DeliveryResult> {
    let BegunDeliveries { endpoint, events } = begun;
    let (begun_at, mut failures, mut results) = (clock::now(), 0, vec![]);
    let (mut waiting, mut sent) = (events.into_iter(), FuturesUnordered::new());
    loop {
        let goes_on = failures < UNREACHABLE_FROM && clock::now().since(begun_at) < BEGIN_WITHIN;
        let free = if goes_on { AT_ONCE - sent.len() } else { 0 };
        for delivery in waiting.by_ref().take(free) {
            let (settings, endpoint) = (Settings::load(env).ok(), &endpoint);
            let (sequence, ticket) = (delivery.sequence, delivery.ticket);
            sent.push(async move {
                let row = i64::try_from(sequence).unwrap_or(i64::MAX);
                let outcome = send_event(settings, endpoint, delivery.event, row).await;
                DeliveryResult {
                    sequence,
                    ticket,
                    outcome,
                }
            });
        }
        let Some(result) = sent.next().await else {
            break;
        };
        failures = match result.outcome {
            DeliveryOutcome::Failed { .. } => failures + 1,
            DeliveryOutcome::Gone => UNREACHABLE_FROM,
            DeliveryOutcome::Delivered | DeliveryOutcome::NotSent => 0,
        };
        results.push(result);
    }
    results.extend(waiting.map(|delivery| DeliveryResult {
        sequence: delivery.sequence,
        ticket: delivery.ticket,
        outcome: DeliveryOutcome::NotSent,
    }));
    results
}

/// The queue has given up a message: the list of events says so, and the object repeats the deliveries.
async fn report_dead_letter(env: &Env, message: QueuedDeliveries) {
    let QueuedDeliveries {
        site,
        ticket,
        sequences,
    } = message;
    let detail = format!("the queue has given up events {sequences:?}");
    telemetry::failure("dead_letter", &detail, &Subject::site(&site));
    let request = QueueRequest::DeadLetter { ticket, sequences };
    // Without it the object repeats them too.
    let _ = ask(env, &site, request, FINISH_DEADLINE).await;
}

async fn ask(
    env: &Env,
    site: &SiteId,
    request: QueueRequest,
    deadline: Duration,
) -> Result<Option<Box<BegunDeliveries>>, RpcError> {
    #[cfg(feature = "local")]
    if crate::fault_injection::take_consumer_failure() {
        return Err(RpcError::Unreachable("injected".to_owned()));
    }
    let request = SiteRequest::Queue(Box::new(request));
    match rpc::call_within(env, site, &request, deadline).await? {
        SiteReply::Begun { deliveries } => Ok(deliveries),
        SiteReply::Accepted => Ok(None),
        _ => Err(RpcError::UnexpectedReply),
    }
}

/// The name of the queue that takes the messages which were given up ends with this.
const DEAD_LETTERS: &str = "-dead-letters";
const BEGIN_DEADLINE: Duration = Duration::from_secs(5);
const FINISH_DEADLINE: Duration = Duration::from_secs(5);
const FINISH_ATTEMPTS: usize = 2;
