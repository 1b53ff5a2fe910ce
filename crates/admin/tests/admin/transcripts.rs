//! What was said in calls, as admins read, take out and delete it.

mod deleting;
mod opening;
mod reading;

use admin::{
    Admin, Options,
    transcripts::{ConversationQuery, ConversationView, Transcripts},
};
use domain::{Timestamp, call::Call};
use serde_json::{Value, json};
use std::time::Duration;
use store::transcripts::TranscriptsOptions;
use tokio_util::sync::CancellationToken;
use transcripts::{Recorded, RecordedBody, Recorder};

use crate::{
    app::{App, who},
    repricing::{AT, call},
};

/// An `App` that records what is said.
pub(crate) struct Recording {
    pub(crate) app: App,
    pub(crate) admin: Admin,
    pub(crate) recorder: Recorder,
    stop: CancellationToken,
}

/// A recorder on the database in the folder, with its writer at work until `stop`.
pub(crate) async fn recorder(app: &App, stop: &CancellationToken) -> Recorder {
    let options = TranscriptsOptions {
        database_url: format!("sqlite:{}", app.dir.path().join("transcripts.db").display()),
        readers: 2,
    };
    let (recorder, writer) = Recorder::open(options).await;
    tokio::spawn(writer.run(stop.clone()));
    recorder
}

impl Recording {
    pub(crate) async fn of(app: App) -> Self {
        let stop = CancellationToken::new();
        let recorder = recorder(&app, &stop).await;
        Self {
            admin: app.admin.clone().with_transcripts(recorder.clone()),
            app,
            recorder,
            stop,
        }
    }

    pub(crate) async fn new() -> Self {
        Self::of(App::with_secret().await).await
    }

    pub(crate) fn transcripts(&self) -> Transcripts {
        self.admin.transcripts()
    }

    /// The same data after a new start of the program.
    pub(crate) async fn again(self) -> Self {
        self.stop.cancel();
        let live = self.app.read_again().await;
        let options = Options {
            public_url: "https://weir.example.com/".to_owned(),
            allow_link_local_upstreams: false,
            vertex: admin::providers::VertexDefaults::default(),
        };
        let upstream = self.app.upstream.clone();
        let mut app = self.app;
        app.admin = Admin::new(app.store.clone(), live, upstream, options);
        Self::of(app).await
    }

    /// Records a call and waits until it is written.
    pub(crate) async fn record(&self, call: &Call, asked: Option<&Value>, said: Option<&Value>) {
        let body = |json: &Value| {
            let text = json.to_string();
            RecordedBody {
                content_type: Some("application/json".to_owned()),
                content_encoding: None,
                bytes: u64::try_from(text.len()).unwrap(),
                kept: text.into(),
            }
        };
        self.recorder.take(Recorded {
            call: call.clone(),
            names: call.start.conversation.iter().cloned().collect(),
            request: asked.map(body),
            response: said.map(body),
            secrets: vec![],
        });
        self.written().await;
    }

    /// Waits until nothing waits.
    pub(crate) async fn written(&self) {
        until(async || self.recorder.health().waiting == 0).await;
    }

    /// The conversations that fit.
    pub(crate) async fn list(&self, query: &str) -> Vec<ConversationView> {
        let query = ConversationQuery::read(query).unwrap();
        let page = self.transcripts().list(&who(), &query).await;
        page.unwrap().items
    }

    /// A conversation of two turns: its id and its calls.
    pub(crate) async fn two_turns(&self) -> (String, [Call; 2]) {
        let first = call("main", "gpt-4o", AT);
        let second = later(&first, 60);
        let asked = [
            json!({"role": "system", "content": "Be brief."}),
            json!({"role": "user", "content": "What is a weir?"}),
        ];
        let said = json!({"role": "assistant", "content": "A low dam."});
        self.record(&first, Some(&chat(&asked)), Some(&answer(&said)))
            .await;
        let mut more = asked.to_vec();
        more.extend([said, json!({"role": "user", "content": "What is it for?"})]);
        let said = json!({"role": "assistant", "content": "To measure the flow."});
        self.record(&second, Some(&chat(&more)), Some(&answer(&said)))
            .await;
        let found = self.list("").await;
        assert_eq!(found.len(), 1, "{found:?}");
        (found[0].id.to_string(), [first, second])
    }
}

/// Waits until something is so.
pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .expect("it never was so");
}

/// A call like another one, so many seconds later.
pub(crate) fn later(before: &Call, seconds: i64) -> Call {
    let second = before.start.started_at.as_second() + seconds;
    let at = Timestamp::from_second(second).unwrap().to_string();
    let made = call(
        before.start.provider.as_str(),
        before.start.model.as_deref().unwrap(),
        &at,
    );
    let mut later = before.clone();
    later.start.id = made.start.id;
    later.start.started_at = made.start.started_at;
    later
}

/// A request of the chat API.
pub(crate) fn chat(messages: &[Value]) -> Value {
    json!({"model": "gpt-4o", "messages": messages})
}

/// A request that says one thing.
pub(crate) fn says(text: &str) -> Value {
    chat(&[json!({"role": "user", "content": text})])
}

/// An answer of the chat API.
pub(crate) fn answer(message: &Value) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    })
}

/// An answer that says one thing.
pub(crate) fn replies(text: &str) -> Value {
    answer(&json!({"role": "assistant", "content": text}))
}
