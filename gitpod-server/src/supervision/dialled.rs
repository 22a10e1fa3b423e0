//! Listens to real supervisors, over connections that the runtime dials.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use gitpod_core::git::GitStatus;
use gitpod_core::port::ServedPort;
use gitpod_core::proto::supervisor::control_service_client::ControlServiceClient;
use gitpod_core::proto::supervisor::git_service_client::GitServiceClient;
use gitpod_core::proto::supervisor::status_service_client::StatusServiceClient;
use gitpod_core::proto::supervisor::{
    GitStatusRequest, IdeStatusRequest, PortsStatusRequest, ShowPortChoicesRequest,
    TasksStatusRequest, UserActivityRequest, WatchIdeRequest,
};
use gitpod_core::task::TaskStatus;
use gitpod_core::workspace::{EditorFact, SupervisorFacts, UserActivity};
use gitpod_core::{Error, ErrorKind, InstanceId, Result};
use gitpod_runtime::WorkspaceRuntime;
use tokio::time::{sleep, timeout};
use tonic::Code;
use tonic::transport::Channel;

use super::{ShownPorts, Supervision, channel, convert};

/// First pause before a call is tried again: a supervisor that is just starting listens a few milliseconds later.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Longest wait for an answer to a request that takes no time.
const ANSWER: Duration = Duration::from_secs(10);

/// Supervisors reached through [`WorkspaceRuntime::dial`].
#[derive(Debug, Clone)]
pub struct Dialled {
    runtime: Arc<dyn WorkspaceRuntime>,
}

impl Dialled {
    /// The supervisors of the instances that `runtime` runs.
    pub fn new(runtime: Arc<dyn WorkspaceRuntime>) -> Self {
        Self { runtime }
    }
}

#[async_trait]
impl Supervision for Dialled {
    fn watch(&self, instance: InstanceId) -> BoxStream<'static, SupervisorFacts> {
        let channel = channel::open(Arc::clone(&self.runtime), instance);
        let news = [
            again(channel.clone(), editor),
            again(channel.clone(), ports),
            again(channel.clone(), tasks),
            again(channel.clone(), git),
            again(channel, activity),
        ];
        stream::select_all(news)
            .scan(SupervisorFacts::default(), |facts, news| {
                let changed = news.apply(facts);
                std::future::ready(Some(changed.then(|| facts.clone())))
            })
            .filter_map(std::future::ready)
            .boxed()
    }

    async fn show_ports(&self, instance: InstanceId, shown: ShownPorts) -> Result<()> {
        let channel = channel::open(Arc::clone(&self.runtime), instance);
        let request = ShowPortChoicesRequest {
            generation: shown.generation.0,
            choices: shown.choices.into_iter().map(convert::choice).collect(),
        };
        let mut client = ControlServiceClient::new(channel);
        match timeout(ANSWER, client.show_port_choices(request)).await {
            Ok(Ok(_)) => Ok(()),
            // An earlier version started it; it shows what is configured.
            Ok(Err(status)) if status.code() == Code::Unimplemented => Ok(()),
            Ok(Err(status)) => Err(Error::new(
                ErrorKind::Unavailable,
                "cannot tell the supervisor who may reach the ports",
            )
            .with_source(status)),
            Err(_) => Err(Error::new(
                ErrorKind::TimedOut,
                "the supervisor does not answer",
            )),
        }
    }
}

/// One thing that a supervisor said.
#[derive(Debug)]
enum News {
    Editor(EditorFact),
    Ports(Vec<ServedPort>),
    Tasks(Vec<TaskStatus>),
    Git(Option<GitStatus>),
    Activity(UserActivity),
}

impl News {
    /// Whether it was news indeed.
    fn apply(self, facts: &mut SupervisorFacts) -> bool {
        fn replace<T: PartialEq>(slot: &mut T, value: T) -> bool {
            let changed = *slot != value;
            *slot = value;
            changed
        }
        match self {
            Self::Editor(editor) => replace(&mut facts.editor, editor),
            Self::Ports(ports) => replace(&mut facts.ports, Some(ports)),
            Self::Tasks(tasks) => replace(&mut facts.tasks, Some(tasks)),
            Self::Git(git) => replace(&mut facts.git, git),
            Self::Activity(activity) => replace(&mut facts.activity, Some(activity)),
        }
    }
}

type Call = Pin<Box<dyn Future<Output = Option<BoxStream<'static, News>>> + Send>>;

