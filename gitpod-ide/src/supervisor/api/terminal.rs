use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::try_unfold;
use gitpod_core::proto::supervisor as wire;
use gitpod_core::proto::supervisor::terminal_service_server::TerminalService;
use tonic::{Request, Response, Status};

use super::convert;
use super::observe::Answers;
use super::state::State;
use crate::supervisor::environment;
use crate::supervisor::process::Program;
use crate::supervisor::pty::Size;
use crate::supervisor::terminal::{Heard, Lagged, OpenOptions, Session};

/// `supervisor.TerminalService`.
#[derive(Debug)]
pub(super) struct Terminal(pub(super) State);

type Answer<T> = Result<Response<T>, Status>;

impl Terminal {
    fn session(&self, alias: &str) -> Result<Arc<Session>, Status> {
        find(&self.0, alias)
    }
}

/// The terminal that is called `alias`.
pub(super) fn find(state: &State, alias: &str) -> Result<Arc<Session>, Status> {
    let session = state.terminals.get(alias);
    session.ok_or_else(|| Status::not_found("there is no such terminal"))
}

/// What a listener is told that the ring overtook.
pub(super) fn too_slow(_: Lagged) -> Status {
    Status::resource_exhausted(
        "the terminal wrote faster than this was read; listen again for what is kept",
    )
}

#[tonic::async_trait]
impl TerminalService for Terminal {
    async fn open(
        &self,
        request: Request<wire::OpenTerminalRequest>,
    ) -> Answer<wire::OpenTerminalResponse> {
        let options = options(&self.0, request.into_inner());
        let session = self.0.terminals.open(options, None);
        let session = session.map_err(|error| convert::trouble("open a terminal", &error))?;
        Ok(Response::new(wire::OpenTerminalResponse {
            terminal: Some(convert::terminal(&session)),
            starter_token: session.starter_token.clone(),
        }))
    }

    async fn shutdown(
        &self,
        request: Request<wire::ShutdownTerminalRequest>,
    ) -> Answer<wire::ShutdownTerminalResponse> {
        let request = request.into_inner();
        let session = self.session(&request.alias)?;
        self.0
            .terminals
            .shutdown(&session, request.force_success)
            .await;
        Ok(Response::new(wire::ShutdownTerminalResponse {}))
    }

    async fn get(&self, request: Request<wire::GetTerminalRequest>) -> Answer<wire::Terminal> {
        let session = self.session(&request.get_ref().alias)?;
        Ok(Response::new(convert::terminal(&session)))
    }

    async fn list(
        &self,
        _: Request<wire::ListTerminalsRequest>,
    ) -> Answer<wire::ListTerminalsResponse> {
        Ok(Response::new(list(&self.0)))
    }

    type ListenStream = Answers<wire::ListenTerminalResponse>;

    async fn listen(
        &self,
        request: Request<wire::ListenTerminalRequest>,
    ) -> Answer<Self::ListenStream> {
        Ok(Response::new(listen(
            &self.session(&request.get_ref().alias)?,
        )))
    }

    async fn write(
        &self,
        request: Request<wire::WriteTerminalRequest>,
    ) -> Answer<wire::WriteTerminalResponse> {
        let request = request.into_inner();
        let session = self.session(&request.alias)?;
        self.0.presence.note();
        let written = session.write(&request.stdin).await;
        let written =
            written.map_err(|error| convert::trouble("type into the terminal", &error))?;
        Ok(Response::new(wire::WriteTerminalResponse {
            bytes_written: u32::try_from(written).unwrap_or(u32::MAX),
        }))
    }

    async fn set_size(
        &self,
        request: Request<wire::SetTerminalSizeRequest>,
    ) -> Answer<wire::SetTerminalSizeResponse> {
        use wire::set_terminal_size_request::Priority;
        let request = request.into_inner();
        let session = self.session(&request.alias)?;
        let may = match &request.priority {
            Some(Priority::Force(force)) => *force,
            Some(Priority::Token(token)) => {
                equal(token.as_bytes(), session.starter_token.as_bytes())
            }
            None => false,
        };
        if !may {
            return Err(Status::permission_denied(
                "only the opener of a terminal resizes it without force",
            ));
        }
        let size = request
            .size
            .ok_or_else(|| Status::invalid_argument("the size is missing"))?;
        let resized = session.resize(convert::size(size));
        resized.map_err(|error| convert::trouble("resize the terminal", &error))?;
        Ok(Response::new(wire::SetTerminalSizeResponse {}))
    }

    async fn set_title(
        &self,
        request: Request<wire::SetTerminalTitleRequest>,
    ) -> Answer<wire::SetTerminalTitleResponse> {
        const LONGEST: usize = 200;
        let request = request.into_inner();
        let session = self.session(&request.alias)?;
        session.set_title(request.title.chars().take(LONGEST).collect());
        Ok(Response::new(wire::SetTerminalTitleResponse {}))
    }

    async fn update_annotations(
        &self,
        request: Request<wire::UpdateTerminalAnnotationsRequest>,
    ) -> Answer<wire::UpdateTerminalAnnotationsResponse> {
        let request = request.into_inner();
        let session = self.session(&request.alias)?;
        if !session.annotate(request.changed, &request.deleted) {
            return Err(Status::resource_exhausted(
                "the terminal has too many annotations",
            ));
        }
        Ok(Response::new(wire::UpdateTerminalAnnotationsResponse {}))
    }
}

fn options(state: &State, request: wire::OpenTerminalRequest) -> OpenOptions {
    let user = &state.user;
    let mut env = user.env.clone();
    environment::extend(&mut env, &request.env);
    let shell = if request.shell.is_empty() {
        user.shell.to_string_lossy().into_owned()
    } else {
        request.shell
    };
    OpenOptions {
        program: Program {
            argv: std::iter::once(shell).chain(request.shell_args).collect(),
            env,
            cwd: if request.workdir.is_empty() {
                user.directory.clone()
            } else {
                PathBuf::from(request.workdir)
            },
            account: user.account.clone(),
        },
        size: request.size.map_or_else(Size::default, convert::size),
        annotations: request.annotations.into_iter().collect(),
        title: None,
        is_task: false,
    }
}

pub(super) fn list(state: &State) -> wire::ListTerminalsResponse {
    let sessions = state.terminals.list();
    wire::ListTerminalsResponse {
        terminals: sessions
            .iter()
            .map(|session| convert::terminal(session))
            .collect(),
    }
}

pub(super) fn listen(session: &Arc<Session>) -> Answers<wire::ListenTerminalResponse> {
    use wire::listen_terminal_response::Output;
    Box::pin(try_unfold(session.listen(), |mut listener| async move {
        let Some(heard) = listener.next().await.map_err(too_slow)? else {
            return Ok(None);
        };
        let mut response = wire::ListenTerminalResponse::default();
        response.output = Some(match heard {
            Heard::Data(data) => Output::Data(data),
            Heard::Closed(code) => Output::ExitCode(code),
            Heard::Title(title) => {
                response.title_source = convert::title_source(title.source);
                Output::Title(title.text)
            }
        });
        Ok(Some((response, listener)))
    }))
}

/// Compares in a time that tells nothing about the contents.
fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}
