//! What strangers may cost the partner: launch documents are free, objects and calls to Meta are not.

use anyhow::{Context, Result};
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::outcome_body;
use embark_tests::{Deployment, WidgetClient};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn unknown_sites_create_no_objects() -> Result<()> {
    let deployment = Deployment::start().await?;
    let before = deployment.workerd.count_objects("Site")?;
    assert!(before >= 1, "the site that there is");
    for n in 0..30 {
        let pages = [
            format!("/go/random-{n}"),
            format!("/v1/sites/random-{n}?mode=page"),
            format!("/frame?site=random-{n}&host=https%3A%2F%2Fshop.example"),
        ];
        for page in pages {
            let url = format!("{}{page}", deployment.origin);
            let response = deployment.client.get(url).send().await?;
            assert_eq!(response.status().as_u16(), 404, "{page}");
        }
    }
    assert_eq!(deployment.workerd.count_objects("Site")?, before);
    // A site that is put now is there at once.
    deployment.put_site("random-7", &json!({}), &[]).await?;
    deployment.open_widget("random-7", SHOP_ORIGIN).await?;
    Ok(())
}

#[tokio::test]
async fn poll_of_a_signup_that_was_never_launched_stores_no_object() -> Result<()> {
    let deployment = Deployment::start().await?;
    for _ in 0..5 {
        let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        let response = widget.request("GET", "").send().await?;
        assert_eq!(response.status().as_u16(), 404);
        let path = format!("signups/{}/report", widget.signup_id());
        let report = deployment.admin_get(&path).await?;
        assert_eq!(report.status().as_u16(), 404);
    }
    assert_eq!(
        deployment.workerd.count_objects("Run")?,
        5,
        "each was asked"
    );
    assert_eq!(deployment.workerd.count_stored_objects("Run")?, 0);
    let launched = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    launched.post("/launched", &json!({})).await?;
    assert_eq!(deployment.workerd.count_stored_objects("Run")?, 1);
    Ok(())
}

#[tokio::test]
async fn open_signups_of_a_site_are_found_without_reading_those_that_ended() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    for _ in 0..14 {
        let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        widget.post("/launched", &json!({})).await?;
        let (status, ended) = widget.post("/ended", &json!({"reason": "closed"})).await?;
        assert_eq!(status.as_u16(), 202, "{ended}");
    }
    // Its row makes the site look for open signups once more, and so does the end of this one.
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.connect().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let log = deployment.workerd.log();
    let scan = log
        .lines()
        .find(|line| line.contains("EMBARK-ROWS") && line.contains("FROM runs"));
    assert_eq!(scan, None);
    // The counter itself works: the budget reads one row for each signup of the hour.
    assert!(log.contains("EMBARK-ROWS"), "no query read many rows");
    Ok(())
}

#[tokio::test]
async fn site_takes_two_hundred_signups_an_hour_and_those_go_on() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let first = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    first.post("/launched", &json!({})).await?;
    let mut statuses = Vec::new();
    for _ in 0..210 {
        let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        statuses.push(launch(&widget).await?);
    }
    let refused = statuses.iter().filter(|status| **status == 429).count();
    let taken = statuses.iter().filter(|status| **status == 202).count();
    assert_eq!((taken, refused), (199, 11));
    assert_eq!(deployment.workerd.count_objects("Run")?, 200);
    // Codes without a launch are no way around.
    let late = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({})).await?;
    let (status, problem) = late.post_outcome(&minted).await?;
    assert_eq!(status.as_u16(), 429, "{problem}");
    deployment.assert_calls("*/oauth/access_token", 0).await?;
    // One that was launched in time connects, and repeated posts cost nothing.
    first.post("/launched", &json!({})).await?;
    first.post_outcome(&minted).await?;
    first.poll_until(&["connected"]).await?;
    deployment.advance_clock(Duration::from_secs(3_700)).await?;
    let next = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let (status, problem) = next.post("/launched", &json!({})).await?;
    assert_eq!(status.as_u16(), 202, "an hour later: {problem}");
    Ok(())
}

