use super::super::EditorFact;
use crate::ide::{EditorTrouble, IdeStatus};

const HINT: &str = "your files and terminals are kept, and it is started again with growing pauses; its last lines say what it \
    lacks; or stop the workspace and start it with another editor (`gitpod workspace start ID --editor terminal`)";

/// Whether the editor answers, and what keeps it from it once it has.
///
/// One that ended once and is being started again is given time: its status stays. One that never answered fails the start,
/// which is decided elsewhere.
pub(super) fn observe(ide: &mut IdeStatus, fact: &EditorFact) {
    if fact.ready {
        ide.ready = true;
        ide.trouble = None;
    } else if let Some(why) = &fact.failed
        && (ide.ready || ide.trouble.is_some())
    {
        ide.ready = false;
        ide.trouble = Some(EditorTrouble {
            message: why.clone(),
            hint: HINT.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(ready: bool, failed: Option<&str>) -> EditorFact {
        let failed = failed.map(ToOwned::to_owned);
        EditorFact { ready, failed }
    }

    #[test]
    fn trouble_begins_after_it_was_ready_and_ends_when_it_answers() {
        let mut ide = IdeStatus::default();
        observe(&mut ide, &fact(false, Some("ended 3 times")));
        assert_eq!(ide, IdeStatus::default(), "a start that fails is no crash");
        observe(&mut ide, &fact(true, None));
        assert!(ide.ready);
        observe(&mut ide, &fact(false, None));
        assert!(ide.ready, "a restart under way, or a supervisor asked anew");
        for why in ["ended 3 times", "ended 4 times"] {
            observe(&mut ide, &fact(false, Some(why)));
            let told = ide.trouble.as_ref().map(|trouble| trouble.message.as_str());
            assert_eq!((ide.ready, told), (false, Some(why)));
        }
        observe(&mut ide, &fact(false, None));
        assert!(ide.trouble.is_some(), "it does not answer yet");
        observe(&mut ide, &fact(true, None));
        assert_eq!((ide.ready, &ide.trouble), (true, &None));
    }
}
