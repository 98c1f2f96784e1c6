//! What the pages show can be planned as it is written, and is warned of nothing.

use std::path::Path;

use lab::need;
use lab::programs;

use super::warned;
use crate::stage::{header, workspace};

/// The blocks of resources and local values in a page, one text for each resource.
fn resources(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("a page");
    let blocks =
        text.split("\n```").skip(1).step_by(2).map(|block| block.split_once('\n').map_or("", |(_, code)| code));
    let resource = |block: &str| {
        let from = block.find("resource \"talosendpoint_vip\"")?;
        let until = block[from..].find("\n}\n").map(|end| from + end + 3)?;
        Some(block[from..until].to_owned())
    };
    blocks.filter_map(|block| resource(&format!("{block}\n"))).collect()
}

#[test]
fn the_pages_show_what_is_warned_of_nothing() {
    let workspace = workspace(&need!(programs::terraform()));
    for page in ["docs/guides/getting-started-vip.md", "docs/guides/talos-provider.md", "docs/guides/vip-links.md"] {
        let found = resources(page);
        assert!(!found.is_empty(), "{page} shows no resource");
        for resource in found {
            workspace.main(&(header() + &resource));
            let said = workspace.plan().with_status(2).stdout;
            assert!(warned(&said).is_empty(), "{page}: {said}");
        }
    }
}
