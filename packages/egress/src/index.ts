export { isPublicUnicast } from "./address/public-unicast.ts"
export type { LoopbackEndpoint } from "./check-addresses.ts"
export { createEgress, type Egress, type EgressOptions, type FetchedHead, type FetchOptions } from "./egress.ts"
export { EGRESS_LIMITS, type EgressLimits } from "./limits.ts"
export {
  type CallOptions,
  createOperatorEgress,
  type OperatorAnswer,
  type OperatorBody,
  type OperatorCall,
  type OperatorEgress,
  type OperatorEgressOptions,
} from "./operator.ts"
export type { EgressEntry } from "./operator-entry.ts"
export { type DnsResolverOptions, dnsResolver, type Resolver } from "./resolve.ts"
