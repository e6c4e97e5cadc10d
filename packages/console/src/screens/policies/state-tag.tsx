import type { ReactNode } from "react"
import { Tag } from "../../parts/tag.tsx"
import type { Version } from "./queries.ts"
import { policies as say } from "./words.ts"

/** The state of a version. */
export function StateTag({ state }: Pick<Version, "state">): ReactNode {
  return <Tag tone={state === "active" ? "accent" : "plain"}>{say.states[state]}</Tag>
}

/** A version's name and number, for a sentence. */
export const nameOf = ({ name, version }: Pick<Version, "name" | "version">): string => say.version.title(name, version)
