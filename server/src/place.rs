//! Where Weir's data is and where it is reached: what every command is told that touches them.

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

/// The file of the transcripts, where SQLite has them.
const TRANSCRIPTS_FILE: &str = "transcripts.db";

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct DataArgs {
    /// Folder for the database, the journal and the key file
    #[arg(
        long,
        env = "WEIR_DATA_DIR",
        default_value = "./weir-data",
        value_name = "FOLDER"
    )]
    pub data_dir: PathBuf,

    /// Database, if not SQLite in the data folder: sqlite://… or postgres://…
    #[arg(
        long,
        env = "WEIR_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    database_url: Option<SecretUrl>,

    /// Key that encrypts secrets, 32 bytes in base64 or hex [default: a key file in the data folder]
    #[arg(
        long,
        env = "WEIR_MASTER_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    master_key: Option<SecretString>,
}

/// Where Weir is reached.
#[derive(Debug, Clone, Args)]
pub struct AddressArgs {
    /// Address to listen on
    #[arg(
        long,
        env = "WEIR_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "HOST:PORT"
    )]
    pub listen: SocketAddr,

    /// Address under which people and applications reach Weir; shown in the console, and what the
    /// origin check and the Secure flag of cookies follow [default: http(s)://LISTEN]
    #[arg(long, env = "WEIR_PUBLIC_URL", value_name = "URL")]
    public_url: Option<PublicUrl>,
}

impl DataArgs {
    /// The database: the one that was named, else SQLite in the data folder.
    #[must_use]
    pub fn database_url(&self) -> String {
        match &self.database_url {
            Some(SecretUrl(url)) => url.clone(),
            None => format!(
                "sqlite://{}?mode=rwc",
                self.data_dir.join("weir.db").display()
            ),
        }
    }

    /// The database of transcripts: a file of its own beside SQLite's, else tables in the same database.
    #[must_use]
    pub fn transcripts_url(&self) -> String {
        beside(&self.database_url())
    }

    /// The master key, where it is not in the key file.
    #[must_use]
    pub fn master_key(&self) -> Option<SecretString> {
        given(self.master_key.as_ref())
    }
}

impl AddressArgs {
    /// The address under which people reach Weir, which listens on `address`, with TLS or without;
    /// without a slash at the end.
    #[must_use]
    pub fn public_url(&self, address: SocketAddr, tls: bool) -> String {
        match &self.public_url {
            Some(PublicUrl(url)) => url.clone(),
            None if tls => format!("https://{address}"),
            None => format!("http://{address}"),
        }
    }
}

/// The address of the transcripts, whose file is beside that of this database.
fn beside(database_url: &str) -> String {
    let Some(file) = database_url.strip_prefix("sqlite:") else {
        return database_url.to_owned();
    };
    let (path, options) = file.split_at(file.find('?').unwrap_or(file.len()));
    let folder = path.rfind('/').map_or(0, |slash| slash.saturating_add(1));
    let folder = path.get(..folder).unwrap_or_default();
    format!("sqlite:{folder}{TRANSCRIPTS_FILE}{options}")
}

/// What was given; an empty text, as an empty variable makes it, is nothing.
#[must_use]
pub fn given(text: Option<&SecretString>) -> Option<SecretString> {
    text.filter(|text| !text.expose_secret().trim().is_empty())
        .cloned()
}

/// A database's address, which may hold a password: never shown.
#[derive(Clone)]
pub struct SecretUrl(pub String);

impl std::fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretUrl(hidden)")
    }
}

impl FromStr for SecretUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = ["sqlite:", "postgres:", "postgresql:"];
        if known.iter().any(|scheme| text.starts_with(scheme)) {
            return Ok(Self(text.to_owned()));
        }
        Err("write sqlite://… or postgres://…")
    }
}

/// An origin: scheme, host and port, without a path.
#[derive(Debug, Clone)]
pub struct PublicUrl(pub String);

impl FromStr for PublicUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write scheme, host and port alone, such as https://weir.example.com";
        let uri: http::Uri = text.parse().map_err(|_| FORM)?;
        let host = uri
            .authority()
            .filter(|authority| !authority.as_str().contains('@'))
            .ok_or(FORM)?;
        if uri.path() != "/" || uri.query().is_some() {
            return Err(FORM);
        }
        match uri.scheme_str() {
            Some(scheme @ ("http" | "https")) => Ok(Self(format!("{scheme}://{host}"))),
            _ => Err(FORM),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcripts_are_beside_the_database() {
        for (database, transcripts) in [
            (
                "sqlite:///a/weir.db?mode=rwc",
                "sqlite:///a/transcripts.db?mode=rwc",
            ),
            (
                "sqlite://./weir-data/weir.db",
                "sqlite://./weir-data/transcripts.db",
            ),
            ("sqlite:weir.db", "sqlite:transcripts.db"),
            (
                "sqlite://weir.db?mode=rwc",
                "sqlite://transcripts.db?mode=rwc",
            ),
            ("postgres://u:p@h/weir", "postgres://u:p@h/weir"),
        ] {
            assert_eq!(beside(database), transcripts);
        }
    }

    #[test]
    fn the_public_url_is_an_origin() {
        let parsed = |text: &str| text.parse::<PublicUrl>().map(|url| url.0).ok();
        assert_eq!(
            parsed("https://weir.example.com/").as_deref(),
            Some("https://weir.example.com")
        );
        assert_eq!(
            parsed("http://localhost:8080").as_deref(),
            Some("http://localhost:8080")
        );
        for bad in [
            "weir.example.com",
            "ftp://x",
            "https://x/weir",
            "https://u:p@x",
            "https://x?y",
        ] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
