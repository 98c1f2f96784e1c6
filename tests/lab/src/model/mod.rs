//! Checks recorded requests against the service models that botocore ships: stand-ins accept almost anything, AWS
//! doesn't.

mod pattern;
mod shape;
mod tree;

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use flate2::read::GzDecoder;
use serde_json::Value;

use super::call::{Call, ELBV2};
use super::venv::Venv;
use shape::Checker;
use tree::Node;

/// What is wrong with one place of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The operation asked for.
    pub action: String,
    /// The parameter's full name, empty for the request as a whole.
    pub path: String,
    /// Which rule it breaks.
    pub kind: Kind,
    /// The value and the rule.
    pub detail: String,
}

/// The rules of a service model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No model was loaded for the service of the request's signature.
    UnknownService,
    /// The service has no such operation, or the version isn't the model's.
    UnknownOperation,
    /// The operation has no such parameter.
    UnknownMember,
    /// A required parameter isn't there.
    MissingMember,
    /// Not a number, boolean, list (numbered from 1 without a gap) or structure where one is wanted.
    WrongType,
    /// Too small a number, too short a string, too few elements.
    BelowMinimum,
    /// Too large a number, too long a string, too many elements.
    AboveMaximum,
    /// None of the allowed words.
    NotInEnum,
    /// The string's form is not the pattern's.
    PatternMismatch,
    /// The model's pattern can't be compiled here, so the value was not checked.
    PatternUnusable,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { action, path, kind, detail } = self;
        write!(f, "{action} {path}: {kind:?}: {detail}")
    }
}

/// The model of one service.
pub struct Model {
    document: Value,
    /// Compiled once per pattern; `None` where that fails.
    patterns: Mutex<HashMap<String, Option<regex::Regex>>>,
}

impl Model {
    /// Loads the model of a service by its name in a credential scope: `elasticloadbalancing` (version 2),
    /// `sts` or `ec2`.
    ///
    /// # Panics
    /// When botocore has no such model.
    pub fn load(venv: &Venv, service: &str) -> Model {
        let folder = match service {
            ELBV2 => "elbv2/2015-12-01",
            "sts" => "sts/2011-06-15",
            "ec2" => "ec2/2016-11-15",
            other => panic!("the lab knows no model for {other}"),
        };
        let folder = venv.botocore_data().join(folder);
        Model::from_json(&read(&folder))
    }

    /// A model from botocore's JSON.
    pub fn from_json(json: &str) -> Model {
        Model { document: serde_json::from_str(json).unwrap(), patterns: Mutex::default() }
    }

    /// Everything that is wrong with a request; empty when AWS would accept its form.
    pub fn check(&self, call: &Call) -> Vec<Violation> {
        let violation =
            |kind, detail| vec![Violation { action: call.action.clone(), path: String::new(), kind, detail }];
        let Some(operation) = self.document["operations"].get(&call.action) else {
            return violation(Kind::UnknownOperation, "no such operation".to_owned());
        };
        let version = self.document["metadata"]["apiVersion"].as_str();
        if version != Some(call.version.as_str()) {
            let detail = format!("version {:?} instead of {version:?}", call.version);
            return violation(Kind::UnknownOperation, detail);
        }
        let mut checker = Checker::new(self, &call.action);
        let root = Node::from_params(&call.params);
        match operation["input"]["shape"].as_str() {
            Some(shape) => checker.structure(&root, shape, ""),
            None => checker.nothing_in(&root),
        }
        checker.violations
    }

    fn shape(&self, name: &str) -> &Value {
        &self.document["shapes"][name]
    }

    fn is_ec2(&self) -> bool {
        self.document["metadata"]["protocol"] == "ec2"
    }

    /// Whether all of `text` has the pattern's form; `None` when the pattern can't be used.
    fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        let mut patterns = self.patterns.lock().unwrap();
        let compiled = patterns.entry(pattern.to_owned()).or_insert_with(|| pattern::compile(pattern).ok());
        compiled.as_ref().map(|regex| regex.is_match(text))
    }
}

/// The models of every service that the provider talks to, each loaded when its first request is checked: EC2's alone
/// takes a second.
pub struct Models {
    venv: Venv,
    by_service: [(&'static str, OnceLock<Model>); 3],
}

impl Models {
    /// Of ELBv2, STS and EC2; each is read at its first call, and once in the whole program.
    pub fn load(venv: &Venv) -> &'static Models {
        static LOADED: OnceLock<Models> = OnceLock::new();
        let by_service = || [ELBV2, "sts", "ec2"].map(|service| (service, OnceLock::new()));
        LOADED.get_or_init(|| Models { venv: venv.clone(), by_service: by_service() })
    }

    /// Everything that is wrong with any of the requests.
    pub fn check(&self, calls: &[Call]) -> Vec<Violation> {
        let each = calls.iter();
        each.flat_map(|call| match self.of(&call.service) {
            Some(model) => model.check(call),
            None => vec![Violation {
                action: call.action.clone(),
                path: String::new(),
                kind: Kind::UnknownService,
                detail: format!("service {:?}", call.service),
            }],
        })
        .collect()
    }

    fn of(&self, service: &str) -> Option<&Model> {
        let mut known = self.by_service.iter();
        let (name, model) = known.find(|(name, _)| *name == service)?;
        Some(model.get_or_init(|| Model::load(&self.venv, name)))
    }

    /// # Panics
    /// With the list of what is wrong, if anything is.
    #[track_caller]
    pub fn assert_valid(&self, calls: &[Call]) {
        let violations = self.check(calls);
        let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "invalid requests:\n{}", lines.join("\n"));
    }
}

/// Newer botocore ships its models gzipped, older ones plain.
fn read(folder: &Path) -> String {
    let mut json = String::new();
    let zipped = folder.join("service-2.json.gz");
    if zipped.exists() {
        let file = File::open(zipped).unwrap();
        GzDecoder::new(file).read_to_string(&mut json).unwrap();
    } else {
        let file = File::open(folder.join("service-2.json"));
        file.unwrap().read_to_string(&mut json).unwrap();
    }
    json
}
