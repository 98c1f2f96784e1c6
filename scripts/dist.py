#!/usr/bin/env python3
"""Makes release files in the naming that the Terraform and OpenTofu registries read.

  dist.py check VERSION                      ends with an error where that is not the version of Cargo.toml
  dist.py zip BINARY TRIPLE VERSION FOLDER   FOLDER/NAME_VERSION_OS_ARCH.zip, for the target TRIPLE that BINARY was built for
  dist.py sums VERSION FOLDER                beside all zips of FOLDER: NAME_VERSION_manifest.json, NAME_VERSION_SHA256SUMS and, where
                                             GPG_FINGERPRINT names a key of gpg, NAME_VERSION_SHA256SUMS.sig

The same files give the same zip, byte for byte: nothing of the machine and of the time is in it.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

NAME = "terraform-provider-talosendpoint"
ROOT = pathlib.Path(__file__).resolve().parent.parent
SYSTEMS = {"linux": "linux", "apple": "darwin", "windows": "windows"}
PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}


def platform(triple):
    """`linux_amd64` for `x86_64-unknown-linux-gnu`."""
    parts = triple.split("-")
    system = next((SYSTEMS[part] for part in parts if part in SYSTEMS), None)
    if system is None or parts[0] not in PROCESSORS:
        sys.exit(f"{triple} is no platform of a release: it must be one of {', '.join(SYSTEMS)} on {', '.join(PROCESSORS)}")
    return f"{system}_{PROCESSORS[parts[0]]}"


def check(version):
    """A release has the version of the crate, which the program itself reports."""
    crate = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE).group(1)
    if version != crate:
        sys.exit(f"version {version!r} is not that of Cargo.toml, {crate}: set VERSION={crate}, or the version there")


def pack(binary, triple, version, folder):
    """One zip: the program, named as registries want it, and the licence."""
    place = platform(triple)
    suffix = ".exe" if place.startswith("windows_") else ""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{NAME}_{version}_{place}.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for name, source, mode in [("LICENSE", ROOT / "LICENSE", 0o644), (f"{NAME}_v{version}{suffix}", binary, 0o755)]:
            entry = zipfile.ZipInfo(name)  # its time is 1980-01-01
            entry.create_system = 3  # Unix, so that the mode counts
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, source.read_bytes(), compresslevel=9)
    print(target)


def sums(version, folder):
    """What a registry reads beside the zips."""
    zips = sorted(folder.glob(f"{NAME}_{version}_*.zip"))
    if not zips:
        sys.exit(f"{folder} has no {NAME}_{version}_*.zip")
    manifest = folder / f"{NAME}_{version}_manifest.json"
    shutil.copyfile(ROOT / "terraform-registry-manifest.json", manifest)
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in [*zips, manifest]]
    checksums = folder / f"{NAME}_{version}_SHA256SUMS"
    checksums.write_text("".join(sorted(lines, key=lambda line: line.split()[1])), newline="\n")
    print(checksums)
    key = os.environ.get("GPG_FINGERPRINT")
    signature = checksums.with_name(checksums.name + ".sig")
    signature.unlink(missing_ok=True)  # that of other checksums
    if key:
        subprocess.run(
            ["gpg", "--batch", "--yes", "--local-user", key, "--output", signature, "--detach-sign", checksums], check=True
        )
        print(signature)


def main(arguments):
    match arguments:
        case ["check", version]:
            check(version)
        case ["zip", binary, triple, version, folder]:
            check(version)
            pack(pathlib.Path(binary), triple, version, pathlib.Path(folder))
        case ["sums", version, folder]:
            check(version)
            sums(version, pathlib.Path(folder))
        case _:
            sys.exit(__doc__)


main(sys.argv[1:])
