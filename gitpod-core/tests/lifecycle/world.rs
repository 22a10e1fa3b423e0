//! A toy world: one node, one workspace, one server that may die. Faithful to the contracts, with faults on demand.

use std::collections::BTreeMap;
use std::time::Duration;

use gitpod_core::content::InitReport;
use gitpod_core::ide::IdeStatus;
use gitpod_core::instance::Exit;
use gitpod_core::workspace::timeout::Policy;
use gitpod_core::workspace::{
    Action, ContentState, ContextRecord, Desired, EditorFact, Effects, Facts, InstanceFact,
    NewWorkspace, Outcome, Phase, StopReason, SupervisorFacts, VolumeFact, Workspace, decide,
};
use gitpod_core::{
    Error, ErrorKind, InstanceId, OrganizationId, Secret, Timestamp, UserId, WorkspaceId,
};

/// What happens to the world.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Start,
    Stop,
    Delete,
    /// The server looks, decides, begins.
    Reconcile,
    /// The oldest effect under way ends well.
    Finish,
    /// The oldest effect under way fails; `lasting` says that trying again cannot help.
    Fail {
        lasting: bool,
    },
    /// `kill -9` of the server; effects under way took place or not.
    Crash {
        effects_happened: bool,
    },
    /// The instance's command ends.
    Die {
        oom: bool,
    },
    /// The machine restarts: no instance survives.
    Reboot,
    EditorReady,
    EditorFails,
    Unreachable(bool),
    Pass(Duration),
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) policy: Policy,
    pub(crate) record: Option<Workspace>,
    pub(crate) runtime: BTreeMap<InstanceId, InstanceFact>,
    pub(crate) volume: VolumeFact,
    unreachable: bool,
    // what dies with a server
    effects: Effects,
    effects_of: Option<InstanceId>,
    under_way: Vec<Action>,
    editor: EditorFact,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        let mut context = ContextRecord::new("https://git.example/o/r");
        context.clone_url = String::from("https://git.example/o/r.git");
        let spec = NewWorkspace::new(UserId::random(), OrganizationId::random(), context);
        let id = WorkspaceId::parse("amber-falcon-k3v9x2ab").unwrap();
        Self {
            now,
            policy: Policy::default(),
            record: Some(Workspace::new(id, spec, now)),
            runtime: BTreeMap::new(),
            volume: VolumeFact::Absent,
            unreachable: false,
            effects: Effects::default(),
            effects_of: None,
            under_way: Vec::new(),
            editor: EditorFact::default(),
        }
    }

    pub(crate) fn record(&self) -> &Workspace {
        self.record.as_ref().expect("not purged in this test")
    }

    pub(crate) fn current(&self) -> Option<InstanceId> {
        self.record()
            .status
            .instance
            .as_ref()
            .map(|instance| instance.id)
    }

    pub(crate) fn live(&self) -> usize {
        self.runtime
            .values()
            .filter(|fact| !matches!(fact, InstanceFact::Exited(_)))
            .count()
    }

    pub(crate) fn idle(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(crate) fn apply(&mut self, step: &Step) {
        if self.record.is_none() {
            return;
        }
        match step {
            Step::Start => self.wish(Desired::Running(InstanceId::random())),
            Step::Stop => self.wish(Desired::Stopped(StopReason::Requested)),
            Step::Delete => self.wish(Desired::Deleted { at: self.now }),
            Step::Reconcile => self.reconcile(),
            Step::Finish => self.finish(),
            Step::Fail { lasting } => self.fail(*lasting),
            Step::Crash { effects_happened } => {
                for action in std::mem::take(&mut self.under_way) {
                    if *effects_happened {
                        // Nobody is left to hear how it went.
                        let _ = self.take_place(&action);
                    }
                }
                self.effects = Effects::default();
                self.effects_of = None;
                self.editor = EditorFact::default();
            }
            Step::Die { oom } => {
                let mut exit = Exit::with_code(1);
                exit.oom_killed = *oom;
                for fact in self.runtime.values_mut() {
                    *fact = InstanceFact::Exited(exit.clone());
                }
            }
            Step::Reboot => self.runtime.clear(),
            Step::EditorReady => self.editor.ready = self.live() == 1,
            Step::EditorFails => self.editor.failed = Some(String::from("exit code 1")),
            Step::Unreachable(unreachable) => self.unreachable = *unreachable,
            Step::Pass(time) => self.now = self.now.saturating_add(*time).unwrap(),
        }
    }

    fn wish(&mut self, desired: Desired) {
        let record = self.record.as_mut().unwrap();
        if !matches!(record.desired, Desired::Deleted { .. }) {
            record.desired = desired;
        }
    }

    fn facts(&mut self) -> Facts {
        let current = self.current();
        if self.effects_of != current {
            self.effects = Effects::default();
            self.effects_of = current;
            self.editor = EditorFact::default();
        }
        let seen = current.and_then(|id| self.runtime.get(&id).cloned());
        let mut facts = Facts::new(self.now);
        facts.token = Secret::from("secret");
        facts.instance = if self.unreachable {
            InstanceFact::Unreachable(String::from("no answer"))
        } else {
            seen.unwrap_or(InstanceFact::Absent)
        };
        facts.volume = self.volume;
        facts.effects = self.effects.clone();
        if matches!(facts.instance, InstanceFact::Running { .. }) {
            facts.supervisor = Some(SupervisorFacts {
                editor: self.editor.clone(),
                ..SupervisorFacts::default()
            });
        }
        facts
    }

    pub(crate) fn reconcile(&mut self) {
        let facts = self.facts();
        let round = decide(self.record(), &facts, &self.policy);
        self.check(&round.workspace);
        self.record = Some(round.workspace);
        self.facts(); // a new instance starts with a fresh memory
        for action in round.decision.actions {
            if let Action::Cancel { effect } = action {
                self.under_way.retain(|a| a.effect() != Some(effect));
                self.effects.forget(effect);
            } else if let Some(effect) = action.effect() {
                assert!(
                    !self.effects.is_running(effect),
                    "{effect:?} is begun twice"
                );
                self.effects.begin(effect, self.now);
                self.under_way.push(action);
            }
        }
    }

    /// What must hold for every change of the record.
    fn check(&self, new: &Workspace) {
        let old = self.record();
        let same = old.status.instance.as_ref().map(|i| i.id)
            == new.status.instance.as_ref().map(|i| i.id);
        let (from, to) = (old.status.phase, new.status.phase);
        assert!(from.can_become(to), "{from:?} may not become {to:?}");
        if !same {
            assert_eq!((from, to), (Phase::Stopped, Phase::Preparing));
        }
        if to == Phase::Stopped && from != to {
            let instance = new.status.instance.as_ref().unwrap();
            assert!(instance.stop_reason.is_some(), "stopped without a reason");
            assert!(instance.stopped_at.is_some());
        }
    }

    fn finish(&mut self) {
        if self.under_way.is_empty() {
            return;
        }
        let action = self.under_way.remove(0);
        let outcome = self.take_place(&action);
        let kind = action.effect().unwrap();
        self.effects
            .end(kind, self.now, outcome.map_err(|e| (&e).into()));
    }

    fn fail(&mut self, lasting: bool) {
        if self.under_way.is_empty() {
            return;
        }
        let action = self.under_way.remove(0);
        let kind = if lasting {
            ErrorKind::InvalidInput
        } else {
            ErrorKind::Unavailable
        };
        let error = Error::new(kind, "injected");
        self.effects
            .end(action.effect().unwrap(), self.now, Err((&error).into()));
    }

    fn take_place(&mut self, action: &Action) -> Result<Outcome, Error> {
        match action {
            Action::EnsureImage { .. } => return Ok(Outcome::Image(String::from("host"))),
            Action::EnsureEditor { .. } => return Ok(Outcome::Editor(IdeStatus::default())),
            Action::InitContent { .. } => {
                assert_ne!(
                    self.volume,
                    VolumeFact::Complete,
                    "content fetched over content"
                );
                self.volume = VolumeFact::Complete;
                return Ok(Outcome::Content(Some(InitReport::default())));
            }
            Action::OpenContent => {
                return match self.volume {
                    VolumeFact::Complete => Ok(Outcome::Content(None)),
                    _ => Err(Error::not_found("no volume")),
                };
            }
            Action::EnsureInstance { instance, .. } => {
                assert_eq!(
                    self.volume,
                    VolumeFact::Complete,
                    "instance without content"
                );
                self.runtime
                    .entry(*instance)
                    .or_insert(InstanceFact::Running { since: None });
                assert!(self.live() <= 1, "more than one live instance");
            }
            Action::StopInstance { instance, .. } => {
                if let Some(fact) = self.runtime.get_mut(instance) {
                    *fact = InstanceFact::Exited(Exit::with_code(0));
                }
            }
            Action::RemoveInstance { instance } | Action::RemoveStray { instance } => {
                self.runtime.remove(instance);
            }
            Action::ReadGitStatus => return Ok(Outcome::Git(None)),
            Action::RemoveContent => {
                let Desired::Deleted { at } = self.record().desired else {
                    panic!("content removed without its owner's wish")
                };
                let grace = gitpod_core::clock::elapsed(at, self.now);
                assert!(
                    grace >= self.policy.deletion_grace,
                    "content removed too early"
                );
                self.volume = VolumeFact::Absent;
            }
            Action::Purge => {
                assert_eq!(self.record().status.content, ContentState::Deleted);
                self.record = None;
            }
            Action::ReleaseContent => assert_eq!(self.live(), 0, "released while in use"),
            Action::WatchSupervisor { .. } | Action::Cancel { .. } => {}
            _ => panic!("the toy world does not know {action:?}"),
        }
        Ok(Outcome::Done)
    }
}
