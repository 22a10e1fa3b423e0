use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gitpod_core::store::{IdentityStore, TokenKind, TokenRecord};
use gitpod_core::{Clock, Error, ErrorKind, Result, Secret, Timestamp, UserId};
use rand::TryRngCore as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Longest text that is looked at as a token; ours have 54 bytes at most.
const LONGEST: usize = 256;

/// A new random token of this kind.
///
/// # Errors
/// [`ErrorKind::Unavailable`] when the machine has no randomness to give.
pub fn mint(kind: TokenKind) -> Result<Secret<String>> {
    let mut bytes = [0; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(|e| {
        Error::new(ErrorKind::Unavailable, "cannot draw random bytes").with_source(e)
    })?;
    Ok(Secret::new(format!(
        "{}{}",
        prefix(kind),
        URL_SAFE_NO_PAD.encode(bytes)
    )))
}

/// Mints a token for `user` and stores its hash; the token itself is returned and kept nowhere.
///
/// # Errors
/// As [`mint`], and when the store cannot be written.
pub async fn issue(
    identities: &dyn IdentityStore,
    user: UserId,
    kind: TokenKind,
    name: &str,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<Secret<String>> {
    let token = mint(kind)?;
    let mut record = TokenRecord::new(hash(token.expose()), user, kind, name, now);
    record.expires_at = expires_at;
    identities.put_token(&record).await?;
    Ok(token)
}

/// What is stored of a token.
pub(super) fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Whether `text` can be a token of this kind at all; spares the store what cannot.
pub(super) fn looks_like(text: &str, kind: TokenKind) -> bool {
    text.strip_prefix(prefix(kind)).is_some_and(|rest| {
        URL_SAFE_NO_PAD
            .decode(rest)
            .is_ok_and(|bytes| bytes.len() == 32)
    })
}

/// The record of a token, if it is known, of one of these kinds and not over.
pub(super) async fn find(
    identities: &dyn IdentityStore,
    clock: &dyn Clock,
    token: &str,
    kinds: &[TokenKind],
) -> Result<Option<TokenRecord>> {
    if token.len() > LONGEST || !kinds.iter().any(|kind| looks_like(token, *kind)) {
        return Ok(None);
    }
    let hash = hash(token);
    let Some(record) = identities.token(&hash).await? else {
        return Ok(None);
    };
    let same = bool::from(record.hash.as_bytes().ct_eq(hash.as_bytes()));
    let over = record.expires_at.is_some_and(|end| end <= clock.now());
    Ok((same && !over && kinds.contains(&record.kind)).then_some(record))
}

const fn prefix(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Personal => "gitpod_pat_",
        TokenKind::Session => "gitpod_ses_",
        TokenKind::SignIn => "gitpod_sig_",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_recognised() {
        let (a, b) = (
            mint(TokenKind::Personal).unwrap(),
            mint(TokenKind::Personal).unwrap(),
        );
        assert_ne!(a.expose(), b.expose());
        assert!(looks_like(a.expose(), TokenKind::Personal));
        assert!(!looks_like(a.expose(), TokenKind::Session));
        for bad in ["", "gitpod_pat_", "gitpod_pat_abc", "gitpod_pat_!!!!"] {
            assert!(!looks_like(bad, TokenKind::Personal), "{bad}");
        }
        assert_eq!(hash("x").len(), 64);
    }
}
