//! What may be done through a grant, as a lattice: rights only ever shrink on the way to a tool.

use std::fmt;

/// A set of rights. Writing implies reading, so the sets form a chain: none, `ro`, `rw`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rights(u8);

impl Rights {
    /// Nothing at all.
    pub const NONE: Self = Self(0);
    /// Looking: list, stat, read.
    pub const READ: Self = Self(1);
    /// Looking and changing.
    pub const READ_WRITE: Self = Self(3);

    /// What both allow: the rights of a handle are the meet of its grant's and of its type's.
    pub fn meet(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all of `needed` is allowed.
    pub fn allows(self, needed: Self) -> bool {
        self.meet(needed) == needed
    }
}

/// `none`, `ro` or `rw`, as policies and command lines write it.
impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::NONE => "none",
            Self::READ => "ro",
            _ => "rw",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Rights; 3] = [Rights::NONE, Rights::READ, Rights::READ_WRITE];

    #[test]
    fn meet_never_adds() {
        for a in ALL {
            for b in ALL {
                let both = a.meet(b);
                assert!(a.allows(both) && b.allows(both), "{a} {b}");
                assert!(ALL.contains(&both));
                assert_eq!(both, b.meet(a));
            }
        }
    }

    #[test]
    fn writing_implies_reading_and_not_the_other_way() {
        assert!(Rights::READ_WRITE.allows(Rights::READ));
        assert!(!Rights::READ.allows(Rights::READ_WRITE));
        assert!(!Rights::NONE.allows(Rights::READ));
        assert_eq!(Rights::READ_WRITE.to_string(), "rw");
        assert_eq!(Rights::READ.to_string(), "ro");
    }
}
