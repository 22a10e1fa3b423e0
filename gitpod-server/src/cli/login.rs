use std::fs;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use gitpod_core::proto::gitpod::v1::{GetAuthenticatedUserRequest, User};

use super::arguments::{Format, Global, Login};
use super::connection::Connection;
use super::credentials::Credentials;
use super::failure::{Exit, Failure};
use super::{output, terminal};

/// Checks a token with the server and keeps both.
pub(super) async fn login(global: &Global, options: Login) -> Result<ExitCode, Failure> {
    let token = match (&options.token_file, &global.token) {
        (Some(file), _) => fs::read_to_string(file)
            .map_err(|e| Failure::io(&format!("cannot read {}", file.display()), &e))?,
        (None, Some(token)) => token.clone(),
        (None, None) => ask()?,
    };
    let token = token.trim().to_owned();
    if token.is_empty() {
        return Err(Failure::new(Exit::Usage, "no token was given").with_hint(
            "the first one is in the file `admin-token` in the server's data directory",
        ));
    }
    let connection = Connection::open(global)?.with_token(token.clone());
    let user = authenticated(&connection).await?;
    Credentials::load()?.remember(&connection.host, &token)?;
    tell(global, &connection, &user)
}

/// Forgets the token of the server.
pub(super) fn logout(global: &Global) -> Result<ExitCode, Failure> {
    let connection = Connection::open(global)?;
    let known = Credentials::load()?.forget(&connection.host)?;
    output::note(if known {
        format!("signed out of {}", connection.host)
    } else {
        format!("you were not signed in to {}", connection.host)
    });
    Ok(ExitCode::SUCCESS)
}

/// Says who we are to the server.
pub(super) async fn whoami(global: &Global) -> Result<ExitCode, Failure> {
    let connection = Connection::open(global)?;
    let user = authenticated(&connection).await?;
    tell(global, &connection, &user)
}

async fn authenticated(connection: &Connection) -> Result<User, Failure> {
    let request = GetAuthenticatedUserRequest::default();
    let answer = connection.users()?.get_authenticated_user(request).await?;
    let user = answer.into_owned().user.into_option();
    user.ok_or_else(|| Failure::failed("the server's answer holds no user"))
}

fn tell(global: &Global, connection: &Connection, user: &User) -> Result<ExitCode, Failure> {
    match global.output {
        Format::Json => output::json(user)?,
        Format::Table => output::line(format_args!(
            "{} ({}) on {}",
            super::table::plain(&user.name),
            user.id,
            connection.host
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the token from standard input; from a terminal, unseen.
fn ask() -> Result<String, Failure> {
    let stdin = std::io::stdin();
    let hidden = if stdin.is_terminal() {
        output::note("Paste a token (it will not be shown), then press Enter:");
        Some(terminal::Hidden::start()?)
    } else {
        None
    };
    let mut line = String::new();
    stdin
        .read_line(&mut line)
        .map_err(|e| Failure::io("cannot read the token", &e))?;
    drop(hidden);
    Ok(line)
}
