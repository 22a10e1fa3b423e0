use gitpod_core::Result;
use sqlx::Row as _;

use super::{SqliteStore, failed};
use crate::store::keyring::{self, Keyring};

impl SqliteStore {
    /// Refuses keys that are not this database's, and notes the newest one as its own.
    pub(super) async fn adopt_keys(&self) -> Result<()> {
        let cannot = || failed("cannot compare the keys with the database");
        let mut transaction = self.begin().await?;
        let rows = sqlx::query("SELECT id, proof FROM secret_keys")
            .fetch_all(&mut *transaction)
            .await
            .map_err(cannot())?;
        let mut known = Vec::new();
        for row in &rows {
            let id: &str = row.get(0);
            keyring::check(&self.keys, id, row.get(1))?;
            known.push(id);
        }
        let newest = self.keys.newest()?.to_string();
        if !known.contains(&newest.as_str()) {
            let proof = keyring::prove(&self.keys, &newest)?;
            sqlx::query("INSERT INTO secret_keys (id, proof) VALUES (?, ?)")
                .bind(&newest)
                .bind(proof)
                .execute(&mut *transaction)
                .await
                .map_err(cannot())?;
        }
        transaction.commit().await.map_err(cannot())
    }

    /// What encrypts the secrets.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }
}
