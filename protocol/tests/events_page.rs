//! `docs/events.md` lists the catalogue of events as it is.

use embark_protocol::site_events::SiteEventType;

#[test]
fn page_of_events_lists_every_type() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.md");
    let page = std::fs::read_to_string(path).unwrap();
    let rows = SiteEventType::ALL.iter().map(|kind| {
        let (name, description) = (kind.as_str(), kind.description());
        format!("| `{name}` | {} |\n", description.trim_end_matches('.'))
    });
    let table = format!("| type | when |\n|---|---|\n{}", rows.collect::<String>());
    assert!(
        page.contains(&table),
        "docs/events.md must have this table:\n\n{table}"
    );
}
