//! Files of backups that are whole, and others.

use super::*;

const HEADER: &str = r#"{"header":{"format":2,"id":"0123456789abcdef0123456789abcdef","created_at":1,"version":"0.1.0","key_checks":["v1.1.x"]}}"#;

fn part(object: &str, part: u32, last: bool) -> String {
    part_with(object, part, last, &json!([]))
}

fn part_with(object: &str, part: u32, last: bool, tables: &Value) -> String {
    let part =
        json!({ "object": object, "part": part, "last": last, "tables": tables, "mac": "1.x" });
    json!({ "part": part }).to_string()
}

/// The lines, with the end that they were written with.
fn ended(mut lines: Vec<String>, objects: u64, parts: u64) -> Vec<String> {
    let mut digest = Sha256::new();
    for line in &lines {
        add_line(&mut digest, line);
    }
    let end = json!({ "objects": objects, "parts": parts, "sha256": hex(digest) });
    lines.push(json!({ "end": end }).to_string());
    lines
}

fn checked(lines: &[String]) -> Result<Checked> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("backup.jsonl");
    fs::write(&file, lines.join("\n"))?;
    check(&file)
}

fn whole() -> Vec<String> {
    let lines = vec![
        HEADER.to_owned(),
        part("run/0123456789abcdef0123456789abcdef", 0, true),
        part_with("site/acme", 0, false, &rows("v1.1.AbC")),
        part("site/acme", 1, true),
        part("partner/main", 0, true),
    ];
    ended(lines, 3, 4)
}

fn rows(token: &str) -> Value {
    json!([{ "table": "record", "columns": ["key", "json"], "rows": [["main", token], ["other", "{}"]] }])
}

/// The error of a file that is refused.
fn refused(lines: &[String]) -> String {
    match checked(lines) {
        Ok(_) => panic!("{lines:?}"),
        Err(error) => format!("{error:#}"),
    }
}

#[test]
fn whole_file_names_its_objects_in_their_order() -> Result<()> {
    let checked = checked(&whole())?;
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
            ended(vec![header(), part("site/acme", 0, false)], 0, 1),
            "lines are missing",
        ),
        (
            ended(vec![header(), part("site/acme", 0, true)], 1, 2),
            "lines are missing",
        ),
        (
            ended(vec![header(), part("site/acme", 1, true)], 1, 1),
            "site/acme: part 0 is missing",
        ),
        (
            ended(
                vec![
                    header(),
                    part("site/acme", 0, false),
                    part("site/acme", 2, true),
                ],
                1,
                2,
            ),
            "site/acme: part 1 is missing",
        ),
        (
            [
                ended(vec![header()], 0, 0),
                vec![part("site/acme", 0, true)],
            ]
            .concat(),
            "not in its place",
        ),
        (ended(vec![header(), header()], 0, 0), "not in its place"),
        (
            vec![
                header(),
                part("site/acme", 0, true),
                "{\"end\":{\"obj".to_owned(),
            ],
            "line 3 is not one of a backup",
        ),
    ] {
        let text = refused(&lines);
        assert!(text.contains(wrong), "{text} / {wrong}");
    }
}

#[test]
fn file_that_was_changed_is_refused() {
    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = whole();
        change(&mut lines);
        refused(&lines)
    };
    // A line is a copy of another, is missing, comes twice, or has changed places.
    type Change<'a> = &'a dyn Fn(&mut Vec<String>);
    let changes: [Change<'_>; 4] = [
        &|lines| lines[1] = lines[4].clone(),
        &|lines| lines[4] = lines[1].clone(),
        &|lines| drop(lines.remove(1)),
        &|lines| lines.insert(1, lines[1].clone()),
    ];
    for change in changes {
        let text = changed(change);
        let is_named = text.contains("twice") || text.contains("lines are missing");
        assert!(is_named, "{text}");
    }
    let altered = "was damaged or altered";
    let text = changed(&|lines| lines.swap(1, 4));
    assert!(text.contains(altered), "{text}");
    // Rows are missing, or a character of a token is another.
    let few =
        json!([{ "table": "record", "columns": ["key", "json"], "rows": [["main", "v1.1.AbC"]] }]);
    for rows in [few, rows("v1.1.AbD")] {
        let text = changed(&|lines| lines[2] = part_with("site/acme", 0, false, &rows));
        assert!(text.contains(altered), "{text}");
    }
    let text = changed(&|lines| lines[0] = lines[0].replace("0.1.0", "0.1.1"));
    assert!(text.contains(altered), "{text}");
}

#[test]
fn file_of_an_older_format_is_refused_by_its_format() {
    let mut lines = whole();
    lines[0] = HEADER.replace("\"format\":2", "\"format\":1");
    lines[1] = r#"{"part":{"object":"site/acme","part":0,"last":true,"tables":[]}}"#.to_owned();
    let text = refused(&lines);
    assert!(text.contains("is of format 1"), "{text}");
    assert!(text.contains("version 0.1.0"), "{text}");
}

#[test]
fn parts_are_sent_before_one_that_would_overflow_the_request() -> Result<()> {
    let quotes = "\"".repeat(40_000);
    let small = part_with("site/acme", 0, false, &rows(&quotes));
    let large = part_with("site/acme", 1, true, &rows(&"\"".repeat(2 << 20)));
    let parsed = |line: &str| match serde_json::from_str(line)? {
        BackupLine::Part(part) => Ok::<_, anyhow::Error>(part),
        _ => bail!("no part"),
    };
    let (small, large) = (parsed(&small)?, parsed(&large)?);
    let header = serde_json::from_str(HEADER)?;
    let BackupLine::Header(header) = header else {
        bail!("no header")
    };
    let mut batch = Batch::new(header);
    let mut sent = vec![];
    for part in [vec![&small; 30], vec![&large, &small, &large]].concat() {
        let size = json_size(part)?;
        assert!(size > 80_000, "each quote is two bytes");
        if !batch.has_room(size) {
            sent.push(serde_json::to_string(&std::mem::take(&mut batch.parts))?.len());
            batch.size = 0;
        }
        batch.push(part.clone(), size);
    }
    assert!(sent.len() >= 5, "{sent:?}");
    let worker_takes = 5 << 20;
    assert!(sent.iter().all(|size| *size < worker_takes), "{sent:?}");
    let of_small = &sent[..2];
    assert!(
        of_small.iter().all(|size| *size <= BATCH_SIZE + 2),
        "{sent:?}"
    );
    for _ in 0..=OBJECTS_AT_ONCE {
        if batch.has_room(0) {
            batch.push(small.clone(), 0);
        }
    }
    assert_eq!(batch.parts.len(), 1, "a large part is alone");
    Ok(())
}