/// Makes a call again each time its stream ended or could not be had, with growing pauses; a stream that said something
/// makes the pauses short again.
fn again(channel: Channel, call: fn(Channel) -> Call) -> BoxStream<'static, News> {
    struct State {
        channel: Channel,
        open: Option<BoxStream<'static, News>>,
        pause: Duration,
    }
    let state = State {
        channel,
        open: None,
        pause: FIRST_PAUSE,
    };
    stream::unfold(state, move |mut state| async move {
        loop {
            if let Some(open) = &mut state.open {
                if let Some(news) = open.next().await {
                    state.pause = FIRST_PAUSE;
                    return Some((news, state));
                }
                state.open = None;
                sleep(state.pause).await;
            }
            if let Some(stream) = call(state.channel.clone()).await {
                state.open = Some(stream);
            } else {
                sleep(state.pause).await;
                state.pause = (state.pause * 2).min(LONGEST_PAUSE);
            }
        }
    })
    .boxed()
}

fn editor(channel: Channel) -> Call {
    Box::pin(async move {
        let mut client = StatusServiceClient::new(channel.clone())
            .max_decoding_message_size(channel::LONGEST_MESSAGE);
        match client.watch_ide(WatchIdeRequest {}).await {
            Ok(answers) => Some(
                until_error(answers.into_inner())
                    .map(|answer| News::Editor(convert::editor(answer)))
                    .boxed(),
            ),
            Err(status) if status.code() == Code::Unimplemented => editor_of_old(channel).await,
            Err(_) => None,
        }
    })
}

/// As `editor`, of a supervisor that an earlier version started: waits until it answered, then rests; tells each failure, and asks
/// again.
fn editor_of_old(channel: Channel) -> Call {
    Box::pin(async move {
        let mut client =
            StatusServiceClient::new(channel).max_decoding_message_size(channel::LONGEST_MESSAGE);
        let answer = client
            .ide_status(IdeStatusRequest { wait: true })
            .await
            .ok()?
            .into_inner();
        let ready = answer.ok;
        let news = stream::once(std::future::ready(News::Editor(convert::editor(answer))));
        // An answer that is neither is an old or a lying supervisor: the stream ends, and is asked again after a pause.
        Some(if ready {
            news.chain(stream::pending()).boxed()
        } else {
            news.chain(rest()).boxed()
        })
    })
}

/// Nothing, for as long as the longest pause.
fn rest() -> impl futures::Stream<Item = News> + Send {
    stream::once(sleep(LONGEST_PAUSE)).filter_map(|()| std::future::ready(None))
}

fn ports(channel: Channel) -> Call {
    Box::pin(async move {
        let mut client =
            StatusServiceClient::new(channel).max_decoding_message_size(channel::LONGEST_MESSAGE);
        let answers = client
            .ports_status(PortsStatusRequest { observe: true })
            .await
            .ok()?
            .into_inner();
        Some(
            until_error(answers)
                .map(|answer| News::Ports(convert::ports(answer)))
                .boxed(),
        )
    })
}

fn tasks(channel: Channel) -> Call {
    Box::pin(async move {
        let mut client =
            StatusServiceClient::new(channel).max_decoding_message_size(channel::LONGEST_MESSAGE);
        let answers = client
            .tasks_status(TasksStatusRequest { observe: true })
            .await
            .ok()?
            .into_inner();
        Some(
            until_error(answers)
                .map(|answer| News::Tasks(convert::tasks(answer)))
                .boxed(),
        )
    })
}

fn git(channel: Channel) -> Call {
    Box::pin(async move {
        let mut client =
            GitServiceClient::new(channel).max_decoding_message_size(channel::LONGEST_MESSAGE);
        let answers = client
            .git_status(GitStatusRequest { observe: true })
            .await
            .ok()?
            .into_inner();
        Some(
            until_error(answers)
                .map(|answer| News::Git(convert::git(answer)))
                .boxed(),
        )
    })
}

fn activity(channel: Channel) -> Call {
    Box::pin(async move {
        let mut client =
            StatusServiceClient::new(channel).max_decoding_message_size(channel::LONGEST_MESSAGE);
        let answers = client
            .user_activity(UserActivityRequest {})
            .await
            .ok()?
            .into_inner();
        Some(
            until_error(answers)
                .map(|answer| News::Activity(convert::activity(answer)))
                .boxed(),
        )
    })
}

fn until_error<T: Send + 'static>(
    answers: tonic::Streaming<T>,
) -> impl futures::Stream<Item = T> + Send {
    answers
        .take_while(|answer| std::future::ready(answer.is_ok()))
        .filter_map(|answer| std::future::ready(answer.ok()))
}
