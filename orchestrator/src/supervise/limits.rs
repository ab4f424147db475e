//! Resource limits of the caller, where they are too small to measure under.

use std::collections::BTreeMap;

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};

use super::error::Error;

/// A limit, its name in a shell, and the least that measuring needs.
struct Need {
    resource: Resource,
    name: &'static str,
    /// The option of `ulimit` that shows and sets it.
    option: &'static str,
    least: u64,
}

/// Pipes, maps and programs of one trial take some 40 descriptors; a runner with a garbage collector reserves address space
/// beyond what it uses.
const NEEDS: [Need; 4] = [
    Need { resource: Resource::RLIMIT_NOFILE, name: "open files", option: "-n", least: 128 },
    Need { resource: Resource::RLIMIT_NPROC, name: "processes", option: "-u", least: 64 },
    Need { resource: Resource::RLIMIT_AS, name: "address space", option: "-v", least: 2 << 30 },
    Need { resource: Resource::RLIMIT_DATA, name: "data", option: "-d", least: 256 << 20 },
];

/// Makes use of what is allowed, and says which limit is too small.
pub(super) fn check() -> Result<(), Error> {
    for Need { resource, name, option, least } in NEEDS {
        // The number of processes limits everybody but root.
        if resource == Resource::RLIMIT_NPROC && nix::unistd::geteuid().is_root() {
            continue;
        }
        let Ok((soft, hard)) = getrlimit(resource) else { continue };
        let enough = soft.max(hard);
        if soft < hard {
            // Lower than what is allowed; where it cannot be raised the comparison below says so.
            let _raised = setrlimit(resource, hard, hard);
        }
        if enough < least {
            return Err(Error::Limit { name, option, limit: enough, least });
        }
    }
    Ok(())
}

/// The hard limits that are none of the kernel's defaults for root: what the programs cannot be given.
pub(super) fn hard_limits() -> BTreeMap<String, u64> {
    let all = [
        (Resource::RLIMIT_AS, "address_space"),
        (Resource::RLIMIT_CPU, "cpu_seconds"),
        (Resource::RLIMIT_DATA, "data"),
        (Resource::RLIMIT_FSIZE, "file_size"),
        (Resource::RLIMIT_MEMLOCK, "locked_memory"),
        (Resource::RLIMIT_STACK, "stack"),
    ];
    let limited = all.into_iter().filter_map(|(resource, name)| {
        let (_, hard) = getrlimit(resource).ok()?;
        (hard != RLIM_INFINITY).then(|| (name.to_owned(), hard))
    });
    limited.collect()
}
