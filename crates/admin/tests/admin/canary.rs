//! No value of a secret, no token and no password stands anywhere but where it must.

use std::{
    io,
    sync::{Arc, Mutex},
};

use admin::{AdminError, Who, audit::AuditQuery, providers::BasedOn, tokens::TokenDraft};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::app::{App, who};

const CANARY: &str = "sk-canary-3c1f7a";
const PASSWORD: &str = "canary of a password";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn secrets_show_in_no_answer_no_audit_row_no_log_and_no_file() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let app = App::new().await;
    let mut said: Vec<String> = vec![];
    let mut say = |text: String| said.push(text);
    let refused = |result: Result<(), AdminError>| {
        let error = result.unwrap_err();
        format!("{error} {error:?} {:?}", error.problem())
    };

    say(refused(app.put_secret("KEY", &format!("{CANARY}\n")).await));
    say(refused(app.put_secret(CANARY, "x").await));
    app.put_secret("KEY", CANARY).await.unwrap();
    app.put_secret("KEY", CANARY).await.unwrap();
    let pasted = json!({"display_name": "Main", "type": "openai", "api_key": CANARY, "organization": {"x": CANARY}});
    say(refused(app.create(pasted).await.map(drop)));
    let view = app
        .create(json!({"display_name": "Main", "type": "openai", "api_key": "KEY"}))
        .await
        .unwrap();
    say(serde_json::to_string(&view).unwrap());
    let patch = json!({"api_key": CANARY});
    say(refused(
        app.admin
            .providers()
            .update(&who(), "main", BasedOn::Newest, patch)
            .await
            .map(drop),
    ));
    say(format!("{:?}", app.admin.live()));
    say(format!("{:?}", app.live_provider("main")));
    say(serde_json::to_string(&app.admin.secrets().all(&who()).await.unwrap()).unwrap());
    say(refused(app.admin.secrets().delete(&who(), "KEY").await));

    let draft = TokenDraft {
        name: Some("ci".to_owned()),
        ..TokenDraft::default()
    };
    let new = app.admin.tokens().create(&who(), &draft).await.unwrap();
    say(format!("{new:?}"));
    say(serde_json::to_string(&app.admin.tokens().all(&who()).await.unwrap()).unwrap());

    let link = app.admin.people().make_link(&Who::system()).await.unwrap();
    let ada = app
        .admin
        .people()
        .use_link(link.clone(), "ada", SecretString::from(PASSWORD), None)
        .await
        .unwrap();
    say(format!("{ada:?}"));
    let error = app
        .admin
        .people()
        .sign_in("ada", SecretString::from(CANARY), None)
        .await;
    say(refused(error.map(drop)));

    let rows = app
        .admin
        .audit()
        .list(&who(), &AuditQuery::default())
        .await
        .unwrap();
    say(serde_json::to_string(&rows.items).unwrap());
    say(String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned());

    app.store.close().await.unwrap();
    for entry in std::fs::read_dir(app.dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        say(String::from_utf8_lossy(&bytes).into_owned());
    }

    for text in &said {
        for hidden in [
            CANARY,
            PASSWORD,
            new.plain.expose_secret(),
            link.expose_secret(),
        ] {
            let beginning: String = text.chars().take(2_000).collect();
            assert!(!text.contains(hidden), "{hidden} shows in: {beginning}");
        }
    }
    assert!(said.len() > 15, "something was looked at");
}
