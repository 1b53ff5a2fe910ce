//! One Weir has a database, whatever folder each of two has, with Postgres and with SQLite.

use pgserver::TestDatabase;

use crate::program::{Serving, log, refusal, said, weir};

#[test]
fn a_second_weir_on_the_same_database_is_refused_until_the_first_has_ended() {
    let database = TestDatabase::in_the_server_of_all();
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let mut first = Serving::start(&one, &database.url());
    // As it is where two machines share a database: the same key, another folder.
    std::fs::create_dir(&two).unwrap();
    std::fs::copy(one.join("master.key"), two.join("master.key")).unwrap();
    let refused = refusal(&two, &database.url());
    for told in [
        "another Weir has this database",
        "Weir, process",
        "connected since",
        "--database-url",
    ] {
        assert!(refused.contains(told), "{told}: {refused}");
    }
    // What would change what the other one works with is refused, too; what is done beside it is not.
    let rotation = weir(&["rotate-master-key"], &two, &database.url()).output();
    let rotation = String::from_utf8(rotation.unwrap().stderr).unwrap();
    assert!(
        rotation.contains("another Weir has this database"),
        "{rotation}"
    );
    assert!(said(&["ledger", "verify"], &two, &database.url()).contains("the books balance"));
    assert!(said(&["admin", "link"], &two, &database.url()).contains("/welcome?link="));
    first.kill();
    let mut second = Serving::start(&two, &database.url());
    second.kill();
    assert!(!log(&one).contains("panicked"), "{}", log(&one));
}

#[test]
fn two_databases_of_a_server_have_a_weir_each() {
    let databases = [
        TestDatabase::in_the_server_of_all(),
        TestDatabase::in_the_server_of_all(),
    ];
    let folder = tempfile::tempdir().unwrap();
    let _first = Serving::start(&folder.path().join("one"), &databases[0].url());
    let _second = Serving::start(&folder.path().join("two"), &databases[1].url());
}

#[test]
fn a_file_of_sqlite_outside_of_the_data_folders_is_one_weirs_too() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let url = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("weir.db").display()
    );
    let mut first = Serving::start(&one, &url);
    std::fs::create_dir(&two).unwrap();
    std::fs::copy(one.join("master.key"), two.join("master.key")).unwrap();
    // By another path.
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(folder.path().join("weir.db"), &link).unwrap();
    for url in [&url, &format!("sqlite://{}?mode=rwc", link.display())] {
        let refused = refusal(&two, url);
        assert!(
            refused.contains("another Weir has this database (process "),
            "{refused}"
        );
    }
    first.kill();
    Serving::start(&two, &url);
}
