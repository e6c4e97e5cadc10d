import { Kbd } from "@mantine/core"
import { BASES, type DecisionBody } from "@nightlight/contract/server"
import type { ReactNode } from "react"
import { cases as say } from "../words.ts"

const { decide: words } = say

/** The seven possible decisions on a case as radio buttons, each with its consequence. */
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
