use std::io::{ErrorKind as IoKind, Write as _};
use std::path::{Path, PathBuf};

use gitpod_core::store::{IdentityStore, Role, TokenKind, TokenRecord, User};
use gitpod_core::{Clock, Error, OrganizationId, Result, Secret, UserId};
use tokio::task::spawn_blocking;

use super::token;

/// Name of the file, in the data directory, that holds the first administrator's token.
pub const ADMIN_TOKEN_FILE: &str = "admin-token";

/// What [`bootstrap`] found or made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FirstRun {
    /// The first administrator.
    pub administrator: User,
    /// Whether this was the first run.
    pub is_new: bool,
    /// Where the token was written on the first run.
    pub token_file: PathBuf,
}

/// Makes sure that somebody can sign in: an installation without users gets an organization, an administrator of it, and the
/// administrator's token in [`ADMIN_TOKEN_FILE`].
///
/// # Behavior
/// The file is created for its owner alone (mode 0600) and never overwritten. A crash at any moment is made good by the next
/// run: the user, stored last, marks the end. Later runs touch neither tokens nor the file, so a revoked token stays revoked.
///
/// # Errors
/// The store or the directory cannot be written, or the file is there and holds something else.
pub async fn bootstrap(
    identities: &dyn IdentityStore,
    clock: &dyn Clock,
    data_dir: &Path,
) -> Result<FirstRun> {
    let token_file = data_dir.join(ADMIN_TOKEN_FILE);
    let users = identities.users().await?;
    let administrator = users
        .iter()
        .find(|user| user.role == Role::Admin)
        .or_else(|| users.first());
    if let Some(administrator) = administrator {
        return Ok(FirstRun {
            administrator: administrator.clone(),
            is_new: false,
            token_file,
        });
    }
    let path = token_file.clone();
    let token = spawn_blocking(move || token_in(&path))
        .await
        .map_err(|e| {
            Error::unexpected("writing the token file was interrupted").with_source(e)
        })??;
    let now = clock.now();
    let administrator = User::new(
        UserId::random(),
        OrganizationId::random(),
        "admin",
        Role::Admin,
        now,
    );
    let record = TokenRecord::new(
        token::hash(token.expose()),
        administrator.id,
        TokenKind::Personal,
        ADMIN_TOKEN_FILE,
        now,
    );
    identities.put_token(&record).await?;
    identities.put_user(&administrator).await?;
    Ok(FirstRun {
        administrator,
        is_new: true,
        token_file,
    })
}

/// The token in the file, which is created if it is not there.
fn token_in(path: &Path) -> Result<Secret<String>> {
    let failed = |what: &'static str, e: std::io::Error| {
        Error::unexpected(what)
            .with_context("path", path.display())
            .with_source(e)
            .with_hint("check that the data directory belongs to the server's user and has space")
    };
    let written = || match std::fs::read_to_string(path) {
        Ok(text) if token::looks_like(text.trim(), TokenKind::Personal) => {
            Ok(Some(Secret::from(text.trim())))
        }
        Ok(_) => Err(Error::unexpected("the token file does not hold a token")
            .with_context("path", path.display())
            .with_hint("move it away and start again: a new one is made")),
        Err(e) if e.kind() == IoKind::NotFound => Ok(None),
        Err(e) => Err(failed("cannot read the token file", e)),
    };
    if let Some(token) = written()? {
        return Ok(token);
    }
    let token = token::mint(TokenKind::Personal)?;
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    // Whole or not at all: written under another name, then linked, which never replaces.
    let draft = dir.join(format!(".{ADMIN_TOKEN_FILE}.{}", uuid::Uuid::new_v4()));
    let result =
        write_private(&draft, token.expose()).and_then(|()| std::fs::hard_link(&draft, path));
    let _ = std::fs::remove_file(&draft);
    match result {
        Ok(()) => Ok(token),
        Err(e) if e.kind() == IoKind::AlreadyExists => {
            written()?.ok_or_else(|| Error::unexpected("the token file vanished while it was read"))
        }
        Err(e) => Err(failed("cannot write the token file", e)),
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}
