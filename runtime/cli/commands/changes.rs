//! `bailiwick changes [list|show|apply|drop|undo]`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bailiwick_host::{
    ApplyError, Change, ChangesError, Code, CommitError, ErrorCode, Grant, GrantOptions,
    GrantTerms, Limits, Record, Rights, Session, State, StateError, TakeBackError, Writes,
    ambient_authority,
};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::exit::Refusal;
use crate::{output, state};

/// Show what calls changed; accept it, drop it, take it back.
///
/// What is pending is of grants that are reviewed; what was written can be taken back.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    /// The state folder that was used by the calls.
    #[arg(long, value_name = "DIR", global = true)]
    state: Option<PathBuf>,
    /// Print one JSON document.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List what is pending, and what was written and can be taken back.
    List,
    /// Show what is pending, as diffs.
    Show(Files),
    /// Write what is pending to disk.
    Apply(Files),
    /// Drop what is pending.
    Drop(Files),
    /// Take back what was written: the last change, or those of these numbers.
    Undo {
        /// Numbers, as `bailiwick changes` lists them.
        changes: Vec<u64>,
    },
}

#[derive(Debug, clap::Args)]
struct Files {
    /// Only these files and directories, as they are on disk. All if left out.
    files: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  bailiwick changes
  bailiwick changes show
  bailiwick changes apply src/main.rs
  bailiwick changes undo 12";

pub(crate) fn run(args: Args) -> ExitCode {
    match done(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => refusal.exit("", args.json),
    }
}

fn done(args: &Args) -> Result<(), Refusal> {
    let state = state::open(&state::path(args.state.as_deref())?)?;
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(&state, args.json),
        Action::Show(files) => show(&state, files, args.json),
        Action::Apply(files) => settle(&state, files, args.json, "written", Session::apply),
        Action::Drop(files) => settle(&state, files, args.json, "dropped", Session::drop_pending),
        Action::Undo { changes } => undo(&state, changes, args.json),
    }
}

/// What is pending below one directory.
struct Review {
    root: PathBuf,
    /// What it is called in the session.
    name: String,
    grant: Grant,
    session: Session,
}

/// Everything that is pending, from any process.
fn reviews(state: &State) -> Result<Vec<Review>, Refusal> {
    let mut reviews = Vec::new();
    for (root, _) in state.pending().map_err(|error| failed(&error))? {
        let session =
            Session::with_state(Limits::default(), state).map_err(|error| failed(&error))?;
        let terms = GrantTerms::new(Rights::READ_WRITE);
        let grant =
            Grant::open_with(&root, &terms, ambient_authority()).map_err(|error| failed(&error))?;
        let name = name(&root);
        session
            .grant_with(
                &name,
                grant.clone(),
                &GrantOptions::default().writes(Writes::Review),
            )
            .map_err(|error| failed(&error))?;
        reviews.push(Review {
            root,
            name,
            grant,
            session,
        });
    }
    Ok(reviews)
}

/// What a directory is called here: like itself, as far as that is a name.
fn name(root: &Path) -> String {
    let last = root.file_name().unwrap_or_default().to_string_lossy();
    let word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = last.chars().filter(|c| word(*c)).take(64).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() || name == "results" || name == "scratch" {
        "files".to_owned()
    } else {
        name.to_owned()
    }
}

impl Review {
    /// What a file is called in the session, when it is in this directory: a path on disk, or a name as a diff has it.
    fn inside(&self, file: &Path, here: &Path) -> Option<String> {
        let named = Path::new("/").join(&self.name);
        let inside = match file.strip_prefix(&named) {
            Ok(inside) => inside.to_str()?.to_owned(),
            Err(_) => self.grant.translate(&here.join(file))?,
        };
        Some(
            format!("/{}/{inside}", self.name)
                .trim_end_matches('/')
                .to_owned(),
        )
    }

