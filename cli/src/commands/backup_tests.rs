//! Files of backups that are whole, and others.

use super::*;

const HEADER: &str = r#"{"header":{"format":1,"id":"0123456789abcdef0123456789abcdef","created_at":1,"version":"0.1.0","key_checks":["v1.1.x"]}}"#;

fn part(object: &str, part: u32, last: bool) -> String {
    let part = json!({ "part": { "object": object, "part": part, "last": last, "tables": [] } });
    part.to_string()
}

fn end(objects: u64, parts: u64) -> String {
    json!({ "end": { "objects": objects, "parts": parts } }).to_string()
}

fn checked(lines: &[String]) -> Result<Checked> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("backup.jsonl");
    fs::write(&file, lines.join("\n"))?;
    check(&file)
}

#[test]
fn whole_file_names_its_objects_in_their_order() -> Result<()> {
    let lines = [
        HEADER.to_owned(),
        part("run/0123456789abcdef0123456789abcdef", 0, true),
        part("site/acme", 0, false),
        part("site/acme", 1, true),
        part("partner/main", 0, true),
        end(3, 4),
    ];
    let checked = checked(&lines)?;
    assert_eq!(
        checked.objects,
        [
            "run/0123456789abcdef0123456789abcdef",
            "site/acme",
            "partner/main"
        ]
    );
    assert_eq!(checked.header.created_at, 1);
    Ok(())
}

#[test]
fn file_that_is_not_whole_is_refused_with_what_is_wrong() {
    let header = || HEADER.to_owned();
    for (lines, wrong) in [
        (vec![], "no header"),
        (vec![part("site/acme", 0, true)], "no header"),
        (
            vec!["{\"name\":1}".to_owned()],
            "line 1 is not one of a backup",
        ),
        (vec![header()], "its end is missing"),
        (
            vec![header(), part("site/acme", 0, true)],
            "its end is missing",
        ),
        (
            vec![header(), part("site/acme", 0, false), end(0, 1)],
            "its end is missing",
        ),
        (
            vec![header(), part("site/acme", 0, true), end(1, 2)],
            "its end is missing",
        ),
        (
            vec![header(), part("site/acme", 1, true), end(1, 1)],
            "site/acme: part 0 is missing",
        ),
        (
            vec![
                header(),
                part("site/acme", 0, false),
                part("site/acme", 2, true),
                end(1, 2),
            ],
            "site/acme: part 1 is missing",
        ),
        (
            vec![header(), end(0, 0), part("site/acme", 0, true)],
            "not in its place",
        ),
        (vec![header(), header(), end(0, 0)], "not in its place"),
        (
            vec![
                header(),
                part("site/acme", 0, true),
                "{\"end\":{\"obj".to_owned(),
            ],
            "line 3 is not one of a backup",
        ),
    ] {
        match checked(&lines) {
            Ok(_) => panic!("{lines:?}"),
            Err(error) => {
                let text = format!("{error:#}");
                assert!(text.contains(wrong), "{text} / {wrong}");
            }
        }
    }
}
