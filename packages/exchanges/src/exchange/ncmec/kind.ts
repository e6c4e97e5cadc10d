import { compact } from "@nightlight/core"
import { z } from "zod"
import type { ExchangeKind } from "../exchange-kind.ts"
import { NcmecExchange } from "./client.ts"
import { NCMEC_ENVIRONMENTS, ncmecEnvironments } from "./environments.ts"

const Settings = z.strictObject({
  environment: z.enum(ncmecEnvironments),
  /** The exchange's production or test host. */
  host: z.enum(["production", "test"]),
  /** Replaces the environment's address, without `/v2`. */
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
})

const Credentials = z.strictObject({ username: z.string().min(1), password: z.string().min(1) })

/** NCMEC's hash sharing. */
export const ncmec: ExchangeKind<z.infer<typeof Settings>, z.infer<typeof Credentials>> = {
  title: "NCMEC hash sharing",
  verified:
    "Addresses, entries, paging, tombstones, votes and their reasons follow NCMEC's published pages and a public client. The simulator follows the same sources; the service itself was never called. Large fingerprints are counted, not downloaded; entries are not submitted.",
  settings: Settings,
  credentials: Credentials,
  open: ({ environment, host, baseUrl }, { username, password }, { clock, certificateAuthorities, timeoutMs }) =>
    new NcmecExchange(
      compact({
        base: baseUrl ?? NCMEC_ENVIRONMENTS[environment][host],
        username,
        password,
        clock,
        certificateAuthorities,
        timeoutMs,
      }),
    ),
}
