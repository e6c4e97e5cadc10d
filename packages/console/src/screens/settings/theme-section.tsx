import { SegmentedControl } from "@mantine/core"
import type { ReactNode } from "react"
import { Section } from "../../parts/section.tsx"
import { THEMES, useTheme } from "../../shell/use-theme.ts"
import { settings } from "./words.ts"

const say = settings.theme

/** The choice of a theme: light, dark, or the system's. */
export function ThemeSection(): ReactNode {
  const [theme, choose] = useTheme()
  return (
    <Section id="theme" title={say.title}>
      <div className="row">
        <SegmentedControl
          aria-label={say.label}
          value={theme}
          onChange={(value) => choose(THEMES.find((each) => each === value) ?? "system")}
          data={THEMES.map((value) => ({ value, label: say.names[value] }))}
        />
      </div>
    </Section>
  )
}
