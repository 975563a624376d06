/**
 * Requests to hosts that were checked: which hosts and addresses a policy lets pass, connections to those addresses, and one
 * HTTP exchange over them.
 *
 * @module
 */
export { addressesOf, type CheckedConnection, connect } from "./connect.ts";
export { exchange, HttpFailure, type HttpRequest, type HttpResponse } from "./http_exchange.ts";
export { canonicalAddress, specialUse, unmapped } from "./ip_address.ts";
export {
  type NetEntry,
  NetPolicy,
  type NetPolicyOptions,
  NetRefusal,
  parseNetEntry,
  portOf,
} from "./net_policy.ts";
export type { NetRequestInfo } from "./net_request.ts";
export {
  type NetHeaders,
  type NetHop,
  type NetResult,
  performRequest,
  type PerformRequestOptions,
} from "./request.ts";
