//! What two runs differ in besides their figures: whether they may be compared, and whether one may be continued.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::{Benchmark, Plan};

/// Something that is not the same in two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// What it is.
    pub what: String,
    /// In the earlier run.
    pub old: String,
    /// In the later run.
    pub new: String,
    /// Whether it makes figures incomparable, rather than doubtful.
    pub prevents: bool,
}

/// Facts of the machine whose change makes ratios incomparable: other code runs, or on other hardware.
const DECISIVE: [(&str, &str); 7] = [
    ("kernel", "/environment/kernel_release"),
    ("kernel build", "/environment/kernel_version"),
    ("architecture", "/environment/architecture"),
    ("CPU", "/environment/cpu_model"),
    ("number of CPUs", "/environment/cpus"),
    ("virtual machine", "/virtual_machine"),
    ("BPF JIT", "/environment/bpf_jit"),
];

/// Facts whose change moves all figures, but hardly their ratios.
const DOUBTFUL: [(&str, &str); 10] = [
    ("kernel options", "/environment/kernel_config"),
    ("mitigations", "/environment/mitigations"),
    ("frequency governor", "/environment/governor"),
    ("turbo", "/environment/turbo"),
    ("hyper-threads", "/environment/smt"),
    ("clock source", "/environment/clock_source"),
    ("BPF statistics", "/environment/bpf_stats"),
    ("usable CPUs", "/environment/usable_cpus"),
    ("surroundings of the programs", "/program_surroundings"),
    ("version of the orchestrator", "/source/orchestrator"),
];

/// What two descriptions of a machine differ in.
#[must_use]
pub fn machine_differences(old: &Value, new: &Value) -> Vec<Difference> {
    let decisive = DECISIVE.iter().map(|fact| (fact, true));
    let facts = decisive.chain(DOUBTFUL.iter().map(|fact| (fact, false)));
    let differing = facts.filter_map(|((what, place), prevents)| {
        let (old, new) = (at(old, place), at(new, place));
        (old != new).then(|| {
            let (old, new) = apart(old, new);
            Difference { what: (*what).to_owned(), old, new, prevents }
        })
    });
    differing.chain(build_differences(old, new)).collect()
}

/// What the programs were built with, as far as both tell: another compiler makes another program of the same sources.
fn build_differences(old: &Value, new: &Value) -> Vec<Difference> {
    let receipts = |machine: &Value| machine["receipts"].as_array().cloned().unwrap_or_default();
    let (old, new) = (receipts(old), receipts(new));
    let mut differences = Vec::new();
    for before in &old {
        let Some(after) = new.iter().find(|after| after["implementation"] == before["implementation"]) else {
            continue;
        };
        let name = before["implementation"].as_str().unwrap_or_default();
        for (key, what) in [("tools", "tools of the build"), ("environment", "environment of the build")] {
            let (a, b) = (&before[key], &after[key]);
            if !a.is_null() && !b.is_null() && a != b {
                let (old, new) = apart(&by_name(a), &by_name(b));
                differences.push(Difference {
                    what: format!("{what} of `{name}`"),
                    old,
                    new,
                    prevents: false,
                });
            }
        }
    }
    differences
}

/// A list of things with a name and a version as one object.
fn by_name(list: &Value) -> Value {
    let Some(items) = list.as_array() else { return list.clone() };
    let named =
        items.iter().filter_map(|item| Some((item["name"].as_str()?.to_owned(), item["version"].clone())));
    Value::Object(named.collect())
}

/// Programs that are not the same, by their receipts. A change of `decisive` (the reference that all ratios share)
/// prevents a comparison; a change of another program may be the very thing that is to be compared.
#[must_use]
pub fn program_differences(old: &Value, new: &Value, decisive: impl Fn(&str) -> bool) -> Vec<Difference> {
    let (old, new) = (programs(old), programs(new));
    let names: BTreeSet<&str> = old.iter().chain(&new).map(|(name, _)| name.as_str()).collect();
    let differing = names.into_iter().filter_map(|name| {
        let of =
            |all: &[(String, Value)]| all.iter().find(|(known, _)| known == name).map(|(_, p)| p.clone());
        let (old, new) = (of(&old)?, of(&new)?);
        let implementation = name.split('/').next().unwrap_or(name);
        (old != new).then(|| {
            let (old, new) = apart(&old, &new);
            Difference { what: format!("program `{name}`"), old, new, prevents: decisive(implementation) }
        })
    });
    differing.collect()
}

/// Programs that the earlier run had and that are not there now.
#[must_use]
pub fn absent_programs(old: &Value, new: &Value) -> Vec<String> {
    let new = programs(new);
    let gone = programs(old).into_iter().filter(|(name, _)| new.iter().all(|(known, _)| known != name));
    gone.map(|(name, _)| format!("program `{name}`")).collect()
}

