//! The destinations that a request to a provider may have. They are checked when settings are put, and again when a
//! request is built and when it is sent: names of the private network never leave the Worker. A Worker cannot resolve a
//! name itself, so that names are judged by what is known of their zones.

use crate::web::origin::Origin;
use core::net::Ipv4Addr;
use url::Url;

/// Whether a URL may be requested: https, a public host name at the default port, neither user information nor a
/// fragment, and in the spelling that any parser reads alike. This prevents server-side request forgery
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html>); redirects
/// are not followed.
pub fn is_allowed_destination(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\');
    if text.len() > MAX_URL_LENGTH || !text.bytes().all(is_plain) {
        return false;
    }
    let Some(origin) = Url::parse(text).ok().as_ref().and_then(Origin::from_url) else {
        return false;
    };
    // The text begins with the origin as it was parsed: no user information, no other spelling of the host.
    let is_exact = text
        .strip_prefix(origin.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    is_exact && !has_dot_segment(text) && is_public_destination(&origin)
}

/// Whether a segment of the path is `.` or `..`, in any spelling: a value that was filled in would lead elsewhere than
/// the template says (<https://url.spec.whatwg.org/#double-dot-path-segment>).
fn has_dot_segment(url: &str) -> bool {
    let path = url.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment == "." || segment == ".."
    })
}

fn is_public_destination(origin: &Origin) -> bool {
    // The sandbox runs on a developer's own machine, at http.
    #[cfg(feature = "local")]
    if origin.as_str().starts_with("http://") {
        return true;
    }
    origin.is_public()
        && !origin
            .as_str()
            .split('/')
            .next_back()
            .is_some_and(leads_inside)
}

/// Whether a host name is known to resolve to a private or loopback address: a name of a private zone, or one that spells
/// out such an address, as the services that resolve any address do.
fn leads_inside(host: &str) -> bool {
    let is_below = |zone: &&str| {
        let above = host.strip_suffix(*zone);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    if INSIDE_ZONES.iter().any(is_below) {
        return true;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let spelled = labels
        .windows(4)
        .filter_map(|four| four.join(".").parse().ok());
    let dashed = labels
        .iter()
        .filter_map(|label| label.replace('-', ".").parse().ok());
    spelled.chain(dashed).any(is_inside)
}

fn is_inside(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        // Shared address space of carriers (RFC 6598).
        || (first == 100 && (64..128).contains(&second))
}

/// Zones that no public server is in, and services whose names resolve to the address in the name, or to this machine.
const INSIDE_ZONES: &[&str] = &[
    "test",
    "invalid",
    "onion",
    "localdomain",
    "lan",
    "home",
    "corp",
    "intranet",
    "private",
    "internal",
    "local",
    "localhost",
    "svc",
    "cluster",
    "consul",
    "nip.io",
    "sslip.io",
    "xip.io",
    "traefik.me",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "local.gd",
    "localho.st",
    "fuf.me",
    "1u.ms",
    "rbndr.us",
];

/// The longest URL that is requested, in bytes.
const MAX_URL_LENGTH: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destination_must_be_a_public_https_host_name() {
        for (url, want) in [
            ("https://messaging.twilio.com/v2/Channels/Senders", true),
            ("https://xk3v.api.infobip.com", true),
            ("https://provider.example/a?b=c", true),
            ("http://provider.example/", false),
            ("https://localhost/", false),
            ("https://printer.local/", false),
            ("https://metadata.google.internal/", false),
            ("https://10.0.0.1/", false),
            ("https://169.254.169.254/latest", false),
            ("https://2130706433/", false),
            ("https://0x7f.1/", false),
            ("https://[::1]/", false),
            ("https://[::ffff:10.0.0.1]/", false),
            ("https://intranet/", false),
            ("https://provider.example:8443/", false),
            ("https://user@provider.example/", false),
            ("https://provider.example/#x", false),
            ("https://provider.example/a b", false),
            ("https://provider.example\\@10.0.0.1/", false),
            ("ftp://provider.example/", false),
            ("//provider.example/", false),
            ("https://provider.example/?x=https://10.0.0.1/", true),
            ("https://provider.example", true),
            ("https://evilfacebook.com/", true),
            ("https://xn--mnchen-3ya.example/", true),
            ("https://provider.example:443/", false),
            ("https://PROVIDER.example/", false),
            ("HTTPS://provider.example/", false),
            ("https://provider.example./", false),
            ("https://user:password@provider.example/", false),
            ("https://@provider.example/", false),
            ("https://provider.example@10.0.0.1/", false),
            ("https://provider.example:@10.0.0.1/", false),
            ("https:\\\\provider.example/", false),
            ("https:/provider.example/", false),
            ("https:///provider.example/", false),
            ("https://provider\t.example/", false),
            ("\thttps://provider.example/", false),
            ("https://provider.example/\n", false),
            ("https://127.0.0.1/", false),
            ("https://127.1/", false),
            ("https://0177.0.0.1/", false),
            ("https://0x7f000001/", false),
            ("https://0300.0250.1/", false),
            ("https://0/", false),
            ("https://[::ffff:a00:1]/", false),
            ("https://[::127.0.0.1]/", false),
            ("https://[fd00::1]/", false),
            ("https://[::]/", false),
            ("https://192.0.2.1.in-addr.arpa/", false),
            ("https://prov%69der.example/", false),
            ("https://münchen.example/", false),
            ("https://provider。example/", false),
            ("https://①0.0.0.1/", false),
            ("https://provider.example:0/", false),
            ("https://provider.example:/", false),
            ("https://", false),
            ("https://?x", false),
            ("file:///etc/passwd", false),
            ("data:text/plain,x", false),
            ("https://127.0.0.1.nip.io/", false),
            ("https://10-0-0-1.nip.io/", false),
            ("https://7f000001.nip.io/", false),
            ("https://app.10.0.0.1.sslip.io/", false),
            ("https://localtest.me/", false),
            ("https://a.lvh.me/", false),
            ("https://192.168.1.1.provider.example/", false),
            ("https://169-254-169-254.provider.example/", false),
            ("https://100.64.0.1.provider.example/", false),
            ("https://provider.test/", false),
            ("https://kubernetes.default.svc/", false),
            ("https://localhost.localdomain/", false),
            ("https://router.lan/", false),
            ("https://vault.service.consul/", false),
            ("https://8-8-8-8.provider.example/", true),
            ("https://ec2-10-0-0-1.provider.example/", true),
            ("https://mylocal.example/", true),
            ("https://provider.example/a/../b", false),
            ("https://provider.example/a/%2E%2e", false),
            ("https://provider.example/.%2E/b", false),
            ("https://provider.example/./b", false),
            ("https://provider.example/a..b/...?c=/../", true),
            ("", false),
        ] {
            assert_eq!(is_allowed_destination(url), want, "{url}");
        }
    }
}
