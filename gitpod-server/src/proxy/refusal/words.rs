use gitpod_core::workspace::Phase;

use super::Refusal;

impl Refusal {
    /// What it is, in a few words.
    pub(super) fn title(&self) -> &'static str {
        match self {
            Self::UnknownHost => "Nothing lives at this name",
            Self::Malformed(_) | Self::NoToken => "This request is malformed",
            Self::NoWorkspace => "There is no such workspace",
            Self::NotRunning(Phase::Stopped) => "This workspace is not running",
            Self::NotRunning(Phase::Stopping) => "This workspace is stopping",
            Self::NotRunning(_) | Self::NotReady => "This workspace is starting",
            Self::EditorGone => "The editor does not answer",
            Self::SignIn => "This is private",
            Self::WrongToken => "This is not yours",
            Self::ForeignOrigin => "Another site asked for this",
            Self::CodeUsed => "This link was used already",
            Self::NotServed(_) => "Nothing listens on this port",
            Self::BadGateway(_) => "The program behind this port failed",
            Self::NotImplemented(_) => "This does not work yet",
            Self::Broken(_) => "The server failed",
        }
    }

    /// Why, and what to do about it, in a sentence or two.
    pub(super) fn text(&self) -> String {
        let text = match self {
            Self::Malformed(why) => return format!("The server cannot read it: {why}."),
            Self::NotServed(port) => {
                return format!(
                    "No program in the workspace serves port {port} now. Start yours, then reload this page."
                );
            }
            Self::BadGateway(error) => return format!("The proxy got no answer: {error}."),
            Self::NotImplemented(what) => return format!("{what}."),
            Self::UnknownHost => {
                "This server answers to its configured address and to names of its workspaces only."
            }
            Self::NoWorkspace => "It was deleted, or the address has a typing error.",
            Self::NotRunning(Phase::Stopped) => {
                "Its files are kept. Start it, and this page comes back."
            }
            Self::NotRunning(Phase::Stopping) => {
                "Its files are being saved. Start it again in a moment."
            }
            Self::NotRunning(_) | Self::NotReady => {
                "What you asked for does not answer yet. This page tries again by itself."
            }
            Self::EditorGone => {
                "It ended, and is being started again: this page tries again by itself. Your files and terminals are kept. If it \
                 lasts, the workspace's page says why."
            }
            Self::SignIn => {
                "Only the workspace's owner may open this page. If that is you, open it through the dashboard."
            }
            Self::WrongToken => {
                "The owner token that came with this request belongs to something else."
            }
            Self::NoToken => "The owner token in it cannot be read.",
            Self::ForeignOrigin => {
                "A page of another origin tried to use this workspace in your name. It was refused."
            }
            Self::CodeUsed => {
                "Links into a workspace work once, for a minute. Open the workspace again."
            }
            // Its text was not written for strangers.
            Self::Broken(_) => "Its log says why. Try again in a moment.",
        };
        text.to_owned()
    }
}
