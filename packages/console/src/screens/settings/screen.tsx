import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { KeySection } from "./key-section.tsx"
import { OptOutSection } from "./opt-out-section.tsx"
import { PasskeysSection } from "./passkeys-section.tsx"
import { PasswordSection } from "./password-section.tsx"
import { RolesSection } from "./roles-section.tsx"
import { SessionsSection } from "./sessions-section.tsx"
import { ThemeSection } from "./theme-section.tsx"
import { ViewingSection } from "./viewing-section.tsx"
import { settings as say } from "./words.ts"
import "./settings.css"
import { PageHead } from "../../parts/page.tsx"

/** The page of a person's own settings. */
export function SettingsScreen(): ReactNode {
  const can = useCan()
  return (
    <div className="page settings">
      <PageHead title={say.title} lead={say.lead} />
      <KeySection />
      {can("viewing:derivative") && <ViewingSection />}
      {can("case:review") && <OptOutSection />}
      <ThemeSection />
      <SessionsSection />
      <PasskeysSection />
      <PasswordSection />
      <RolesSection />
    </div>
  )
}
