import { UnstyledButton } from "@mantine/core"
import type { ReactNode } from "react"
import { anchorOf, labelOf } from "./form.ts"
import type { Detail } from "./queries.ts"
import { reports as say } from "./words.ts"

/**
 * The problems that prevent filing. With `onMend`, an entry opens its field; otherwise it links to its place in the
 * report.
 */
export function ProblemList({
  detail,
  onMend,
}: {
  readonly detail: Detail
  readonly onMend?: ((path: string) => void) | undefined
}): ReactNode {
  return (
    <ul className="problem-list">
      {detail.problems.map(({ path, code, message }) => (
        <li key={`${path} ${code} ${message}`}>
          {onMend === undefined ? (
            <a href={`#${anchorOf(path)}`}>{placeOf(path)}</a>
          ) : (
            <UnstyledButton className="link-button" onClick={() => onMend(path)}>
              {placeOf(path)}
            </UnstyledButton>
          )}{" "}
          {say.problem(message)}
        </li>
      ))}
    </ul>
  )
}

/** A path in words: its last two names, or the number of the file. */
export function placeOf(path: string): string {
  const file = /^files\[(\d+)\]/.exec(path)
  const names = path.replace(/^(document|files\[\d+\])\.?/, "").replaceAll(/\[\d+\]/g, "")
  const words = names.split(".").filter(Boolean).slice(-2).map(labelOf)
  const place = words.length === 0 ? say.summary.whole : words.join(", ")
  return file === null ? place : `${say.summary.file} ${Number(file[1]) + 1}: ${place}`
}
