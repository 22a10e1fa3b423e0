use async_trait::async_trait;
use gitpod_core::store::{IdentityStore, TokenRecord, User};
use gitpod_core::{Result, UserId};
use sqlx::Row as _;

use super::{SqliteStore, decode, encode, failed};

#[async_trait]
impl IdentityStore for SqliteStore {
    async fn put_user(&self, user: &User) -> Result<()> {
        sqlx::query(
            "INSERT INTO users (id, created_at, record) VALUES (?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET record = excluded.record",
        )
        .bind(user.id.to_string())
        .bind(user.created_at.to_string())
        .bind(encode(user)?)
        .execute(&self.writer)
        .await
        .map(drop)
        .map_err(failed("cannot store a user"))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        let row = sqlx::query("SELECT record FROM users WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await
            .map_err(failed("cannot read a user"))?;
        row.map(|row| decode(row.get(0))).transpose()
    }

    async fn users(&self) -> Result<Vec<User>> {
        let rows = sqlx::query("SELECT record FROM users ORDER BY created_at, id")
            .fetch_all(&self.readers)
            .await
            .map_err(failed("cannot list users"))?;
        rows.into_iter().map(|row| decode(row.get(0))).collect()
    }

    async fn put_token(&self, token: &TokenRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO tokens (hash, user, record) VALUES (?, ?, ?) \
             ON CONFLICT (hash) DO UPDATE SET record = excluded.record",
        )
        .bind(&token.hash)
        .bind(token.user.to_string())
        .bind(encode(token)?)
        .execute(&self.writer)
        .await
        .map(drop)
        .map_err(failed("cannot store a token"))
    }

    async fn token(&self, hash: &str) -> Result<Option<TokenRecord>> {
        let row = sqlx::query("SELECT record FROM tokens WHERE hash = ?")
            .bind(hash)
            .fetch_optional(&self.readers)
            .await
            .map_err(failed("cannot read a token"))?;
        row.map(|row| decode(row.get(0))).transpose()
    }

    async fn revoke_token(&self, hash: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM tokens WHERE hash = ?")
            .bind(hash)
            .execute(&self.writer)
            .await
            .map_err(failed("cannot revoke a token"))?;
        Ok(done.rows_affected() == 1)
    }
}
