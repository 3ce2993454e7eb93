//! `cargo xtask site invite`: links for single customers, also as QR codes.

use super::worker::{Worker, id, without_nulls};
use anyhow::{Context, Result, anyhow};
use clap::Args;
use embark_protocol::admin::InvitationDetails;
use embark_protocol::id::SiteId;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use fs_err as fs;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args)]
pub struct Invite {
    /// The site the customer is invited to
    #[arg(value_parser = id(SiteId::parse))]
    key: SiteId,
    /// Days until the link expires
    #[arg(long, default_value_t = 14)]
    days: u32,
    /// Your name for the customer; it is stored with the invitation
    #[arg(long)]
    reference: Option<String>,
    /// Also write the link as a QR code to this SVG file
    #[arg(long, value_name = "FILE")]
    qr: Option<PathBuf>,
    #[command(flatten)]
    worker: Worker,
}

/// Creates an invitation and prints its link.
///
/// # Errors
/// When the Worker refuses, or the file cannot be written.
pub fn run(args: &Invite) -> Result<()> {
    let body = json!({
        "expires_in_s": args.days.saturating_mul(SECONDS_PER_DAY),
        "reference": args.reference,
    });
    // Before the invitation exists: its link is shown once.
    let qr = args.qr.as_ref().map(fs::File::create).transpose()?;
    let path = format!("sites/{}/invitations", args.key);
    let response = args.worker.post(&path, &without_nulls(body))?;
    let created: InvitationDetails =
        serde_json::from_str(&response).context("the response is not an invitation")?;
    let url = created.url.context("the invitation has no URL")?;
    println!("{url}");
    if let Some(mut file) = qr {
        file.write_all(qr_code(&url)?.as_bytes())?;
    }
    Ok(())
}

/// A URL as a QR code, in SVG.
fn qr_code(url: &str) -> Result<String> {
    let code = QRBuilder::new(url)
        .build()
        .map_err(|error| anyhow!("{error}"))?;
    Ok(SvgBuilder::default().to_str(&code))
}

const SECONDS_PER_DAY: u32 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qr_code_of_invitation_url_is_a_complete_svg() -> Result<()> {
        let svg = qr_code(
            "https://signup.partner.example/go/acme?invite=0123456789abcdef0123456789abcdef",
        )?;
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{svg}"
        );
        Ok(())
    }
}
