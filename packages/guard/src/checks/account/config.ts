import { z } from "zod"
import { ENDPOINT_NAMES } from "../../inspect/surface.ts"

const Name = z.string().regex(/^[a-z0-9-]{1,40}$/)

/** One rule: all that it names must hold. */
const AccountRule = z
  .strictObject({
    name: Name,
    /** Age bands that the operator's channel said. */
    ageBands: z
      .array(z.enum(["adult", "minor", "unknown_young", "unknown"]))
      .min(1)
      .exactOptional(),
    /** Blocks with decay, at least so many. */
    minHeat: z.number().positive().max(1_000).exactOptional(),
    /** Endpoints it is about; all unless given. */
    endpoints: z.array(z.enum(ENDPOINT_NAMES)).min(1).exactOptional(),
    decision: z.enum(["clear", "review", "block"]).default("block"),
    /** Recorded and counted, and changes nothing. */
    shadow: z.boolean().default(false),
  })
  .refine(({ ageBands, minHeat }) => ageBands !== undefined || minHeat !== undefined, {
    message: "a rule needs age bands or a heat",
  })

/** `kind: account`: what an end user's standing allows, by what signed headers said of them. */
export const AccountConfig = z.strictObject({
  kind: z.literal("account"),
  name: Name,
  directions: z
    .array(z.enum(["input", "output"]))
    .min(1)
    .default(["input"]),
  rules: z.array(AccountRule).min(1).max(100),
  deadlineSeconds: z.number().positive().max(60).default(1),
})

/** One such check. */
export type AccountConfig = z.infer<typeof AccountConfig>
