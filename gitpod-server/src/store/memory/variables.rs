use async_trait::async_trait;
use gitpod_core::store::{StoredVariable, VariableOwner, VariableStore};
use gitpod_core::{Result, VariableId};

use super::MemoryStore;
use crate::store::variable;

#[async_trait]
impl VariableStore for MemoryStore {
    async fn put(&self, variable: &StoredVariable) -> Result<()> {
        let variables = &mut self.tables().variables;
        let owner = variable.scope.owner();
        let of_owner = variables.values().filter(|v| v.scope.owner() == owner);
        let known = variables.get(&variable.id);
        variable::check_owner(variable, known.map(|known| known.scope.owner()))?;
        let mut others = of_owner.clone().filter(|other| other.id != variable.id);
        if others.any(|other| {
            other.name == variable.name && other.scope.pattern() == variable.scope.pattern()
        }) {
            return Err(variable::taken(variable));
        }
        if known.is_none() {
            variable::check_count(variable, of_owner.count())?;
        }
        let mut stored = variable.clone();
        if let Some(known) = known {
            stored.created_at = known.created_at;
        }
        variables.insert(stored.id, stored);
        Ok(())
    }

    async fn get(&self, id: VariableId) -> Result<Option<StoredVariable>> {
        Ok(self.tables().variables.get(&id).cloned())
    }

    async fn list(&self, owner: VariableOwner) -> Result<Vec<StoredVariable>> {
        let tables = self.tables();
        let of_owner = tables
            .variables
            .values()
            .filter(|v| v.scope.owner() == owner);
        let mut found: Vec<_> = of_owner.cloned().collect();
        found.sort_by_cached_key(|v| (v.name.clone(), v.scope.pattern().map(ToString::to_string)));
        Ok(found)
    }

    async fn delete(&self, id: VariableId) -> Result<()> {
        self.tables().variables.remove(&id);
        Ok(())
    }
}
