//! Which URLs an operator's token may be sent to.

use anyhow::{Context, Result, bail};
use url::{Host, Url};

/// The URL of an operator origin: `https:`, or `http:` to this computer.
///
/// # Errors
/// When the text is no such URL. Nobody on the way may read a token.
pub fn parse(text: &str) -> Result<Url> {
    let url = Url::parse(text)
        .with_context(|| format!("{text} is not a URL: it begins with https://"))?;
    let is_private = match url.scheme() {
        "https" => true,
        "http" => url.host().is_some_and(is_this_computer),
        _ => bail!("{text} is no URL of a Worker: it begins with https://"),
    };
    if !is_private {
        bail!(
            "the operator's token is not sent to {text}: everybody on the way could read it. Use https://; http:// is for \
             a Worker on this computer (localhost, *.localhost, 127.0.0.1, [::1])"
        );
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        bail!("{text} has more than a host: give what comes before the first slash behind it");
    }
    Ok(url)
}

/// `localhost` and the names below it are this computer
/// ([RFC 6761](https://www.rfc-editor.org/rfc/rfc6761#section-6.3)).
fn is_this_computer(host: Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_http_to_this_computer_are_accepted() {
        for text in [
            "https://operator.partner.example",
            "https://192.0.2.2:9497",
            "http://localhost:8787",
            "http://LOCALHOST",
            "http://operator.localhost:8787/",
            "http://127.0.0.1:9",
            "http://127.8.0.1",
            "http://[::1]:8787",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn http_to_another_computer_is_refused_with_what_to_do() {
        for text in [
            "http://192.0.2.2:9497",
            "http://operator.partner.example",
            "http://localhost.partner.example",
            "http://notlocalhost",
            "http://0.0.0.0:80",
            "http://[2001:db8::1]",
            "http://127.0.0.1@partner.example",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(
                error.contains(text) && error.contains("Use https://"),
                "{error}"
            );
        }
    }

    #[test]
    fn text_that_is_no_url_of_http_is_refused() {
        for text in [
            "",
            "operator.partner.example",
            "ftp://localhost",
            "localhost:8787",
            "https://operator.partner.example/console",
            "https://operator.partner.example/?site=acme",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
