//! How records come to user space, one file each, and what is the same for all.

use runner_common::Event;

pub(crate) mod ringbuf;

/// What all records of one trigger share.
pub(crate) struct Head {
    pub(crate) ktime_ns: u64,
    pub(crate) tgid: u32,
    pub(crate) tid: u32,
    pub(crate) cpu: u32,
    pub(crate) event_type: u32,
    pub(crate) comm: [u64; 2],
}

impl Head {
    /// Writes an event field by field. As one value it would go through a `memcpy` that is a call and a loop over bytes.
    #[inline(always)]
    pub(crate) unsafe fn write(&self, mark: u64, event: *mut Event) {
        // SAFETY: the caller's.
        unsafe {
            (*event).ktime_ns = self.ktime_ns;
            (*event).mark = mark;
            (*event).tgid = self.tgid;
            (*event).tid = self.tid;
            (*event).cpu = self.cpu;
            (*event).r#type = self.event_type;
            let comm = (&raw mut (*event).comm).cast::<u64>();
            comm.write(self.comm[0]);
            comm.add(1).write(self.comm[1]);
        }
    }
}
