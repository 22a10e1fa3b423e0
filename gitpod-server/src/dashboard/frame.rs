//! What all pages have around them.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use gitpod_core::Result;
use gitpod_core::workspace::Sequence;

use super::assets;
use super::problem::Problem;
use super::router::Dashboard;
use super::visitor::Visitor;

/// The part of a page's data that the layout shows.
pub(super) struct Frame {
    pub(super) title: String,
    /// Entry of the navigation that is this page's: `workspaces`, `new`, or none.
    pub(super) nav: &'static str,
    /// Signed-in user, if any.
    pub(super) user: Option<String>,
    /// Address of the embedded files.
    pub(super) assets: String,
    /// Events after this one change the page; `None`: nothing does.
    pub(super) sequence: Option<u64>,
    /// Only events of this workspace.
    pub(super) workspace: Option<String>,
    /// The server's time in milliseconds, for times that run in the page.
    pub(super) now: i64,
}

impl Frame {
    /// For a page without live parts.
    pub(super) fn still(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            nav: "",
            user: None,
            assets: format!("/assets/{}", *assets::DIGEST),
            sequence: None,
            workspace: None,
            now: 0,
        }
    }

    /// For a page that follows events. Called before the page's data is read, so that no event is missed in between.
    pub(super) async fn live(
        state: &Dashboard,
        visitor: &Visitor,
        title: impl Into<String>,
    ) -> Result<Self> {
        let Sequence(sequence) = state.platform.last_sequence().await?;
        Ok(Self {
            user: Some(visitor.name.clone()),
            sequence: Some(sequence),
            now: state.platform.clock().now().as_millisecond(),
            ..Self::still(title)
        })
    }

    pub(super) fn at(mut self, nav: &'static str) -> Self {
        self.nav = nav;
        self
    }
}

/// Renders a page.
pub(super) fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            Problem(gitpod_core::Error::unexpected("cannot render the page").with_source(error))
                .into_response()
        }
    }
}
