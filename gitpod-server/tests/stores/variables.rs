use gitpod_core::environment::MAX_PER_USER;
use gitpod_core::store::{StoredVariable, VariableOwner, VariableScope, VariableStore};
use gitpod_core::{
    Clock as _, ErrorKind, OrganizationId, ProjectId, Retry, Secret, SystemClock, UserId,
    VariableId,
};

/// In no column but the encrypted one.
pub(crate) const VALUE: &str = "correct-horse-battery-staple";

pub(crate) fn of_user(user: UserId, name: &str, pattern: &str) -> StoredVariable {
    let pattern = pattern.parse().unwrap();
    let scope = VariableScope::User { user, pattern };
    variable(name, scope)
}

pub(crate) fn variable(name: &str, scope: VariableScope) -> StoredVariable {
    StoredVariable::new(
        VariableId::random(),
        name,
        Secret::from(VALUE),
        scope,
        SystemClock.now(),
    )
}

pub(crate) async fn variables_read_back_by_owner(store: &dyn VariableStore) {
    let (user, project) = (UserId::random(), ProjectId::random());
    let organization = OrganizationId::random();
    let stored = [
        of_user(user, "B", "o/r"),
        of_user(user, "A", "o/r"),
        of_user(user, "A", "*/**"),
        of_user(UserId::random(), "A", "o/r"),
        variable(
            "A",
            VariableScope::Project {
                project,
                prebuilds_only: true,
            },
        ),
        variable("A", VariableScope::Organization { organization }),
    ];
    for variable in &stored {
        store.put(variable).await.unwrap();
        let read = store.get(variable.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(variable));
    }
    let list = async |owner| store.list(owner).await.unwrap();
    let [b, exact, any, _, of_project, of_organization] = stored;
    assert_eq!(list(VariableOwner::User(user)).await, [any, exact, b]);
    assert_eq!(list(VariableOwner::Project(project)).await, [of_project]);
    assert_eq!(
        list(VariableOwner::Organization(organization)).await,
        [of_organization]
    );
    let nobody = VariableOwner::User(UserId::random());
    assert!(list(nobody).await.is_empty());
}

pub(crate) async fn a_variable_is_replaced_by_its_id(store: &dyn VariableStore) {
    let user = UserId::random();
    let first = of_user(user, "A", "o/r");
    store.put(&first).await.unwrap();
    let mut second = of_user(user, "B", "o/*");
    (second.id, second.value) = (first.id, Secret::from("other"));
    second.created_at += jiff::SignedDuration::from_secs(60);
    store.put(&second).await.unwrap();
    second.created_at = first.created_at;
    let owner = VariableOwner::User(user);
    assert_eq!(
        store.list(owner).await.unwrap(),
        std::slice::from_ref(&second)
    );
    // Its old name is free again.
    store.put(&of_user(user, "A", "o/r")).await.unwrap();

    let mut stolen = of_user(UserId::random(), "A", "o/r");
    stolen.id = second.id;
    let error = store.put(&stolen).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(store.get(second.id).await.unwrap(), Some(second));
}

pub(crate) async fn a_name_is_given_once_per_owner_and_pattern(store: &dyn VariableStore) {
    let user = UserId::random();
    store.put(&of_user(user, "A", "o/r")).await.unwrap();
    let racers = (0..8).map(|_| async {
        let new = of_user(user, "B", "o/r");
        store.put(&new).await.map_err(|error| error.kind())
    });
    let put = futures::future::join_all(racers).await;
    assert_eq!(put.iter().filter(|done| done.is_ok()).count(), 1);
    assert!(
        put.into_iter()
            .filter_map(Result::err)
            .all(|kind| kind == ErrorKind::AlreadyExists)
    );
    // Nor by renaming.
    let mut other = of_user(user, "C", "o/r");
    store.put(&other).await.unwrap();
    other.name = String::from("A");
    let error = store.put(&other).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(!format!("{error:?}").contains(VALUE), "{error:?}");
}

pub(crate) async fn deleted_variables_are_gone(store: &dyn VariableStore) {
    let variable = of_user(UserId::random(), "A", "o/r");
    store.delete(variable.id).await.unwrap();
    store.put(&variable).await.unwrap();
    store.delete(variable.id).await.unwrap();
    assert_eq!(store.get(variable.id).await.unwrap(), None);
    assert_eq!(store.list(variable.scope.owner()).await.unwrap(), []);
}

pub(crate) async fn an_owner_has_a_limited_number(store: &dyn VariableStore) {
    let user = UserId::random();
    let mut last = None;
    for number in 0..MAX_PER_USER {
        let new = of_user(user, &format!("V{number}"), "o/r");
        store.put(&new).await.unwrap();
        last = Some(new);
    }
    let error = store
        .put(&of_user(user, "W", "o/r"))
        .await
        .expect_err("one too many");
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry(), Retry::Never);
    // Those that are there can still be changed.
    store.put(&last.unwrap()).await.unwrap();
    store
        .put(&of_user(UserId::random(), "W", "o/r"))
        .await
        .unwrap();
}
