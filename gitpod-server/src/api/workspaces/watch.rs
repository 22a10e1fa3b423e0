use std::collections::{HashMap, VecDeque};

use connectrpc::{ConnectError, ServiceStream};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use gitpod_core::access::Principal;
use gitpod_core::proto::gitpod::v1::WatchWorkspaceStatusResponse;
use gitpod_core::store::Query;
use gitpod_core::workspace::{Event, Generation, Workspace};
use gitpod_core::{ErrorKind, Result, WorkspaceId};

use crate::Platform;
use crate::api::convert::status_message;
use crate::api::status::connect_error;
use crate::platform::subscription::MISSED;

/// Workspaces whose status is told at once when somebody watches all.
const FIRST: usize = 1000;

struct Watch {
    platform: Platform,
    by: Principal,
    only: Option<WorkspaceId>,
    events: BoxStream<'static, Result<Event>>,
    told: HashMap<WorkspaceId, Generation>,
    ready: VecDeque<WatchWorkspaceStatusResponse>,
    over: bool,
}

/// The status now, then after each change. A watch of one workspace ends when it is deleted.
pub(super) async fn open(
    platform: &Platform,
    by: &Principal,
    only: Option<WorkspaceId>,
) -> Result<ServiceStream<WatchWorkspaceStatusResponse>> {
    // Read before the records, so that no change falls between the two.
    let from = platform.last_sequence().await?;
    let first = present(platform, by, only.as_ref()).await?;
    let mut watch = Watch {
        platform: platform.clone(),
        by: by.clone(),
        only,
        events: platform.subscribe(by, from),
        told: HashMap::new(),
        ready: VecDeque::new(),
        over: false,
    };
    for workspace in &first {
        watch.tell(workspace);
    }
    let stream = stream::try_unfold(watch, |mut watch| async move {
        let next = watch.next().await.map_err(connect_error)?;
        Ok::<_, ConnectError>(next.map(|message| (message, watch)))
    });
    Ok(Box::pin(stream))
}

/// What is told at first.
async fn present(
    platform: &Platform,
    by: &Principal,
    only: Option<&WorkspaceId>,
) -> Result<Vec<Workspace>> {
    if let Some(id) = only {
        return Ok(vec![platform.get(by, id).await?]);
    }
    let mut query = Query::default();
    query.limit = FIRST;
    if let Some(user) = by.user() {
        query.owner = Some(user.id);
    }
    platform.list(by, query).await
}

impl Watch {
    /// The client was so slow that events it did not hear of are gone: it is told what has changed meanwhile.
    async fn resync(&mut self) -> Result<()> {
        let from = self.platform.last_sequence().await?;
        match present(&self.platform, &self.by, self.only.as_ref()).await {
            Ok(workspaces) => workspaces.iter().for_each(|workspace| self.tell(workspace)),
            Err(error) if error.kind() == ErrorKind::NotFound => self.over = true,
            Err(error) => return Err(error),
        }
        self.events = self.platform.subscribe(&self.by, from);
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<WatchWorkspaceStatusResponse>> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Ok(Some(message));
            }
            if self.over {
                return Ok(None);
            }
            let Some(event) = self.events.next().await else {
                return Ok(None);
            };
            let id = match event {
                Ok(event) => event.workspace,
                Err(error) if error.kind() == MISSED => {
                    self.resync().await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if self.only.as_ref().is_some_and(|only| *only != id) {
                continue;
            }
            match self.platform.get(&self.by, &id).await {
                Ok(workspace) => self.tell(&workspace),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.told.remove(&id);
                    self.over = self.only.is_some();
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Several events of one write make one message; so do many writes that came while the client was slow.
    fn tell(&mut self, workspace: &Workspace) {
        let owned = match self.by.user() {
            Some(user) => user.id == workspace.spec.owner,
            None => true,
        };
        let told = self.told.get(&workspace.id);
        if (self.only.is_none() && !owned) || told.is_some_and(|told| *told >= workspace.generation)
        {
            return;
        }
        self.told.insert(workspace.id.clone(), workspace.generation);
        self.ready.push_back(WatchWorkspaceStatusResponse {
            workspace_id: workspace.id.to_string(),
            status: status_message(&self.platform, workspace).into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use connectrpc::ServiceStream;
    use gitpod_core::store::WorkspaceStore as _;

    use super::*;
    use crate::CreateWorkspace;
    use crate::platform::DEMO_REPOSITORY;
    use crate::store::MemoryStore;

    type Told = ServiceStream<WatchWorkspaceStatusResponse>;

    /// A platform whose driver does not run, and a workspace that counts as started.
    async fn world() -> (Platform, Arc<MemoryStore>, Workspace) {
        let store = Arc::new(MemoryStore::default());
        let builder = Platform::in_memory_builder().store(Arc::clone(&store) as _);
        let platform = builder.build().unwrap();
        let created = platform
            .create(&Principal::System, CreateWorkspace::new(DEMO_REPOSITORY))
            .await
            .unwrap();
        (platform, store, created)
    }

    async fn rename(store: &MemoryStore, id: &WorkspaceId, name: &str) -> Generation {
        let mut workspace = store.get(id).await.unwrap().unwrap();
        workspace.name = Some(name.to_owned());
        let events = [gitpod_core::workspace::EventKind::Updated];
        let written = store.put(&workspace, workspace.generation, &events).await;
        written.unwrap()
    }

    async fn next(told: &mut Told) -> u64 {
        told.next().await.unwrap().unwrap().status.status_version
    }

    #[tokio::test]
    async fn who_misses_events_that_are_gone_is_told_the_state_and_goes_on() {
        let (platform, store, created) = world().await;
        for only in [Some(created.id.clone()), None] {
            let position = platform.last_sequence().await.unwrap();
            let mut told = open(&platform, &Principal::System, only).await.unwrap();
            next(&mut told).await;
            // Nobody reads meanwhile, as with a client that is slow.
            for name in ["a", "b", "c"] {
                rename(&store, &created.id, name).await;
            }
            let newest = rename(&store, &created.id, "d").await;
            store.prune(0).await.unwrap();
            let mut events = platform.subscribe(&Principal::System, position);
            let gone = events.next().await.unwrap().unwrap_err();
            assert_eq!(gone.kind(), MISSED, "{gone:?}");

            assert_eq!(next(&mut told).await, newest.0, "one message for all");
            let later = rename(&store, &created.id, "e").await;
            assert_eq!(next(&mut told).await, later.0, "and it goes on");
        }
    }

    #[tokio::test]
    async fn a_watch_of_what_vanished_with_its_events_ends() {
        let (platform, store, created) = world().await;
        let only = Some(created.id.clone());
        let mut told = open(&platform, &Principal::System, only).await.unwrap();
        next(&mut told).await;
        rename(&store, &created.id, "a").await;
        store.purge(&created.id).await.unwrap();
        store.prune(0).await.unwrap();
        assert!(told.next().await.is_none());
    }
}