/// `implementation/program` and its receipt, without what says nothing about the program itself.
fn programs(machine: &Value) -> Vec<(String, Value)> {
    let receipts = machine["receipts"].as_array().into_iter().flatten();
    let programs = receipts.flat_map(|receipt| {
        let implementation = receipt["implementation"].as_str().unwrap_or_default();
        receipt["programs"].as_array().into_iter().flatten().map(move |program| {
            let mut facts = program.as_object().cloned().unwrap_or_default();
            let name = facts.remove("name").unwrap_or_default();
            for incidental in ["changed", "path"] {
                facts.remove(incidental);
            }
            (format!("{implementation}/{}", name.as_str().unwrap_or_default()), Value::Object(facts))
        })
    });
    programs.collect()
}

/// What two plans differ in: each benchmark that both have must be the same, and run in the same places.
#[must_use]
pub fn plan_differences(old: &Plan, new: &Plan) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut look = |what: String, old: &Value, new: &Value, prevents: bool| {
        if old != new {
            let (old, new) = apart(old, new);
            differences.push(Difference { what, old, new, prevents });
        }
    };
    for old in &old.benchmarks {
        let Some(new) = new.benchmarks.iter().find(|benchmark| benchmark.name == old.name) else {
            let (measured, missing) = ("measured".into(), "not measured".into());
            look(format!("benchmark `{}`", old.name), &measured, &missing, false);
            continue;
        };
        // Who else takes part, and what is reported, changes no figure. Places are compared by themselves.
        let essence = |benchmark: &Benchmark| {
            json(&Benchmark {
                implementations: Vec::new(),
                metrics: Vec::new(),
                placement: None,
                ..benchmark.clone()
            })
        };
        let (before, after) = (essence(old), essence(new));
        let same_but_longer = {
            let mut after = after.clone();
            after["load"]["duration_ns"] = before["load"]["duration_ns"].clone();
            after == before
        };
        look(format!("benchmark `{}`", old.name), &before, &after, !same_but_longer);
    }
    differences.splice(0..0, placement_differences(old, new));
    differences
}

/// Benchmarks of the same name that ran elsewhere; those that moved alike are one difference.
fn placement_differences(old: &Plan, new: &Plan) -> Vec<Difference> {
    let mut moves: Vec<(Difference, Vec<String>)> = Vec::new();
    let mut common = 0;
    for (before, benchmark) in old.benchmarks.iter().enumerate() {
        let Some(after) = new.benchmarks.iter().position(|known| known.name == benchmark.name) else {
            continue;
        };
        common += 1;
        let (before, after) = (old.placement_of(before), new.placement_of(after));
        if before.is_like(after) {
            continue;
        }
        let (old, new) = (before.to_string(), after.to_string());
        let name = format!("`{}`", benchmark.name);
        match moves.iter_mut().find(|(known, _)| (&known.old, &known.new) == (&old, &new)) {
            Some((_, names)) => names.push(name),
            None => {
                moves.push((Difference { what: "placement".into(), old, new, prevents: true }, vec![name]));
            }
        }
    }
    let named = moves.into_iter().map(|(difference, names)| {
        let what = if names.len() == common {
            difference.what
        } else {
            format!("placement of {}", names.join(", "))
        };
        Difference { what, ..difference }
    });
    named.collect()
}

fn json<T: Serialize>(value: &T) -> Value {
    // The types of a plan have string keys only, so they always become JSON.
    serde_json::to_value(value).unwrap_or_default()
}

fn at<'a>(machine: &'a Value, place: &str) -> &'a Value {
    machine.pointer(place).unwrap_or(&Value::Null)
}

/// Both in words; of structures only what differs.
fn apart(old: &Value, new: &Value) -> (String, String) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    collect("", old, new, &mut left, &mut right);
    (left.join(", "), right.join(", "))
}

