//! `gitpod env …`

use std::io::Read as _;
use std::process::ExitCode;

use gitpod_core::environment::MAX_VALUE;
use gitpod_core::proto::gitpod::v1::{
    CreateUserEnvironmentVariableRequest, DeleteUserEnvironmentVariableRequest,
    ListUserEnvironmentVariablesRequest, ListUserEnvironmentVariablesResponse, PaginationRequest,
    UpdateUserEnvironmentVariableRequest, UserEnvironmentVariable,
};

use super::arguments::{self, EnvList, EnvSet, EnvUnset, Format, Global};
use super::connection::Connection;
use super::failure::{Exit, Failure};
use super::output;
use super::table::table;

pub(super) async fn run(global: &Global, command: arguments::Env) -> Result<ExitCode, Failure> {
    use arguments::Env as Command;
    let connection = Connection::open(global)?;
    match command {
        Command::Set(options) => set(&connection, global.output, options).await,
        Command::List(options) => list(&connection, global.output, &options).await,
        Command::Unset(options) => unset(&connection, &options).await,
    }
}

/// Creates it, or changes the one of this name and these repositories.
async fn set(
    connection: &Connection,
    format: Format,
    options: EnvSet,
) -> Result<ExitCode, Failure> {
    let (name, value) = match options.variable.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (options.variable, from_input()?),
    };
    let pattern = options.repository.to_lowercase();
    let known = all(connection).await?.into_iter();
    let mut known = known.filter(|v| v.name == name && v.repository_pattern == pattern);
    let client = connection.variables()?;
    let variable = if let Some(known) = known.next() {
        let request = UpdateUserEnvironmentVariableRequest {
            environment_variable_id: known.id,
            value: Some(value),
            ..UpdateUserEnvironmentVariableRequest::default()
        };
        let answer = client.update_user_environment_variable(request).await?;
        answer.into_owned().environment_variable
    } else {
        let request = CreateUserEnvironmentVariableRequest {
            name,
            value,
            repository_pattern: pattern,
        };
        let answer = client.create_user_environment_variable(request).await?;
        answer.into_owned().environment_variable
    };
    let variable = variable.into_option().unwrap_or_default();
    match format {
        Format::Json => output::json(&variable)?,
        Format::Table => output::note(format_args!(
            "{} is set for workspaces of {}, from their next start on",
            variable.name, variable.repository_pattern
        )),
    }
    Ok(ExitCode::SUCCESS)
}

/// What standard input holds, without the line's end.
fn from_input() -> Result<String, Failure> {
    // A character has four bytes at most; one more, so that the server can say that it is too long.
    let limit = u64::try_from(MAX_VALUE * 4 + 2).unwrap_or(u64::MAX);
    let mut value = String::new();
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_string(&mut value)
        .map_err(|e| Failure::io("cannot read the value from standard input", &e))?;
    let line = value.strip_suffix('\n').unwrap_or(&value);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

async fn list(
    connection: &Connection,
    format: Format,
    options: &EnvList,
) -> Result<ExitCode, Failure> {
    let variables = all(connection).await?;
    match format {
        Format::Json => output::json(&ListUserEnvironmentVariablesResponse {
            environment_variables: variables,
            ..ListUserEnvironmentVariablesResponse::default()
        })?,
        Format::Table if variables.is_empty() => {
            output::note("no variables; keep one: `gitpod env set NAME=VALUE`");
        }
        Format::Table => {
            let row = |variable: &UserEnvironmentVariable| {
                let value = if options.values {
                    &variable.value
                } else {
                    "…"
                };
                let cells = [&variable.name, &variable.repository_pattern, value];
                cells.map(str::to_owned)
            };
            let heading = ["NAME", "REPOSITORIES", "VALUE"];
            output::line(table(heading, variables.iter().map(row).collect()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Forgets those of the name, or that of the name and the repositories.
async fn unset(connection: &Connection, options: &EnvUnset) -> Result<ExitCode, Failure> {
    let pattern = options.repository.as_ref().map(|text| text.to_lowercase());
    let meant = |variable: &&UserEnvironmentVariable| {
        let of = pattern.as_ref();
        variable.name == options.name && of.is_none_or(|of| *of == variable.repository_pattern)
    };
    let known = all(connection).await?;
    let found: Vec<_> = known.iter().filter(meant).collect();
    if found.is_empty() {
        let message = format!("you have no variable {}", options.name);
        return Err(
            Failure::new(Exit::NotFound, message).with_hint("`gitpod env list` shows yours")
        );
    }
    for variable in found {
        let request = DeleteUserEnvironmentVariableRequest {
            environment_variable_id: variable.id.clone(),
        };
        let client = connection.variables()?;
        client.delete_user_environment_variable(request).await?;
        output::note(format_args!(
            "{} is forgotten for {}; workspaces that run keep it until they stop",
            variable.name, variable.repository_pattern
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Every page.
async fn all(connection: &Connection) -> Result<Vec<UserEnvironmentVariable>, Failure> {
    let client = connection.variables()?;
    let (mut variables, mut token) = (Vec::new(), String::new());
    loop {
        let request = ListUserEnvironmentVariablesRequest {
            pagination: PaginationRequest {
                page_size: 100,
                token,
                ..PaginationRequest::default()
            }
            .into(),
        };
        let page = client.list_user_environment_variables(request).await?;
        let page = page.into_owned();
        variables.extend(page.environment_variables);
        token = page.pagination.into_option().unwrap_or_default().next_token;
        if token.is_empty() {
            return Ok(variables);
        }
    }
}
