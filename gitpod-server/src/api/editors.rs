use connectrpc::{RequestContext, Response, ServiceRequest, ServiceResult};
use gitpod_core::proto::gitpod::experimental::v1::{
    EditorOption, EditorService, ListEditorOptionsRequest, ListEditorOptionsResponse, editor_option,
};

use super::status::connect_error;
use crate::Platform;

/// The editors one may choose.
#[derive(Debug)]
pub(super) struct Editors {
    platform: Platform,
}

impl Editors {
    pub(super) fn new(platform: Platform) -> Self {
        Self { platform }
    }
}

#[expect(refining_impl_trait_internal, reason = "each method names its message")]
impl EditorService for Editors {
    async fn list_editor_options(
        &self,
        _: RequestContext,
        _: ServiceRequest<'_, ListEditorOptionsRequest>,
    ) -> ServiceResult<ListEditorOptionsResponse> {
        let editors = self.platform.editors().await.map_err(connect_error)?;
        let options = editors.into_iter().map(|editor| {
            // Clients of the original read both releases without asking whether they are there.
            let release = editor_option::Kind {
                version: editor.version,
            };
            EditorOption {
                id: editor.id,
                title: editor.label,
                r#type: editor_option::Type::TYPE_BROWSER.into(),
                label: editor.unavailable.unwrap_or_default(),
                stable: release.clone().into(),
                latest: release.into(),
                ..EditorOption::default()
            }
        });
        Response::ok(ListEditorOptionsResponse {
            result: options.collect(),
        })
    }
}
