/**
 * How the custodian behaves if nothing isolates the decoder of evidence.
 * @module
 */
import type { CustodianState } from "@nightlight/contract/custodian"
import { DependencyError, isolationHint } from "@nightlight/core"
import { type DeriverOptions, findIsolation, knownIsolation } from "@nightlight/decoder"
import type { CustodianConfig } from "./config.ts"

type IsolationTerms = Pick<CustodianConfig, "decoder">

/** How evidence is decoded: isolated, unless the operator accepted by name that it is not. */
export function isolationFor({ decoder }: IsolationTerms): NonNullable<DeriverOptions["isolation"]> {
  return decoder.withoutIsolation === "accept" ? "auto" : "needed"
}

/**
 * Checks that a key is accepted only if the decoder of evidence is isolated, or the operator accepted by name that it
 * is not: a picture that takes over an unisolated decoder has everything that the custodian has.
 *
 * @throws {DependencyError} `decoder_not_isolated`; `decoder_unavailable` when no decoder starts at all.
 */
export async function assertIsolated({ decoder }: IsolationTerms): Promise<void> {
  if (decoder.withoutIsolation === "accept") {
    // Only for information: nothing depends on it.
    await findIsolation().catch(() => undefined)
    return
  }
  if ((await findIsolation()) !== "none") return
  throw new DependencyError(
    "decoder_not_isolated",
    "this system cannot isolate a decoder: the custodian stays locked",
    {
      hint: isolationHint("custodian.yaml"),
    },
  )
}

/**
 * Isolation of decoders here, and its consequence. The first call does not wait: the answer is known a moment later.
 */
export function readIsolation({ decoder }: IsolationTerms): Pick<CustodianState, "isolation" | "decoding"> {
  const isolation = knownIsolation()
  if (isolation === undefined) {
    findIsolation().catch(() => undefined)
    return {}
  }
  if (isolation !== "none") return { isolation, decoding: "isolated" }
  return { isolation, decoding: decoder.withoutIsolation === "accept" ? "accepted" : "refused" }
}
