//! The front door: what an agent host holds.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use bailiwick_capfs::state::{Room, State};
use bailiwick_capfs::{
    Amount, Attenuation, Grant, HandleError, HandleId, Rights, Volume, VolumeOptions, Writes,
};
use bailiwick_contract::names::nearest;
use serde_json::Value;
use tracing::Instrument as _;

use crate::added::{Added, ToolTerms};
use crate::budget::{Budget, Ledger, Spent};
use crate::call::Call;
use crate::error::{GrantError, LoadError};
use crate::files::Files;
use crate::limits::Limits;
use crate::log::{GrantRecord, Record, Recorded, Recorder};
use crate::namespace::Namespace;
use crate::outcome::{Code, Failure, Outcome};
use crate::results::{self, Results};
use crate::run::{Request, run};
use crate::tool::Tool;
use crate::trace;

/// How many names an error lists.
const LISTED: usize = 5;

/// The name of the session's own directory to write in.
const SCRATCH: &str = "scratch";

/// Tools, and the handles they may be given. Cheap to clone; clones are the same session. Sessions share nothing but compiled code.
#[derive(Debug, Clone, Default)]
pub struct Session(Arc<RwLock<Inner>>);

#[derive(Debug, Clone, Default)]
pub(crate) struct Inner {
    tools: Vec<Added>,
    pub(crate) namespace: Namespace,
    mounts: Vec<Arc<str>>,
    limits: Limits,
    budget: Arc<Ledger>,
    pub(crate) files: Arc<Files>,
    pub(crate) recorder: Option<Recorder>,
}

/// How a name is granted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GrantOptions {
    /// What becomes of what a call writes. Default [`Writes::Apply`].
    pub writes: Writes,
    /// How much may be written, by logical size in bytes and by names. Default 64 MiB and 4,096.
    pub quota: Amount,
}

impl Default for GrantOptions {
    fn default() -> Self {
        Self {
            writes: Writes::Apply,
            quota: Amount {
                bytes: 64 << 20,
                entries: 4096,
            },
        }
    }
}

impl GrantOptions {
    /// These, with another end of what is written.
    #[must_use]
    pub fn writes(mut self, writes: Writes) -> Self {
        self.writes = writes;
        self
    }

    /// These, with another quota.
    #[must_use]
    pub fn quota(mut self, quota: Amount) -> Self {
        self.quota = quota;
        self
    }
}

