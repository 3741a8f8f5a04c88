//! What stays imported: what was asked for, and what that and the exports cannot do without.

use std::collections::HashSet;

use bailiwick_contract::names;
use wit_parser::{Function, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem};

use crate::error::SealError;
use crate::target::Target;
use crate::{KeptBecause, types};

/// What programs ask for before they print or read a line.
const STANDARD_STREAMS: [&str; 3] = ["wasi:cli/stdin", "wasi:cli/stdout", "wasi:cli/stderr"];

/// What stays of an import.
pub(crate) enum Stay {
    All,
    /// These types, which are no more than names of data.
    Types(HashSet<TypeId>),
    No,
}

pub(crate) struct Choice {
    /// By place in the target.
    pub(crate) stays: Vec<Stay>,
    pub(crate) because: Vec<KeptBecause>,
}

impl Choice {
    /// Whether something of an import is closed: a function, a resource, or all of it.
    pub(crate) fn closes(&self, target: &Target, place: usize) -> bool {
        match &self.stays[place] {
            Stay::All => false,
            Stay::Types(_) => !target.gives_only_types(place),
            Stay::No => true,
        }
    }
}

pub(crate) fn choose(target: &Target, keep: &[&str]) -> Result<Choice, SealError> {
    let asked = asked(target, keep)?;
    let mut closure = Closure {
        target,
        seen: HashSet::new(),
        left: (0..asked.len()).filter(|place| asked[*place]).collect(),
        stays: asked
            .into_iter()
            .map(|asked| if asked { Stay::All } else { Stay::No })
            .collect(),
        because: Vec::new(),
    };
    closure.exports();
    closure.world();
    closure.all_kept();
    // No more than streams follows from these, so that once is enough.
    closure.standard_streams();
    closure.all_kept();
    closure.because.sort_by_key(|(place, _)| *place);
    Ok(Choice {
        stays: closure.stays,
        because: closure
            .because
            .into_iter()
            .map(|(_, because)| because)
            .collect(),
    })
}

/// What was asked for, which has to be there.
fn asked(target: &Target, keep: &[&str]) -> Result<Vec<bool>, SealError> {
    let mut asked = vec![false; target.imports.len()];
    for name in keep {
        let mut is_imported = false;
        for (place, import) in target.imports.iter().enumerate() {
            let without_version = import.name.split('@').next();
            if import.name == *name || without_version == Some(*name) {
                asked[place] = true;
                is_imported = true;
            }
        }
        if !is_imported {
            let imports = || target.imports.iter().map(|import| import.name.as_str());
            // A version that was not written is no difference.
            let known = imports().map(|import| match name.contains('@') {
                true => import,
                false => import.split('@').next().unwrap_or(import),
            });
            let near = names::nearest(name, known, 3);
            let nearest = near
                .iter()
                .filter_map(|near| imports().find(|import| import.starts_with(near)));
            return Err(SealError::NotImported {
                name: (*name).to_owned(),
                nearest: nearest.map(str::to_owned).collect(),
                imports: imports().map(str::to_owned).collect(),
            });
        }
    }
    Ok(asked)
}

struct Closure<'a> {
    target: &'a Target,
    /// Types that were looked at.
    seen: HashSet<TypeId>,
    stays: Vec<Stay>,
    because: Vec<(usize, KeptBecause)>,
    /// Imports that stay as a whole, whose types have not been looked at.
    left: Vec<usize>,
}

