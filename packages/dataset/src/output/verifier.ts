import { createHash, type Hash } from "node:crypto"
import { DependencyError } from "@nightlight/core"

/** Digests written bytes and compares them with what was screened. */
export class Verifier {
  readonly #hash: Hash = createHash("sha256")
  readonly #expected: string | undefined

  /** @param expectedSha256 - Absent where there is nothing to compare with. */
  constructor(expectedSha256: string | undefined) {
    this.#expected = expectedSha256
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  /**
   * Ends the comparison.
   *
   * @throws {DependencyError} `source_changed` if the bytes are not those that were screened.
   */
  finish(): void {
    if (this.#expected === undefined || this.#hash.digest("hex") === this.#expected) return
    throw new DependencyError("source_changed", "the bytes to be copied differ from those that were screened", {
      hint: "Nothing was written for this shard. Run the same command again.",
    })
  }
}
