import { compact, type ListAttributes, RequestError, type Trust } from "@nightlight/core"

/** Default distance within which two pictures count as the same (facebook/ThreatExchange, pdq/README.md). */
export const DEFAULT_RADIUS_BITS = 31
/** Largest radius of a list: beyond it unrelated pictures would match. */
export const RADIUS_LIMIT_BITS = 63

/** Settings of a list. */
export interface SettledAttributes {
  readonly trust: Trust
  readonly radiusBits: number
  readonly asOf?: string
  readonly terms?: string
}

const KEYS = ["trust", "radiusBits", "asOf", "terms"] as const

/** Collects the attributes that entries state about their list, and refuses a list that contradicts itself. */
export class AttributeAgreement {
  #heard: ListAttributes = {}
  #last: ListAttributes | undefined

  /** @throws {RequestError} `list_malformed` when an earlier entry stated something else. */
  hear(attributes: ListAttributes, line: number): void {
    if (attributes === this.#last) return
    for (const key of KEYS) {
      const [said, before] = [attributes[key], this.#heard[key]]
      if (said === undefined || before === undefined || said === before) continue
      throw new RequestError(
        "list_malformed",
        `line ${line}: expected every entry to state the same ${key} for the list`,
        {
          details: { line },
        },
      )
    }
    this.#heard = { ...this.#heard, ...attributes }
    this.#last = attributes
  }

  /**
   * The effective settings: the operator's, then the list's, then the previous version's, then the defaults. The date
   * is never taken from the previous version, because it states how old the entries are.
   *
   * @throws {RequestError} `input_invalid` for a radius beyond {@link RADIUS_LIMIT_BITS}.
   */
  settle(asked: ListAttributes, before: Omit<ListAttributes, "asOf"> = {}): SettledAttributes {
    const radiusBits = asked.radiusBits ?? this.#heard.radiusBits ?? before.radiusBits ?? DEFAULT_RADIUS_BITS
    if (!Number.isInteger(radiusBits) || radiusBits < 0 || radiusBits > RADIUS_LIMIT_BITS) {
      throw new RequestError("input_invalid", `expected a radius of 0 to ${RADIUS_LIMIT_BITS} bits`)
    }
    const asOf = asked.asOf ?? this.#heard.asOf
    const terms = asked.terms ?? this.#heard.terms ?? before.terms
    return compact({
      trust: asked.trust ?? this.#heard.trust ?? before.trust ?? "unverified",
      radiusBits,
      asOf,
      terms,
    })
  }
}
