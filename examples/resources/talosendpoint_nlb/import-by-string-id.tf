# By name, in the provider's region; or by ARN, which names its region too.
import {
  to = talosendpoint_nlb.internal
  id = "prod-talos-api-nlb"
}
