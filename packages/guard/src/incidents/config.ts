/**
 * The settings of `guard.yaml` about incidents.
 * @module
 */
import { z } from "zod"

/** Schema of `findings:`. */
export const FindingsConfig = z.strictObject({
  server: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null)
    .describe(
      "Address of the Nightlight server that incidents are delivered to; without one they stay in the workspace.",
    ),
  keyFile: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("File (0600) with a key of that server, scope `findings:push`."),
  maxRecords: z
    .int()
    .min(64)
    .max(10_000_000)
    .default(100_000)
    .describe(
      "Most incidents that wait for delivery or stay here; beyond them the guard refuses calls whose blocks it could not record.",
    ),
  maxBytes: z
    .int()
    .min(1_048_576)
    .max(1_099_511_627_776)
    .default(10_737_418_240)
    .describe("Most bytes of these incidents, including sealed copies."),
  reserveBytes: z
    .int()
    .min(0)
    .max(17_179_869_184)
    .default(67_108_864)
    .describe(
      "Disk space reserved for blocks in progress when the disk fills up; while it cannot be reserved, calls are refused.",
    ),
  perAccountDaily: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(500)
    .describe(
      "Incidents of one end user per day; beyond them the account's calls are refused until the day ends (UTC).",
    ),
  perKeyDaily: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(20_000)
    .describe("Incidents per day of a key's calls that name no end user."),
})

/** Checked settings of the incidents. */
export type FindingsConfig = z.infer<typeof FindingsConfig>
