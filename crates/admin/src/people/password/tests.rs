use super::*;

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

#[test]
fn passwords_have_12_to_256_characters() {
    for (text, code) in [
        ("", Some("too_short")),
        ("elevenchars", Some("too_short")),
        ("twelve chars", None),
    ] {
        assert_eq!(
            check("password", &secret(text))
                .err()
                .map(|error| error.code),
            code,
            "{text}"
        );
    }
    assert!(check("password", &secret(&"äöüßé €x".repeat(32))).is_ok());
    assert_eq!(
        check("password", &secret(&"a".repeat(257)))
            .unwrap_err()
            .code,
        "too_long"
    );
}

#[test]
fn a_password_that_anybody_tries_first_is_refused() {
    let refused = check("password", &secret("Password2026!")).unwrap_err();
    assert_eq!(refused.code, "too_common");
}

#[tokio::test]
async fn a_password_is_not_cut_off() {
    let passwords = Passwords::default();
    let long = "äöüßé €x".repeat(32);
    let hash = passwords.hash(secret(&long)).await.unwrap();
    let shorter: String = long.chars().take(255).collect();
    for (typed, right) in [(long.as_str(), true), (shorter.as_str(), false)] {
        let verified = passwords.verify(secret(typed), Some(hash.clone()));
        assert_eq!(
            verified.await.unwrap(),
            right,
            "{} characters",
            typed.chars().count()
        );
    }
}

#[tokio::test]
async fn only_the_password_that_was_hashed_is_right() {
    let passwords = Passwords::default();
    let hash = passwords
        .hash(secret("correct horse battery"))
        .await
        .unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    assert!(
        passwords
            .verify(secret("correct horse battery"), Some(hash.clone()))
            .await
            .unwrap()
    );
    assert!(
        !passwords
            .verify(secret("wrong horse battery"), Some(hash))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn an_unknown_name_takes_the_same_work_and_is_never_right() {
    let hash = PasswordHash::new(NOBODY).unwrap();
    let params = argon2::Params::try_from(&hash).unwrap();
    let used = argon2::Params::default();
    assert_eq!(
        (params.m_cost(), params.t_cost(), params.p_cost()),
        (used.m_cost(), used.t_cost(), used.p_cost())
    );
    assert!(
        !Passwords::default()
            .verify(secret("anything at all"), None)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn more_than_can_wait_are_told_so() {
    let passwords = Passwords::default();
    let _all = passwords
        .waiting
        .try_acquire_many(u32::try_from(WAITING).unwrap())
        .unwrap();
    assert!(matches!(
        passwords.hash(secret("twelve chars")).await,
        Err(AdminError::Busy)
    ));
}
