//! The messages and the checks of their fields.

use serde_json::{Map, Value};

use crate::parse::latency::decode_histogram;
use crate::supervise::PROTOCOL_VERSION;
use crate::visible::visible_line;

/// One line of a runner.
#[derive(Debug)]
pub(super) enum Message {
    Hello(Hello),
    Ready(Ready),
    Counters(Counters),
    Summary(Summary),
    Error(RunnerError),
}

/// Who the runner is. All but the version are labels: a missing one is null.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of docs/PROTOCOL.md by their names")]
pub struct Hello {
    pub protocol_version: Option<u64>,
    pub implementation: Option<String>,
    pub framework: Option<String>,
    pub framework_version: Option<String>,
    pub pid: Option<u64>,
}

/// What is loaded and attached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of docs/PROTOCOL.md by their names")]
pub struct Ready {
    pub program_ids: Vec<u64>,
    pub map_ids: Vec<u64>,
    pub load_ns: Option<u64>,
    pub attach_ns: Option<u64>,
    pub program_type: Option<String>,
    pub attach_target: Option<String>,
}

/// Cumulative counters of the consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of docs/PROTOCOL.md by their names")]
pub struct Counters {
    pub t_ns: u64,
    pub received: u64,
    pub bytes: Option<u64>,
    pub wakeups: Option<u64>,
}

/// The final counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of docs/PROTOCOL.md by their names")]
pub struct Summary {
    pub elapsed_ns: u64,
    pub attempted: u64,
    pub submitted: u64,
    pub dropped: u64,
    pub dropped_marks: u64,
    pub lost: Option<u64>,
    pub received: u64,
    pub bytes: u64,
    pub marks: u64,
    pub wakeups: Option<u64>,
    pub latency: Option<String>,
    pub rings: Option<Vec<RingSummary>>,
}

/// The counts of one of several rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RingSummary {
    pub cpu: u64,
    pub received: u64,
    pub latency: Option<String>,
}

/// Why a runner could not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerError {
    /// `usage`, `unsupported`, `permission` or `internal`.
    pub kind: String,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Message {
    pub(super) fn from_object(object: &Map<String, Value>) -> Result<Self, String> {
        let fields = Fields(object);
        match fields.text("type")?.ok_or("the key `type` is missing")?.as_str() {
            "hello" => fields.hello().map(Self::Hello),
            "ready" => fields.ready().map(Self::Ready),
            "counters" => fields.counters().map(Self::Counters),
            "summary" => fields.summary().map(Self::Summary),
            "error" => fields.error().map(Self::Error),
            other => Err(format!("unknown message type `{other}`")),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Hello(_) => "hello",
            Self::Ready(_) => "ready",
            Self::Counters(_) => "counters",
            Self::Summary(_) => "summary",
            Self::Error(_) => "error",
        }
    }
}

impl Counters {
    pub(super) fn check_after(&self, last: &Self) -> Result<(), String> {
        let pairs = [
            ("t_ns", Some(last.t_ns), Some(self.t_ns)),
            ("received", Some(last.received), Some(self.received)),
            ("bytes", last.bytes, self.bytes),
            ("wakeups", last.wakeups, self.wakeups),
        ];
        for (key, before, now) in pairs {
            if let (Some(before), Some(now)) = (before, now)
                && now < before
            {
                return Err(format!("`{key}` goes backwards, from {before} to {now}"));
            }
        }
        Ok(())
    }
}

/// Typed access to one JSON object.
struct Fields<'a>(&'a Map<String, Value>);

