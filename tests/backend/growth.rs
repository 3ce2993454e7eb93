//! What a page of signups costs as a site grows, by the rows that its query reads; the times are printed.

use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use embark_tests::backend::Backend;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How many signups a page has.
const PAGE: usize = 100;
/// The filters of the list, each with a value that the signups of the small site have, and none that came later.
const FILTERS: &[&str] = &[
    "",
    "&status=abandoned",
    "&reference=small",
    "&waba_id=5000000000000001",
    "&phone_number_id=6000000000000001",
    "&changed_before={small}",
    "&status=abandoned&changed_before={small}",
    "&reference=small&status=abandoned",
];
/// Filters that all signups pass that came later.
const LATER_FILTERS: &[&str] = &[
    "",
    "&status=failed",
    "&reference=large",
    "&waba_id=5000000000000002",
    "&phone_number_id=6000000000000002",
    "&changed_before={large}",
];

#[tokio::test]
async fn page_of_signups_costs_the_same_in_a_site_of_a_thousand_times_as_many() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let backend = deployment.backend("acme", &["read"]).await?;
    // Creates the table.
    backend.get("/signups").await?;
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let hour = 3_600_000;
    let small = Rows {
        count: PAGE,
        first_id: 0,
        first_at: now - hour,
        kind: "small",
    };
    insert(&deployment, &small).await?;
    let query = |filter: &str| {
        let small = (now - hour + 1_000_000).to_string();
        let large = (now + hour).to_string();
        filter.replace("{small}", &small).replace("{large}", &large)
    };
    let mut before = vec![];
    for filter in FILTERS {
        before.push(cost(&deployment, &backend, &query(filter)).await?);
    }
    let large = Rows {
        count: 100_000 - PAGE,
        first_id: 1_000,
        first_at: now - hour + 2_000_000,
        kind: "large",
    };
    insert(&deployment, &large).await?;
    // Behind half of the signups that came later.
    let middle = format!("{}.{:032x}", large.first_at + 50_000, 51_000);
    let mut grown = vec![];
    for (filter, small) in FILTERS.iter().zip(&before) {
        let large = cost(&deployment, &backend, &query(filter)).await?;
        grown.push((format!("signups?{filter}"), small.clone(), large));
    }
    for filter in LATER_FILTERS {
        for after in ["", &format!("&after={middle}")] {
            let name = format!("{}{after}", query(filter));
            let large = cost(&deployment, &backend, &name).await?;
            grown.push((format!("signups?{filter}{after}"), before[0].clone(), large));
        }
    }
    for (name, small, large) in &grown {
        println!(
            "{name}: {} rows read, was {}; {:?}, was {:?}",
            large.rows, small.rows, large.median, small.median
        );
    }
    for (name, small, large) in grown {
        assert!(
            large.rows * 2 < small.rows * 3,
            "{name}: {large:?} {small:?}"
        );
    }
    Ok(())
}

/// Signups that ended, each a millisecond later than the one before.
struct Rows {
    count: usize,
    first_id: usize,
    /// In Unix milliseconds.
    first_at: u64,
    kind: &'static str,
}

/// Adds rows to the index of the site, which is the only one.
async fn insert(deployment: &Deployment, rows: &Rows) -> Result<()> {
    let Rows {
        count,
        first_id,
        first_at,
        kind,
    } = rows;
    let (status, number) = match *kind {
        "small" => ("abandoned", 1),
        _ => ("failed", 2),
    };
    let sql = format!(
        "WITH RECURSIVE counter(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n + 1 < {count}) \
         INSERT INTO runs (run, seq, at, open, poked, status, json) \
         SELECT printf('%032x', {first_id} + n), 3, {first_at} + n, 0, 0, '{status}', json_object( \
         'run', printf('%032x', {first_id} + n), 'seq', 3, 'status', '{status}', 'at', {first_at} + n, \
         'reason', NULL, 'started_at', {first_at} + n, \
         'reference', json_object('id', '{kind}', 'verified', json('true')), \
         'connected', json_object('waba_id', '500000000000000{number}', \
         'phone_number_id', '600000000000000{number}')) FROM counter"
    );
    deployment.workerd.kill().await?;
    deployment.workerd.run_sql("Site", &sql)?;
    deployment.workerd.restart().await
}

#[derive(Debug, Clone)]
struct Cost {
    /// That the query of one page read.
    rows: usize,
    /// Of the whole request, over nine of them.
    median: Duration,
}

/// What a page costs that is full.
async fn cost(deployment: &Deployment, backend: &Backend<'_>, query: &str) -> Result<Cost> {
    let path = format!("/signups?limit={PAGE}{query}");
    let already = rows_read(deployment).len();
    let mut times = vec![];
    for _ in 0..9 {
        let started = Instant::now();
        let page = backend.get(&path).await?;
        times.push(started.elapsed());
        let count = page["signups"].as_array().context("no list")?.len();
        ensure!(count == PAGE, "{path}: {count} signups");
    }
    times.sort_unstable();
    let median = times.get(4).copied().unwrap_or_default();
    // The log is written a moment after the response.
    for _ in 0..100 {
        if let Some(rows) = rows_read(deployment).get(already..).and_then(<[_]>::last) {
            let rows = *rows;
            return Ok(Cost { rows, median });
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("no query of {path} is in the log")
}

/// How many rows each query of a list read, as the local build logs it.
fn rows_read(deployment: &Deployment) -> Vec<usize> {
    let log = deployment.workerd.log();
    let lines = log.lines().filter_map(|line| {
        let (_, rest) = line.split_once("EMBARK-ROWS ")?;
        let (count, query) = rest.split_once(' ')?;
        query
            .starts_with("SELECT json FROM runs WHERE")
            .then(|| count.parse().ok())?
    });
    lines.collect()
}
