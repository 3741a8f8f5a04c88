//! The value that means nothing, for every type that has one.

use std::collections::HashSet;

use wit_parser::{
    Function, Handle, InterfaceId, Resolve, Result_, SizeAlign, Type, TypeDefKind, TypeId,
    TypeOwner, Variant,
};

use crate::error::SealError;
use crate::target::definition;

/// The largest result that a stand-in returns, in bytes of memory.
pub(crate) const LARGEST: usize = 64 << 10;

/// How many parts the results of all functions have, as far as they are looked at.
pub(crate) const PARTS: usize = 1_000_000;

/// Cases that say no, the clearest first.
const REFUSALS: [&str; 6] = [
    "access",
    "access-denied",
    "not-permitted",
    "HTTP-request-denied",
    "forbidden",
    "closed",
];

/// A value as the canonical ABI has it in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Inert {
    pub(crate) bytes: Vec<u8>,
    /// Where new handles go, and of which resources.
    pub(crate) handles: Vec<(usize, TypeId)>,
}

impl Inert {
    /// Puts `part` at a place, as far as it fits.
    pub(crate) fn put(&mut self, at: usize, part: &[u8]) {
        for (byte, value) in self.bytes.iter_mut().skip(at).zip(part) {
            *byte = *value;
        }
    }
}

/// Makes inert values.
pub(crate) struct Maker<'a> {
    pub(crate) resolve: &'a Resolve,
    sizes: SizeAlign,
    /// The interfaces whose resources can be made.
    own: &'a HashSet<InterfaceId>,
    parts: usize,
}

/// There is none, or it is too large to look for.
enum Without {
    Value,
    End,
}

#[derive(Clone, Copy)]
enum Side {
    Ok,
    Err,
    /// The error's case of this number.
    Refusal(u32),
}

