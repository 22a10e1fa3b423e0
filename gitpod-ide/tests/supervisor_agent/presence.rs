use gitpod_core::proto::supervisor::control_service_client::ControlServiceClient;
use gitpod_core::proto::supervisor::status_service_client::StatusServiceClient;
use gitpod_core::proto::supervisor::{SendHeartBeatRequest, UserActivityRequest};
use tokio::time::{Instant, timeout};

use crate::harness::{PATIENCE, Setup};

#[tokio::test]
async fn a_heartbeat_is_told_to_who_listens_and_to_who_comes_later() {
    let agent = Setup::new().start();
    let mut status = StatusServiceClient::new(agent.channel());
    let listening = status.user_activity(UserActivityRequest {}).await;
    let mut heard = listening.unwrap().into_inner();
    let began = Instant::now();
    ControlServiceClient::new(agent.channel())
        .send_heart_beat(SendHeartBeatRequest {})
        .await
        .unwrap();
    let first = timeout(PATIENCE, heard.message()).await.unwrap();
    let first = first.unwrap().unwrap();
    assert!(first.count >= 1, "{first:?}");

    let later = status.user_activity(UserActivityRequest {}).await;
    let again = timeout(PATIENCE, later.unwrap().into_inner().message()).await;
    let again = again.unwrap().unwrap().unwrap();
    assert!(again.count >= first.count, "{again:?}");
    let age = began.elapsed().as_millis();
    assert!(u128::from(again.idle_ms) <= age, "{again:?} after {age} ms");
}
