use async_trait::async_trait;
use gitpod_core::store::{StoredVariable, VariableOwner, VariableStore};
use gitpod_core::{Result, VariableId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{SqliteStore, decode, encode, failed};
use crate::store::variable::{self, VariableRecord};

impl SqliteStore {
    fn variable(&self, row: &SqliteRow) -> Result<StoredVariable> {
        let (id, owner, name): (&str, &str, &str) = (row.get(0), row.get(1), row.get(2));
        let id: VariableId = id.parse()?;
        let record: VariableRecord = decode(row.get(4))?;
        let value = self
            .keys
            .open_sealed(&variable::place(id, owner, name), row.get(5))?;
        let scope = record.scope(owner, row.get(3))?;
        Ok(StoredVariable::new(
            id,
            name,
            value,
            scope,
            record.created_at,
        ))
    }
}

/// The time a variable was created at, if it is known; refuses what may not be stored.
async fn known(
    connection: &mut SqliteConnection,
    new: &StoredVariable,
) -> Result<Option<VariableRecord>> {
    let cannot = || failed("cannot read environment variables");
    let (id, owner) = (new.id.to_string(), new.scope.owner().to_string());
    let stored = sqlx::query("SELECT owner, pattern, record FROM variables WHERE id = ?")
        .bind(&id)
        .fetch_optional(&mut *connection)
        .await
        .map_err(cannot())?;
    let stored = match stored {
        None => None,
        Some(row) => {
            let record: VariableRecord = decode(row.get(2))?;
            let scope = record.scope(row.get(0), row.get(1))?;
            variable::check_owner(new, Some(scope.owner()))?;
            Some(record)
        }
    };
    let taken = sqlx::query(
        "SELECT 1 FROM variables WHERE owner = ? AND name = ? AND pattern = ? AND id <> ?",
    )
    .bind(&owner)
    .bind(&new.name)
    .bind(variable::pattern_of(new))
    .bind(&id)
    .fetch_optional(&mut *connection)
    .await
    .map_err(cannot())?;
    if taken.is_some() {
        return Err(variable::taken(new));
    }
    if stored.is_none() {
        let row = sqlx::query("SELECT count(*) FROM variables WHERE owner = ?")
            .bind(&owner)
            .fetch_one(&mut *connection)
            .await
            .map_err(cannot())?;
        variable::check_count(new, usize::try_from(row.get::<i64, _>(0)).unwrap_or(0))?;
    }
    Ok(stored)
}

#[async_trait]
impl VariableStore for SqliteStore {
    async fn put(&self, new: &StoredVariable) -> Result<()> {
        let (owner, pattern) = (new.scope.owner().to_string(), variable::pattern_of(new));
        let mut transaction = self.begin().await?;
        let known = known(&mut transaction, new).await?;
        let created_at = known.map_or(new.created_at, |known| known.created_at);
        let sealed = self.keys.seal(
            &variable::place(new.id, &owner, &new.name),
            new.value.expose(),
        )?;
        sqlx::query(
            "INSERT INTO variables (id, owner, name, pattern, record, value) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, pattern = excluded.pattern, \
             record = excluded.record, value = excluded.value",
        )
        .bind(new.id.to_string())
        .bind(owner)
        .bind(&new.name)
        .bind(pattern)
        .bind(encode(&VariableRecord::of(new, created_at))?)
        .bind(sealed)
        .execute(&mut *transaction)
        .await
        .map_err(failed("cannot store an environment variable"))?;
        transaction
            .commit()
            .await
            .map_err(failed("cannot commit an environment variable"))
    }

    async fn get(&self, id: VariableId) -> Result<Option<StoredVariable>> {
        let row = sqlx::query(
            "SELECT id, owner, name, pattern, record, value FROM variables WHERE id = ?",
        )
        .bind(id.to_string())
        .fetch_optional(&self.readers)
        .await
        .map_err(failed("cannot read an environment variable"))?;
        row.map(|row| self.variable(&row)).transpose()
    }

    async fn list(&self, owner: VariableOwner) -> Result<Vec<StoredVariable>> {
        let rows = sqlx::query(
            "SELECT id, owner, name, pattern, record, value FROM variables WHERE owner = ? ORDER BY name, pattern",
        )
        .bind(owner.to_string())
        .fetch_all(&self.readers)
        .await
        .map_err(failed("cannot list environment variables"))?;
        rows.iter().map(|row| self.variable(row)).collect()
    }

    async fn delete(&self, id: VariableId) -> Result<()> {
        sqlx::query("DELETE FROM variables WHERE id = ?")
            .bind(id.to_string())
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed("cannot delete an environment variable"))
    }
}
