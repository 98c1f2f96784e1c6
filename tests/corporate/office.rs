//! What these tests stand on: one moto for all of them, and for each a recording proxy before it and a workspace with one NLB.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use lab::call::ELBV2;
use lab::connect::ConnectProxy;
use lab::moto::Moto;
use lab::process::Outcome;
use lab::programs;
use lab::proxy::Proxy;
use lab::skip::Missing;
use lab::terraform::{REQUIRED, Workspace, provider};
use lab::tls::{Authority, Front};
use lab::venv::Venv;

/// A region of the tests' own, so that the lab's default can't be taken for it.
pub const REGION: &str = "eu-central-1";

/// Where requests of the load balancer go that aren't told otherwise.
pub const ELB: &str = "elasticloadbalancing.eu-central-1.amazonaws.com";
/// The same for STS.
pub const STS: &str = "sts.eu-central-1.amazonaws.com";

/// A workspace before moto.
pub struct Office {
    /// What the provider asked.
    pub record: Proxy,
    /// Where Terraform runs.
    pub terraform: Workspace,
    name: String,
}

impl Office {
    /// With the lab's keys in the environment, and every service at the recording proxy.
    pub fn open() -> Result<Office, Missing> {
        let program = programs::terraform()?;
        let record = Proxy::start(moto()?.url());
        let terraform = Workspace::new(&program, &provider()).endpoint(&record.url()).env("AWS_REGION", REGION);
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("corp-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        Ok(Office { record, terraform, name })
    }

    /// One more environment variable.
    pub fn env(self, name: &str, value: &str) -> Office {
        Office { terraform: self.terraform.env(name, value), ..self }
    }

    /// One less.
    pub fn without(self, name: &str) -> Office {
        Office { terraform: self.terraform.without_env(name), ..self }
    }

    /// Without keys in the environment.
    pub fn keyless(self) -> Office {
        self.without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY")
    }

    /// The path of a file with this content in the workspace.
    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.terraform.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// Applies one NLB; `aws` is the content of the provider block's attribute.
    pub fn apply(&self, aws: &str) -> Outcome {
        let subnets = &moto().unwrap().network_in(REGION).subnets;
        let name = &self.name;
        self.terraform.main(&format!(
            "{REQUIRED}provider \"talosendpoint\" {{\n  aws = {{\n    {aws}\n  }}\n}}\n\
             resource \"talosendpoint_nlb\" \"this\" {{\n  name = {name:?}\n  subnet_ids = [{:?}, {:?}]\n}}\n",
            subnets[0].id, subnets[1].id,
        ));
        self.terraform.apply()
    }

    /// Applies, expects an error of this title, just one, and gives what was said on one line.
    #[track_caller]
    pub fn refused(&self, aws: &str, title: &str) -> String {
        let said = self.apply(aws).with_status(1).flat();
        assert!(said.contains(&format!("Error: {title}")), "{said}");
        assert_eq!(said.matches("Error: ").count(), 1, "{said}");
        said
    }

    /// The access keys with which the load balancer was asked, each once.
    pub fn keys(&self) -> Vec<String> {
        let calls = self.record.calls().into_iter().filter(|call| call.service == ELBV2);
        let mut keys: Vec<String> = calls.map(|call| call.access_key).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// The access keys that STS gave out, sorted.
    pub fn given_sorted(&self) -> Vec<String> {
        let mut given = self.given();
        given.sort();
        given
    }

    /// The access keys that STS gave out, in order.
    pub fn given(&self) -> Vec<String> {
        let answers = self.record.calls().into_iter().map(|call| call.response);
        let given = answers.filter_map(|answer| {
            let (_, rest) = answer.split_once("<AccessKeyId>")?;
            Some(rest.split_once('<')?.0.to_owned())
        });
        given.collect()
    }
}

/// An office whose way to AWS is a proxy, with TLS by an authority of its own at the other end.
pub struct Company {
    /// The workspace; HTTPS_PROXY is set.
    pub office: Office,
    /// Who signed the certificate of [`Company::front`].
    pub authority: Authority,
    /// The file with the authority's certificate.
    pub bundle: String,
    /// AWS: it has the names [`ELB`], [`STS`] and `elb.corp.test`, and the address 0.0.0.0.
    pub front: Front,
    /// The way there.
    pub proxy: ConnectProxy,
}

impl Company {
    /// AWS is where it is by default, behind the proxy.
    pub fn open() -> Result<Company, Missing> {
        let office = Office::open()?.without("AWS_ENDPOINT_URL");
        let authority = Authority::new();
        let bundle = authority.write_to(office.terraform.path()).display().to_string();
        let names = [ELB, STS, "elb.corp.test", "0.0.0.0"];
        let front = Front::start(&authority, &names, &office.record.url());
        let proxy = ConnectProxy::start();
        for name in [ELB, STS, "elb.corp.test"] {
            proxy.route(&format!("{name}:443"), front.address());
        }
        let office = office.env("HTTPS_PROXY", &proxy.url());
        Ok(Company { office, authority, bundle, front, proxy })
    }

    /// One more environment variable.
    pub fn env(self, name: &str, value: &str) -> Company {
        Company { office: self.office.env(name, value), ..self }
    }

    /// The bundle as an attribute of the provider block.
    pub fn trusting(&self) -> String {
        format!("custom_ca_bundle = {:?}", self.bundle)
    }
}

/// One for the whole program: the names differ. It ends with this process.
pub fn moto() -> Result<&'static Moto, Missing> {
    static MOTO: OnceLock<Result<Moto, Missing>> = OnceLock::new();
    MOTO.get_or_init(|| Ok(Moto::start(&Venv::get()?))).as_ref().map_err(Clone::clone)
}