impl<'a> Maker<'a> {
    pub(crate) fn new(resolve: &'a Resolve, own: &'a HashSet<InterfaceId>) -> Maker<'a> {
        let mut sizes = SizeAlign::default();
        sizes.fill(resolve);
        Maker {
            resolve,
            sizes,
            own,
            parts: PARTS,
        }
    }

    pub(crate) fn size(&self, ty: &Type) -> usize {
        self.sizes.size(ty).size_wasm32()
    }

    /// The inert result of a function. None when there is none: its type asks for what nobody here has.
    pub(crate) fn result(&mut self, function: &Function) -> Result<Option<Inert>, SealError> {
        self.value(function.result, |maker, ty, inert| {
            maker.write(ty, 0, inert)
        })
    }

    /// The result of a function that does as it is told: ok, with `payload` in it.
    pub(crate) fn ok(
        &mut self,
        function: &Function,
        payload: &[u8],
    ) -> Result<Option<Inert>, SealError> {
        self.value(function.result, |maker, ty, inert| {
            let Some(result) = as_result(maker.resolve, ty) else {
                return maker.write(ty, 0, inert);
            };
            let at = maker.side(&result, Side::Ok, 0, inert)?;
            inert.put(at, payload);
            Ok(())
        })
    }

    fn value(
        &mut self,
        ty: Option<Type>,
        write: impl FnOnce(&mut Self, Type, &mut Inert) -> Result<(), Without>,
    ) -> Result<Option<Inert>, SealError> {
        let mut inert = Inert::default();
        let Some(ty) = ty else { return Ok(Some(inert)) };
        let size = self.size(&ty);
        // Every byte counts as a part too, so that many large results are bounded with the rest.
        if size > LARGEST || self.take(1 + size / 16).is_err() {
            return Err(SealError::TooComplex);
        }
        inert.bytes.resize(size, 0);
        match write(self, ty, &mut inert) {
            Ok(()) => Ok(Some(inert)),
            Err(Without::Value) => Ok(None),
            Err(Without::End) => Err(SealError::TooComplex),
        }
    }

    fn take(&mut self, parts: usize) -> Result<(), Without> {
        self.parts = self.parts.checked_sub(parts).ok_or(Without::End)?;
        Ok(())
    }

    /// As deep as types are nested, which reading the contract has bounded.
    fn write(&mut self, ty: Type, at: usize, out: &mut Inert) -> Result<(), Without> {
        self.take(1)?;
        let resolve = self.resolve;
        let id = match definition(resolve, ty) {
            Type::Id(id) => id,
            Type::ErrorContext => return Err(Without::Value),
            // Zero, false, an empty string.
            _ => return Ok(()),
        };
        match &resolve.types[id].kind {
            TypeDefKind::Record(record) => {
                self.fields(record.fields.iter().map(|field| &field.ty), at, out)
            }
            TypeDefKind::Tuple(tuple) => self.fields(tuple.types.iter(), at, out),
            TypeDefKind::Variant(variant) => {
                let cases = (0..).zip(variant.cases.iter().map(|case| case.ty));
                self.first(cases, at, at + self.payload(variant), out)
            }
            TypeDefKind::Result(result) => self.outcome(result, at, out),
            TypeDefKind::Handle(Handle::Own(resource)) => {
                let Type::Id(resource) = definition(resolve, Type::Id(*resource)) else {
                    return Err(Without::Value);
                };
                match resolve.types[resource].owner {
                    TypeOwner::Interface(owner) if self.own.contains(&owner) => {
                        out.handles.push((at, resource));
                        Ok(())
                    }
                    _ => Err(Without::Value),
                }
            }
            // None, no flag, the first case, an empty list.
            TypeDefKind::Option(_)
            | TypeDefKind::Flags(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::List(_)
            | TypeDefKind::Map(..) => Ok(()),
            TypeDefKind::Handle(Handle::Borrow(_))
            | TypeDefKind::FixedLengthList(..)
            | TypeDefKind::Future(_)
            | TypeDefKind::Stream(_)
            | TypeDefKind::Resource
            | TypeDefKind::Type(_)
            | TypeDefKind::Unknown => Err(Without::Value),
        }
    }

    fn fields<'t>(
        &mut self,
        fields: impl Iterator<Item = &'t Type>,
        at: usize,
        out: &mut Inert,
    ) -> Result<(), Without> {
        for (offset, ty) in self.sizes.field_offsets(fields) {
            self.write(*ty, at + offset.size_wasm32(), out)?;
        }
        Ok(())
    }

    /// The first of `cases`, given with their numbers, that has an inert value.
    fn first(
        &mut self,
        cases: impl Iterator<Item = (u32, Option<Type>)>,
        at: usize,
        payload: usize,
        out: &mut Inert,
    ) -> Result<(), Without> {
        for (number, ty) in cases {
            let before = out.handles.len();
            match ty.map_or(Ok(()), |ty| self.write(ty, payload, out)) {
                Ok(()) => {
                    // A case's number is as wide as it must be, and what is behind it is still zero or payload.
                    let number = number.to_le_bytes();
                    let width = number.iter().rposition(|byte| *byte != 0);
                    out.put(at, &number[..width.map_or(0, |last| last + 1)]);
                    return Ok(());
                }
                Err(Without::Value) => {
                    let size = ty.map_or(0, |ty| self.size(&ty));
                    out.handles.truncate(before);
                    out.put(payload, &vec![0; size]);
                }
                Err(end) => return Err(end),
            }
        }
        Err(Without::Value)
    }

    /// A result says no if its error has a case for that; otherwise it is ok.
    fn outcome(&mut self, result: &Result_, at: usize, out: &mut Inert) -> Result<(), Without> {
        let refusal = result.err.and_then(|err| self.refusal(err));
        let order = match refusal {
            Some(number) => [Side::Refusal(number), Side::Ok],
            None => [Side::Ok, Side::Err],
        };
        for side in order {
            match self.side(result, side, at, out) {
                Ok(_) => return Ok(()),
                Err(Without::Value) => {}
                Err(end) => return Err(end),
            }
        }
        Err(Without::Value)
    }

    /// Writes one side of a result. Returns where its payload is.
    fn side(
        &mut self,
        result: &Result_,
        side: Side,
        at: usize,
        out: &mut Inert,
    ) -> Result<usize, Without> {
        let cases = [result.ok.as_ref(), result.err.as_ref()];
        let payload = self.sizes.payload_offset(wit_parser::Int::U8, cases);
        let payload = at + payload.size_wasm32();
        match (side, result.err) {
            (Side::Ok, _) => self.first([(0, result.ok)].into_iter(), at, payload, out)?,
            (Side::Refusal(number), Some(err)) => {
                self.chosen(err, number, payload, out)?;
                out.put(at, &[1]);
            }
            (_, err) => self.first([(1, err)].into_iter(), at, payload, out)?,
        }
        Ok(payload)
    }

    /// Writes a certain case of an enum or variant.
    fn chosen(&mut self, ty: Type, number: u32, at: usize, out: &mut Inert) -> Result<(), Without> {
        let Type::Id(id) = definition(self.resolve, ty) else {
            return Err(Without::Value);
        };
        let (ty, payload) = match &self.resolve.types[id].kind {
            TypeDefKind::Variant(variant) => {
                let case = variant.cases.get(number as usize);
                (case.and_then(|case| case.ty), self.payload(variant))
            }
            _ => (None, 0),
        };
        self.first([(number, ty)].into_iter(), at, at + payload, out)
    }

    fn payload(&self, variant: &Variant) -> usize {
        let types = variant.cases.iter().map(|case| case.ty.as_ref());
        self.sizes
            .payload_offset(variant.tag(), types)
            .size_wasm32()
    }

    /// The number of the case of an error that says no.
    fn refusal(&self, err: Type) -> Option<u32> {
        let Type::Id(id) = definition(self.resolve, err) else {
            return None;
        };
        let names: Vec<&str> = match &self.resolve.types[id].kind {
            TypeDefKind::Enum(it) => it.cases.iter().map(|case| &*case.name).collect(),
            TypeDefKind::Variant(it) => it.cases.iter().map(|case| &*case.name).collect(),
            _ => return None,
        };
        let position = |refusal: &&str| names.iter().position(|name| name == refusal);
        let number = REFUSALS.iter().find_map(position)?;
        u32::try_from(number).ok()
    }
}

fn as_result(resolve: &Resolve, ty: Type) -> Option<Result_> {
    let Type::Id(id) = definition(resolve, ty) else {
        return None;
    };
    match &resolve.types[id].kind {
        TypeDefKind::Result(result) => Some(result.clone()),
        _ => None,
    }
}
