//! What the tests share: replicas of one store, documents written by hand, digests computed from the text.

use reconcile::{
    Class, Config, Flag, Hooks, Injected, Memory, Policy, Replica, Result, Schema, Snapshot,
    Storage, Table, Writer,
};
use sha2::{Digest as _, Sha256};

pub type Engine = Replica<Memory, Injected>;

/// Members `a`, `b` and `c`. Keys with the prefix `m` are multi-value, keys with the prefix `c` are counters.
pub fn table() -> Table {
    let members = ["a", "b", "c"].map(|name| Writer::new(name.as_bytes()).expect("a writer"));
    let policies = [
        (b"m".to_vec(), Policy::Multi),
        (b"c".to_vec(), Policy::Counter),
    ];
    Table::new(members, policies).expect("a table")
}

pub fn config(name: &str, schema: Schema) -> Config {
    let writer = Writer::new(name.as_bytes()).expect("a writer");
    Config {
        writer,
        table: table(),
        schema,
        flag: Flag::Off,
    }
}

pub fn open(name: &str) -> Engine {
    open_at(name, Schema::Three)
}

pub fn open_at(name: &str, schema: Schema) -> Engine {
    open_on(Memory::default(), name, schema)
}

pub fn open_on(storage: Memory, name: &str, schema: Schema) -> Engine {
    Replica::open_with(storage, config(name, schema), Injected(None)).expect("the replica opens")
}

/// All operations that are not queries.
pub const STEPS: [&str; 10] = [
    "put",
    "delete",
    "increase",
    "tick",
    "rollback",
    "reconcile",
    "import",
    "gc",
    "migrate",
    "set_flag",
];

/// A replica on which each of the steps is accepted and changes something, its peer, and an earlier snapshot of it.
pub fn scene() -> (Engine, Engine, Snapshot) {
    let [mut a, mut b, mut c] = ["a", "b", "c"].map(open);
    let snapshot = a.snapshot();
    a.put(b"k", &[1], None, 1000).unwrap();
    a.increase(b"c", 1, 1000).unwrap();
    a.put(b"l", &[1], None, 1000).unwrap();
    a.delete(b"l", 1000).unwrap();
    for other in [&mut b, &mut c] {
        other.reconcile(&a, 1000).unwrap();
        a.reconcile(other, 1000).unwrap();
    }
    b.put(b"m", &[1], None, 1000).unwrap();
    (a, b, snapshot)
}