impl Fields<'_> {
    fn present(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    fn count(&self, key: &str) -> Result<Option<u64>, String> {
        let Some(value) = self.present(key) else { return Ok(None) };
        value
            .as_u64()
            .map(Some)
            .ok_or_else(|| format!("`{key}` is {value}, not an integer from 0 to 2^64 - 1"))
    }

    fn required(&self, key: &str) -> Result<u64, String> {
        self.count(key)?.ok_or_else(|| format!("the key `{key}` is missing"))
    }

    fn text(&self, key: &str) -> Result<Option<String>, String> {
        let Some(value) = self.present(key) else { return Ok(None) };
        value
            .as_str()
            .map(|text| Some(visible_line(text).into_owned()))
            .ok_or_else(|| format!("`{key}` is {value}, not a string"))
    }

    fn ids(&self, key: &str) -> Result<Vec<u64>, String> {
        let Some(value) = self.present(key) else { return Ok(Vec::new()) };
        let ids = value.as_array().and_then(|ids| ids.iter().map(Value::as_u64).collect());
        ids.ok_or_else(|| format!("`{key}` is {value}, not an array of integers"))
    }

    fn hello(&self) -> Result<Hello, String> {
        let protocol_version = self.count("protocol_version")?;
        let spoken =
            protocol_version.map_or("an unknown protocol".into(), |version| format!("protocol {version}"));
        if protocol_version != Some(PROTOCOL_VERSION) {
            return Err(format!("the runner speaks {spoken}, this supervisor protocol {PROTOCOL_VERSION}"));
        }
        Ok(Hello {
            protocol_version,
            implementation: self.text("implementation")?,
            framework: self.text("framework")?,
            framework_version: self.text("framework_version")?,
            pid: self.count("pid")?,
        })
    }

    fn ready(&self) -> Result<Ready, String> {
        let attach_target = self.text("attach_target")?;
        Ok(Ready {
            program_ids: self.ids("program_ids")?,
            map_ids: self.ids("map_ids")?,
            load_ns: self.count("load_ns")?,
            attach_ns: self.count("attach_ns")?,
            program_type: self.text("program_type")?,
            attach_target,
        })
    }

    fn counters(&self) -> Result<Counters, String> {
        Ok(Counters {
            t_ns: self.required("t_ns")?,
            received: self.required("received")?,
            bytes: self.count("bytes")?,
            wakeups: self.count("wakeups")?,
        })
    }

    fn summary(&self) -> Result<Summary, String> {
        let latency = self.histogram("latency")?;
        Ok(Summary {
            elapsed_ns: self.required("elapsed_ns")?,
            attempted: self.required("attempted")?,
            submitted: self.required("submitted")?,
            dropped: self.required("dropped")?,
            dropped_marks: self.required("dropped_marks")?,
            lost: self.count("lost")?,
            received: self.required("received")?,
            bytes: self.required("bytes")?,
            marks: self.required("marks")?,
            wakeups: self.count("wakeups")?,
            latency,
            rings: self.rings()?,
        })
    }

    fn rings(&self) -> Result<Option<Vec<RingSummary>>, String> {
        let Some(value) = self.present("rings") else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| format!("`rings` is {value}, not an array"))?;
        let ring = |(index, ring): (usize, &Value)| {
            let within = |reason: String| format!("`rings[{index}]`: {reason}");
            let object = ring.as_object().ok_or_else(|| within("not an object".into()))?;
            Fields(object).ring().map_err(within)
        };
        list.iter().enumerate().map(ring).collect::<Result<_, _>>().map(Some)
    }

    fn ring(&self) -> Result<RingSummary, String> {
        Ok(RingSummary {
            cpu: self.required("cpu")?,
            received: self.required("received")?,
            latency: self.histogram("latency")?,
        })
    }

    fn histogram(&self, key: &str) -> Result<Option<String>, String> {
        let text = self.text(key)?;
        if let Some(histogram) = &text {
            decode_histogram(histogram).map_err(|error| format!("`{key}`: {error}"))?;
        }
        Ok(text)
    }

    fn error(&self) -> Result<RunnerError, String> {
        Ok(RunnerError {
            kind: self.text("kind")?.ok_or("the key `kind` is missing")?,
            message: self.text("message")?.ok_or("the key `message` is missing")?,
            hint: self.text("hint")?,
        })
    }
}
