use gitpod_core::store::{IdentityStore, Role, TokenKind, TokenRecord, User};
use gitpod_core::{Clock as _, OrganizationId, SystemClock, UserId};

pub(crate) async fn users_read_back_oldest_first(store: &dyn IdentityStore) {
    let now = SystemClock.now();
    let mut users = Vec::new();
    for age in [3_i64, 1, 2] {
        let at = now - jiff::SignedDuration::from_secs(age);
        let user = User::new(
            UserId::random(),
            OrganizationId::random(),
            age.to_string(),
            Role::Member,
            at,
        );
        store.put_user(&user).await.unwrap();
        users.push(user);
    }
    users[0].blocked = true;
    store.put_user(&users[0]).await.unwrap();
    assert_eq!(
        store.user(users[0].id).await.unwrap().as_ref(),
        Some(&users[0])
    );
    let names: Vec<_> = store
        .users()
        .await
        .unwrap()
        .into_iter()
        .map(|user| user.name)
        .collect();
    assert_eq!(names, ["3", "2", "1"]);
    assert!(store.user(UserId::random()).await.unwrap().is_none());
}

pub(crate) async fn a_token_is_used_up_once(store: &dyn IdentityStore) {
    let now = SystemClock.now();
    let user = User::new(
        UserId::random(),
        OrganizationId::random(),
        "admin",
        Role::Admin,
        now,
    );
    store.put_user(&user).await.unwrap();
    let token = TokenRecord::new(
        "ab".repeat(32),
        user.id,
        TokenKind::SignIn,
        "first run",
        now,
    );
    store.put_token(&token).await.unwrap();
    assert_eq!(store.token(&token.hash).await.unwrap(), Some(token.clone()));
    let claims = futures::future::join_all((0..8).map(|_| store.revoke_token(&token.hash))).await;
    assert_eq!(
        claims
            .into_iter()
            .filter(|used| *used.as_ref().unwrap())
            .count(),
        1
    );
    assert!(store.token(&token.hash).await.unwrap().is_none());
}
