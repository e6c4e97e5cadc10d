/**
 * What the custodian does where nothing isolates what decodes evidence.
 * @module
 */
import type { CustodianState } from "@nightlight/contract/custodian"
import { DependencyError, isolationHint } from "@nightlight/core"
import { type DeriverOptions, findIsolation, knownIsolation } from "@nightlight/decoder"
import type { CustodianConfig } from "./config.ts"

type IsolationTerms = Pick<CustodianConfig, "decoder">

/** How evidence is decoded: isolated, unless the operator has accepted by name that it is not. */
export function isolationFor({ decoder }: IsolationTerms): NonNullable<DeriverOptions["isolation"]> {
  return decoder.withoutIsolation === "accept" ? "auto" : "needed"
}

/**
 * Makes sure that a key is only taken where what decodes evidence is isolated, or its operator accepted by name that it
 * is not: a picture that takes its decoder over there has what the custodian has.
 *
 * @throws {DependencyError} `decoder_not_isolated`; `decoder_unavailable` when no decoder starts at all.
 */
export async function assertIsolated({ decoder }: IsolationTerms): Promise<void> {
  if (decoder.withoutIsolation === "accept") {
    // Only to be told: nothing depends on it.
    await findIsolation().catch(() => undefined)
    return
  }
  if ((await findIsolation()) !== "none") return
  throw new DependencyError("decoder_not_isolated", "this system isolates no decoder: the custodian stays locked", {
    hint: isolationHint("custodian.yaml"),
  })
}

/** How far decoders are isolated here, and what follows. Whoever asks first does not wait: it is known a moment later. */
export function isolationSeen({ decoder }: IsolationTerms): Pick<CustodianState, "isolation" | "decoding"> {
  const isolation = knownIsolation()
  if (isolation === undefined) {
    findIsolation().catch(() => undefined)
    return {}
  }
  if (isolation !== "none") return { isolation, decoding: "isolated" }
  return { isolation, decoding: decoder.withoutIsolation === "accept" ? "accepted" : "refused" }
}
