//! The program `embark-sandbox`: runs a sandbox until Ctrl-C, or until its standard input closes.

use clap::Parser;
use embark_sandbox::{Options, Sandbox, Tls};
use std::path::PathBuf;

/// Plays Meta on this machine: JavaScript SDK, dialog, Graph API, control API.
#[derive(Debug, Parser)]
#[command(name = "embark-sandbox", version)]
struct Args {
    /// Port on 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Origin of the dialog's popups, when it is not the host the SDK is loaded from.
    #[arg(long)]
    popup_origin: Option<String>,
    /// A folder to serve as the customer's website.
    #[arg(long)]
    pages: Option<PathBuf>,
    /// Port of that website; 0 picks a free one.
    #[arg(long, default_value_t = 0, requires = "pages")]
    pages_port: u16,
    /// Replaces {{edge}} in that website's HTML.
    #[arg(long, requires = "pages")]
    page_edge: Option<String>,
    /// Replaces {{site}} in that website's HTML.
    #[arg(long, requires = "pages")]
    page_site: Option<String>,
    /// Serves the same sandbox over TLS on this port.
    #[arg(long, requires = "tls_cert")]
    tls_port: Option<u16>,
    /// Certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key, PEM.
    #[arg(long)]
    tls_key: Option<PathBuf>,
    /// Stop when standard input closes.
    #[arg(long)]
    with_parent: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let with_parent = args.with_parent;
    let running = Sandbox::start(options(args)?).await?;
    println!("embark-sandbox ready {}", running.url());
    if let Some(port) = running.tls_port() {
        println!("embark-sandbox tls https://127.0.0.1:{port}");
    }
    if let Some(port) = running.pages_port() {
        println!("embark-sandbox pages http://localhost:{port}");
    }
    if with_parent {
        tokio::select! {
            result = tokio::signal::ctrl_c() => result?,
            () = stdin_closed() => {}
        }
    } else {
        tokio::signal::ctrl_c().await?;
    }
    running.stop().await;
    Ok(())
}

fn options(args: Args) -> anyhow::Result<Options> {
    let tls = match (args.tls_port, args.tls_cert, args.tls_key) {
        (Some(port), Some(cert), Some(key)) => Some(Tls {
            port,
            cert_pem: std::fs::read_to_string(cert)?,
            key_pem: std::fs::read_to_string(key)?,
        }),
        _ => None,
    };
    let placeholders = [("edge", args.page_edge), ("site", args.page_site)];
    Ok(Options {
        port: args.port,
        tls,
        popup_origin: args.popup_origin,
        pages: args.pages.map(|folder| (folder, args.pages_port)),
        page_placeholders: placeholders
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
    })
}

/// Returns when standard input closes. Reads in a thread of its own, because a blocking read cannot be cancelled
/// and would delay the end of the runtime.
async fn stdin_closed() {
    let (closed, wait) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()).ok();
        closed.send(()).ok();
    });
    wait.await.ok();
}
