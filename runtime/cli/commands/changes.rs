//! `bailiwick changes [list|show|apply|drop|undo]`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bailiwick_host::{
    ApplyError, ChangesError, Code, ErrorCode, Grant, GrantOptions, GrantTerms, Limits, Record,
    Rights, Session, State, TakeBackError, Writes, ambient_authority,
};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::exit::Refusal;
use crate::{output, state};

/// Shows what calls changed in reviewed grants, writes it to disk or drops it, and takes back what was written.
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
        Action::Show(files) => {
            let diff = reviews(&state)?
                .iter()
                .map(|review| review.diff(&files.files))
                .collect::<Result<String, _>>()?;
            if args.json {
                output::document(&json!({ "diff": diff }));
            } else {
                output::diff(&diff);
            }
            Ok(())
        }
        Action::Apply(files) => settle(&state, files, args.json, "written", Review::apply),
        Action::Drop(files) => settle(&state, files, args.json, "dropped", Review::drop),
        Action::Undo { changes } => undo(&state, changes, args.json),
    }
}

/// What is pending below one directory.
struct Review {
    root: PathBuf,
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
                grant,
                &GrantOptions::default().writes(Writes::Review),
            )
            .map_err(|error| failed(&error))?;
        reviews.push(Review { root, session });
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
    /// Those of the files that are in this directory, as the session names them. None when files were named and none is here.
    fn names(&self, files: &[PathBuf]) -> Result<Option<Vec<String>>, Refusal> {
        let here = std::env::current_dir().map_err(|error| failed(&error))?;
        let inside: Vec<String> = files
            .iter()
            .map(|file| here.join(file))
            .filter(|file| file.starts_with(&self.root))
            .map(|file| file.to_string_lossy().into_owned())
            .collect();
        Ok((files.is_empty() || !inside.is_empty()).then_some(inside))
    }

    fn diff(&self, files: &[PathBuf]) -> Result<String, Refusal> {
        let Some(names) = self.names(files)? else {
            return Ok(String::new());
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.session
            .pending_diff(&names)
            .map_err(|error| refused(&error))
    }

    fn apply(&self, names: &[&str]) -> Result<Vec<bailiwick_host::Change>, ChangesError> {
        self.session.apply(names)
    }

    fn drop(&self, names: &[&str]) -> Result<Vec<bailiwick_host::Change>, ChangesError> {
        self.session.drop_pending(names)
    }
}

fn settle(
    state: &State,
    files: &Files,
    as_json: bool,
    word: &str,
    each: impl Fn(&Review, &[&str]) -> Result<Vec<bailiwick_host::Change>, ChangesError>,
) -> Result<(), Refusal> {
    let mut settled = Vec::new();
    for review in reviews(state)? {
        if let Some(names) = review.names(&files.files)? {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            settled.extend(each(&review, &names).map_err(|error| refused(&error))?);
        }
    }
    if settled.is_empty() && !files.files.is_empty() {
        let asked: Vec<_> = files
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        return Err(
            Refusal::usage(format!("nothing is pending in {}", asked.join(", ")))
                .hint("`bailiwick changes` lists what is"),
        );
    }
    if as_json {
        output::document(&json!({ word: settled }));
    } else {
        output::text(&format!(
            "{}{word}: {}",
            output::changes(&settled),
            settled.len()
        ));
    }
    Ok(())
}

fn list(state: &State, as_json: bool) -> Result<(), Refusal> {
    let reviews = reviews(state)?;
    let history = state.history().map_err(|error| failed(&error))?;
    if as_json {
        let pending: Vec<Value> = reviews
            .iter()
            .map(|review| json!({ "root": review.root, "changes": review.session.pending() }))
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
        text.push_str(&output::changes(&review.session.pending()));
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
        let last = history.first().ok_or_else(|| {
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
fn refused(error: &ChangesError) -> Refusal {
    if let ChangesError::Commit(bailiwick_host::CommitError::Conflict(conflicts)) = error {
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
        ChangesError::Changed(_) => Refusal::new(Code::Conflict, error.to_string())
            .hint("take back what was done to them since first"),
        ChangesError::NothingToUndo(_) | ChangesError::Unknown(_) => {
            Refusal::usage(error.to_string()).hint("`bailiwick changes` lists what there is")
        }
        error => failed(error),
    }
}
