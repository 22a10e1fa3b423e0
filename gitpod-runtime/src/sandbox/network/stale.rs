//! Bridges of servers whose state directory is gone: somebody deleted it without telling us.

use std::path::Path;

use futures::TryStreamExt as _;
use gitpod_core::Result;
use rtnetlink::Handle;
use rtnetlink::LinkUnspec;
use rtnetlink::packet_route::link::{LinkAttribute, LinkMessage};

use super::{failed, nat};
use crate::sandbox::naming::Naming;

/// Notes on the bridge which state directory it is for; `ip link` shows it.
pub(super) async fn label(handle: &Handle, bridge: u32, state: &Path) -> Result<()> {
    let Some(path) = state.to_str().filter(|path| path.len() < 250) else {
        // Not noted, hence never taken for stale.
        return Ok(());
    };
    let message = LinkUnspec::new_with_index(bridge).alias(path).build();
    handle
        .link()
        .set(message)
        .execute()
        .await
        .map_err(|e| failed("cannot label the bridge", e))
}

/// Removes bridges and rules that nobody can ever use again.
pub(super) async fn remove(handle: &Handle) -> Result<()> {
    let links: Vec<LinkMessage> = handle
        .link()
        .get()
        .execute()
        .try_collect()
        .await
        .map_err(|e| failed("cannot list network links", e))?;
    for link in links {
        if let Some(naming) = of_the_dead(&link) {
            // Another server may be at the same; what is gone is gone.
            let _ = handle.link().del(link.header.index).execute().await;
            let _ = nat::remove(naming).await;
        }
    }
    Ok(())
}

/// The names of a state directory that is not there any more, if `link` is its bridge.
fn of_the_dead(link: &LinkMessage) -> Option<Naming> {
    let name = link
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::IfName(name) => Some(name),
            _ => None,
        })?;
    let state = link
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            LinkAttribute::IfAlias(alias) => Some(Path::new(alias)),
            _ => None,
        })?;
    let naming = Naming::of_canonical(state);
    (state.is_absolute() && naming.bridge() == *name && !state.exists()).then_some(naming)
}
