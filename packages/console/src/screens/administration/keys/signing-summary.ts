import type { PeopleSigning } from "@nightlight/contract/server"
import type { SchemaOutput } from "../../../api/schema-output.ts"
import { administration as say } from "../words.ts"

/** The keys that people sign with. */
export type Signing = SchemaOutput<typeof PeopleSigning>

/** How many people sign without fingerprint, face or PIN, and which documents need a passkey. */
export function summaryOf({ people, require }: Signing): string {
  const kept = people.filter(({ by }) => by === "kept-key").length
  const needed = require.map((kind) => say.signing.kinds[kind])
  return `${say.signing.summary(people.length, kept)} ${needed.length === 0 ? say.signing.requireNone : say.signing.requires(needed.join(", "))}`
}
