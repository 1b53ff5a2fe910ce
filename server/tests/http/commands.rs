//! The program itself: its commands on a data folder, and what it says.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use admin::{Who, audit::AuditQuery};
use reqwest::StatusCode;
use store::{AuditEntry, MasterKey, Store};

use crate::support::{World, a_chat, start, world};

/// `weir` with nothing in its environment.
fn weir(words: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
    command
        .env_clear()
        .args(words)
        .arg("--data-dir")
        .arg(data)
        .stdin(Stdio::null());
    command
}

#[track_caller]
fn said(output: &Output, ok: bool) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.success(), ok, "{out}\n{err}");
    if ok { out } else { err }
}

fn folder(world: &World) -> PathBuf {
    world.data.path().join("weir")
}

/// Stops Weir, does something to its data, and starts it again.
async fn meanwhile(mut world: World, work: impl AsyncFnOnce(PathBuf)) -> World {
    world.weir.stop();
    world.weir.ended().await;
    work(world.data.path().join("weir")).await;
    world.weir = start(&world.data, &[]).await;
    world
}

async fn calls_are_answered(world: &World) {
    let answer = world.chat(&a_chat()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "the secret can be read");
}

#[test]
fn commands_make_nothing_where_there_is_no_data() {
    let parent = tempfile::tempdir().unwrap();
    let nothing = parent.path().join("mistyped");
    let key = parent.path().join("only-a-key");
    std::fs::create_dir(&key).unwrap();
    MasterKey::generate()
        .unwrap()
        .save(&key.join("master.key"))
        .unwrap();
    for data in [&nothing, &key] {
        for words in [
            &["admin", "link"][..],
            &["ledger", "verify"],
            &["ledger", "compact"],
            &["rotate-master-key"],
        ] {
            let error = said(&weir(words, data).output().unwrap(), false);
            assert!(error.contains("no Weir data in"), "{error}");
            assert!(error.contains(&data.display().to_string()), "{error}");
            assert!(error.contains("--data-dir"), "{error}");
        }
    }
    assert!(!nothing.exists());
    let files: Vec<_> = std::fs::read_dir(&key).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[tokio::test]
async fn a_link_of_the_command_line_is_taken_by_the_weir_that_runs() {
    let world = world().await;
    let output = weir(&["admin", "link"], &folder(&world)).output().unwrap();
    let link = said(&output, true);
    let link = link.trim();
    let secret = link
        .strip_prefix("http://127.0.0.1:8080/welcome?link=")
        .unwrap();
    let welcome = world
        .client
        .post(world.url("/welcome"))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!(
            "link={secret}&name=ada&password=correct+horse+battery"
        ))
        .send()
        .await
        .unwrap();
    assert_eq!(welcome.status(), StatusCode::SEE_OTHER);
    let mut behind_tls = weir(&["admin", "link"], &folder(&world));
    let behind_tls = behind_tls
        .env("WEIR_TLS_CERT", "cert.pem")
        .output()
        .unwrap();
    assert!(said(&behind_tls, true).starts_with("https://127.0.0.1:8080/welcome"));
}

#[tokio::test]
async fn the_books_are_verified_while_weir_runs() {
    let world = world().await;
    for _ in 0..3 {
        calls_are_answered(&world).await;
    }
    world.rows_when(3).await;
    let output = weir(&["ledger", "verify"], &folder(&world)).output();
    let balance = said(&output.unwrap(), true);
    assert!(
        balance.starts_with("the books balance: 3 calls, "),
        "{balance}"
    );
    assert!(balance.contains(" sums compared, in "), "{balance}");
}

#[tokio::test]
async fn the_database_is_compacted_while_weir_is_stopped() {
    let world = world().await;
    calls_are_answered(&world).await;
    let compact = |data: &Path| weir(&["ledger", "compact"], data).output().unwrap();
    let running = said(&compact(&folder(&world)), false);
    assert!(running.contains("in use by another Weir"), "{running}");
    let world = meanwhile(world, async |data| {
        let told = said(&compact(&data), true);
        assert!(told.contains("From now on it shrinks by itself."), "{told}");
    })
    .await;
    calls_are_answered(&world).await;
}

