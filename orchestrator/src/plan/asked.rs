//! Where a benchmark runs that says so itself.

use super::error::Error;
use super::placement::{best_runner, ids, load_cpus, supervisor_cpus};
use super::spec::Placement;
use crate::config::{BenchmarkEntry, Cpu, Cpus, LoadCpus, PlacementEntry, Topology};

/// The placement that an entry asks for, for so many threads of load; none where it says nothing. What the machine does not have
/// is an error, and so is a load on the runner's CPU, unless the entry says that it may be there.
pub fn place_as_asked(
    entry: &BenchmarkEntry,
    threads: u32,
    topology: &Topology,
) -> Result<Option<Placement>, Error> {
    let Some(asked) = &entry.placement else { return Ok(None) };
    Asking { entry, asked, threads, topology }.answer().map(Some)
}

struct Asking<'a> {
    entry: &'a BenchmarkEntry,
    asked: &'a PlacementEntry,
    threads: u32,
    topology: &'a Topology,
}

impl Asking<'_> {
    fn answer(&self) -> Result<Placement, Error> {
        let list = match &self.asked.load {
            Some(LoadCpus::List(cpus)) => Some(self.there("placement.load", cpus)?),
            _ => None,
        };
        let runner = self.runner(list.as_deref())?;
        let others: Vec<Cpu> = self.topology.cpus.iter().copied().filter(|cpu| cpu.id != runner.id).collect();
        let load = self.load(list, runner, &others)?;
        let supervisor = match &self.asked.supervisor {
            Some(cpus) => self.there("placement.supervisor", cpus)?,
            None => supervisor_cpus(&others, runner, &load),
        };
        for (key, cpus) in [("placement.load", &load), ("placement.supervisor", &supervisor)] {
            let said = key.ends_with("load") || self.asked.supervisor.is_some();
            if said && !self.asked.overlap && cpus.contains(&runner) {
                let message = format!("`{key}` has CPU {}, which is the runner's", runner.id);
                return Err(self.wrong(
                    key,
                    message,
                    "choose other CPUs, or say `overlap: true` in `placement`",
                ));
            }
        }
        let distance = match self.asked.load {
            Some(LoadCpus::Distance(distance)) => Some(distance),
            _ => None,
        };
        Ok(Placement { runner: Some(runner.id), load: ids(&load), supervisor: ids(&supervisor), distance })
    }

    /// One, and rather none of the cores that the load was given.
    fn runner(&self, load: Option<&[Cpu]>) -> Result<Cpu, Error> {
        let key = "placement.runner";
        if let Some(asked) = &self.asked.runner {
            let cpus = self.there(key, asked)?;
            let [runner] = cpus[..] else {
                let message = format!("`{key}` has {} CPUs, and a runner is pinned to one", cpus.len());
                return Err(self.wrong(key, message, "name one; more CPUs can be had for `placement.load`"));
            };
            return Ok(runner);
        }
        let load = load.unwrap_or_default();
        let best = |suits: &dyn Fn(&Cpu) -> bool| {
            best_runner(&Topology { cpus: self.topology.cpus.iter().copied().filter(suits).collect() })
        };
        best(&|cpu| load.iter().all(|taken| !taken.shares_core_with(cpu)))
            .or_else(|| best(&|cpu| !load.contains(cpu)))
            .or_else(|| best(&|_| true))
            .ok_or_else(|| self.wrong("placement", "no CPU may be used".to_owned(), "leave `placement` out"))
    }

    /// One CPU a thread: two threads on one would count as two and be one.
    fn load(&self, list: Option<Vec<Cpu>>, runner: Cpu, others: &[Cpu]) -> Result<Vec<Cpu>, Error> {
        let wanted = usize::try_from(self.threads).unwrap_or(usize::MAX);
        let key = "placement.load";
        let few = |message: String| {
            let hint = format!("use fewer threads or another `{key}`; {}", self.usable());
            Err(self.wrong(key, message, hint))
        };
        let threads = self.threads;
        if let Some(list) = list {
            if list.len() < wanted {
                return few(format!(
                    "{threads} threads call, and `{key}` has {} CPUs: two threads on one would count as two",
                    list.len()
                ));
            }
            return Ok(list.into_iter().take(wanted).collect());
        }
        let Some(LoadCpus::Distance(distance)) = self.asked.load else {
            if self.topology.cpus.len() < wanted {
                return few(format!("{threads} threads call, more than there are CPUs"));
            }
            return Ok(load_cpus(others, runner, threads));
        };
        let facts = distance.facts();
        let near: Vec<Cpu> =
            others.iter().copied().filter(|cpu| (facts.fits)(cpu.shared_with(&runner))).collect();
        if near.len() < wanted {
            let (count, meaning, id) = (near.len(), facts.meaning, runner.id);
            return few(format!(
                "`{key}: {distance}` takes {threads} of the {meaning}, and for a runner on CPU {id} there are {count}"
            ));
        }
        Ok(load_cpus(&near, runner, self.threads))
    }

    /// The CPUs of a list, which must be there.
    fn there(&self, key: &str, list: &Cpus) -> Result<Vec<Cpu>, Error> {
        let find = |id: &u32| {
            self.topology.cpus.iter().find(|cpu| cpu.id == *id).copied().ok_or_else(|| {
                let message = format!("`{key}` has CPU {id}, which is not there or may not be used");
                self.wrong(key, message, self.usable())
            })
        };
        list.0.iter().map(find).collect()
    }

    fn usable(&self) -> String {
        format!("CPUs that may be used: {}", Cpus(ids(&self.topology.cpus)))
    }

    fn wrong(&self, key: &str, message: String, hint: impl Into<String>) -> Error {
        Error::impossible(self.entry, key, message, hint)
    }
}

#[cfg(test)]
#[path = "asked_tests.rs"]
mod tests;
