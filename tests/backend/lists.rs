//! The lists of signups and events.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::launch_document;
use reqwest::Method;
use serde_json::{Value, json};

/// Ends a new signup of the customer at once.
async fn abandon(deployment: &Deployment, reference: &str) -> Result<String> {
    let url = format!(
        "{}/frame?site=acme&host={SHOP_ORIGIN}&reference={reference}",
        deployment.origin
    );
    let html = deployment.client.get(url).send().await?.text().await?;
    let launch = launch_document(&html)?;
    let (id, grant) = (launch["signup"].as_str(), launch["grant"].as_str());
    let (id, grant) = (id.context("no id")?, grant.context("no grant")?);
    let post = async |name: &str, body: Value| -> Result<()> {
        let url = format!("{}/v1/signups/{id}/{name}", deployment.origin);
        let request = deployment.client.post(url).bearer_auth(grant);
        let request = request.header("origin", &deployment.origin).json(&body);
        request.send().await?.error_for_status()?;
        Ok(())
    };
    post("launched", json!({})).await?;
    post(
        "ended",
        json!({"reason": "cancelled", "current_step": "PHONE_NUMBER_SETUP"}),
    )
    .await?;
    Ok(id.to_owned())
}

#[tokio::test]
async fn signups_are_listed_by_reference_status_and_account() -> Result<()> {
    let deployment = Deployment::start().await?;
    let mut abandoned = vec![];
    for customer in ["customer-1", "customer-2", "customer-1"] {
        abandoned.push(abandon(&deployment, customer).await?);
    }
    let connected = deployment.connect("acme", json!({})).await?;
    let backend = deployment.backend("acme", &["read"]).await?;
    let ids = async |query: &str| -> Result<Vec<String>> {
        let page = backend.get(&format!("/signups{query}")).await?;
        let signups = page["signups"].as_array().context("no list")?;
        let ids = signups.iter().filter_map(|signup| signup["id"].as_str());
        Ok(ids.map(str::to_owned).collect())
    };
    let connected_id = connected["id"].as_str().context("no id")?.to_owned();
    let waba = connected["connected"]["waba_id"]
        .as_str()
        .context("no account")?;
    let number = connected["connected"]["phone_number_id"]
        .as_str()
        .context("no number")?;
    // The index has an end a moment after the page.
    let mut all = ids("").await?;
    for _ in 0..100 {
        if all.len() == 4 && ids("?status=connected").await? == [connected_id.clone()] {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        all = ids("").await?;
    }
    for (query, want) in [
        ("?status=connected".to_owned(), vec![connected_id.clone()]),
        ("?reference=customer-2".into(), vec![abandoned[1].clone()]),
        (
            "?reference=customer-1&status=abandoned".into(),
            vec![abandoned[2].clone(), abandoned[0].clone()],
        ),
        ("?reference=customer-9".into(), vec![]),
        (format!("?waba_id={waba}"), vec![connected_id.clone()]),
        (
            format!("?phone_number_id={number}"),
            vec![connected_id.clone()],
        ),
        ("?changed_before=1".into(), vec![]),
    ] {
        assert_eq!(ids(&query).await?, want, "{query}");
    }
    let page = backend.get("/signups?reference=customer-2").await?;
    let signup = &page["signups"][0];
    assert_eq!(
        signup["reference"],
        json!({"id": "customer-2", "verified": false})
    );
    assert_eq!(signup["reason"], "PHONE_NUMBER_SETUP");
    assert_eq!(page["next"], Value::Null);

    // Pages follow one another without a gap.
    let (mut paged, mut after) = (vec![], String::new());
    loop {
        let page = backend.get(&format!("/signups?limit=3{after}")).await?;
        let signups = page["signups"].as_array().context("no list")?;
        paged.extend(
            signups
                .iter()
                .filter_map(|signup| Some(signup["id"].as_str()?.to_owned())),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(paged, ids("").await?);
    // The operator reads the same.
    let list: Value = deployment
        .admin_get("sites/acme/signups?status=connected")
        .await?
        .json()
        .await?;
    assert_eq!(list["signups"][0]["id"], connected_id);
    for query in [
        "?status=done",
        "?waba_id=x",
        "?after=x",
        "?limit=0",
        "?limit=501",
        "?limit=x",
    ] {
        let refusal = backend
            .refusal(Method::GET, &format!("/signups{query}"))
            .await?;
        assert_eq!(refusal, (400, "bad_request".into()), "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn events_are_pulled_behind_a_cursor() -> Result<()> {
    let deployment = Deployment::start().await?;
    abandon(&deployment, "customer-1").await?;
    let backend = deployment.backend("acme", &["read"]).await?;
    let types = async |after: u64| -> Result<(Vec<String>, u64)> {
        let page = backend.get(&format!("/events?after={after}")).await?;
        let events = page["events"].as_array().context("no list")?;
        let types = events
            .iter()
            .filter_map(|event| Some(event["type"].as_str()?.to_owned()));
        Ok((types.collect(), page["next"].as_u64().context("no cursor")?))
    };
    let mut first = types(0).await?;
    for _ in 0..100 {
        if first.0.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        first = types(0).await?;
    }
    assert_eq!(first.0, ["signup.launched", "signup.abandoned"]);
    assert_eq!(types(first.1).await?, (vec![], first.1));
    let page = backend.get("/events?limit=1").await?;
    let event = &page["events"][0];
    assert_eq!(event["data"]["reference"]["id"], "customer-1", "{event}");
    assert_eq!(event["data"]["site"], "acme");
    assert!(
        event["timestamp"]
            .as_str()
            .is_some_and(|at| at.ends_with('Z')),
        "{event}"
    );
    // The site has no endpoint.
    assert_eq!(event["delivery"], Value::Null);
    let newest = backend.get("/events?limit=1&order=newest").await?;
    assert_eq!(newest["events"][0]["type"], "signup.abandoned");
    assert_eq!(newest["next"].as_u64(), Some(first.1));
    for query in ["?after=x", "?delivery=all", "?limit=0", "?order=x"] {
        let refusal = backend
            .refusal(Method::GET, &format!("/events{query}"))
            .await?;
        assert_eq!(refusal, (400, "bad_request".into()), "{query}");
    }
    Ok(())
}
