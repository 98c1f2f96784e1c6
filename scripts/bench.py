"""The numbers of the guide's layout (1 load balancer, 3 groups, 3 listeners, 8 registrations of 5 nodes), ours beside a peer's.

Each figure is measured for both providers in the same run on the same server, so that the ratio holds on any machine."""

import json
import os
import pathlib
import resource
import re
import shutil
import subprocess
import sys
import threading
import time

import botocore.session

BENCH, BINARY = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
PEER = os.environ.get("TALOSENDPOINT_TEST_MIRROR") or None
NODES = {f"cp-{i}": f"i-0000000000000000{i}" for i in range(3)}
WORKERS = {f"wk-{i}": f"i-0000000000000001{i}" for i in range(2)}

OURS = """
terraform {
  required_providers {
    talosendpoint = { source = "talosendpoint/talosendpoint" }
  }
}
variable "subnets" { type = list(string) }
variable "vpc" { type = string }
variable "nodes" { type = map(string) }
variable "workers" { type = map(string) }
variable "endpoints" { type = number }
resource "talosendpoint_nlb" "this" {
  count            = var.endpoints
  name             = "bench-${count.index}"
  subnet_ids       = var.subnets
  worker_talos_api = { port = 50010 }
}
resource "talosendpoint_nlb_attachment" "control_plane" {
  for_each          = var.nodes
  target_id         = each.value
  target_group_arns = talosendpoint_nlb.this[0].control_plane_target_group_arns
}
resource "talosendpoint_nlb_attachment" "worker" {
  for_each          = var.workers
  target_id         = each.value
  target_group_arns = talosendpoint_nlb.this[0].worker_target_group_arns
}
"""

THEIRS = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
variable "subnets" { type = list(string) }
variable "vpc" { type = string }
variable "nodes" { type = map(string) }
variable "workers" { type = map(string) }
variable "endpoints" { type = number }
locals {
  listeners = {
    api     = { port = 6443, target = 6443, nodes = var.nodes }
    apid    = { port = 50000, target = 50000, nodes = var.nodes }
    wk-apid = { port = 50010, target = 50000, nodes = var.workers }
  }
  registrations = merge([for name, one in local.listeners : { for key, id in one.nodes : "${name}/${key}" => { group = name, id = id, port = one.target } }]...)
}
resource "aws_lb" "this" {
  name               = "peer-api-nlb"
  internal           = true
  load_balancer_type = "network"
  subnets            = var.subnets
}
resource "aws_lb_target_group" "this" {
  for_each             = local.listeners
  name                 = "peer-${each.key}-tg"
  port                 = each.value.target
  protocol             = "TCP"
  vpc_id               = var.vpc
  deregistration_delay = 30
  health_check {
    protocol = "TCP"
    interval = 10
    timeout  = 5
  }
}
resource "aws_lb_listener" "this" {
  for_each          = local.listeners
  load_balancer_arn = aws_lb.this.arn
  port              = each.value.port
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
}
resource "aws_lb_target_group_attachment" "this" {
  for_each         = local.registrations
  target_group_arn = aws_lb_target_group.this[each.value.group].arn
  target_id        = each.value.id
  port             = each.value.port
}
"""


class Moto:
    """One server for both; every request it gets is a line of its log."""

    def __init__(self):
        self.log = BENCH / "moto.log"
        code = 'from moto.server import main; main(["-H", "127.0.0.1", "-p", "0"])'
        self.process = subprocess.Popen([sys.executable, "-c", code], stdout=self.log.open("w"), stderr=subprocess.STDOUT)
        while not (found := re.search(r"Running on (http:\S+)", self.log.read_text())):
            if self.process.poll() is not None:
                sys.exit(self.log.read_text())
            time.sleep(0.05)
        self.url = found.group(1)

    def calls(self):
        return self.log.read_text().count('"POST ')


def environment(moto):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    return kept | {
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": moto.url, "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1",
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_CLI_CONFIG_FILE": str(BENCH / "cli.tfrc"),
    }


class Memory(threading.Thread):
    """The largest resident size of any process whose program's name begins with `name`."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.name_of_program, self.peak, self.over = name, 0, False

    def run(self):
        while not self.over:
            for status in pathlib.Path("/proc").glob("[0-9]*/status"):
                try:
                    if not os.readlink(status.parent / "exe").rsplit("/", 1)[-1].startswith(self.name_of_program):
                        continue
                    peak = re.search(r"VmHWM:\s+(\d+)", status.read_text())
                except OSError:
                    continue
                self.peak = max(self.peak, int(peak.group(1)) if peak else 0)
            time.sleep(0.01)


