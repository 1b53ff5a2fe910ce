//! Settings: people and their links, one's own API tokens, the password's place among them.

use secrecy::SecretString;

use crate::browser::{Browser, PASSWORD, Page, value_of};

const SESSION: &str = "__Host-weir_session";

/// What a page shows once, in the code with this id.
fn shown_once(page: &Page, id: &str) -> String {
    assert_eq!(page.header("cache-control"), "no-store");
    let opening = format!(r#"<code id="{id}" class="break">"#);
    let rest = page.text.split_once(&opening).unwrap().1;
    rest.split('<').next().unwrap().to_owned()
}

/// The id of the person of a name.
async fn id_of(browser: &Browser, name: &str) -> String {
    let everybody = browser.admin.people().all(&admin::Who::system()).await;
    let person = everybody
        .unwrap()
        .into_iter()
        .find(|person| person.name == name);
    person.unwrap().id.to_string()
}

/// Adds a person and gives the path of their link.
async fn add(browser: &mut Browser, name: &str) -> String {
    let added = browser
        .post("/settings/people/new", &[("name", name)])
        .await;
    added.is(200).says("is added").says("shown this once");
    let link = shown_once(&added, "link");
    link.strip_prefix("https://weir.example")
        .unwrap()
        .to_owned()
}

/// Another browser at the same console sets the password of a link.
async fn set_password(browser: &mut Browser, link: &str) {
    let link = link.split_once("link=").unwrap().1;
    browser
        .post("/welcome", &[("link", link), ("password", PASSWORD)])
        .await
        .is(303);
}

#[tokio::test]
async fn the_tabs_lead_to_each_other() {
    let mut browser = Browser::signed_in().await;
    let tabs = [
        "/settings",
        "/settings/people",
        "/settings/api-tokens",
        "/settings/storage",
        "/settings/catalog",
        "/account/password",
    ];
    for path in tabs {
        let page = browser.get(path).await;
        page.is(200)
            .says(&format!(r#"href="{path}" aria-current="page""#));
        for tab in tabs {
            page.says(&format!(r#"href="{tab}""#));
        }
    }
}

#[tokio::test]
async fn a_person_is_added_and_sets_a_password_with_their_link() {
    let mut browser = Browser::signed_in().await;
    let taken = browser
        .post("/settings/people/new", &[("name", "ADA")])
        .await;
    taken
        .is(422)
        .says("Somebody has this name already; choose another.")
        .says(r#"value="ADA""#);
    let link = add(&mut browser, "Eve").await;
    browser
        .get("/settings/people")
        .await
        .says("No password yet")
        .says("one-time link, expires")
        .says_not(link.split_once("link=").unwrap().1);

    browser.forget_cookies();
    let page = browser.get(&link).await;
    page.is(200)
        .says("Set your password")
        .says("You sign in as <b>Eve</b>")
        .says_not(r#"name="name""#);
    let part = link.split_once("link=").unwrap().1.to_owned();
    let short = [("link", part.as_str()), ("password", "short")];
    browser
        .post("/welcome", &short)
        .await
        .is(422)
        .says("12 characters at least")
        .says("You sign in as <b>Eve</b>");
    set_password(&mut browser, &link).await;
    browser
        .get("/settings/people")
        .await
        .is(200)
        .says("Eve")
        .says("you");
    browser
        .get(&link)
        .await
        .is(403)
        .says("This link was used before")
        .says("Settings, People");
}

#[tokio::test]
async fn a_form_that_is_sent_again_adds_nobody_and_keeps_the_link() {
    let mut browser = Browser::signed_in().await;
    let new = "/settings/people/new";
    let once = value_of(&browser.get(new).await, "once").to_owned();
    let fields = |name| [("once", once.as_str()), ("name", name)];
    browser.post(new, &fields("")).await.is(422);
    let added = browser.post(new, &fields("Eve")).await;
    let link = shown_once(added.is(200), "link");
    browser
        .post(new, &fields("Eve"))
        .await
        .is(409)
        .says("Nobody else was added")
        .says(r#"href="/settings/people""#);
    browser.forget_cookies();
    set_password(&mut browser, &link).await;
}

#[tokio::test]
async fn disabling_ends_sessions_for_good_and_enabling_lets_in_again() {
    let mut browser = Browser::signed_in().await;
    let adas = browser.cookie(SESSION).unwrap().to_owned();
    let link = add(&mut browser, "Eve").await;
    browser.forget_cookies();
    set_password(&mut browser, &link).await;
    let eves = browser.cookie(SESSION).unwrap().to_owned();
    let (ada, eve) = (id_of(&browser, "Ada").await, id_of(&browser, "Eve").await);

    browser.set_cookie(SESSION, &adas);
    let list = browser.get("/settings/people").await;
    list.says(&format!("/settings/people/{eve}/disable"))
        .says_not(&format!("/settings/people/{ada}/disable"));
    browser
        .post(&format!("/settings/people/{ada}/disable"), &[])
        .await
        .is(409)
        .says("You cannot disable yourself");
    let back = [("back", "/settings/people?q=e")];
    let done = browser
        .post(&format!("/settings/people/{eve}/disable"), &back)
        .await;
    assert_eq!(done.is(303).leads_to(), "/settings/people?q=e");
    let list = browser.get("/settings/people?status=disabled").await;
    list.says("Eve is disabled")
        .says(&format!("/settings/people/{eve}/enable"))
        .says_not(&format!("/settings/people/{eve}/link"));
    browser
        .post(&format!("/settings/people/{eve}/link"), &[("once", "a")])
        .await
        .is(409)
        .says("Enable the account first");

    // Not even asked for while she was disabled, it does not come back with her.
    browser
        .post(&format!("/settings/people/{eve}/enable"), &[])
        .await
        .is(303);
    browser.set_cookie(SESSION, &eves);
    browser.get("/providers").await.is(303);
    browser.forget_cookies();
    let right = [("name", "Eve"), ("password", PASSWORD)];
    browser.post("/sign-in", &right).await.is(303);
    browser.get("/providers").await.is(200);
}

#[tokio::test]
async fn a_lost_password_is_set_with_a_link_that_ends_the_sessions() {
    let mut browser = Browser::signed_in().await;
    let ada = id_of(&browser, "Ada").await;
    let path = format!("/settings/people/{ada}/link");
    let form = browser.post(&path, &[]).await;
    form.is(200)
        .says("A one-time link for Ada")
        .says_not("They have one already");
    let once = [("once", value_of(&form, "once"))];
    let made = browser.post(&path, &once).await;
    made.is(200).says("A link for Ada");
    let link = shown_once(&made, "link");
    let link = link.strip_prefix("https://weir.example").unwrap();
    // Neither loading its page again nor going back to it makes another.
    let again = browser.post(&path, &once).await;
    again
        .is(409)
        .says("No second link was made")
        .says(&format!("href=\"{path}\""))
        .says_not("/welcome?link=");
    browser
        .get(&path)
        .await
        .is(200)
        .says("They have one already");
    let before = browser.cookie(SESSION).unwrap().to_owned();
    browser.forget_cookies();
    browser.get(link).await.is(200).says("Set a new password");
    let part = link.split_once("link=").unwrap().1;
    let new = [("link", part), ("password", "another long one")];
    browser.post("/welcome", &new).await.is(303);
    browser.set_cookie(SESSION, &before);
    browser.get("/providers").await.is(303);
}

#[tokio::test]
async fn an_api_token_is_shown_once_and_revoked_by_its_name() {
    let mut browser = Browser::signed_in().await;
    let list = "/settings/api-tokens";
    browser.get(list).await.is(200).says("No API tokens yet");
    let new = "/settings/api-tokens/new";
    let wrong = [
        ("name", ""),
        ("expires", "on"),
        ("expires_on", "2001-01-01"),
    ];
    browser
        .post(new, &wrong)
        .await
        .is(422)
        .says("Give the token a name")
        .says("Choose a time in the future.");
    let right = [("name", "laptop"), ("expires", "90d")];
    let made = browser.post(new, &right).await;
    let plain = shown_once(made.is(200), "token");
    assert!(plain.starts_with("wra_") && plain.len() == 47, "{plain}");
    let tokens = browser.admin.api_tokens();
    let shown = SecretString::from(plain.as_str());
    assert!(tokens.recognise(&shown).is_some());

    let page = browser.get(list).await;
    page.is(200)
        .says("laptop")
        .says(plain.get(..10).unwrap())
        .says_not(&plain);
    let own_page = page
        .text
        .split("href=\"/settings/api-tokens/")
        .find_map(|rest| {
            let id = rest.split('"').next()?;
            (id.len() == 36).then(|| format!("{list}/{id}"))
        });
    let own_page = own_page.unwrap();
    browser.get(&own_page).await.is(200).says_not(&plain);
    let revoke = format!("{own_page}/revoke");
    browser
        .post(&revoke, &[("confirm", "desktop")])
        .await
        .is(422)
        .says("Nothing was revoked");
    assert!(tokens.recognise(&shown).is_some());
    browser
        .post(&revoke, &[("confirm", "laptop")])
        .await
        .is(303);
    assert!(tokens.recognise(&shown).is_none());
    browser
        .get(list)
        .await
        .says("laptop is revoked")
        .says("No API tokens yet");
    browser
        .get(&own_page)
        .await
        .is(404)
        .says("no API token of yours");
}

#[tokio::test]
async fn nobody_sees_or_revokes_the_api_token_of_another() {
    let mut browser = Browser::signed_in().await;
    let link = add(&mut browser, "Eve").await;
    let made = [("name", "laptop"), ("expires", "never")];
    browser
        .post("/settings/api-tokens/new", &made)
        .await
        .is(200);
    let page = browser.get("/settings/api-tokens").await;
    let id = page
        .text
        .split("id=\"menu-")
        .nth(1)
        .and_then(|rest| rest.get(..36))
        .unwrap()
        .to_owned();
    browser
        .get("/settings/people")
        .await
        .says(r#"<span class="only-narrow muted">API tokens </span>1"#);
    browser.forget_cookies();
    set_password(&mut browser, &link).await;
    browser
        .get("/settings/api-tokens")
        .await
        .says("No API tokens yet");
    let path = format!("/settings/api-tokens/{id}");
    browser.get(&path).await.is(404);
    let revoke = format!("{path}/revoke");
    browser
        .post(&revoke, &[("confirm", "laptop")])
        .await
        .is(404);
}

#[tokio::test]
async fn a_new_password_is_checked_whole() {
    let mut browser = Browser::signed_in().await;
    let short = [("current_password", PASSWORD), ("new_password", "short")];
    browser
        .post("/account/password", &short)
        .await
        .is(422)
        .says("12 characters at least")
        .says_not(PASSWORD);
    let both = [
        ("current_password", ""),
        ("new_password", "long enough, I think"),
    ];
    browser
        .post("/account/password", &both)
        .await
        .is(422)
        .says("This is not your password.")
        .says_not("I think");
}

#[tokio::test]
async fn a_form_that_is_sent_again_makes_no_second_api_token() {
    let mut browser = Browser::signed_in().await;
    let form = browser.get("/settings/api-tokens/new").await;
    let once = value_of(&form, "once").to_owned();
    let fields = |name| {
        [
            ("once", once.as_str()),
            ("name", name),
            ("expires", "never"),
        ]
    };
    // What was refused made nothing, so the same form may go on.
    let mut send = async |name| {
        browser
            .post("/settings/api-tokens/new", &fields(name))
            .await
    };
    send("").await.is(422);
    send("ci").await.is(200).says("wra_");
    send("ci")
        .await
        .is(409)
        .says("No second token was made")
        .says_not("wra_");
    let list = browser.get("/settings/api-tokens").await;
    assert_eq!(list.text.matches("class=\"menu-cell\"").count(), 1);
}

/// The opening tag of the form that does something to a person.
fn form_of<'a>(page: &'a Page, id: &str, what: &str) -> &'a str {
    let action = format!(r#"action="/settings/people/{id}/{what}""#);
    let rest = page.text.split_once(&action).unwrap().1;
    rest.split('>').next().unwrap()
}

#[tokio::test]
async fn a_one_time_link_leads_to_its_page_while_a_switch_shows_at_once() {
    let mut browser = Browser::signed_in().await;
    add(&mut browser, "Eve").await;
    let id = id_of(&browser, "Eve").await;
    let page = browser.get("/settings/people").await;
    assert_eq!(form_of(&page, &id, "link"), "");
    page.says(&format!(r#"<td id="status-{id}">"#));
    let switch = form_of(&page, &id, "disable");
    assert!(
        switch.contains(&format!(r#"data-at-once="status-{id}""#)),
        "{switch}"
    );
    assert!(switch.contains(r#"data-words="Disabled""#), "{switch}");
    let disable = format!("/settings/people/{id}/disable");
    browser.post(&disable, &[]).await.is(303);
    let page = browser.get("/settings/people").await;
    let switch = form_of(&page, &id, "enable");
    assert!(
        switch.contains(r#"data-words="No password yet""#),
        "{switch}"
    );
}

#[tokio::test]
async fn the_key_for_new_makes_people_and_api_tokens_too() {
    let mut browser = Browser::signed_in().await;
    for list in ["/settings/people", "/settings/api-tokens"] {
        browser
            .get(list)
            .await
            .says(&format!(r#"href="{list}/new" data-key="n""#));
    }
}