#[tokio::test]
async fn the_master_key_is_changed_by_a_command_and_the_audit_has_it() {
    let world = world().await;
    let rotate = |data: &Path| weir(&["rotate-master-key"], data);
    let running = said(&rotate(&folder(&world)).output().unwrap(), false);
    assert!(running.contains("in use by another Weir"), "{running}");
    let world = meanwhile(world, async |data| {
        let key = data.join("master.key");
        let before = std::fs::read_to_string(&key).unwrap();
        let mut malformed = rotate(&data);
        let malformed = malformed.env("WEIR_NEW_MASTER_KEY", "short").output();
        let malformed = said(&malformed.unwrap(), false);
        assert!(malformed.contains("WEIR_NEW_MASTER_KEY"), "{malformed}");
        let mut unnamed = rotate(&data);
        let unnamed = unnamed.env("WEIR_MASTER_KEY", before.trim()).output();
        let unnamed = said(&unnamed.unwrap(), false);
        assert!(unnamed.contains("WEIR_NEW_MASTER_KEY"), "{unnamed}");
        assert_eq!(std::fs::read_to_string(&key).unwrap(), before);
        let mut empty = rotate(&data);
        empty
            .env("WEIR_NEW_MASTER_KEY", "")
            .env("WEIR_MASTER_KEY", " ");
        let done = said(&empty.output().unwrap(), true);
        assert!(done.contains("master.key"), "{done}");
        assert_ne!(std::fs::read_to_string(&key).unwrap(), before);
    })
    .await;
    calls_are_answered(&world).await;
    let query = AuditQuery::read("kind=master_key").unwrap();
    let rows = world.weir.admin.audit().list(&Who::system(), &query).await;
    let rows = rows.unwrap().items;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let (before, after) = (rows[0].before.as_ref(), rows[0].after.as_ref());
    assert_ne!(before.unwrap()["key_id"], after.unwrap()["key_id"]);
    assert_eq!(
        (rows[0].actor.as_str(), rows[0].action.as_str()),
        ("system", "rotate")
    );
}

#[tokio::test]
async fn a_rotation_that_died_half_way_is_completed_by_the_next_start() {
    let world = meanwhile(world().await, async |data| {
        let old = MasterKey::load(None, &data.join("master.key")).unwrap();
        let new = MasterKey::generate().unwrap();
        new.save(&data.join("master.key.next")).unwrap();
        let store = Store::open(store::Options {
            database_url: format!("sqlite:{}", data.join("weir.db").display()),
            master_key: old.clone(),
            readers: 1,
        })
        .await
        .unwrap();
        let entry = AuditEntry {
            at: domain::Timestamp::now(),
            actor: "system".to_owned(),
            action: "rotate".to_owned(),
            object_kind: "master_key".to_owned(),
            object_id: new.id().to_owned(),
            before: None,
            after: None,
            address: None,
        };
        store.rotate_master_key(&old, &new, &entry).await.unwrap();
        store.close().await.unwrap();
    })
    .await;
    calls_are_answered(&world).await;
    assert!(!folder(&world).join("master.key.next").exists());
}

#[test]
fn help_tells_what_matters_to_a_command() {
    for words in [
        &["admin", "link"][..],
        &["ledger", "verify"],
        &["ledger", "compact"],
        &["rotate-master-key"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weir"));
        let output = command.env_clear().args(words).arg("--help").output();
        let help = said(&output.unwrap(), true);
        for known in ["--data-dir", "--database-url", "--master-key"] {
            assert!(help.contains(known), "{known}: {help}");
        }
        for foreign in [
            "--max-body-bytes",
            "--drain-timeout",
            "--admin-token",
            "--tls-cert",
        ] {
            assert!(!help.contains(foreign), "{foreign}: {help}");
        }
    }
}

#[test]
fn the_first_start_says_in_one_line_that_there_is_a_database() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("weir");
    let mut command = weir(&["serve", "--listen", "127.0.0.1:0"], &data);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(out.any(|line| line.unwrap().contains("First admin")));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut log = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    assert_eq!(log.matches("Made the database").count(), 1, "{log}");
    assert!(!log.contains("migration"), "{log}");
}

#[tokio::test]
async fn the_demo_goes_on_to_call() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("weir");
    let admin_token = "the-admin-token-of-a-test-of-the-demo";
    let mut child = weir(
        &["demo", "--listen", "127.0.0.1:0", "--pause", "10ms"],
        &data,
    )
    .env("WEIR_ADMIN_TOKEN", admin_token)
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let console = out
        .find_map(|line| Some(line.unwrap().split_once("Console")?.1.trim().to_owned()))
        .unwrap();
    let _set = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let newest = async || {
        let asked = client.get(format!("{console}/api/v1/calls?limit=1"));
        let answer = asked.bearer_auth(admin_token).send().await.unwrap();
        let calls: serde_json::Value = answer.json().await.unwrap();
        calls["items"][0]["id"].as_str().map(str::to_owned)
    };
    let first = newest().await;
    let mut ids = std::collections::HashSet::from([first]);
    for _ in 0..200 {
        if ids.len() >= 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        ids.insert(newest().await);
    }
    let ended = child.try_wait().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(ended.is_none(), "{ended:?}");
    assert!(ids.len() >= 3, "{ids:?}");
}
