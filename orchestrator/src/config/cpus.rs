//! Where a benchmark runs, as written: lists of CPUs, or how far the load is from the runner.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::facts::{Distance, unknown};

/// The kernel has no more CPUs than that.
const HIGHEST: u32 = 8191;

/// Where a benchmark runs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlacementEntry {
    /// The runner's CPU: one. Default: chosen by the orchestrator.
    pub runner: Option<Cpus>,
    /// The load's CPUs, one for each thread in this order: a list such as `0-1,4`, or `sibling`, `other_core`, `same_node`,
    /// `other_node` or `other_package`, as seen from the runner's CPU. Default: chosen by the orchestrator.
    pub load: Option<LoadCpus>,
    /// The orchestrator's CPUs while it measures. Default: what is left.
    pub supervisor: Option<Cpus>,
    /// Whether the load or the orchestrator may be on the runner's CPU. Default: false.
    pub overlap: bool,
}

/// A list of CPUs, each once, in the order written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cpus(pub Vec<u32>);

/// The load's CPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadCpus {
    /// These.
    List(Cpus),
    /// So far from the runner.
    Distance(Distance),
}

impl FromStr for Cpus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected numbers of CPUs from 0 to {HIGHEST}, such as `0-1,4`");
        let number = |text: &str| {
            let text = text.trim();
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number: &u32| digits && *number <= HIGHEST).ok_or_else(expected)
        };
        let mut cpus = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return Err(format!("`{}` ends before it begins", part.trim()));
            }
            cpus.extend(first..=last);
        }
        Self::each_once(cpus)
    }
}

impl Cpus {
    fn each_once(cpus: Vec<u32>) -> Result<Self, String> {
        if cpus.is_empty() {
            return Err("it is empty".to_owned());
        }
        match (1..).zip(&cpus).find(|(next, cpu)| cpus[*next..].contains(*cpu)) {
            Some((_, cpu)) => Err(format!("CPU {cpu} stands twice")),
            None => Ok(Self(cpus)),
        }
    }
}

/// As the kernel writes sets of CPUs: `0-3,8`. In ascending order.
impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for cpu in sorted {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == cpu => *last = cpu,
                _ => ranges.push((cpu, cpu)),
            }
        }
        let words = ranges
            .into_iter()
            .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
        f.write_str(&words.collect::<Vec<_>>().join(","))
    }
}

impl FromStr for LoadCpus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with(|first: char| first.is_alphabetic()) {
            return text.parse().map(Self::Distance).map_err(|_| unknown(text, &Distance::words()));
        }
        text.parse().map(Self::List)
    }
}

impl TryFrom<Cpus> for LoadCpus {
    type Error = String;

    fn try_from(cpus: Cpus) -> Result<Self, String> {
        Ok(Self::List(cpus))
    }
}

impl<'de> Deserialize<'de> for Cpus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written(PhantomData))
    }
}

impl<'de> Deserialize<'de> for LoadCpus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written(PhantomData))
    }
}

/// A word, a number, or a list of them.
struct Written<T>(PhantomData<T>);

impl<'de, T: FromStr<Err = String> + TryFrom<Cpus, Error: fmt::Display>> Visitor<'de> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers of CPUs, such as `0-1,4`")
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|reason| E::custom(format!("invalid value `{text}`: {reason}")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        let mut all = Vec::new();
        while let Some(Cpus(some)) = list.next_element()? {
            all.extend(some);
        }
        let invalid = |reason| serde::de::Error::custom(format!("invalid list: {reason}"));
        let all = Cpus::each_once(all).map_err(invalid)?;
        T::try_from(all).map_err(serde::de::Error::custom)
    }
}

/// How a list of CPUs is written.
fn list_schema() -> Schema {
    json_schema!({ "type": ["integer", "string", "array"], "items": { "type": ["integer", "string"] }, "examples": [1, "0-1,4", [0, 1, 4]] })
}

macro_rules! schema {
    ($name:ident) => {
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                list_schema()
            }
        }
    };
}

schema!(Cpus);
schema!(LoadCpus);

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("0-1,4", Ok("0-1,4"))]
    #[case("7", Ok("7"))]
    #[case("[3, 0-1]", Ok("0-1,3"))]
    #[case("[2, 1]", Ok("1-2"))]
    #[case("0, 2", Ok("0,2"))]
    #[case("[]", Err("it is empty"))]
    #[case("[0, 0-3]", Err("CPU 0 stands twice"))]
    #[case("1,1", Err("CPU 1 stands twice"))]
    #[case("3-1", Err("`3-1` ends before it begins"))]
    #[case("-1", Err("expected numbers of CPUs"))]
    #[case("0-99999999", Err("expected numbers of CPUs from 0 to 8191"))]
    #[case("1.5", Err("expected numbers of CPUs"))]
    #[case("all", Err("expected numbers of CPUs"))]
    #[case("{a: 1}", Err("expected numbers of CPUs"))]
    fn lists_are_read_as_people_write_them(#[case] text: &str, #[case] expected: Result<&str, &str>) {
        match (serde_yaml::from_str::<Cpus>(text), expected) {
            (Ok(cpus), Ok(expected)) => assert_eq!(cpus.to_string(), expected),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (read, _) => panic!("{read:?}"),
        }
    }

    #[test]
    fn an_order_is_kept_since_threads_take_it() {
        assert_eq!(serde_yaml::from_str::<Cpus>("[4, 0-1]").expect("valid").0, [4, 0, 1]);
    }

    #[test]
    fn the_load_is_placed_by_a_list_or_by_a_name() {
        let read = |text| serde_yaml::from_str::<LoadCpus>(text);
        assert_eq!(read("sibling").expect("valid"), LoadCpus::Distance(Distance::Sibling));
        assert_eq!(read("[0, 2-3]").expect("valid"), LoadCpus::List(Cpus(vec![0, 2, 3])));
        let error = read("same_nod").expect_err("no such name").to_string();
        assert!(error.contains("did you mean `same_node`?"), "{error}");
    }
}