impl Closure<'_> {
    fn keep(&mut self, place: usize, reason: String) {
        if !matches!(self.stays[place], Stay::All) {
            self.stays[place] = Stay::All;
            self.left.push(place);
            self.because.retain(|(because, _)| *because != place);
            self.tell(place, reason);
        }
    }

    fn keep_type(&mut self, place: usize, ty: TypeId, reason: String) {
        match &mut self.stays[place] {
            Stay::All => {}
            Stay::Types(types) => {
                types.insert(ty);
            }
            stay @ Stay::No => {
                *stay = Stay::Types([ty].into());
                self.tell(place, reason);
            }
        }
    }

    fn tell(&mut self, place: usize, reason: String) {
        let name = self.target.imports[place].name.clone();
        self.because.push((place, KeptBecause { name, reason }));
    }

    /// Who calls the component names these types, so that they must stay what they are.
    fn exports(&mut self) {
        let target = self.target;
        let resolve = &target.resolve;
        for (key, item) in &resolve.worlds[target.world].exports {
            let name = resolve.name_world_key(key);
            let roots = match item {
                WorldItem::Interface { id, .. } => {
                    // The two would have to differ in what is in them.
                    if let Some(place) = target.by_interface.get(id) {
                        self.keep(*place, "it is exported too".into());
                    }
                    of_interface(resolve, *id)
                }
                WorldItem::Function(function) => of_function(function).collect(),
                WorldItem::Type { id, .. } => vec![Type::Id(*id)],
            };
            self.reach(roots, &format!("the export `{name}`"));
        }
    }

    /// Types that the world imports by themselves stay, and so do functions that name them.
    fn world(&mut self) {
        let target = self.target;
        let resolve = &target.resolve;
        for (key, item) in &resolve.worlds[target.world].imports {
            if let WorldItem::Type { id, .. } = item {
                let name = resolve.name_world_key(key);
                self.reach(vec![Type::Id(*id)], &format!("the imported type `{name}`"));
            }
        }
        for (place, import) in target.imports.iter().enumerate() {
            let WorldItem::Function(function) = &import.item else {
                continue;
            };
            let mut seen = HashSet::new();
            let reached = types::reach(resolve, of_function(function).collect(), &mut seen);
            let of_world = reached
                .into_iter()
                .find(|id| matches!(resolve.types[*id].owner, TypeOwner::World(_)));
            if let Some(id) = of_world {
                let name = type_name(resolve, id);
                let reason = format!("it uses the type `{name}`, which is imported by itself");
                self.keep(place, reason);
            }
        }
    }

    /// Standard streams whose resource stays. A stand-in has no such stream to give, and programs ask for one before
    /// they print, so that a panic's last words, or a line for whoever debugs, would end the call.
    fn standard_streams(&mut self) {
        let target = self.target;
        for (place, import) in target.imports.iter().enumerate() {
            let without_version = import.name.split('@').next().unwrap_or_default();
            if !STANDARD_STREAMS.contains(&without_version) {
                continue;
            }
            let functions = target.functions(import);
            let roots = functions.into_iter().flat_map(of_function).collect();
            let mut seen = HashSet::new();
            let given = types::reach(&target.resolve, roots, &mut seen);
            let owner = given.into_iter().find_map(|id| {
                let owner = self.owner_of_resource(id)?;
                matches!(self.stays[owner], Stay::All).then_some(owner)
            });
            if let Some(owner) = owner {
                let owner = &target.imports[owner].name;
                let reason = format!(
                    "`{owner}` stays, and only the host can make a stream of it: to ask for one would end the call"
                );
                self.keep(place, reason);
            }
        }
    }

    /// The import that a resource is of.
    fn owner_of_resource(&self, id: TypeId) -> Option<usize> {
        let ty = &self.target.resolve.types[id];
        match (&ty.kind, ty.owner) {
            (TypeDefKind::Resource, TypeOwner::Interface(owner)) => {
                self.target.by_interface.get(&owner).copied()
            }
            _ => None,
        }
    }

    fn all_kept(&mut self) {
        while let Some(place) = self.left.pop() {
            self.of_kept(place);
        }
    }

    fn of_kept(&mut self, place: usize) {
        let target = self.target;
        let import = &target.imports[place];
        let roots = match &import.item {
            WorldItem::Interface { id, .. } => of_interface(&target.resolve, *id),
            WorldItem::Function(function) => of_function(function).collect(),
            WorldItem::Type { .. } => Vec::new(),
        };
        self.reach(roots, &format!("`{}`", import.name));
    }

    /// Keeps what is named in `roots`: of the owner of a resource all, for it is who knows what a handle is, and of
    /// any other the type.
    fn reach(&mut self, roots: Vec<Type>, user: &str) {
        let target = self.target;
        let resolve = &target.resolve;
        for id in types::reach(resolve, roots, &mut self.seen) {
            let TypeOwner::Interface(owner) = resolve.types[id].owner else {
                continue;
            };
            let Some(place) = target.by_interface.get(&owner) else {
                continue;
            };
            let name = type_name(resolve, id);
            if let TypeDefKind::Resource = resolve.types[id].kind {
                self.keep(*place, format!("{user} uses its resource `{name}`"));
            } else {
                self.keep_type(*place, id, format!("{user} uses its type `{name}`"));
            }
        }
    }
}

fn type_name(resolve: &Resolve, id: TypeId) -> &str {
    resolve.types[id].name.as_deref().unwrap_or("?")
}

fn of_interface(resolve: &Resolve, id: InterfaceId) -> Vec<Type> {
    let interface = &resolve.interfaces[id];
    let types = interface.types.values().map(|id| Type::Id(*id));
    types
        .chain(interface.functions.values().flat_map(of_function))
        .collect()
}

fn of_function(function: &Function) -> impl Iterator<Item = Type> {
    let params = function.params.iter().map(|param| param.ty);
    params.chain(function.result)
}
