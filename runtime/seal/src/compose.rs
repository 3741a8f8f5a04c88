//! Puts a component and the stand-in for its imports into one.
//!
//! The two are side by side, for a component cannot call one that is nested in it: an engine ends such a call. Around
//! them is a shell that has no code. It imports what stays, gives that to both, and exports what the component
//! exports, under the names that the types have there.

use std::borrow::Cow;
use std::collections::HashMap;

use wasm_encoder::reencode::{Reencode, ReencodeComponent};
use wasm_encoder::{Alias, ComponentBuilder, ComponentExportKind, ComponentTypeRef};
use wasmparser::{
    BinaryReader, ComponentAlias, ComponentImport, ComponentImportSectionReader, ComponentType,
    ComponentTypeDeclaration,
};

use crate::error::SealError;
use crate::frame::{self, id};
use crate::keep::{Choice, Stay};
use crate::target::Target;
use crate::{shell, standin};

/// What was composed.
pub(crate) struct Composed {
    pub(crate) bytes: Vec<u8>,
    /// Functions that end the call, as `interface#function`.
    pub(crate) traps: Vec<String>,
}

pub(crate) fn composition(error: impl std::fmt::Display) -> SealError {
    SealError::Composition(error.to_string())
}

/// The component with a stand-in for what does not stay.
pub(crate) fn compose(
    bytes: &[u8],
    target: &mut Target,
    choice: &Choice,
) -> Result<Composed, SealError> {
    let package = shell::encode(target, choice)?;
    let replaced: Vec<usize> = (0..choice.stays.len())
        .filter(|place| !matches!(choice.stays[*place], Stay::All))
        .collect();
    let mut standins = Vec::new();
    let mut traps = Vec::new();
    for places in standin::share(target, &replaced) {
        let standin = standin::build(target, &places)?;
        traps.extend(standin.traps);
        let names = places
            .iter()
            .map(|place| target.imports[*place].name.clone());
        standins.push((standin.bytes, names.collect()));
    }
    let (inner, customs) = split(bytes)?;
    let mut composer = Composer {
        builder: ComponentBuilder::default(),
        numbers: Numbers::default(),
        imported: HashMap::new(),
        replaced: HashMap::new(),
        standins: &standins,
        target: &inner,
        instance: None,
    };
    for declaration in shell::declarations(&package)? {
        composer.declaration(declaration)?;
    }
    // A component without exports is instantiated too: it has a start function, maybe.
    composer.instance()?;
    let mut bytes = composer.builder.finish();
    bytes.extend(customs);
    Ok(Composed { bytes, traps })
}

/// A component without its own custom sections, and these: what they say of the component they say of the whole.
/// Names by number stay.
fn split(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), SealError> {
    let mut inner = bytes[..frame::HEADER].to_vec();
    let mut customs = Vec::new();
    for section in frame::sections(bytes).map_err(composition)? {
        match section.custom_name() {
            None | Some("component-name") => inner.extend(section.whole),
            Some(_) => customs.extend(section.whole),
        }
    }
    Ok((inner, customs))
}

/// What a component imports, with what each is.
fn imports(bytes: &[u8]) -> Result<Vec<ComponentImport<'_>>, SealError> {
    let mut imports = Vec::new();
    for section in frame::sections(bytes).map_err(composition)? {
        if section.id == id::IMPORTS {
            let reader = BinaryReader::new(section.data, 0);
            let reader = ComponentImportSectionReader::new(reader).map_err(composition)?;
            for import in reader {
                imports.push(import.map_err(composition)?);
            }
        }
    }
    Ok(imports)
}

struct Composer<'a> {
    builder: ComponentBuilder,
    numbers: Numbers,
    /// What the shell imports, by name.
    imported: HashMap<String, (ComponentExportKind, u32)>,
    /// The instance of the stand-in that gives an import, although the shell may import types of the same name.
    replaced: HashMap<String, u32>,
    /// The stand-ins in their order, each with what it gives.
    standins: &'a [(Vec<u8>, Vec<String>)],
    target: &'a [u8],
    /// The instance of the target.
    instance: Option<u32>,
}

/// The numbers that instances of the shell's type have in the shell.
#[derive(Default)]
struct Numbers {
    instances: Vec<u32>,
}

