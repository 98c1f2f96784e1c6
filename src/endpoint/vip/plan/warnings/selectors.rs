//! Device selectors that find nothing, or two things.

use crate::endpoint::vip::model::inputs::{Form, Inputs};
use crate::endpoint::vip::model::schema::names::DEVICE_SELECTOR;
use crate::endpoint::vip::model::selector::{PCI_ID, PHYSICAL, Selector};
use crate::framework::diagnostic::{Diagnostic, Diagnostics};
use crate::framework::path::Path;
use crate::framework::reader::Maybe;

/// Every warning about what a selector asks for.
pub fn warnings(inputs: &Inputs, diagnostics: &mut Diagnostics) {
    for (place, selector) in selectors(inputs) {
        if inputs.form == Maybe::Known(Form::Legacy) && selector.physical {
            diagnostics.push(Diagnostic::warning(
                place.attribute(PHYSICAL),
                "The selector never merges with the base configuration",
                "Talos never treats a selector with `physical` as equal to the same one in the base configuration: the \
                 link gets two entries. If the base configuration has this selector, select by another property.",
            ));
        }
        if selector.asks_virtio_for_a_pci_id() {
            diagnostics.push(Diagnostic::warning(
                place.attribute(PCI_ID),
                "A virtio device has no PCI id",
                "Talos reads the PCI id from the device that the network link is on, and with virtio that is not the \
                 PCI device: `pci_id` is empty there, and the selector matches nothing, without an error. Select by \
                 `permanent_addr` or `bus_path`, or by `driver = \"virtio_net\"` alone where a node has one such \
                 device.",
            ));
        }
    }
}

/// Those that are known, each with its place, in the order of the configuration.
fn selectors(inputs: &Inputs) -> Vec<(Path, Selector)> {
    let nodes = inputs.known_nodes().iter().map(|node| (node.path(), &node.link));
    let vips = inputs.additional.as_ref().known().into_iter().flatten();
    let vips = vips.filter_map(|vip| Some((vip.place(), vip.link.as_ref()?)));
    let all = std::iter::once((Path::root(), &inputs.common.link)).chain(nodes).chain(vips);
    all.filter_map(|(place, choice)| {
        Some((place.attribute(DEVICE_SELECTOR), choice.selector.clone().present()?.known()?))
    })
    .collect()
}