impl Session {
    /// A session without tools and without grants, under the default limits. It has no state folder, so nothing can be granted to be
    /// written but [`Writes::Direct`], and there is no `/results`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A session whose calls have at most these limits. It has no state folder, as [`new`](Self::new).
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        let limits = limits.lowered(limits);
        Self(Arc::new(RwLock::new(Inner {
            limits,
            ..Inner::default()
        })))
    }

    /// A session that keeps what its calls change in a state folder, where it can be looked at, applied, dropped and undone, and that
    /// has `/results`.
    ///
    /// # Errors
    ///
    /// [`GrantError::State`] when the folder fails.
    pub fn with_state(limits: Limits, state: &State) -> Result<Self, GrantError> {
        let session = Self(Arc::new(RwLock::new(Inner {
            limits: limits.lowered(limits),
            files: Arc::new(Files::new(Some(state.clone()))),
            ..Inner::default()
        })));
        session.write(Inner::add_results)?;
        Ok(session)
    }

    /// Adds a tool.
    ///
    /// # Errors
    ///
    /// [`LoadError::Duplicate`] when there is a tool of that name, or a function that a model could not tell from one of
    /// its own.
    pub fn add(&self, tool: Tool) -> Result<(), LoadError> {
        self.add_with(tool, &ToolTerms::default())
    }

    /// Adds a tool that may not do all that the session has. What it is to be handed must have been granted.
    ///
    /// # Errors
    ///
    /// Those of [`add`](Self::add); [`LoadError::Terms`] when a name is not granted; [`LoadError::Function`] when the tool has no function
    /// of a name.
    pub fn add_with(&self, tool: Tool, terms: &ToolTerms) -> Result<(), LoadError> {
        let known = tool.clone();
        let added = self.write(|inner| inner.add(tool, terms));
        self.note(|| Record::tool(&known, terms, &added));
        added
    }

    /// Makes a granted name the one that relative paths are in. Otherwise that is the first.
    ///
    /// # Errors
    ///
    /// [`GrantError::Unknown`] when it is not granted.
    pub fn set_default(&self, name: &str) -> Result<(), GrantError> {
        self.write(|inner| {
            inner.known(name)?;
            inner.namespace.set_default(name);
            Ok(())
        })
    }

    /// Gives the session a name for what is granted: `/name`. The first is the default, which relative paths are in.
    ///
    /// # Errors
    ///
    /// Those of [`grant_with`](Self::grant_with).
    pub fn grant(&self, name: &str, grant: Grant) -> Result<HandleId, GrantError> {
        self.grant_with(name, grant, &GrantOptions::default())
    }

    /// Gives the session a name for what is granted, and says how it may be written.
    ///
    /// # Errors
    ///
    /// [`GrantError`] when the name cannot be used or is taken, and when it could be written without a state folder to keep the changes
    /// in.
    pub fn grant_with(
        &self,
        name: &str,
        grant: Grant,
        options: &GrantOptions,
    ) -> Result<HandleId, GrantError> {
        let record = GrantRecord::new(name, &grant, options);
        let granted = self.write(|inner| inner.grant(name, grant, options, false));
        self.note(|| record.ended(&granted));
        granted
    }

    /// Gives the session `/scratch`: an empty directory of its own to write in, with a quota, that goes away with the session.
    ///
    /// # Errors
    ///
    /// Those of [`grant_with`](Self::grant_with).
    pub fn scratch(&self) -> Result<HandleId, GrantError> {
        let made = self.write(Inner::scratch);
        let options = GrantOptions::default().writes(Writes::Direct);
        self.note(|| GrantRecord::own(SCRATCH, Rights::READ_WRITE, &options).ended(&made));
        made
    }

    /// Gives the session another name for part of what a handle stands for, with less to be done. What is taken away cannot be had
    /// back through it, and it dies with the handle.
    ///
    /// # Errors
    ///
    /// [`GrantError::Handle`] when the handle is gone or a glob does not parse; those of [`grant_with`](Self::grant_with) for the name.
    pub fn attenuate(
        &self,
        handle: HandleId,
        name: &str,
        terms: &Attenuation,
    ) -> Result<HandleId, GrantError> {
        let derived = self.write(|inner| {
            inner.namespace.check(name)?;
            let handles = inner.namespace.handles();
            let derived = handles
                .attenuate_as(handle, name, terms)
                .map_err(|source| GrantError::Handle {
                    name: name.to_owned(),
                    source,
                })?;
            inner.namespace.name(name, derived);
            Ok(derived)
        });
        self.note(|| Record::attenuate(self.capability(handle).as_ref(), name, terms, &derived));
        derived
    }

    /// Takes a handle back, with all that were derived from it: how many that were. When this has returned, no call gets anything through
    /// them any more, and nothing that one did through them reaches the files.
    ///
    /// # Errors
    ///
    /// [`HandleError::Unknown`] when it is gone already.
    pub fn revoke(&self, handle: HandleId) -> Result<usize, HandleError> {
        let handles = self.read(|inner| inner.namespace.handles().clone());
        let capability = self.capability(handle);
        let revoked = handles.revoke(handle)?;
        self.note(|| Record::revoke(capability.as_ref(), revoked));
        Ok(revoked)
    }

    /// The handle of a top-level name.
    #[must_use]
    pub fn handle(&self, name: &str) -> Option<HandleId> {
        self.read(|inner| inner.namespace.handle(name))
    }

    /// Lets tools that use files through their language's own functions see a granted name, with its rights, under `/name`.
    ///
    /// # Errors
    ///
    /// [`GrantError::Unknown`] when it is not granted.
    pub fn mount(&self, name: &str) -> Result<(), GrantError> {
        self.write(|inner| {
            inner.known(name)?;
            if !inner.mounts.iter().any(|known| **known == *name) {
                inner.mounts.push(name.into());
            }
            Ok(())
        })?;
        self.note(|| Record::mount(name));
        Ok(())
    }

    /// Sets what all calls of this session may use together, counted from its first call. It is for the calls that begin from now on.
    pub fn set_budget(&self, budget: Budget) {
        self.read(|inner| inner.budget.set(&budget));
    }

    /// What the calls of this session have used so far, those that run not counted.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.read(|inner| inner.budget.spent())
    }

    /// The tools, in the order in which they were added.
    #[must_use]
    pub fn tools(&self) -> Vec<Tool> {
        self.read(|inner| inner.tools.iter().map(|added| added.tool.clone()).collect())
    }

    /// The names that a model can say, with their rights: `/workspace (rw, default), /docs (ro)`.
    #[must_use]
    pub fn namespace(&self) -> String {
        self.read(|inner| inner.namespace.describe())
    }

    /// Calls a function by its name for models, with an object of arguments: `files_grep`. Whatever is wrong is in the
    /// [`Outcome`].
    pub fn call(&self, name: &str, arguments: Value) -> Call {
        self.call_within(name, arguments, Limits::max())
    }

    /// Calls a function under limits of its own, which can only lower the session's.
    pub fn call_within(&self, name: &str, arguments: Value, limits: Limits) -> Call {
        let (request, recorder) = self.read(|inner| {
            let request = inner.request(name, arguments, limits);
            (request, inner.recorder.clone())
        });
        let span = trace::span(&request);
        Call::new(move |reporter| {
            let call = async move {
                let recorded = Recorded::begin(recorder, &request);
                let outcome = match request {
                    Ok(request) => run(*request, reporter).await,
                    Err(outcome) => {
                        reporter.finished(outcome.code);
                        *outcome
                    }
                };
                trace::ended(&outcome);
                recorded.ended(outcome)
            };
            call.instrument(span)
        })
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&Inner) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut Inner) -> T) -> T {
        write(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    /// The handle of a name that is granted.
    pub(crate) fn known(&self, name: &str) -> Result<HandleId, GrantError> {
        self.namespace
            .handle(name)
            .ok_or_else(|| GrantError::Unknown {
                name: name.to_owned(),
            })
    }

    fn add(&mut self, tool: Tool, terms: &ToolTerms) -> Result<(), LoadError> {
        if self
            .tools
            .iter()
            .any(|known| known.tool.name() == tool.name())
        {
            let tool = tool.name().to_owned();
            return Err(LoadError::Duplicate { tool });
        }
        let added = Added::new(self, tool, terms)?;
        let taken: HashSet<String> = self.tools.iter().flat_map(Added::model_names).collect();
        if let Some(name) = added.model_names().find(|name| taken.contains(name)) {
            return Err(LoadError::Duplicate { tool: name });
        }
        self.tools.push(added);
        Ok(())
    }

    /// `own`: it is a folder that the session made.
    fn grant(
        &mut self,
        name: &str,
        grant: Grant,
        options: &GrantOptions,
        own: bool,
    ) -> Result<HandleId, GrantError> {
        self.namespace.check(name)?;
        let writes = grant.rights().allows(Rights::READ_WRITE);
        let state = self.files.state();
        if writes && state.is_none() && options.writes != Writes::Direct {
            return Err(GrantError::NoState {
                name: name.to_owned(),
            });
        }
        if state.is_some_and(|state| grant.reaches(state.path())) && !own {
            return Err(GrantError::Governed {
                name: name.to_owned(),
            });
        }
        let volume = self.volume(name, grant, options)?;
        let handle = self.namespace.handles().grant(name, volume);
        self.namespace.name(name, handle);
        Ok(handle)
    }

    fn volume(
        &self,
        name: &str,
        grant: Grant,
        options: &GrantOptions,
    ) -> Result<Volume, GrantError> {
        let made = VolumeOptions {
            writes: options.writes,
            quota: options.quota,
        };
        let volume = Volume::new(name, grant, made, self.files.state());
        let volume = volume.map_err(|source| GrantError::State {
            name: name.to_owned(),
            source,
        })?;
        self.files.add(volume.clone());
        Ok(volume)
    }

    /// A folder of the session's own, as a grant.
    fn room(&self, name: &str) -> Result<(Room, Grant), GrantError> {
        let state = self.files.state().ok_or_else(|| GrantError::NoState {
            name: name.to_owned(),
        })?;
        let failed = |source| GrantError::State {
            name: name.to_owned(),
            source,
        };
        let room = state.room(name).map_err(failed)?;
        let grant = room.grant(Rights::READ_WRITE).map_err(failed)?;
        Ok((room, grant))
    }

    fn scratch(&mut self) -> Result<HandleId, GrantError> {
        let (room, grant) = self.room(SCRATCH)?;
        let options = GrantOptions::default().writes(Writes::Direct);
        let handle = self.grant(SCRATCH, grant, &options, true)?;
        self.files.hold(room);
        Ok(handle)
    }

    /// `/results`: the session itself writes there, and a model only looks.
    fn add_results(&mut self) -> Result<(), GrantError> {
        let (room, grant) = self.room(results::NAME)?;
        let options = GrantOptions {
            writes: Writes::Direct,
            quota: results::QUOTA,
        };
        let volume = self.volume(results::NAME, grant, &options)?;
        let failed = |source| GrantError::Handle {
            name: results::NAME.to_owned(),
            source,
        };
        let handles = self.namespace.handles();
        let all = handles.grant(results::NAME, volume);
        let looks = Attenuation {
            rights: Some(Rights::READ),
            ..Attenuation::default()
        };
        let seen = handles
            .attenuate_as(all, results::NAME, &looks)
            .map_err(failed)?;
        let all = handles.get(all).map_err(failed)?;
        self.files.set_results(Results::new(room, all));
        self.namespace.name_last(results::NAME, seen);
        Ok(())
    }

    fn request(
        &self,
        name: &str,
        arguments: Value,
        limits: Limits,
    ) -> Result<Box<Request>, Box<Outcome>> {
        let found = self.tools.iter().find_map(|added| {
            let function = name.strip_prefix(added.tool.name())?.strip_prefix('_')?;
            let functions = &added.tool.contract().functions;
            let index = functions.iter().position(|known| known.name == function)?;
            added.exposes(index).then_some((added, index))
        });
        let Some((added, function)) = found else {
            return Err(Box::new(self.unknown(name)));
        };
        Ok(Box::new(Request {
            name: name.to_owned(),
            tool: added.tool.clone(),
            function,
            arguments,
            namespace: match &added.allowed {
                Some(allowed) => self.namespace.only(allowed),
                None => self.namespace.clone(),
            },
            mounts: added.mounts.as_ref().unwrap_or(&self.mounts).clone(),
            limits: self.limits.lowered(added.limits).lowered(limits),
            call: self.files.next_call(),
            files: self.files.clone(),
            budget: self.budget.clone(),
        }))
    }

    fn unknown(&self, name: &str) -> Outcome {
        let all: Vec<String> = self.tools.iter().flat_map(Added::model_names).collect();
        let near = nearest(name, all.iter().map(String::as_str), LISTED);
        let hint = match (near.as_slice(), all.as_slice()) {
            ([], []) => "there are no tools in this session".to_owned(),
            ([], all) => format!("there is: {}", all[..all.len().min(LISTED)].join(", ")),
            (near, _) => format!("did you mean {}?", near.join(", ")),
        };
        let failure = Failure::new(format!("there is no tool `{name}`")).hint(hint);
        Outcome::failed(name, Code::UnknownTool, failure)
    }
}
