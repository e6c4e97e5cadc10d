/**
 * A person's own settings.
 * @module
 */
import type { ReactNode } from "react"
import { settings as say } from "#messages/settings.ts"
import { useCan } from "../../api/me.ts"
import { KeySection } from "./key-section.tsx"
import { LookSection } from "./look-section.tsx"
import { OptOutSection } from "./opt-out-section.tsx"
import { PasskeysSection } from "./passkeys-section.tsx"
import { PasswordSection } from "./password-section.tsx"
import { RolesSection } from "./roles-section.tsx"
import { SessionsSection } from "./sessions-section.tsx"
import { ThemeSection } from "./theme-section.tsx"
import "./settings.css"

/** The page. */
export function SettingsScreen(): ReactNode {
  const can = useCan()
  return (
    <div className="page settings">
      <header className="stack-tight">
        <h1>{say.title}</h1>
        <p className="quiet">{say.lead}</p>
      </header>
      <KeySection />
      {can("look:derivative") && <LookSection />}
      {can("case:review") && <OptOutSection />}
      <ThemeSection />
      <SessionsSection />
      <PasskeysSection />
      <PasswordSection />
      <RolesSection />
    </div>
  )
}
