export { isPublicUnicast } from "./address/public-unicast.ts"
export type { LoopbackEndpoint } from "./check-addresses.ts"
export { createEgress, type Egress, type EgressOptions, type FetchedHead, type FetchOptions } from "./egress.ts"
export { EGRESS_LIMITS, type EgressLimits } from "./limits.ts"
export {
  createOperatorEgress,
  type OperatorAnswer,
  type OperatorBody,
  type OperatorEgress,
  type OperatorEgressOptions,
  type PostOptions,
} from "./operator.ts"
export type { EgressEntry } from "./operator-entry.ts"
export { type DnsResolverOptions, dnsResolver, type Resolver } from "./resolve.ts"
