/**
 * The sealed file of each piece of evidence: from the row beside it or, if both are gone, as it was verified at intake.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import type { CasesService } from "../../casework/cases/service.ts"
import type { SealedEvidence } from "../../platform/evidence-store/sealed-evidence.ts"
import type { DestroyDeps, SealedPiece } from "./destroy.ts"

/** Creates the lookup. Of an altered sealed file it gives the digest that was verified. */
export function sealedPiecesOf({
  evidence,
  cases,
}: {
  readonly evidence: Pick<SealedEvidence, "find">
  readonly cases: Pick<CasesService, "sealedOf">
}): DestroyDeps["sealedOf"] {
  return async (db, evidenceIds) => {
    const taken = new Map((await cases.sealedOf(db, evidenceIds)).map((piece) => [piece.evidenceId, piece]))
    const pieces: SealedPiece[] = []
    for (const evidenceId of evidenceIds) {
      // An altered file counts as what it was verified as: the custodian then finds another file under its name.
      const row = await evidence.find(evidenceId).catch((error: unknown) => {
        if (error instanceof IntegrityError) return undefined
        throw error
      })
      const piece = row ?? taken.get(evidenceId)
      if (piece !== undefined) pieces.push({ evidenceId, ciphertextSha256: piece.ciphertextSha256 })
    }
    return pieces
  }
}
