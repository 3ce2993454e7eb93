//! Work that a request leaves for after its response.

/// Queued by the providers, started by `jobs`.
#[derive(Debug)]
pub enum Job {
    /// Infobip registers the numbers of this WABA and sends its webhooks.
    RegisterNumbers { waba_id: String },
    /// Twilio or Sinch completes the creation of this sender.
    CompleteSender { sender_id: String },
    /// Meta tells the app of a customer.
    SendPartnerAdded(PartnerAdded),
}

/// A customer has finished the dialog.
#[derive(Debug, Clone)]
pub struct PartnerAdded {
    pub app_id: String,
    /// The accounts that were shared.
    pub waba_ids: Vec<String>,
    /// The app was installed, and shares nothing with the partner.
    pub app_only: bool,
}
