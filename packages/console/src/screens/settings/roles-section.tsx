import type { ReactNode } from "react"
import { useMe } from "../../api/me.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { day } from "../../parts/format.ts"
import { Section } from "../../parts/section.tsx"
import { settings } from "./words.ts"

const say = settings.roles

/** The person's roles, and the end of their training. */
export function RolesSection(): ReactNode {
  const { roles, training } = useMe()
  const isReviewing = roles.some((role) => role === "reviewer" || role === "senior-reviewer")
  return (
    <Section id="roles" title={say.title} lead={say.change}>
      {roles.length === 0 ? (
        <p>{say.none}</p>
      ) : (
        <ul>
          {roles.map((role) => (
            <li key={role}>{say.names[role] ?? role}</li>
          ))}
        </ul>
      )}
      {training !== undefined && (
        <Facts>
          <Fact name={say.trained}>{day(training.trainedAt)}</Fact>
          <Fact name={say.renews}>{day(training.renewsAt)}</Fact>
        </Facts>
      )}
      {isReviewing && training === undefined && <p className="amber">{say.untrained}</p>}
      {training !== undefined && !training.current && <p className="amber">{say.lapsed}</p>}
    </Section>
  )
}