    /// Whether something is pending at or below a name.
    fn has(&self, name: &str) -> bool {
        let at = |path: &str| {
            path.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let pending = self.session.pending();
        pending
            .iter()
            .any(|change| at(&change.path) || change.from.as_deref().is_some_and(at))
    }

    /// Changes with their paths on disk.
    fn on_disk(&self, mut changes: Vec<Change>) -> Vec<Change> {
        let prefix = format!("/{}/", self.name);
        let path = |name: &str| match name.strip_prefix(&prefix) {
            Some(inside) => self.root.join(inside).display().to_string(),
            None => name.to_owned(),
        };
        for change in &mut changes {
            change.path = path(&change.path);
            change.from = change.from.as_deref().map(path);
        }
        changes
    }
}

/// A directory's pending changes, and which of them are meant: all when there are no names.
type Chosen = (Review, Vec<String>);

/// What is meant by these files. Each must name something that is pending, before anything is done.
fn chosen(state: &State, files: &[PathBuf]) -> Result<Vec<Chosen>, Refusal> {
    let here = std::env::current_dir().map_err(|error| failed(&error))?;
    let mut chosen: Vec<Chosen> = reviews(state)?
        .into_iter()
        .map(|review| (review, Vec::new()))
        .collect();
    for file in files {
        let found = chosen.iter_mut().find_map(|(review, names)| {
            let name = review.inside(file, &here)?;
            review.has(&name).then_some((names, name))
        });
        let Some((names, name)) = found else {
            let message = format!("nothing is pending in {}", file.display());
            return Err(Refusal::usage(message).hint("`bailiwick changes` lists what is"));
        };
        names.push(name);
    }
    chosen.retain(|(_, names)| files.is_empty() || !names.is_empty());
    Ok(chosen)
}

fn show(state: &State, files: &Files, as_json: bool) -> Result<(), Refusal> {
    let mut diffs = Vec::new();
    for (review, names) in chosen(state, &files.files)? {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let diff = review.session.pending_diff(&names);
        diffs.push((review.root, diff.map_err(|error| refused(&error))?));
    }
    if as_json {
        let roots = diffs
            .iter()
            .map(|(root, diff)| json!({ "root": root, "diff": diff }));
        output::document(&json!({ "pending": roots.collect::<Vec<_>>() }));
        return Ok(());
    }
    for (root, diff) in &diffs {
        output::text(&format!("pending in {}:", root.display()));
        output::diff(diff, &mut std::io::stdout().lock());
    }
    Ok(())
}

fn settle(
    state: &State,
    files: &Files,
    as_json: bool,
    word: &str,
    each: impl Fn(&Session, &[&str]) -> Result<Vec<Change>, ChangesError>,
) -> Result<(), Refusal> {
    let mut settled = Vec::new();
    let mut refusal = None;
    for (review, names) in chosen(state, &files.files)? {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match each(&review.session, &names) {
            Ok(changes) => settled.extend(review.on_disk(changes)),
            Err(error) => {
                refusal = Some(refused(&error));
                break;
            }
        }
    }
    // What was done in one directory is said, whatever became of the next.
    match refusal {
        Some(refusal) if as_json => return Err(refusal.done(word, json!(settled))),
        None if as_json => output::document(&json!({ word: settled })),
        Some(_) if settled.is_empty() => {}
        _ => {
            let list = output::changes(&settled);
            output::text(&format!("{list}{word}: {}", settled.len()));
        }
    }
    refusal.map_or(Ok(()), Err)
}

fn list(state: &State, as_json: bool) -> Result<(), Refusal> {
    let reviews = reviews(state)?;
    let history = state.history().map_err(|error| failed(&error))?;
    if as_json {
        let pending: Vec<Value> = reviews
            .iter()
            .map(|review| {
                let changes = review.on_disk(review.session.pending());
                json!({ "root": review.root, "changes": changes })
            })
            .collect();
        let written: Vec<Value> = history
            .iter()
            .map(|record| {
                json!({
                    "change": record.id,
                    "by": record.label,
                    "at": record.at,
                    "roots": record.roots,
                    "paths": names(record),
                })
            })
            .collect();
        output::document(&json!({ "pending": pending, "written": written }));
        return Ok(());
    }
    let mut text = String::new();
    for review in &reviews {
        let _ = writeln!(text, "pending in {}:", review.root.display());
        text.push_str(&output::changes(&review.on_disk(review.session.pending())));
    }
    if reviews.is_empty() {
        text.push_str("nothing is pending\n");
    }
    if !history.is_empty() {
        text.push_str("written, newest first; `bailiwick changes undo [NUMBER]` takes it back:\n");
    }
    for record in &history {
        let paths = names(record);
        let more = match paths.len().saturating_sub(3) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let shown = paths[..paths.len().min(3)].join(", ");
        let _ = writeln!(
            text,
            "{:>6}  {}, {}: {shown}{more}",
            record.id,
            record.label,
            ago(record.at)
        );
    }
    output::text(&text);
    Ok(())
}

/// How long ago a moment in milliseconds since 1970 was.
fn ago(at: i64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    let seconds = (now.as_secs() as i64 - at / 1000).max(0);
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

fn undo(state: &State, changes: &[u64], as_json: bool) -> Result<(), Refusal> {
    let mut changes = changes.to_vec();
    if changes.is_empty() {
        let history = state.history().map_err(|error| failed(&error))?;
        // Not an undo: twice is two steps back, and no step on the spot.
        let mut done = history.iter().filter(|record| record.undoes.is_empty());
        let last = done.next().ok_or_else(|| {
            Refusal::usage("there is nothing to take back")
                .hint("`bailiwick changes` lists what is")
        })?;
        changes.push(last.id);
    }
    let record = state
        .take_back(&changes, "undo")
        .map_err(|error| match error {
            TakeBackError::Changed(changed) => {
                let changed = changed.iter().map(|path| path.display().to_string());
                refused(&ChangesError::Changed(changed.collect()))
            }
            TakeBackError::Apply(ApplyError::Failed(ErrorCode::NoEntry)) => {
                Refusal::usage("there is no such change, or it is not kept any more")
                    .hint("`bailiwick changes` lists what there is")
            }
            error => failed(&error),
        })?;
    let names = names(&record);
    if as_json {
        output::document(&json!({ "undone": changes, "change": record.id, "paths": names }));
    } else {
        output::text(&format!(
            "{}\ntaken back: {}",
            names.join("\n"),
            names.len()
        ));
    }
    Ok(())
}

/// The paths of a record, as a person types them.
fn names(record: &Record) -> Vec<String> {
    let paths = record.names().into_iter();
    paths.map(|path| path.display().to_string()).collect()
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(Code::HostError, error.to_string())
}

/// What a person asked for and is not done; nothing was changed.
pub(crate) fn refused(error: &ChangesError) -> Refusal {
    if let ChangesError::Commit(CommitError::Conflict(conflicts)) = error {
        let names: Vec<_> = conflicts
            .iter()
            .map(|conflict| conflict.path.as_str())
            .collect();
        let diffs: String = conflicts
            .iter()
            .map(|conflict| conflict.diff.as_str())
            .collect();
        return Refusal::new(
            Code::Conflict,
            format!(
                "changed by others, and nothing was written: {}",
                names.join(", ")
            ),
        )
        .hint(format!(
            "`bailiwick changes drop FILE` gives up a change\n{diffs}"
        ));
    }
    match error {
        ChangesError::Commit(CommitError::Tied { with, .. }) => {
            Refusal::usage(error.to_string()).hint(format!("name {with} as well"))
        }
        ChangesError::Commit(CommitError::Apply(ApplyError::Failed(ErrorCode::Busy))) => {
            Refusal::new(
                Code::Busy,
                "a call is writing there now; nothing was changed",
            )
            .hint("wait, and try again")
        }
        ChangesError::Commit(CommitError::Apply(ApplyError::State(StateError::Pending {
            ..
        }))) => Refusal::new(
            Code::Conflict,
            "what is pending is not what was looked at; nothing was changed",
        )
        .hint("look again with `bailiwick changes show`"),
        ChangesError::Changed(_) => Refusal::new(Code::Conflict, error.to_string())
            .hint("take back what was done to them since first"),
        ChangesError::NothingToUndo(_) | ChangesError::Unknown(_) => {
            Refusal::usage(error.to_string()).hint("`bailiwick changes` lists what there is")
        }
        error => failed(error),
    }
}
