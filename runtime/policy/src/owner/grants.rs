//! Where grants may lie.

use std::path::{Path, PathBuf};

use super::{Breach, OwnerGrant};
use crate::error::{Code, PolicyError, Problems};
use crate::nearest;
use crate::parse::grants::rights;
use crate::parse::section::Section;
use crate::policy::{GrantPolicy, Policy};

/// Where a policy lies, and what its paths mean there.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The folder that the policy's file is in.
    pub folder: &'a Path,
    /// The user's home.
    pub home: Option<&'a Path>,
    /// Where a path leads: the same place without links; of what is not there, the part that is. Whoever owns the
    /// folder makes links in it, so without a look at them a grant could lead anywhere: a caller that has files to look
    /// at resolves them here.
    pub real: &'a dyn Fn(&Path) -> PathBuf,
}

impl std::fmt::Debug for Ground<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Ground");
        debug
            .field("folder", &self.folder)
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

impl Ground<'_> {
    fn place(&self, path: &Path) -> PathBuf {
        let real = (self.real)(&Policy::path_of(self.folder, path, self.home));
        Policy::path_of(self.folder, &real, None)
    }
}

/// The key `grants` of an owner's policy.
pub(super) fn read(root: &Section<'_>, problems: &mut Problems) -> Option<Vec<OwnerGrant>> {
    let mut grants = Vec::new();
    for section in root.tables("grants", problems)? {
        let path = section.path("path", problems);
        let rights = rights(&section, problems).unwrap_or_default();
        let Some((path, span)) = path else { continue };
        if path.is_absolute() || path.starts_with("~") {
            grants.push(OwnerGrant { path, rights });
        } else {
            let message = format!(
                "`{}` is relative, and this policy holds for all folders",
                nearest::quote(path.display())
            );
            let error = PolicyError::new(Code::BadPath, span, message);
            problems.push(error.help("give an absolute path, or one below `~`"));
        }
    }
    Some(grants)
}

/// How a grant goes beyond what is allowed.
pub(super) fn breach(
    allowed: &[OwnerGrant],
    name: &str,
    grant: &GrantPolicy,
    ground: &Ground<'_>,
) -> Option<Breach> {
    let path = ground.place(&grant.path);
    let within: Vec<&OwnerGrant> = allowed
        .iter()
        // Without a home nothing is below it, whatever is called `~` in the folder.
        .filter(|allowed| ground.home.is_some() || !allowed.path.starts_with("~"))
        .filter(|allowed| path.starts_with(ground.place(&allowed.path)))
        .collect();
    if within.iter().any(|allowed| allowed.rights >= grant.rights) {
        return None;
    }
    let (shown, place) = (nearest::quote(name), nearest::quote(path.display()));
    let breach = |code, message, help| Breach {
        code,
        name: name.to_owned(),
        message,
        help,
    };
    Some(match within.first() {
        Some(_) => breach(
            "grant-rights",
            format!(
                "grant `{shown}` is `{}`, and this machine's owner allows `ro` of {place}",
                grant.rights
            ),
            "write `rights = \"ro\"`, or have the owner allow more".into(),
        ),
        None => breach(
            "grant-outside",
            format!("grant `{shown}` leads to {place}, which this machine's owner does not allow"),
            match allowed {
                [] => "the owner allows no grants".to_owned(),
                some => {
                    let places: Vec<String> = some
                        .iter()
                        .take(8)
                        .map(|allowed| {
                            format!(
                                "{} ({})",
                                nearest::quote(allowed.path.display()),
                                allowed.rights
                            )
                        })
                        .collect();
                    format!("grant something in {}", places.join(", "))
                }
            },
        ),
    })
}
