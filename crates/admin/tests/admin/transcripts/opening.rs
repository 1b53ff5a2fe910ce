//! Who opened what is in the audit.

use admin::{
    Actor, PageRequest, Who,
    audit::{AuditQuery, AuditView},
    transcripts::{ExportFormat, Side},
};
use domain::AdminId;
use uuid::Uuid;

use super::Recording;
use crate::app::{address, who};

async fn rows(of: &Recording) -> Vec<AuditView> {
    let query = AuditQuery::read("kind=conversation&kind=transcript").unwrap();
    let page = of.admin.audit().list(&who(), &query).await;
    let mut rows = page.unwrap().items;
    rows.reverse();
    rows
}

fn told(row: &AuditView) -> (&str, &str, &str, &str, u64) {
    (
        &row.actor,
        &row.action,
        &row.object_kind,
        &row.object_id,
        row.times,
    )
}

#[tokio::test]
async fn each_who_opens_something_has_a_row_and_openings_of_the_same_are_counted() {
    let of = Recording::new().await;
    let (id, calls) = of.two_turns().await;
    let call = calls[0].start.id.to_string();
    let actor = Actor::Person {
        id: AdminId(Uuid::from_u128(1)),
        name: "Ada".to_owned(),
        by_token: None,
    };
    let ada = Who::checked(actor, Some(address("192.0.2.7")));
    let transcripts = of.transcripts();
    let page = PageRequest::first(1);
    for _ in 0..3 {
        transcripts.conversation(&ada, &id, &page).await.unwrap();
    }
    transcripts.turn(&ada, &call).await.unwrap();
    transcripts.conversation(&who(), &id, &page).await.unwrap();
    transcripts.transcript(&ada, &call).await.unwrap();
    transcripts.body(&ada, &call, Side::Request).await.unwrap();
    for format in ExportFormat::ALL {
        drop(transcripts.export(&ada, &id, format).await.unwrap());
    }
    let rows = rows(&of).await;
    let told: Vec<_> = rows.iter().map(told).collect();
    assert_eq!(
        told,
        [
            ("person:Ada", "open", "conversation", id.as_str(), 4),
            ("admin_token", "open", "conversation", id.as_str(), 1),
            ("person:Ada", "open", "transcript", call.as_str(), 2),
            ("person:Ada", "export", "conversation", id.as_str(), 2),
        ]
    );
    assert_eq!(rows[0].address.as_deref(), Some("192.0.2.7"));
    assert!(
        rows.iter()
            .all(|row| row.before.is_none() && row.after.is_none())
    );
}

#[tokio::test]
async fn what_is_not_there_or_only_listed_is_not_opened() {
    let of = Recording::new().await;
    let (id, calls) = of.two_turns().await;
    of.list("q=weir").await;
    let transcripts = of.transcripts();
    let call = calls[0].start.id.to_string();
    transcripts.place(&who(), &call).await.unwrap();
    transcripts.transcript(&who(), &id).await.unwrap_err();
    let page = PageRequest::default();
    transcripts
        .conversation(&who(), &call, &page)
        .await
        .unwrap_err();
    assert_eq!(rows(&of).await.len(), 0);
}

#[tokio::test]
async fn nobody_sees_what_cannot_be_written_down() {
    let of = Recording::new().await;
    let (id, calls) = of.two_turns().await;
    of.app.store.close().await.unwrap();
    let transcripts = of.transcripts();
    let page = PageRequest::default();
    let call = calls[0].start.id.to_string();
    assert!(transcripts.conversation(&who(), &id, &page).await.is_err());
    assert!(transcripts.transcript(&who(), &call).await.is_err());
    let export = transcripts.export(&who(), &id, ExportFormat::Raw).await;
    assert!(export.is_err());
}
