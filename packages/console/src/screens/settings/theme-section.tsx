import { SegmentedControl, useMantineColorScheme } from "@mantine/core"
import type { ReactNode } from "react"
import { settings } from "#messages/settings.ts"
import { Section } from "./section.tsx"

const say = settings.theme
const THEMES = ["light", "dark", "auto"] as const

/** Light, dark, or as the system is. */
export function ThemeSection(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Section id="theme" title={say.title}>
      <div className="row">
        <SegmentedControl
          aria-label={say.label}
          value={colorScheme}
          onChange={(value) => setColorScheme(THEMES.find((theme) => theme === value) ?? "auto")}
          data={THEMES.map((value) => ({ value, label: say.names[value] }))}
        />
      </div>
    </Section>
  )
}