fn collect(name: &str, old: &Value, new: &Value, left: &mut Vec<String>, right: &mut Vec<String>) {
    if let (Value::Object(a), Value::Object(b)) = (old, new) {
        let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for key in keys {
            let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
            if a != b {
                collect(key, a, b, left, right);
            }
        }
        return;
    }
    let word = |value: &Value| match value {
        Value::Null => "unknown".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let named = |value: &Value| if name.is_empty() { word(value) } else { format!("{name} {}", word(value)) };
    left.push(named(old));
    right.push(named(new));
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}, then {}", self.what, self.old, self.new)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::Distance;
    use crate::parse::testing::benchmark;
    use crate::plan::{Placement, Question};
    use crate::stats::testing::plan;

    fn told(differences: &[Difference]) -> Vec<(String, bool)> {
        differences.iter().map(|difference| (difference.to_string(), difference.prevents)).collect()
    }

    #[test]
    fn another_kernel_prevents_and_another_governor_is_doubtful() {
        let machine = |kernel: &str, governor: &str| json!({"environment": {"kernel_release": kernel, "governor": governor}, "warnings": [kernel]});
        let same = machine_differences(&machine("6.1", "performance"), &machine("6.1", "performance"));
        assert_eq!(same, []);
        let other = machine_differences(&machine("6.1", "performance"), &machine("6.2", "powersave"));
        assert_eq!(
            told(&other),
            [
                ("kernel: 6.1, then 6.2".to_owned(), true),
                ("frequency governor: performance, then powersave".to_owned(), false)
            ]
        );
    }

    #[test]
    fn a_new_version_of_the_reference_prevents_and_one_of_another_does_not() {
        let machine = |version: &str| {
            let receipt = |name: &str| json!({"implementation": name, "programs": [{"name": "p", "version": version, "changed": version == "2"}]});
            json!({"receipts": [receipt("a"), receipt("b")]})
        };
        let differences = program_differences(&machine("1"), &machine("2"), |name| name == "a");
        assert_eq!(
            told(&differences),
            [
                ("program `a/p`: version 1, then version 2".to_owned(), true),
                ("program `b/p`: version 1, then version 2".to_owned(), false)
            ]
        );
        let mut rebuilt = machine("1");
        rebuilt["receipts"][0]["programs"][0]["changed"] = json!(true);
        assert_eq!(program_differences(&machine("1"), &rebuilt, |_| true), []);
    }

    #[test]
    fn another_compiler_is_doubtful_and_an_older_receipt_says_nothing() {
        let machine = |version: &str| json!({"receipts": [{"implementation": "a", "tools": [{"name": "cc", "version": version}], "environment": {}}]});
        assert_eq!(machine_differences(&machine("1"), &machine("1")), []);
        let differences = machine_differences(&machine("1"), &machine("2"));
        assert_eq!(told(&differences), [("tools of the build of `a`: cc 1, then cc 2".to_owned(), false)]);
        assert_eq!(machine_differences(&json!({"receipts": [{"implementation": "a"}]}), &machine("2")), []);
    }

    #[test]
    fn another_place_of_a_benchmark_prevents() {
        let on = |cpu| Placement { runner: Some(cpu), load: vec![0], supervisor: vec![0], distance: None };
        let placed = |own: [Option<Placement>; 2]| {
            let benchmarks = own.into_iter().zip(["one", "two"]).map(|(placement, name)| Benchmark {
                name: name.into(),
                placement,
                ..benchmark(Question::Saturation)
            });
            Plan { placement: on(1), ..plan(benchmarks.collect(), &["a"], 1) }
        };
        let usual = placed([None, None]);
        // The same place, said by the benchmark itself, or by its name.
        let named = Placement { distance: Some(Distance::OtherCore), ..on(1) };
        assert_eq!(plan_differences(&usual, &placed([Some(on(1)), Some(named)])), []);
        let moved = |own| told(&plan_differences(&usual, &placed(own)));
        let words =
            "runner on CPU 1, load on 0, supervisor on 0, then runner on CPU 2, load on 0, supervisor on 0";
        assert_eq!(moved([None, Some(on(2))]), [(format!("placement of `two`: {words}"), true)]);
        assert_eq!(moved([Some(on(2)), Some(on(2))]), [(format!("placement: {words}"), true)]);
        let left = plan_differences(&usual, &placed([None, Some(Placement::default())]));
        assert_eq!(left[0].new, "left to the scheduler");
    }

    #[test]
    fn another_load_prevents_and_a_longer_one_is_doubtful() {
        let one = |change: fn(&mut Benchmark)| {
            let mut benchmark = benchmark(Question::Saturation);
            change(&mut benchmark);
            plan(vec![benchmark], &["a"], 1)
        };
        let usual = one(|_| {});
        assert_eq!(plan_differences(&usual, &one(|b| b.implementations.clear())), []);
        let batch = plan_differences(&usual, &one(|b| b.runner.batch = 1));
        assert!(batch[0].prevents && batch[0].new == "batch 1", "{batch:?}");
        let none = plan_differences(&usual, &plan(Vec::new(), &["a"], 0));
        assert!(!none[0].prevents && none[0].to_string().ends_with("`: measured, then not measured"));
        let longer = plan_differences(&usual, &one(|b| b.load.duration_ns = 9));
        assert!(!longer[0].prevents && longer[0].new == "duration_ns 9", "{longer:?}");
    }
}