#[tokio::test]
async fn stranded_signup_is_woken_however_many_launches_strangers_left() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    for _ in 0..60 {
        let stranger = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        launch(&stranger).await?;
    }
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let slow = json!({"path": "*/phone_numbers", "kind": "latency", "ms": 3000});
    deployment.add_fault(slow).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    let started = Instant::now();
    while deployment.count_calls("*/debug_token", None).await? == 0 {
        assert!(started.elapsed() < Duration::from_secs(15), "never called");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    deployment.workerd.kill().await?;
    deployment.workerd.restart().await?;
    // Now the launches have been idle for longer, and long enough.
    deployment
        .advance_clock(Duration::from_secs(7 * 3_600))
        .await?;
    deployment.workerd.fire_cron().await?;
    // Before the alarm that guards the signup.
    while deployment.count_calls("*/register", Some(true)).await? == 0 {
        assert!(started.elapsed() < Duration::from_secs(18), "not woken");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[tokio::test]
async fn one_grant_has_eleven_codes_exchanged() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let mut last = Value::Null;
    for attempt in 1..=14 {
        widget
            .post("/launched", &json!({"attempt": attempt}))
            .await?;
        let code = json!({"code": format!("junk-{attempt}")});
        let mut body = outcome_body(&code, false);
        body["attempt"] = attempt.into();
        let (status, reply) = widget.post("/outcome", &body).await?;
        let is_taken = attempt <= 11;
        assert_eq!(status.is_success(), is_taken, "{attempt}: {reply}");
        last = reply;
        if is_taken {
            widget.poll_until_end().await?;
        }
    }
    assert_eq!(last["code"], "too_many_tries");
    Ok(())
}

#[tokio::test]
async fn signup_holds_eight_long_polls() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    let snapshot = widget.snapshot().await?;
    let poll = || async {
        let began = Instant::now();
        let request = widget.request("GET", &format!("?after={}", snapshot["seq"]));
        let reply: Value = request.send().await?.json().await?;
        Ok::<_, anyhow::Error>((began.elapsed(), reply))
    };
    let replies = try_join_all((0..20).map(|_| poll())).await?;
    let is_early = |(elapsed, _): &&(Duration, Value)| *elapsed < Duration::from_secs(10);
    let early: Vec<_> = replies.iter().filter(is_early).collect();
    assert_eq!(early.len(), 12);
    for (_, reply) in early {
        assert_eq!(reply["poll_after_ms"], 2_000, "{reply}");
    }
    Ok(())
}

#[tokio::test]
async fn requests_are_limited_by_network_with_and_without_the_platforms_limiter() -> Result<()> {
    // Without the binding, the Worker counts 300 a minute by itself.
    for (limit, requests) in [(Some(5), 7), (None, 302)] {
        let deployment = Deployment::start_with_rate_limit(limit).await?;
        let get = |address: &str| {
            let request = deployment
                .client
                .get(format!("{}/go/acme", deployment.origin));
            request.header("cf-connecting-ip", address).send()
        };
        let mut statuses = Vec::new();
        for n in 0..requests {
            // Each from another address of one network.
            let response = get(&format!("2001:db8:1:1::{n:x}")).await?;
            statuses.push(response.status().as_u16());
        }
        let taken = limit.unwrap_or(300) as usize;
        assert!(statuses[..taken].iter().all(|status| *status == 200));
        assert!(
            statuses[taken..].iter().all(|status| *status == 429),
            "{statuses:?}"
        );
        assert_eq!(get("2001:db8:1:2::1").await?.status().as_u16(), 200);
        assert_eq!(get("192.0.2.7").await?.status().as_u16(), 200);
    }
    Ok(())
}

#[tokio::test]
async fn invited_only_site_takes_nobody_uninvited() -> Result<()> {
    let deployment = Deployment::start().await?;
    let before = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let only = json!({"invited_only": true});
    let patched = deployment.admin_patch("sites/acme", &only).await?;
    assert_eq!(patched.status().as_u16(), 200);
    let frame = deployment.open_widget("acme", SHOP_ORIGIN).await;
    assert!(frame.is_err(), "the frame is refused");
    let url = format!("{}/go/acme", deployment.origin);
    for (query, code) in [
        ("", "invitation_required"),
        (
            "?invite=00000000000000000000000000000000",
            "invitation_expired",
        ),
        ("?invite=x", "invitation_expired"),
    ] {
        let html = deployment
            .client
            .get(format!("{url}{query}"))
            .send()
            .await?;
        let page = WidgetClient::from_html(&deployment, &html.text().await?)?;
        assert_eq!(page.launch["problem"]["code"], code, "{query}");
        let (status, problem) = page.post("/launched", &json!({})).await?;
        let refused = (status.as_u16(), problem["code"].as_str());
        assert_eq!(refused, (401, Some("grant_expired")), "{query}");
    }
    // A document from before is refused at admission.
    let minted = deployment.mint_code(json!({"new": true})).await?;
    before.post_outcome(&minted).await?;
    let end = before.poll_until_end().await?;
    assert_eq!(end["problem"]["code"], "invitation_required", "{end}");
    deployment.assert_calls("*/subscribed_apps", 0).await?;

    let order = deployment
        .admin_post("sites/acme/invitations", &json!({}))
        .await?;
    let invited: Value = order.json().await?;
    let link = invited["url"].as_str().context("no URL")?;
    let html = deployment.client.get(link).send().await?.text().await?;
    let page = WidgetClient::from_html(&deployment, &html)?;
    page.post("/launched", &json!({})).await?;
    page.post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    page.poll_until(&["connected"]).await?;
    Ok(())
}

