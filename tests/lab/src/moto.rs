//! One moto server per test: AWS's EC2, ELBv2 and STS in memory.

use std::sync::OnceLock;

use super::http;
use super::inventory::Inventory;
use super::python_server::{ForkServer, PythonServer};
use super::venv::Venv;

/// Otherwise each server would load them at its first request.
const LOAD: &str = "\
import moto.ec2.models, moto.elbv2.models, moto.sts.models
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
# AWS makes what says nothing internet-facing; moto leaves the scheme out of its answers then.
create = moto.elbv2.models.ELBv2Backend.create_load_balancer
def with_scheme(self, *given, **named):
    named['scheme'] = named.get('scheme') or 'internet-facing'
    return create(self, *given, **named)
moto.elbv2.models.ELBv2Backend.create_load_balancer = with_scheme
";

/// What moto's own program does, on a socket that listens already. Its random numbers are a fork's own: ids of two servers must not be
/// the same.
const SERVE: &str = "mock_random.seed(); make_server('127.0.0.1', port, DomainDispatcherApplication(create_backend_app), threaded=True, fd=fd).serve_forever()";

/// A moto server of one's own; it ends with this value.
pub struct Moto(PythonServer);

impl Moto {
    /// Starts a server and waits until it answers. `venv` is [`Venv::get`]'s.
    pub fn start(venv: &Venv) -> Moto {
        static FORKS: OnceLock<ForkServer> = OnceLock::new();
        Moto(PythonServer::start(FORKS.get_or_init(|| ForkServer::start(venv, LOAD, SERVE))))
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// Everything that ELBv2 holds. Asking is itself a Describe: moto's load balancers become `active` by it.
    pub fn inventory(&self) -> Inventory {
        Inventory::of(self.url())
    }

    /// The default VPC and its subnets.
    pub fn network(&self) -> Network {
        Network::of(self.url())
    }

    /// The same in another region than the default one.
    pub fn network_in(&self, region: &str) -> Network {
        Network::in_region(self.url(), region)
    }

    /// Starts an EC2 instance in a subnet and gives its id; moto has it `running` at once.
    pub fn run_instance(&self, subnet_id: &str) -> String {
        let answer = http::query(
            self.url(),
            "ec2",
            "RunInstances",
            &[
                ("ImageId", "ami-12c6146b"),
                ("MinCount", "1"),
                ("MaxCount", "1"),
                ("InstanceType", "t3.micro"),
                ("SubnetId", subnet_id),
            ],
        );
        let instances = answer.xml.members("instancesSet");
        instances[0].text_of("instanceId").unwrap().to_owned()
    }

    /// Makes a security group in the default VPC and gives its id.
    pub fn security_group(&self, name: &str) -> String {
        let vpc = self.network().vpc_id;
        let params = [("GroupName", name), ("GroupDescription", "made for a test"), ("VpcId", vpc.as_str())];
        let answer = http::query(self.url(), "ec2", "CreateSecurityGroup", &params);
        answer.xml.text_of("groupId").unwrap().to_owned()
    }
}

/// What a load balancer needs to stand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The default VPC.
    pub vpc_id: String,
    /// Its subnets, by zone.
    pub subnets: Vec<Subnet>,
}

/// A subnet and its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// `us-east-1a`
    pub zone: String,
}

impl Network {
    /// Asks EC2's DescribeVpcs and DescribeSubnets at `base`.
    pub fn of(base: &str) -> Network {
        Network::in_region(base, http::region_of(base))
    }

    fn in_region(base: &str, region: &str) -> Network {
        let vpcs = http::query_in(region, http::OBSERVER, base, "ec2", "DescribeVpcs", &[]);
        let is_default = |vpc: &&super::xml::Element| vpc.text_of("isDefault") == Some("true");
        let vpcs = vpcs.xml.members("vpcSet");
        let vpc = vpcs.iter().find(is_default).expect("a default VPC");
        let vpc_id = vpc.text_of("vpcId").unwrap().to_owned();
        let answer = http::query_in(region, http::OBSERVER, base, "ec2", "DescribeSubnets", &[]);
        let all = answer.xml.members("subnetSet").iter();
        let ours = all.filter(|subnet| subnet.text_of("vpcId") == Some(&vpc_id));
        let mut subnets: Vec<Subnet> = ours
            .map(|subnet| Subnet {
                id: subnet.text_of("subnetId").unwrap().to_owned(),
                zone: subnet.text_of("availabilityZone").unwrap().to_owned(),
            })
            .collect();
        subnets.sort_by(|left, right| left.zone.cmp(&right.zone));
        Network { vpc_id, subnets }
    }
}
