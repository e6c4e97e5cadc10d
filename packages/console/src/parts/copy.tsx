import { Button, CopyButton } from "@mantine/core"
import type { ReactNode } from "react"
import { common } from "#messages/common.ts"

/** A small button that copies a value, and says for a moment that it did. `label`: "Copy" unless given. */
export function Copy({ value, label = common.copy }: { readonly value: string; readonly label?: string }): ReactNode {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button variant="default" size="compact-sm" onClick={copy}>
          {copied ? common.copied : label}
        </Button>
      )}
    </CopyButton>
  )
}