#[tokio::test]
async fn documents_from_before_the_quota_was_full_are_refused_at_admission() -> Result<()> {
    let deployment = Deployment::start().await?;
    let limit = json!({"weekly_limit": 1, "block_when_full": true});
    deployment.admin_patch("apps/main", &limit).await?;
    let first = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let second = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let connect = |widget: &WidgetClient<'_>| {
        let signup = widget.signup_id().to_owned();
        let grant = widget.grant().to_owned();
        let deployment = &deployment;
        async move {
            let widget = WidgetClient::with_grant(deployment, &signup, &grant);
            let minted = deployment.mint_code(json!({"new": true})).await?;
            widget.post_outcome(&minted).await?;
            widget.poll_until_end().await
        }
    };
    assert_eq!(connect(&first).await?["status"], "connected");
    let began = Instant::now();
    loop {
        let quota: Value = deployment
            .admin_get("apps/main/quota")
            .await?
            .json()
            .await?;
        if quota["used"] == 1 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{quota}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let end = connect(&second).await?;
    assert_eq!(end["problem"]["code"], "quota_full", "{end}");
    let frame = deployment.open_widget("acme", SHOP_ORIGIN).await;
    assert!(frame.is_err(), "full");
    // A limit that is raised counts at once.
    let raised = json!({"weekly_limit": 200});
    deployment.admin_patch("apps/main", &raised).await?;
    let third = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    assert_eq!(connect(&third).await?["status"], "connected");
    Ok(())
}

#[tokio::test]
async fn full_partner_solution_is_refused_before_the_click_and_at_admission() -> Result<()> {
    let solution = "7000000000000001";
    let deployment = Deployment::start().await?;
    let limit = json!({"weekly_limit": 500, "block_when_full": true});
    deployment.admin_patch("apps/main", &limit).await?;
    let settings = json!({"solution_id": solution});
    deployment.admin_patch("sites/acme", &settings).await?;
    deployment.connect("acme", json!({"new": true})).await?;
    let used = async || -> Result<u64> {
        let path = format!("solutions/{solution}/quota");
        let quota: Value = deployment.admin_get(&path).await?.json().await?;
        quota["used"].as_u64().context("no number")
    };
    let until_used = async |count: u64| -> Result<()> {
        let began = Instant::now();
        while used().await? != count {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "{}",
                used().await?
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    };
    until_used(1).await?;
    // All but one of the 200 that Meta allows.
    deployment.workerd.kill().await?;
    let others = format!(
        "WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 198) \
         INSERT INTO businesses SELECT 'solution/{solution}', 'other' || n, strftime('%s', 'now') * 1000 FROM count"
    );
    deployment.workerd.run_sql("Partner", &others)?;
    deployment.workerd.restart().await?;
    let late = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    deployment.connect("acme", json!({"new": true})).await?;
    until_used(200).await?;
    late.post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    let end = late.poll_until_end().await?;
    assert_eq!(end["problem"]["code"], "quota_full", "{end}");
    let began = Instant::now();
    while deployment.open_widget("acme", SHOP_ORIGIN).await.is_ok() {
        assert!(began.elapsed() < Duration::from_secs(10), "still served");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Other sites of the app go on.
    deployment.put_site("free", &json!({}), &[]).await?;
    deployment.open_widget("free", SHOP_ORIGIN).await?;
    Ok(())
}

/// The status of a launch.
async fn launch(widget: &WidgetClient<'_>) -> Result<u16> {
    let (status, _) = widget.post("/launched", &json!({})).await?;
    Ok(status.as_u16())
}
