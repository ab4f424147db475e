use rstest::rstest;

use super::super::builtin::builtin_entries;
use super::*;
use crate::config::Seconds;
use crate::facts::Distance;
use crate::plan::Question;

/// Two packages of two nodes with two cores of two hyper-threads: CPUs 0 to 7, and 8 to 15 beside them. Cores have numbers within
/// their package.
fn large() -> Topology {
    let cpu = |id: u32| Cpu { id, core: id % 8 % 4, package: id % 8 / 4, numa: Some(id % 8 / 2) };
    Topology { cpus: (0..16).map(cpu).collect() }
}

fn small() -> Topology {
    Topology { cpus: (0..2).map(|id| Cpu { id, core: id, package: 0, numa: Some(0) }).collect() }
}

fn placed(placement: &str, threads: u32, topology: &Topology) -> Result<Placement, Error> {
    let duration = Seconds(std::time::Duration::from_secs(1));
    let mut entry = builtin_entries(&[Question::Capacity], duration).remove(0);
    entry.placement = Some(serde_yaml::from_str(placement).expect("valid"));
    place_as_asked(&entry, threads, topology).map(|placement| placement.expect("it is said"))
}

#[test]
fn an_entry_that_says_nothing_has_no_place_of_its_own() {
    let entry = builtin_entries(&[Question::Capacity], Seconds(std::time::Duration::from_secs(1))).remove(0);
    assert_eq!(place_as_asked(&entry, 1, &small()).expect("valid"), None);
}

#[rstest]
#[case(
    "{runner: 3, load: '0-1,4', supervisor: [5, 6]}",
    3,
    "runner on CPU 3, load on 0,1,4, supervisor on 5,6"
)]
#[case(
    "{runner: 3, load: [4, 0]}",
    1,
    "runner on CPU 3, load on 4, supervisor on 0,1,2,5,6,7,8,9,10,13,14,15"
)]
#[case("{load: 7, supervisor: 0}", 1, "runner on CPU 3, load on 7, supervisor on 0")]
#[case("{load: 3, supervisor: 0}", 1, "runner on CPU 7, load on 3, supervisor on 0")]
#[case(
    "{runner: 0, supervisor: 8, load: sibling, overlap: true}",
    1,
    "runner on CPU 0, load on 8 (`sibling`), supervisor on 8"
)]
#[case(
    "{runner: 0, supervisor: 15, load: same_node}",
    1,
    "runner on CPU 0, load on 1 (`same_node`), supervisor on 15"
)]
#[case(
    "{runner: 0, supervisor: 15, load: same_node}",
    2,
    "runner on CPU 0, load on 1,9 (`same_node`), supervisor on 15"
)]
#[case(
    "{runner: 0, supervisor: 15, load: other_core}",
    1,
    "runner on CPU 0, load on 3 (`other_core`), supervisor on 15"
)]
#[case(
    "{runner: 0, supervisor: 15, load: other_node}",
    3,
    "runner on CPU 0, load on 3,2,7 (`other_node`), supervisor on 15"
)]
#[case(
    "{runner: 0, supervisor: 15, load: other_package}",
    1,
    "runner on CPU 0, load on 7 (`other_package`), supervisor on 15"
)]
#[case(
    "{runner: 1, load: '0-1', overlap: true, supervisor: 0}",
    2,
    "runner on CPU 1, load on 0,1, supervisor on 0"
)]
fn what_is_asked_is_done(#[case] placement: &str, #[case] threads: u32, #[case] expected: &str) {
    assert_eq!(placed(placement, threads, &large()).expect("there").to_string(), expected);
}

#[test]
fn a_name_and_the_list_that_it_stands_for_are_the_same_place() {
    let topology = large();
    let named = placed("{runner: 0, load: sibling}", 1, &topology).expect("there");
    let listed = placed("{runner: 0, load: 8}", 1, &topology).expect("there");
    assert_eq!((named.distance, listed.distance), (Some(Distance::Sibling), None));
    assert!(named.is_like(&listed));
    assert!(!named.is_like(&placed("{runner: 0, load: 9}", 1, &topology).expect("there")));
}

#[rstest]
#[case(
    "{load: sibling}",
    1,
    "`placement.load: sibling` takes 1 of the CPUs that share the runner's core, and for a runner on CPU 1 there are 0",
    "CPUs that may be used: 0-1"
)]
#[case("{load: other_node}", 1, "takes 1 of the CPUs of other NUMA nodes", "0-1")]
#[case(
    "{load: other_package}",
    1,
    "`placement.load: other_package` takes 1 of the CPUs of other packages",
    "0-1"
)]
#[case(
    "{load: same_node}",
    2,
    "takes 2 of the CPUs of other cores of the runner's NUMA node, and for a runner on CPU 1 there are 1",
    "0-1"
)]
#[case("{load: 9}", 1, "`placement.load` has CPU 9, which is not there or may not be used", "0-1")]
#[case("{supervisor: '0,7'}", 1, "`placement.supervisor` has CPU 7, which is not there", "0-1")]
#[case("{runner: 0-1}", 1, "`placement.runner` has 2 CPUs, and a runner is pinned to one", "name one")]
#[case("{runner: 1, load: 1}", 1, "`placement.load` has CPU 1, which is the runner's", "overlap: true")]
#[case("{load: 0-1}", 2, "`placement.load` has CPU 1, which is the runner's", "overlap: true")]
#[case("{runner: 1}", 2, "`placement.load` has CPU 1, which is the runner's", "overlap: true")]
#[case(
    "{runner: 1, supervisor: 1}",
    1,
    "`placement.supervisor` has CPU 1, which is the runner's",
    "overlap: true"
)]
#[case("{runner: 1, load: 0}", 2, "2 threads call, and `placement.load` has 1 CPUs", "fewer threads")]
#[case("{runner: 1}", 3, "3 threads call, more than there are CPUs", "fewer threads")]
fn what_cannot_be_is_said_with_what_there_is(
    #[case] placement: &str,
    #[case] threads: u32,
    #[case] message: &str,
    #[case] hint: &str,
) {
    let error = placed(placement, threads, &small()).expect_err("impossible");
    assert!(error.to_string().contains(message), "{error}");
    assert!(error.hint().contains(hint), "{}", error.hint());
}
