//! Random worlds and random changes of them: what is said of a change holds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use bailiwick_contract::audit::{Audit, HandleFacts};
use bailiwick_contract::compare::{CODES, Comparison, Impact, Side, compare};
use bailiwick_contract::pack::Source;
use bailiwick_contract::{Function, Type};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::worlds::{
    CHANGES, Function as Written, HANDLES, Item, MOUNTS, Ty, World, change, import, item, named,
    some_type, text,
};
use super::{documented, resolved, side};
use crate::component::{contracts, source};

fn world() -> impl Strategy<Value = World> {
    let types = prop::collection::vec((0..4_usize, 1..4_usize, 0..100_usize), 0..4);
    let params = prop::collection::vec((0..6_usize, 0..100_usize), 0..4);
    let function = (
        params,
        prop::option::of(0..100_usize),
        any::<bool>(),
        0..100_usize,
    );
    let functions = prop::collection::vec(function, 1..5);
    let imports = prop::collection::vec(0..100_usize, 0..3);
    (types, functions, imports, 0..100_usize).prop_map(|(types, functions, imports, docs)| {
        let types: Vec<_> = types
            .into_iter()
            .enumerate()
            .map(|(index, (kind, items, which))| named(index, kind, items, which))
            .collect();
        let functions = functions
            .into_iter()
            .enumerate()
            .map(|(index, (params, result, more, which))| Written {
                name: format!("f{index}"),
                docs: text(which),
                tags: BTreeSet::from([which % 5]),
                params: params
                    .into_iter()
                    .enumerate()
                    .map(|(at, (kind, which))| param(at, kind, which, types.len()))
                    .collect(),
                result: result.map(|which| some_type(which, types.len())),
                more,
            })
            .collect();
        let mut world = World {
            version: 0,
            docs: text(docs),
            imports: BTreeSet::new(),
            types,
            functions,
        };
        imports
            .into_iter()
            .for_each(|which| import(&mut world, which));
        world
    })
}

fn param(at: usize, kind: usize, which: usize, types: usize) -> Item {
    let ty = match kind {
        0 | 1 => Ty::Handle(which % HANDLES.len(), which.is_multiple_of(6)),
        2 => Ty::Mount(which % MOUNTS.len()),
        _ => some_type(which, types),
    };
    item(&format!("a{at}"), text(which + 1), ty)
}

/// Whether a component of the shape of `new` can stand where one of the shape of `old` is wanted, as wasm-tools see it.
fn can_replace(new: &World, old: &World) -> Result<(), String> {
    let version = |world: &World, version: &str| {
        let name = format!("{version}.wit");
        let text = format!("package test:test@{version} {{ {} }}", world.body());
        source(&name, &text)
    };
    let mut sources: Vec<Source> = contracts();
    let others = include_str!("../../diff/others.wit");
    sources.push(source("others.wit", others));
    sources.push(version(old, "1.0.0"));
    sources.push(version(new, "1.1.0"));
    let (resolve, old) = resolved(&sources, "test:test/w@1.0.0");
    let new = resolve.packages.iter().find_map(|(_, package)| {
        let version = package.name.version.as_ref()?;
        let is_new = package.name.namespace == "test" && version.minor == 1;
        is_new.then(|| package.worlds["w"])
    });
    wit_component::semver_check(resolve, new.unwrap(), old).map_err(|error| format!("{error:#}"))
}

/// All handles that the tools of a component are given.
fn handed(audit: &Audit) -> Vec<&HandleFacts> {
    let functions = audit.functions.iter();
    let params = functions.flat_map(|function| &function.params);
    params.flat_map(|param| &param.handles).collect()
}

/// What a model is told, apart from the names.
fn told(side: &Side) -> BTreeSet<String> {
    let mut told = BTreeSet::from([side.contract.docs.clone()]);
    for Function {
        docs,
        params,
        result,
        ..
    } in &side.contract.functions
    {
        told.insert(docs.text.clone());
        told.extend(docs.examples.iter().map(ToString::to_string));
        for param in params {
            told.insert(param.docs.clone());
            told_of(&mut told, &param.ty);
        }
        result.iter().for_each(|ty| told_of(&mut told, ty));
    }
    told.remove("");
    told
}

fn told_of(told: &mut BTreeSet<String>, ty: &Type) {
    match ty {
        Type::List(ty) | Type::Option(ty) => told_of(told, ty),
        Type::Tuple(types) => types.iter().for_each(|ty| told_of(told, ty)),
        Type::Result { ok, err } => [ok, err]
            .into_iter()
            .flatten()
            .for_each(|ty| told_of(told, ty)),
        Type::Record(named) => {
            told.insert(named.docs.clone());
            for field in &named.items {
                told.insert(field.docs.clone());
                told_of(told, &field.ty);
            }
        }
        Type::Variant(named) | Type::Enum(named) | Type::Flags(named) => {
            told.insert(named.docs.clone());
            for case in &named.items {
                told.insert(case.docs.clone());
                case.ty.iter().for_each(|ty| told_of(told, ty));
            }
        }
        _ => {}
    }
}

