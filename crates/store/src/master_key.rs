//! The master key: what the values of secrets are encrypted under.
//!
//! XChaCha20-Poly1305 with a random nonce per value; the name of a value is bound to it, so that one row's
//! bytes are worth nothing in another. A key is known by its id, the first eight bytes of its SHA-256.

use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// Takes base64 with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What can be wrong with the master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// Not 32 bytes in base64 or hexadecimal.
    #[error("{place} does not hold a master key: 32 bytes in base64 or hexadecimal")]
    Malformed {
        /// Where it was read from.
        place: String,
    },
    /// The database was made with another key.
    #[error(
        "this database is encrypted under the master key {expected}, but the key given is {given}; \
         set WEIR_MASTER_KEY or the key file to the right one"
    )]
    Wrong {
        /// Id of the key that the database was made with.
        expected: String,
        /// Id of the key that was given.
        given: String,
    },
    /// The key file could not be read or made.
    #[error("cannot {action} the key file {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandom,
}

/// What the values of secrets are encrypted under. Wiped from memory when it is dropped.
#[derive(Clone)]
pub struct MasterKey {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    id: String,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, hidden)", self.id)
    }
}

impl MasterKey {
    /// The key from the environment, else from the file, which is made with a random key where it is
    /// missing, readable by its owner only.
    ///
    /// # Errors
    /// [`MasterKeyError`].
    pub fn load(env: Option<SecretString>, file: &Path) -> Result<Self, MasterKeyError> {
        if let Some(key) = Self::find(env, file)? {
            return Ok(key);
        }
        let key = Self::generate()?;
        key.save(file)?;
        Ok(key)
    }

    /// As [`MasterKey::load`], but makes nothing. `None`: there is neither.
    ///
    /// # Errors
    /// [`MasterKeyError`].
    pub fn find(env: Option<SecretString>, file: &Path) -> Result<Option<Self>, MasterKeyError> {
        if let Some(text) = env.filter(|text| !text.expose_secret().trim().is_empty()) {
            return Self::read(&text, "WEIR_MASTER_KEY").map(Some);
        }
        match fs::read_to_string(file) {
            Ok(text) => Self::read(&text.into(), &file.display().to_string()).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(MasterKeyError::file("read", file)(error)),
        }
    }

    /// The key that a text holds: 32 bytes in base64 or hexadecimal. `place`: where the text is from, for
    /// whoever has to correct it.
    ///
    /// # Errors
    /// [`MasterKeyError::Malformed`].
    pub fn read(text: &SecretString, place: &str) -> Result<Self, MasterKeyError> {
        Self::parse(text.expose_secret()).ok_or_else(|| MasterKeyError::Malformed {
            place: place.to_owned(),
        })
    }

    /// A new random key.
    ///
    /// # Errors
    /// [`MasterKeyError::NoRandom`].
    pub fn generate() -> Result<Self, MasterKeyError> {
        let bytes = <[u8; KEY_BYTES]>::try_generate().map_err(|_| MasterKeyError::NoRandom)?;
        Ok(Self::new(Zeroizing::new(bytes)))
    }

    /// Puts the key into a file that does not exist yet, readable by its owner only, and on the disk itself.
    ///
    /// # Errors
    /// [`MasterKeyError::File`].
    pub fn save(&self, file: &Path) -> Result<(), MasterKeyError> {
        if let Some(folder) = file.parent() {
            crate::files::make_folder(folder).map_err(MasterKeyError::file("make", file))?;
        }
        let text = Zeroizing::new(format!("{}\n", BASE64.encode(*self.bytes)));
        // Under another name first, so that a crash leaves no half key; a link refuses to overwrite one.
        let mut unfinished = file.as_os_str().to_owned();
        unfinished.push(".tmp");
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)
            .and_then(|mut made| {
                made.write_all(text.as_bytes())?;
                made.sync_all()
            })
            .and_then(|()| fs::hard_link(&unfinished, file))
            .and_then(|()| fs::remove_file(&unfinished))
            .map_err(MasterKeyError::file("make", file))
    }

    /// What tells this key from others. Not secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let id = Sha256::digest(*bytes)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self { bytes, id }
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = if text.len() == KEY_BYTES * 2 {
            from_hex(text)?
        } else {
            let standard = Zeroizing::new(text.replace('-', "+").replace('_', "/"));
            Zeroizing::new(BASE64.decode(standard.as_bytes()).ok()?)
        };
        let bytes = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).ok()?;
        Some(Self::new(Zeroizing::new(bytes)))
    }

    /// Encrypts a value that belongs to `name`: nonce, then ciphertext. `None` where the system gives no
    /// random bytes.
    pub(crate) fn seal(&self, name: &str, value: &[u8]) -> Option<Vec<u8>> {
        let nonce = XNonce::try_generate().ok()?;
        let payload = Payload {
            msg: value,
            aad: name.as_bytes(),
        };
        let sealed = self.cipher().encrypt(&nonce, payload).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`MasterKey::seal`] made for the same name. `None` where it was made under another
    /// key or for another name, or has been changed.
    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: ciphertext,
            aad: name.as_bytes(),
        };
        let value = self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?;
        Some(Zeroizing::new(value))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.bytes).into())
    }
}

impl MasterKeyError {
    fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}

fn from_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits: Zeroizing<Vec<u8>> = Zeroizing::new(
        text.chars()
            .map(|digit| {
                digit
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            })
            .collect::<Option<_>>()?,
    );
    let bytes = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit))
        .collect();
    Some(Zeroizing::new(bytes))
}