/// Takes the step of the scene with a name.
pub fn take<S: Storage, H: Hooks>(
    step: &str,
    a: &mut Replica<S, H>,
    b: &Engine,
    snapshot: &Snapshot,
) -> Result<()> {
    match step {
        "put" => a.put(b"k", &[9], None, 2000).map(drop),
        "delete" => a.delete(b"k", 2000).map(drop),
        "increase" => a.increase(b"c", 1, 2000).map(drop),
        "tick" => a.tick(2000).map(drop),
        "rollback" => a.rollback(snapshot).map(drop),
        "reconcile" => a.reconcile(b, 2000).map(drop),
        "import" => a.import(&b.export(), 2000).map(drop),
        "gc" => a.gc(None).map(|removed| assert_eq!(removed, 1)),
        "migrate" => a.migrate(2, "r", "a").map(drop),
        "set_flag" => a.set_flag(Flag::On),
        _ => panic!("{step} is not a step"),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Asserts that a step was rejected, with a class, and a path, offset, expected, got and hint.
#[track_caller]
pub fn assert_rejected<T>(result: Result<T>, class: Class, detail: (&str, u64, &str, &str, &str)) {
    let Err(rejection) = result else {
        panic!("the step was accepted")
    };
    let found = (
        rejection.path.as_str(),
        rejection.offset,
        rejection.expected.as_str(),
        rejection.got.as_str(),
        rejection.hint,
    );
    assert_eq!((rejection.class, found), (class, detail));
}

/// The outcome of a step, as the golden files contain it.
pub fn summary<T>(outcome: &Result<T>) -> String {
    match outcome {
        Ok(_) => "accepted".to_owned(),
        Err(rejection) => format!("{} at {}", rejection.class, rejection.path),
    }
}

/// Everything of a replica that a failed step must not change.
pub fn whole<H: Hooks>(replica: &Replica<Memory, H>) -> (Vec<u8>, String, Vec<u8>) {
    let local = format!("{:?}", replica.state().local);
    (replica.export(), local, replica.storage().bytes().to_vec())
}

/// An item, or bytes that may be malformed.
#[derive(Clone, Debug)]
pub enum Item {
    Uint(u64),
    Bytes(Vec<u8>),
    Text(&'static str),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
    Raw(Vec<u8>),
}

pub use Item::{Array, Map, Raw, Text, Uint};

pub fn bytes(content: impl AsRef<[u8]>) -> Item {
    Item::Bytes(content.as_ref().to_vec())
}

pub fn head(major: u8, argument: u64) -> Vec<u8> {
    let wide = argument.to_be_bytes();
    let (info, from) = match argument {
        0..24 => return vec![major << 5 | argument as u8],
        24..256 => (24, 7),
        256..65536 => (25, 6),
        65536..0x1_0000_0000 => (26, 4),
        _ => (27, 0),
    };
    [&[major << 5 | info], &wide[from..]].concat()
}

impl Item {
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Uint(number) => head(0, *number),
            Self::Bytes(content) => [head(2, content.len() as u64), content.clone()].concat(),
            Text(content) => [head(3, content.len() as u64), content.as_bytes().to_vec()].concat(),
            Array(items) => {
                let items = items.iter().map(Item::encode).collect::<Vec<_>>();
                [head(4, items.len() as u64), items.concat()].concat()
            }
            Map(pairs) => {
                let pairs: Vec<_> = pairs
                    .iter()
                    .map(|(key, value)| [key.encode(), value.encode()].concat())
                    .collect();
                [head(5, pairs.len() as u64), pairs.concat()].concat()
            }
            Raw(bytes) => bytes.clone(),
        }
    }
}

pub fn map(fields: impl IntoIterator<Item = (u64, Item)>) -> Item {
    Map(fields
        .into_iter()
        .map(|(field, content)| (Uint(field), content))
        .collect())
}

/// A message with a kind, a schema and a body.
pub fn message(kind: u8, schema: u8, body: &[u8]) -> Vec<u8> {
    [b"DCR1", &[kind, schema, 0, 0][..], body].concat()
}

/// An entry that is written by hand.
#[derive(Clone, Debug)]
pub struct Write {
    pub origin: Vec<u8>,
    pub counter: u64,
    pub clock: (u64, u16),
    pub value: Option<Vec<u8>>,
    pub schema: u8,
    pub label: Option<&'static str>,
    pub extras: Vec<(u8, Vec<u8>)>,
}

/// A put by a writer in its first epoch.
pub fn put(writer: &str, counter: u64, clock: u64, value: &[u8]) -> Write {
    Write {
        origin: origin(writer, 0),
        counter,
        clock: (clock, 0),
        value: Some(value.to_vec()),
        schema: 3,
        label: None,
        extras: Vec::new(),
    }
}

pub fn tombstone(writer: &str, counter: u64, clock: u64) -> Write {
    Write {
        value: None,
        ..put(writer, counter, clock, b"")
    }
}

pub fn origin(writer: &str, epoch: u32) -> Vec<u8> {
    [writer.as_bytes(), &epoch.to_be_bytes()].concat()
}

pub fn clock_bytes((physical, logical): (u64, u16)) -> [u8; 8] {
    (physical << 16 | u64::from(logical)).to_be_bytes()
}

impl Write {
    /// The fields of the entry at a schema.
    pub fn fields(&self, schema: u8) -> Vec<(u64, Item)> {
        let mut fields = vec![(0, bytes(&self.origin)), (1, Uint(self.counter))];
        if schema < 3 {
            fields.push((2, bytes(clock_bytes(self.clock))));
        }
        fields.push((3, Uint(u64::from(self.value.is_none()))));
        match &self.value {
            Some(value) => fields.push((4, Raw(value.clone()))),
            None if schema == 1 => fields.push((4, Raw(vec![0xf6]))),
            None => {}
        }
        fields.push((5, Uint(self.schema.into())));
        fields.extend(self.label.map(|label| (6, Text(label))));
        if schema == 3 {
            fields.extend([(7, Uint(self.clock.0)), (8, Uint(self.clock.1.into()))]);
        }
        fields.extend(
            self.extras
                .iter()
                .map(|(field, item)| (u64::from(*field), Raw(item.clone()))),
        );
        fields
    }
}

/// A document that is written by hand.
#[derive(Clone, Debug)]
pub struct Doc {
    pub schema: u8,
    pub writer: &'static str,
    pub epoch: u32,
    pub clock: (u64, u16),
    pub vector: Vec<(Vec<u8>, u64)>,
    pub watermark: Vec<(Vec<u8>, u64)>,
    pub keys: Vec<(Vec<u8>, Vec<Write>)>,
}

/// A document of `b` at schema 3 with keys. Its vector and its clock cover their entries.
pub fn doc(keys: &[(&str, &[Write])]) -> Doc {
    let writes = || keys.iter().flat_map(|(_, writes)| writes.iter());
    let mut vector = std::collections::BTreeMap::new();
    for write in writes() {
        let counter = vector.entry(write.origin.clone()).or_insert(0);
        *counter = write.counter.max(*counter);
    }
    Doc {
        schema: 3,
        writer: "b",
        epoch: 0,
        clock: writes().map(|write| write.clock).max().unwrap_or_default(),
        vector: vector.into_iter().collect(),
        watermark: Vec::new(),
        keys: keys
            .iter()
            .map(|(key, writes)| (key.as_bytes().to_vec(), writes.to_vec()))
            .collect(),
    }
}

pub fn vector_item(vector: &[(Vec<u8>, u64)]) -> Item {
    let mut vector = vector.to_vec();
    vector.sort_by_key(|(origin, _)| bytes(origin).encode());
    Map(vector
        .into_iter()
        .map(|(origin, counter)| (bytes(origin), Uint(counter)))
        .collect())
}

impl Doc {
    pub fn fields(&self) -> Vec<(u64, Item)> {
        let mut keys = self.keys.clone();
        keys.sort_by_key(|(key, _)| bytes(key).encode());
        let entries = |writes: &[Write]| {
            Array(
                writes
                    .iter()
                    .map(|write| map(write.fields(self.schema)))
                    .collect(),
            )
        };
        let keys = keys
            .iter()
            .map(|(key, writes)| (bytes(key), entries(writes)))
            .collect();
        vec![
            (0, bytes(self.writer)),
            (1, Uint(self.epoch.into())),
            (2, bytes(clock_bytes(self.clock))),
            (3, vector_item(&self.vector)),
            (4, vector_item(&self.watermark)),
            (5, Map(keys)),
            (6, bytes(self.digest())),
        ]
    }

    pub fn encode(&self) -> Vec<u8> {
        message(1, self.schema, &map(self.fields()).encode())
    }

    /// The state digest, computed as section 6 defines it.
    pub fn digest(&self) -> [u8; 32] {
        let mut keys = self.keys.clone();
        keys.sort_by(|(a, _), (b, _)| a.cmp(b));
        let hashed: Vec<_> = keys
            .iter()
            .map(|(key, writes)| (key.clone(), key_hash(key, writes)))
            .collect();
        let (vector, watermark) = (
            vector_item(&self.vector).encode(),
            vector_item(&self.watermark).encode(),
        );
        hash(
            "reconcile/state",
            &[&node(&hashed, 0), &l(&vector)[..], &l(&watermark)].concat(),
        )
    }
}

pub fn hash(tag: &str, content: &[u8]) -> [u8; 32] {
    Sha256::digest([tag.as_bytes(), &[0], content].concat()).into()
}

pub fn l(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32).to_be_bytes(), content].concat()
}

