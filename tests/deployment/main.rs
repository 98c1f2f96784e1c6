//! `talosendpoint_haproxy_deployment` under the real CLI: the real sshd, HAProxy and Keepalived on hosts of their own in a small network,
//! with a stand-in for `systemctl`.
//!
//! Needs root, Linux and these programs; without them the tests say that they are skipped.

// The lints' exceptions for tests cover test functions only, not what they share.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

mod needed;
mod rig;
mod configuration;
mod life;
mod faults;
mod early_end;
mod errors;
mod access;
mod preparation;
mod departure;
mod adoption;
mod renaming;
mod rolling;

/// Tests at once on two processors: they wait most of the time, for elections of virtual IPs and for hosts.
const AT_ONCE: usize = 4;

/// A test that isn't named here is code that nobody calls, which the lints refuse.
macro_rules! trials {
    ($($module:ident: $($test:ident)*;)*) => {
        vec![$($(trial(concat!(stringify!($module), "::", stringify!($test)), $module::$test)),*),*]
    };
}

fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

fn main() -> ExitCode {
    lab::network::agent::if_inside();
    let mut arguments = Arguments::from_args();
    if std::env::var_os("RUST_TEST_THREADS").is_none() {
        arguments.test_threads.get_or_insert(AT_ONCE);
    }
    // The longest first, and last the one that measures: it has the machine to itself then.
    let trials = trials! {
        early_end: a_run_that_ends_early_at_any_step_leaves_the_old_or_the_new;
        faults: a_reload_that_fails_is_taken_back_on_that_host a_connection_that_ends_is_made_again_to_confirm
            a_host_that_is_lost_in_the_middle_takes_its_change_back a_run_folder_that_is_full_is_told
            a_file_that_one_host_refuses_is_used_on_none a_lost_or_damaged_record_is_seen_and_never_an_end_in_silence
            a_host_that_is_down_stops_the_run_unless_it_may_be_missing a_run_whose_lock_fell_changes_nothing
            two_runs_at_once_leave_one_configuration a_disk_that_is_full_or_read_only_is_told_and_changes_nothing;
        life: files_are_deployed_changed_repaired_and_removed;
        renaming: a_vip_whose_change_failed_can_be_taken_back_and_tried_again
            a_destroy_after_a_vip_whose_change_failed_leaves_nothing;
        departure: a_host_that_leaves_gets_back_what_it_had_and_one_left_alone_has_no_keepalived
            another_name_or_address_of_a_machine_is_no_departure;
        adoption: what_another_deployment_adopts_is_no_longer_the_first_ones what_cloud_init_wrote_is_taken_over
            a_create_over_an_old_record_asks_for_what_somebody_wrote_since;
        errors: each_error_is_told_with_its_cure_and_changes_nothing keys_of_every_source_let_in_and_are_found_nowhere;
        access: keys_of_the_agent_and_certificates_let_in a_bastion_leads_to_hosts_that_are_reached_by_it_only;
        preparation: dnf_and_zypper_install_and_selinux_lets_the_ports apt_is_waited_for_and_installs
            a_firewall_in_the_way_is_reported_with_its_commands;
        rolling: a_rolling_change_cuts_no_connection_and_keeps_the_vip;
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}
