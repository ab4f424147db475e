//! Whoever makes the calls.

/// Makes calls, each with a cookie; a call says whether it went as expected. Compiled once for each kind of call, so that the call is
/// inlined into the loops.
pub(in crate::load) trait Caller {
    fn run(self, call: &impl Fn(u32) -> bool);
}
