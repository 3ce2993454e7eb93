//! Work that a request leaves for after its response.

/// Queued by the providers, started by `jobs`.
#[derive(Debug)]
pub enum Job {
    /// Infobip registers the numbers of this WABA and sends its webhooks.
    RegisterNumbers { waba_id: String },
    /// Twilio or Sinch completes the creation of this sender.
    CompleteSender { sender_id: String },
}