impl Reencode for Numbers {
    type Error = std::convert::Infallible;
}

impl ReencodeComponent for Numbers {
    fn component_instance_index(&mut self, number: u32) -> u32 {
        let known = self.instances.get(number as usize);
        known.copied().unwrap_or(number)
    }
}

impl Composer<'_> {
    /// Types have the same numbers here as in the shell's type, and so do functions that are imported.
    fn declaration(&mut self, declaration: ComponentTypeDeclaration<'_>) -> Result<(), SealError> {
        match declaration {
            ComponentTypeDeclaration::Type(ty) => {
                let (_, encoder) = self.builder.ty(None);
                self.numbers
                    .parse_component_type(encoder, ty)
                    .map_err(composition)
            }
            ComponentTypeDeclaration::Alias(alias) => self.alias(alias),
            ComponentTypeDeclaration::Import(import) => self.import(import),
            ComponentTypeDeclaration::Export { name, ty } => self.export(name, ty),
            ComponentTypeDeclaration::CoreType(_) => Err(composition("WIT has no core types")),
        }
    }

    fn alias(&mut self, alias: ComponentAlias<'_>) -> Result<(), SealError> {
        let alias = self.numbers.component_alias(alias).map_err(composition)?;
        self.builder.alias(None, alias);
        Ok(())
    }

    fn import(&mut self, import: ComponentImport<'_>) -> Result<(), SealError> {
        let name = import.name.name.to_owned();
        let kind = import.ty.kind().into();
        let ty = self
            .numbers
            .component_type_ref(import.ty)
            .map_err(composition)?;
        let number = self.builder.import(import.name, ty);
        if let ComponentTypeRef::Instance(_) = ty {
            self.numbers.instances.push(number);
        }
        self.imported.insert(name, (kind, number));
        Ok(())
    }

    /// Exports what the target does, as the type that the shell's type says.
    fn export(
        &mut self,
        name: wasmparser::ComponentExternName<'_>,
        ty: wasmparser::ComponentTypeRef,
    ) -> Result<(), SealError> {
        let instance = self.instance()?;
        let kind = ty.kind().into();
        let ty = self.numbers.component_type_ref(ty).map_err(composition)?;
        let number = self.builder.alias(
            None,
            Alias::InstanceExport {
                instance,
                kind,
                name: name.name,
            },
        );
        let number = self.builder.export(name, kind, number, Some(ty));
        if let ComponentTypeRef::Instance(_) = ty {
            self.numbers.instances.push(number);
        }
        Ok(())
    }

    /// The instance of the target, which is made when all imports are there.
    fn instance(&mut self) -> Result<u32, SealError> {
        if let Some(instance) = self.instance {
            return Ok(instance);
        }
        for (standin, names) in self.standins {
            let instance = self.instantiate(standin)?;
            let names = names.iter().map(|name| (name.clone(), instance));
            self.replaced.extend(names);
        }
        let instance = self.instantiate(self.target)?;
        self.instance = Some(instance);
        Ok(instance)
    }

    /// Instantiates a component with what the stand-ins before it give, or else with what the shell imports.
    fn instantiate(&mut self, component: &[u8]) -> Result<u32, SealError> {
        let mut arguments = Vec::new();
        for import in imports(component)? {
            let name = import.name.name;
            let (kind, number) = match (self.replaced.get(name), self.imported.get(name)) {
                (Some(&instance), _) => {
                    let kind = import.ty.kind().into();
                    let alias = Alias::InstanceExport {
                        instance,
                        kind,
                        name,
                    };
                    (kind, self.builder.alias(None, alias))
                }
                (None, Some(imported)) => *imported,
                (None, None) => {
                    return Err(composition(format_args!("`{name}` would not be there")));
                }
            };
            arguments.push((Cow::Borrowed(name), kind, number));
        }
        let component = self.builder.component_raw(None, component);
        Ok(self.builder.instantiate(None, component, arguments))
    }
}

/// The declarations of a component's type.
pub(crate) fn of_component(ty: ComponentType<'_>) -> Option<Vec<ComponentTypeDeclaration<'_>>> {
    match ty {
        ComponentType::Component(declarations) => Some(declarations.into_vec()),
        _ => None,
    }
}
