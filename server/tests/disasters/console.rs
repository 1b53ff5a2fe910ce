//! A person in the console: signs in, opens pages, sends forms.

use reqwest::{Client, RequestBuilder};

use crate::{place::Place, weir::Weir};

pub struct Person {
    client: Client,
    cookie: String,
}

impl Person {
    /// The first admin, by the link that Weir prints at its start.
    pub async fn signed_in(place: &Place, weir: &Weir) -> Self {
        let said = weir.said();
        let (_, rest) = said.split_once("link=").unwrap();
        let link = rest.split_whitespace().next().unwrap();
        let form = format!("link={link}&name=ada&password=correct+horse+battery");
        let welcome = post(&place.client, weir, "/welcome", &form);
        let welcome = welcome.send().await.unwrap();
        let cookies = welcome.headers().get_all("set-cookie").iter();
        let mut cookies = cookies.filter_map(|cookie| cookie.to_str().unwrap().split(';').next());
        let cookie = cookies.find(|cookie| cookie.starts_with("weir_session="));
        let Some(cookie) = cookie.map(str::to_owned) else {
            panic!("{welcome:?}\n{}", weir.said())
        };
        Self {
            client: place.client.clone(),
            cookie,
        }
    }

    /// A page, without following.
    pub async fn page(&self, weir: &Weir, path: &str) -> String {
        let url = format!("http://{}{path}", weir.address);
        let asked = self.client.get(url);
        self.text(asked).await.1
    }

    /// Sends a form; status and page.
    pub async fn send(&self, weir: &Weir, path: &str, form: &str) -> (u16, String) {
        self.text(post(&self.client, weir, path, form)).await
    }

    async fn text(&self, request: RequestBuilder) -> (u16, String) {
        let answer = request.header("cookie", &self.cookie).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// Fails to sign in; what was answered.
pub async fn failed_sign_in(place: &Place, weir: &Weir) -> u16 {
    let form = "name=ada&password=wrong+wrong+wrong";
    let answer = post(&place.client, weir, "/sign-in", form).send().await;
    answer.unwrap().status().as_u16()
}

fn post(client: &Client, weir: &Weir, path: &str, form: &str) -> RequestBuilder {
    client
        .post(format!("http://{}{path}", weir.address))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
}
