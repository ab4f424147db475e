//! Whoever has mapped a ring and closed its descriptor is found. A file of its own, since the descriptors of other tests in one process would
//! explain its mapping.

mod common;

use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;

use common::skipped_without_root;
use libbpf_rs::{MapHandle, MapType, libbpf_sys};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use orchestrator::sample::Mappings;

#[test]
fn whoever_has_mapped_a_ring_and_closed_its_descriptor_is_found() {
    if skipped_without_root("whoever_has_mapped_a_ring_and_closed_its_descriptor_is_found") {
        return;
    }
    let before = Mappings::take(&[], &Mappings::default());
    let ring = new_ring();
    let own = std::process::id();
    let is_found = || {
        let gained = Mappings::take(&[], &before).gained_since(&before);
        gained.iter().any(|stranger| stranger.pid == own)
    };
    assert!(!is_found(), "it has mapped nothing");
    let page = NonZeroUsize::new(4096).unwrap();
    let (read, shared) = (ProtFlags::PROT_READ, MapFlags::MAP_SHARED);
    // SAFETY: a fresh mapping, unmapped below.
    let mapping = unsafe { mmap(None, page, read, shared, ring.as_fd(), 0) }.unwrap();
    assert!(!is_found(), "its descriptor tells which map that is");
    drop(ring);
    assert!(is_found());
    assert!(Mappings::take(&[own], &before).gained_since(&before).iter().all(|stranger| stranger.pid != own));
    // SAFETY: nobody uses the mapping.
    unsafe { munmap(mapping, page.get()) }.unwrap();
    assert!(!is_found());
}

fn new_ring() -> MapHandle {
    let options = libbpf_sys::bpf_map_create_opts {
        sz: size_of::<libbpf_sys::bpf_map_create_opts>() as libbpf_sys::size_t,
        ..Default::default()
    };
    MapHandle::create(MapType::RingBuf, Some("strange"), 0, 0, 4096, &options).expect("root may")
}
