use std::time::Duration;

use gitpod_core::store::{Claim, Fence, LeaseStore};
use gitpod_core::{Clock as _, ErrorKind, ManualClock, ReplicaId, WorkspaceId};

/// Every lease case takes a store whose time is `clock`'s.
const TTL: Duration = Duration::from_secs(15);

fn workspace() -> WorkspaceId {
    WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap()
}

async fn joined(store: &dyn LeaseStore) -> ReplicaId {
    let replica = ReplicaId::random();
    store.join(replica, TTL).await.unwrap();
    replica
}

async fn fence(store: &dyn LeaseStore, workspace: &WorkspaceId, replica: ReplicaId) -> Fence {
    match store.acquire(workspace, replica).await.unwrap() {
        Claim::Held(fence) => fence,
        Claim::Elsewhere { replica, .. } => panic!("{replica} holds it"),
    }
}

pub(crate) async fn one_replica_holds_a_workspace(store: &dyn LeaseStore, clock: &ManualClock) {
    let (a, b) = (joined(store).await, joined(store).await);
    let first = fence(store, &workspace(), a).await;
    assert!(first > Fence(0), "zero stands for no lease");
    assert_eq!(
        fence(store, &workspace(), a).await,
        first,
        "asking again changes nothing"
    );
    let until = clock.now().saturating_add(TTL).unwrap();
    let elsewhere = Claim::Elsewhere { replica: a, until };
    assert_eq!(store.acquire(&workspace(), b).await.unwrap(), elsewhere);
    let other = WorkspaceId::parse("blue-otter-k3v9x2ab").unwrap();
    fence(store, &other, b).await;
}

pub(crate) async fn of_many_replicas_one_gets_the_lease(
    store: &dyn LeaseStore,
    _clock: &ManualClock,
) {
    let mut replicas = Vec::new();
    for _ in 0..16 {
        replicas.push(joined(store).await);
    }
    let workspace = workspace();
    let claims = replicas
        .iter()
        .map(|replica| store.acquire(&workspace, *replica));
    let claims = futures::future::join_all(claims).await;
    let held = |claim: &gitpod_core::Result<Claim>| matches!(claim, Ok(Claim::Held(_)));
    assert_eq!(claims.iter().filter(|claim| held(claim)).count(), 1);
    assert!(claims.iter().all(Result::is_ok));
}

pub(crate) async fn a_released_workspace_is_free(store: &dyn LeaseStore, _clock: &ManualClock) {
    let (a, b) = (joined(store).await, joined(store).await);
    let first = fence(store, &workspace(), a).await;
    store.release(&workspace(), b).await.unwrap();
    assert!(
        matches!(
            store.acquire(&workspace(), b).await.unwrap(),
            Claim::Elsewhere { .. }
        ),
        "nobody lets go of what another one holds"
    );
    store.release(&workspace(), a).await.unwrap();
    store.release(&workspace(), a).await.unwrap();
    let second = fence(store, &workspace(), b).await;
    assert!(second > first);
    store.release(&workspace(), b).await.unwrap();
    assert!(
        fence(store, &workspace(), a).await > second,
        "also for who held it before"
    );
}

pub(crate) async fn a_lapsed_session_holds_nothing(store: &dyn LeaseStore, clock: &ManualClock) {
    let a = joined(store).await;
    let first = fence(store, &workspace(), a).await;
    clock.advance(Duration::from_millis(14_999));
    let b = joined(store).await;
    assert!(matches!(
        store.acquire(&workspace(), b).await.unwrap(),
        Claim::Elsewhere { .. }
    ));
    clock.advance(Duration::from_millis(1));
    assert!(fence(store, &workspace(), b).await > first);
    for error in [
        store.renew(a, TTL).await.unwrap_err(),
        store.acquire(&workspace(), a).await.unwrap_err(),
        store.renew(ReplicaId::random(), TTL).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    }
    let error = store.join(a, TTL).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    // What it does in the belief that it still holds it harms nobody.
    store.release(&workspace(), a).await.unwrap();
    assert_eq!(
        fence(store, &workspace(), b).await,
        fence(store, &workspace(), b).await
    );
}

pub(crate) async fn a_renewed_session_keeps_its_leases(
    store: &dyn LeaseStore,
    clock: &ManualClock,
) {
    let (a, b) = (joined(store).await, joined(store).await);
    let first = fence(store, &workspace(), a).await;
    for _ in 0..5 {
        clock.advance(TTL / 2);
        store.renew(a, TTL).await.unwrap();
        store.renew(b, TTL).await.unwrap();
    }
    assert_eq!(fence(store, &workspace(), a).await, first);
    assert!(matches!(
        store.acquire(&workspace(), b).await.unwrap(),
        Claim::Elsewhere { .. }
    ));
}

pub(crate) async fn who_leaves_lets_go_of_all(store: &dyn LeaseStore, _clock: &ManualClock) {
    let (a, b) = (joined(store).await, joined(store).await);
    let first = fence(store, &workspace(), a).await;
    store.leave(a).await.unwrap();
    store.leave(a).await.unwrap();
    assert!(fence(store, &workspace(), b).await > first);
    assert_eq!(
        store.renew(a, TTL).await.unwrap_err().kind(),
        ErrorKind::FailedPrecondition
    );
    assert!(
        store.reap().await.unwrap().is_empty(),
        "who left is not missed"
    );
}

pub(crate) async fn a_lapsed_session_is_told_once(store: &dyn LeaseStore, clock: &ManualClock) {
    let a = joined(store).await;
    let first = fence(store, &workspace(), a).await;
    assert!(store.reap().await.unwrap().is_empty());
    clock.advance(TTL);
    let b = joined(store).await;
    let told = futures::future::join_all((0..8).map(|_| store.reap())).await;
    let told: Vec<_> = told.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(told, [a]);
    assert!(
        fence(store, &workspace(), b).await > first,
        "fences grow although the lease is forgotten"
    );
}
