use gitpod_core::proto::supervisor::listen_terminal_response::Output;
use gitpod_core::proto::supervisor::set_terminal_size_request::Priority;
use gitpod_core::proto::supervisor::terminal_service_client::TerminalServiceClient;
use gitpod_core::proto::supervisor::{
    GetTerminalRequest, ListTerminalsRequest, ListenTerminalRequest, OpenTerminalRequest,
    OpenTerminalResponse, SetTerminalSizeRequest, ShutdownTerminalRequest, TerminalSize,
    WriteTerminalRequest,
};
use tokio::time::timeout;
use tonic::Code;

use crate::harness::{Agent, PATIENCE, Setup};

/// Listens to a terminal from the beginning until what it wrote is `enough`, or until it closes.
pub(crate) async fn hear(agent: &Agent, alias: &str, enough: impl Fn(&str) -> bool) -> String {
    let mut client = TerminalServiceClient::new(agent.channel());
    let alias = alias.to_owned();
    let request = ListenTerminalRequest { alias };
    let mut stream = client.listen(request).await.unwrap().into_inner();
    let mut heard = String::new();
    let listen = async {
        while let Some(response) = stream.message().await.unwrap() {
            match response.output.unwrap() {
                Output::Data(data) => heard.push_str(&String::from_utf8_lossy(&data)),
                Output::ExitCode(code) => heard += &["[exit ", &code.to_string(), "]"].concat(),
                Output::Title(_) => {}
            }
            if enough(&heard) {
                return;
            }
        }
    };
    let in_time = timeout(PATIENCE, listen).await.is_ok();
    assert!(in_time, "never heard: {heard}");
    heard
}

async fn open(agent: &Agent) -> OpenTerminalResponse {
    let mut client = TerminalServiceClient::new(agent.channel());
    let request = OpenTerminalRequest {
        shell: String::from("/bin/sh"),
        env: [(String::from("PS1"), String::from("> "))].into(),
        ..OpenTerminalRequest::default()
    };
    client.open(request).await.unwrap().into_inner()
}

async fn write(agent: &Agent, alias: &str, text: &str) {
    let mut client = TerminalServiceClient::new(agent.channel());
    let request = WriteTerminalRequest {
        alias: alias.to_owned(),
        stdin: text.to_owned().into(),
    };
    let written = client
        .write(request)
        .await
        .unwrap()
        .into_inner()
        .bytes_written;
    assert_eq!(written as usize, text.len());
}

#[tokio::test]
async fn every_listener_hears_everything_and_the_end() {
    let agent = Setup::new().start();
    let alias = open(&agent).await.terminal.unwrap().alias;
    write(&agent, &alias, "echo $((6*7)); pwd\n").await;
    let repo = agent.path("repo").display().to_string();
    let first = hear(&agent, &alias, |text| text.contains(&repo)).await;
    assert!(first.contains("42\r\n"), "{first}");

    write(&agent, &alias, "exit 5\n").await;
    let late = hear(&agent, &alias, |_| false).await;
    assert!(
        late.starts_with(&first) && late.ends_with("[exit 5]"),
        "{late}"
    );
    let mut client = TerminalServiceClient::new(agent.channel());
    let open = client
        .list(ListTerminalsRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(open.terminals, []);
}

#[tokio::test]
async fn only_the_opener_resizes_without_force() {
    let agent = Setup::new().start();
    let opened = open(&agent).await;
    let alias = opened.terminal.unwrap().alias;
    let mut client = TerminalServiceClient::new(agent.channel());
    let mut resize = async |priority, rows, cols| {
        let size = TerminalSize {
            rows,
            cols,
            width_px: 0,
            height_px: 0,
        };
        let request = SetTerminalSizeRequest {
            alias: alias.clone(),
            priority,
            size: Some(size),
        };
        client
            .set_size(request)
            .await
            .map_err(|status| status.code())
    };
    let wrong = Some(Priority::Token(String::from("guess")));
    assert_eq!(
        resize(wrong, 10, 20).await.unwrap_err(),
        Code::PermissionDenied
    );
    assert_eq!(
        resize(None, 10, 20).await.unwrap_err(),
        Code::PermissionDenied
    );
    resize(Some(Priority::Token(opened.starter_token)), 33, 101)
        .await
        .unwrap();
    write(&agent, &alias, "stty size\n").await;
    hear(&agent, &alias, |text| text.contains("33 101")).await;
    resize(Some(Priority::Force(true)), 44, 102).await.unwrap();
    write(&agent, &alias, "stty size\n").await;
    hear(&agent, &alias, |text| text.contains("44 102")).await;
}

#[tokio::test]
async fn shutdown_ends_everything_in_the_terminal() {
    let agent = Setup::new().start();
    let alias = open(&agent).await.terminal.unwrap().alias;
    write(
        &agent,
        &alias,
        "trap '' HUP TERM; sleep 1000 & sleep 1000\n",
    )
    .await;
    crate::harness::until("both sleep", async || {
        (agent.processes().len() >= 4).then_some(())
    })
    .await;
    let mut client = TerminalServiceClient::new(agent.channel());
    let request = ShutdownTerminalRequest {
        alias: alias.clone(),
        force_success: true,
    };
    client.shutdown(request).await.unwrap();
    assert!(hear(&agent, &alias, |_| false).await.ends_with("[exit 0]"));
    crate::harness::until("all have ended", async || {
        (agent.processes().len() == 1).then_some(())
    })
    .await;
    let unknown = GetTerminalRequest {
        alias: String::from("unknown"),
    };
    assert_eq!(
        client.get(unknown).await.unwrap_err().code(),
        Code::NotFound
    );
}

#[tokio::test]
async fn a_shell_has_its_terminal_and_its_user() {
    let agent = Setup::new().start();
    let alias = open(&agent).await.terminal.unwrap().alias;
    write(
        &agent,
        &alias,
        "tty >/dev/null && echo t$((1+1))y; id -u; echo $HOME; exit\n",
    )
    .await;
    let heard = hear(&agent, &alias, |_| false).await;
    assert!(heard.contains("t2y"), "{heard}");
    assert!(
        heard.contains(&agent.path("home").display().to_string()),
        "{heard}"
    );
    if rustix::process::geteuid().is_root() {
        assert!(heard.contains("\n33333\r\n"), "{heard}");
    }
}