class Run:
    """One command: wall and CPU seconds, calls, and the provider's memory in MiB."""

    def __init__(self, moto, folder, program, *arguments):
        memory, calls = Memory(program), moto.calls()
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        memory.start()
        done = subprocess.run(["terraform", *arguments, "-no-color"], cwd=folder, env=environment(moto), capture_output=True, text=True)
        self.wall = time.monotonic() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        memory.over = True
        memory.join()
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.calls, self.memory = moto.calls() - calls, memory.peak / 1024


def measure(moto, name, configuration, program, endpoints=1):
    folder = BENCH / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "main.tf").write_text(configuration)
    client = botocore.session.get_session().create_client(
        "ec2", region_name="us-east-1", endpoint_url=moto.url, aws_access_key_id="bench", aws_secret_access_key="bench")
    subnets = client.describe_subnets()["Subnets"]
    (folder / "terraform.tfvars.json").write_text(json.dumps({
        "subnets": [subnet["SubnetId"] for subnet in subnets[:2]], "vpc": subnets[0]["VpcId"],
        "nodes": NODES, "workers": WORKERS, "endpoints": endpoints}))
    Run(moto, folder, program, "init")
    apply = Run(moto, folder, program, "apply", "-auto-approve")
    plans = [Run(moto, folder, program, "plan", "-detailed-exitcode") for _ in range(3)]
    Run(moto, folder, program, "destroy", "-auto-approve")
    return {
        "plan without changes, wall": (min(plan.wall for plan in plans), "s"),
        "plan without changes, CPU": (min(plan.cpu for plan in plans), "s"),
        "provider memory, peak": (max(plan.memory for plan in plans), "MiB"),
        "API calls in that plan": (plans[0].calls, ""),
        "apply from nothing": (apply.wall, "s"),
    }


def size(path):
    return path.stat().st_size / 2**20


def main():
    mirrors = f'filesystem_mirror {{\n    path = "{BENCH / "mirror"}"\n    include = ["registry.terraform.io/talosendpoint/talosendpoint"]\n  }}\n'
    if PEER:
        mirrors += f'  filesystem_mirror {{\n    path = "{PEER}"\n    include = ["registry.terraform.io/hashicorp/*"]\n  }}\n'
    (BENCH / "cli.tfrc").write_text(f"provider_installation {{\n  {mirrors}}}\n")
    moto = Moto()
    try:
        ours = measure(moto, "ours", OURS, "terraform-provider-talosendpoint")
        ours["program"] = (size(BINARY), "MiB")
        theirs = {}
        if PEER:
            theirs = measure(moto, "peer", THEIRS, "terraform-provider-aws")
            theirs["program"] = (max(size(path) for path in pathlib.Path(PEER).rglob("terraform-provider-aws_*")), "MiB")
        else:
            print("skipped: hashicorp/aws not found (TALOSENDPOINT_TEST_MIRROR)")
        fifty = measure(moto, "fifty", OURS, "terraform-provider-talosendpoint", endpoints=50)
    finally:
        moto.process.terminate()
    print(f'{"":30}{"ours":>12}{"peer":>12}{"peer/ours":>12}')
    for name, (value, unit) in ours.items():
        other = theirs.get(name)
        row = [f"{value:.2f} {unit}".strip(), f"{other[0]:.2f} {unit}".strip() if other else "-", f"{other[0] / value:.1f}" if other else "-"]
        print(f"{name:30}" + "".join(f"{cell:>12}" for cell in row))
    for name in ("plan without changes, wall", "API calls in that plan", "apply from nothing"):
        value, unit = fifty[name]
        print(f'{name + ", 50 endpoints":44}{value:10.2f} {unit}')


main()