/// All that a reviewer is told of a component, without what names its bytes.
fn said(audit: &Audit) -> serde_json::Value {
    let mut said = serde_json::to_value(audit).unwrap();
    let fields = said.as_object_mut().unwrap();
    for of_bytes in ["digest", "size", "bounds"] {
        assert!(fields.remove(of_bytes).is_some(), "{of_bytes}");
    }
    // Their order is nothing that a contract says.
    for list in ["imports", "functions", "findings", "extra"] {
        let list = fields[list].as_array_mut().unwrap();
        list.sort_by_key(ToString::to_string);
    }
    said
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), TestCaseError> {
    match holds {
        true => Ok(()),
        false => Err(TestCaseError::fail(what())),
    }
}

/// What holds of every comparison.
fn well_formed(comparison: &Comparison) -> Result<(), TestCaseError> {
    let differences = &comparison.differences;
    let worst = differences.iter().map(|found| found.impact).max();
    check(comparison.impact == worst && comparison.more == 0, || {
        "the impact".into()
    })?;
    let is_sorted = differences.is_sorted_by(|a, b| a.impact >= b.impact);
    check(is_sorted, || "the order".into())?;
    for found in differences {
        check(
            CODES.contains(&found.code) && !found.at.is_empty() && found.old != found.new,
            || format!("{found:?}"),
        )?;
    }
    Ok(())
}

fn checked(old: &World, new: &World) -> Result<Option<Impact>, TestCaseError> {
    let version = |world: &World| format!("1.0.{}", world.version);
    let was = side(&documented(&old.text(&version(old))));
    let is = side(&documented(&new.text(&version(new))));
    for side in [&was, &is] {
        check(compare(side, side).impact.is_none(), || {
            format!("with itself: {:?}", compare(side, side))
        })?;
    }
    let comparison = compare(&was, &is);
    well_formed(&comparison)?;
    well_formed(&compare(&is, &was))?;
    let impact = comparison.impact;
    let failed = |what: &str| format!("{what}: {comparison:?}");

    if impact <= Some(Impact::Compatible) {
        can_replace(new, old).map_err(|error| TestCaseError::fail(failed(&error)))?;
    }
    if impact.is_none() {
        check(said(&was.audit) == said(&is.audit), || {
            failed("the audits differ")
        })?;
    }

    let widens = |what: &str| check(impact == Some(Impact::Widens), || failed(what));
    if is.audit.tier > was.audit.tier || is.audit.tier_elsewhere > was.audit.tier_elsewhere {
        widens("the tier is higher")?;
    }
    let before = handed(&was.audit);
    for handle in handed(&is.audit).iter().filter(|handle| handle.writes) {
        let covers = |other: &&HandleFacts| {
            let is_above = other.resource == handle.resource
                || other.resource.ends_with("#write-dir")
                    && handle.resource.ends_with("#write-file");
            is_above && (other.keeps || !handle.keeps)
        };
        if !before.iter().any(covers) {
            widens(&format!("a {} more", handle.resource))?;
        }
    }
    let names = |side: &Side| -> BTreeSet<String> {
        let imports = side.audit.imports.iter();
        imports
            .map(|import| import.name.split('@').next().unwrap().to_owned())
            .collect()
    };
    if !names(&is).is_subset(&names(&was)) {
        check(impact >= Some(Impact::Breaking), || {
            failed("an import more")
        })?;
    }
    let texts: BTreeSet<_> = comparison
        .differences
        .iter()
        .filter_map(|found| found.new.clone())
        .collect();
    for text in told(&is).difference(&told(&was)) {
        check(texts.contains(text), || failed(text))?;
    }
    Ok(impact)
}

#[test]
fn what_is_said_of_a_change_holds() {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(200)
    };
    let changes = prop::collection::vec((0..CHANGES, 0..1_000_usize, 0..1_000_usize), 1..4);
    let impacts = RefCell::new(BTreeMap::<Option<Impact>, usize>::new());
    TestRunner::new(config)
        .run(&(world(), changes), |(old, changes)| {
            let mut new = old.clone();
            for (kind, a, b) in changes {
                change(&mut new, kind, a, b);
            }
            let impact = checked(&old, &new)?;
            *impacts.borrow_mut().entry(impact).or_default() += 1;
            Ok(())
        })
        .unwrap();
    let impacts = impacts.into_inner();
    for impact in [Impact::Compatible, Impact::Breaking, Impact::Widens] {
        let count = impacts.get(&Some(impact)).copied().unwrap_or_default();
        assert!(count >= 10, "{impacts:?}");
    }
}

/// The rule that the test above trusts has teeth, and is asked in the right direction.
#[test]
fn the_measure_tells_more_from_less() {
    let mut few = World {
        version: 0,
        docs: String::new(),
        imports: BTreeSet::new(),
        types: vec![named(0, 0, 2, 0)],
        functions: Vec::new(),
    };
    change(&mut few, 16, 1, 1);
    let mut many = few.clone();
    change(&mut many, 16, 1, 1);
    assert_eq!(can_replace(&few, &few), Ok(()));
    assert_eq!(can_replace(&many, &few), Ok(()));
    assert!(can_replace(&few, &many).is_err());
    let mut asks = few.clone();
    import(&mut asks, 6);
    assert_eq!(can_replace(&few, &asks), Ok(()));
    assert!(can_replace(&asks, &few).is_err());
}