pub fn key_hash(key: &[u8], writes: &[Write]) -> [u8; 32] {
    let mut content = [l(key), (writes.len() as u32).to_be_bytes().to_vec()].concat();
    for write in writes {
        content.extend(entry_hash(key, write));
    }
    hash("reconcile/key", &content)
}

pub fn entry_hash(key: &[u8], write: &Write) -> [u8; 32] {
    let mut content = [
        l(key),
        l(&write.origin),
        write.counter.to_be_bytes().to_vec(),
        clock_bytes(write.clock).to_vec(),
        vec![u8::from(write.value.is_none())],
        l(write.value.as_deref().unwrap_or_default()),
        vec![write.schema, u8::from(write.label.is_some())],
        l(write.label.unwrap_or_default().as_bytes()),
        (write.extras.len() as u16).to_be_bytes().to_vec(),
    ]
    .concat();
    for (field, item) in &write.extras {
        content.push(*field);
        content.extend(l(item));
    }
    hash("reconcile/entry", &content)
}

pub fn node(keys: &[(Vec<u8>, [u8; 32])], depth: usize) -> [u8; 32] {
    if keys.len() <= 16 {
        let mut content = (keys.len() as u32).to_be_bytes().to_vec();
        for (key, hash) in keys {
            content.extend([l(key), hash.to_vec()].concat());
        }
        return hash("reconcile/leaf", &content);
    }
    let half = |key: &[u8]| {
        let path = hash("reconcile/path", key)[depth / 2];
        if depth % 2 == 0 { path >> 4 } else { path & 15 }
    };
    let children = (0..16).map(|child| {
        let under: Vec<_> = keys
            .iter()
            .filter(|(key, _)| half(key) == child)
            .cloned()
            .collect();
        node(&under, depth + 1)
    });
    hash("reconcile/branch", &children.collect::<Vec<_>>().concat())
}
