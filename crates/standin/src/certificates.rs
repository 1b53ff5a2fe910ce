//! Certificates for tests of TLS: an authority that lasts as long as its files, what it signed well and
//! badly, and one that signed itself. It knows nothing of the APIs.
//!
//! | files | what |
//! |---|---|
//! | `ca.pem` | the authority's own certificate |
//! | `good.pem`, `.key` | of the authority, for localhost and 127.0.0.1 |
//! | `expired.pem`, `.key` | the same, over since 2021 |
//! | `elsewhere.pem`, `.key` | of the authority, for another name |
//! | `stranger.pem`, `.key` | of nobody, for localhost and 127.0.0.1 |

use std::{fs, io, path::Path};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, Error, IsCa, Issuer, KeyPair, date_time_ymd,
};

const HERE: [&str; 2] = ["localhost", "127.0.0.1"];

/// Writes all of them into a folder that exists.
///
/// # Errors
/// Where a certificate cannot be made, or a file not be written.
pub fn write(folder: &Path) -> io::Result<()> {
    let authority_key = KeyPair::generate().map_err(io::Error::other)?;
    let mut authority = params(&[], "Authority of the tests").map_err(io::Error::other)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = authority
        .self_signed(&authority_key)
        .map_err(io::Error::other)?;
    fs::write(folder.join("ca.pem"), own.pem())?;
    let issuer = Issuer::new(authority, authority_key);
    let mut expired = params(&HERE, "expired").map_err(io::Error::other)?;
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2021, 1, 1);
    for (name, params, issuer) in [
        ("good", params(&HERE, "good"), Some(&issuer)),
        ("expired", Ok(expired), Some(&issuer)),
        (
            "elsewhere",
            params(&["elsewhere.example"], "elsewhere"),
            Some(&issuer),
        ),
        ("stranger", params(&HERE, "stranger"), None),
    ] {
        let params = params.map_err(io::Error::other)?;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = match issuer {
            Some(issuer) => params.signed_by(&key, issuer),
            None => params.self_signed(&key),
        };
        let certificate = certificate.map_err(io::Error::other)?;
        fs::write(folder.join(format!("{name}.pem")), certificate.pem())?;
        fs::write(folder.join(format!("{name}.key")), key.serialize_pem())?;
    }
    Ok(())
}

fn params(names: &[&str], common_name: &str) -> Result<CertificateParams, Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
