//! `talosendpoint_haproxy_deployment` on machines that boot.
