import { Button, Popover } from "@mantine/core"
import type { ReactNode } from "react"
import { shell } from "#messages/shell.ts"

/** Whom to talk to. Shown on every page; opening it is recorded nowhere. */
export function HelpLines(): ReactNode {
  return (
    <Popover width={320} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="subtle">{shell.help}</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <h3>{shell.helpLead}</h3>
        <p>{shell.helpText}</p>
      </Popover.Dropdown>
    </Popover>
  )
}
