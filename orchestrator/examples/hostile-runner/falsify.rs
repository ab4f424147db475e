//! What a liar says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};
use std::os::fd::AsFd as _;

use libbpf_rs::{MapHandle, MapInfo, MapType, libbpf_sys};
use serde_json::{Value, json};

pub(crate) fn ready(rule: &str, ready: &mut Value) {
    match rule {
        "names-a-ring-often" => {
            let ids = ready["map_ids"].as_array_mut().unwrap();
            let ring = ids[0].clone();
            ids.extend(std::iter::repeat_n(ring, 99));
        }
        "names-a-decoy" => {
            let id = json!(decoy());
            ready["map_ids"].as_array_mut().unwrap().push(id);
        }
        "names-no-program" => ready["program_ids"] = json!([]),
        _ => {
            if let Some(id) = rule.strip_prefix("names-program:") {
                ready["program_ids"] = json!([id.parse::<u32>().unwrap()]);
            }
        }
    }
}

/// A ring that nothing writes to; it lives as long as this process.
fn decoy() -> u32 {
    let options = libbpf_sys::bpf_map_create_opts {
        sz: size_of::<libbpf_sys::bpf_map_create_opts>().try_into().unwrap(),
        ..Default::default()
    };
    let map = MapHandle::create(MapType::RingBuf, Some("events"), 0, 0, 4096, &options).unwrap();
    let id = MapInfo::new(map.as_fd()).unwrap().info.id;
    std::mem::forget(map);
    id
}

pub(crate) fn summary(rule: &str, summary: &mut Value) {
    let number = |key: &str| summary[key].as_u64().unwrap();
    match rule {
        "received+1" => summary["received"] = json!(number("received") + 1),
        "received-1" => summary["received"] = json!(number("received") - 1),
        "marks" => summary["marks"] = json!(number("marks") ^ 1),
        "consistent-counts" => {
            // Every figure that a runner could invent consistently: one event more, everywhere.
            for key in ["attempted", "submitted", "received"] {
                summary[key] = json!(summary[key].as_u64().unwrap() + 1);
            }
            summary["bytes"] = json!(summary["bytes"].as_u64().unwrap() + 64);
        }
        "hides-drops" => {
            summary["attempted"] = summary["submitted"].clone();
            summary["dropped"] = json!(0);
        }
        "calls-drops-lost" => {
            summary["lost"] = summary["dropped"].clone();
            summary["dropped"] = json!(0);
        }
        "moves-a-record" => {
            // The sum stays.
            let rings = summary["rings"].as_array_mut().unwrap();
            let received = |ring: &Value| ring["received"].as_u64().unwrap();
            let one = rings.iter().position(|ring| received(ring) > 0).unwrap();
            let other = (one + 1) % rings.len();
            rings[one]["received"] = json!(received(&rings[one]) - 1);
            rings[other]["received"] = json!(received(&rings[other]) + 1);
        }
        "no-wakeups" => summary["wakeups"] = json!(0),
        "more-wakeups" => summary["wakeups"] = json!(number("wakeups") + 1_000_000),
        "delays-of-1-ns" => summary["latency"] = json!(delays(number("received"), 1)),
        "delays-of-60-ns" => summary["latency"] = json!(delays(number("received"), 60)),
        _ => {}
    }
}

/// A histogram as the contract wants it.
fn delays(count: u64, delay_ns: u64) -> String {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3).unwrap();
    histogram.record_n(delay_ns, count).unwrap();
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(&histogram, &mut bytes).unwrap();
    STANDARD.encode(bytes)
}
