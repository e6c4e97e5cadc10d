import { SegmentedControl } from "@mantine/core"
import type { ReactNode } from "react"
import { useCan } from "../../api/me.ts"
import { evidence as say } from "./words.ts"

/** The tabs of the evidence page; only for people who may read both. */
export function Tabs({
  value,
  onTab,
}: {
  readonly value: "preserved" | "requests"
  readonly onTab: (tab: string) => void
}): ReactNode {
  const can = useCan()
  if (!can("preservation:read") || !can("request:read")) return null
  return (
    <SegmentedControl
      fullWidth
      aria-label={say.tabsLabel}
      value={value}
      onChange={onTab}
      data={[
        { value: "preserved", label: say.tabs.preserved },
        { value: "requests", label: say.tabs.requests },
      ]}
    />
  )
}
