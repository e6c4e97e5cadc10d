/**
 * The seven things a case can be, with what follows from each.
 * @module
 */

import { Kbd } from "@mantine/core"
import { BASES, type DecisionBody } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { cases as say } from "../words.ts"

const { decide: words } = say

/** A choice of one. */
export function Bases({
  value,
  onChoose,
}: {
  readonly value: DecisionBody["basis"] | undefined
  readonly onChoose: (basis: DecisionBody["basis"]) => void
}): ReactNode {
  return (
    <fieldset className="cases-bases">
      <legend className="quiet">{words.chooseBasis}</legend>
      {BASES.map((basis, place) => (
        <label key={basis} className="cases-basis" data-chosen={basis === value}>
          <input type="radio" name="basis" value={basis} checked={basis === value} onChange={() => onChoose(basis)} />
          <span>
            {words.basis[basis]}
            <span className="quiet block">{words.statute[basis]}</span>
          </span>
          <Kbd aria-hidden="true">{place + 1}</Kbd>
        </label>
      ))}
    </fieldset>
  )
}
