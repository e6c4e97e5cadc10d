import { Button, Drawer } from "@mantine/core"
import { useDisclosure, useMediaQuery } from "@mantine/hooks"
import { type ReactNode, useEffect, useRef } from "react"
import { shell } from "#messages/shell.ts"
import "./columns.css"

/** The contents of the three columns; a page without a list or actions leaves them out. */
export interface ColumnsProps {
  readonly list?: ReactNode
  /** Accessible name of the list. */
  readonly listLabel?: string
  readonly actions?: ReactNode
  /** Accessible name of the right column. */
  readonly actionsLabel?: string
  /** Id of the selected entry. When it changes, the drawer closes and the page scrolls up. */
  readonly chosen?: string | undefined
  readonly children: ReactNode
}

/** A page in three columns: the list, the selected entry, and the actions on it. Below 1100 px the list is a drawer. */
export function Columns({
  list,
  listLabel = shell.listDrawer,
  actions,
  actionsLabel,
  chosen,
  children,
}: ColumnsProps): ReactNode {
  const isNarrow = useMediaQuery("(max-width: 1099px)", false, { getInitialValueInEffect: false }) ?? false
  const [isOpen, drawer] = useDisclosure(false)
  const below = useRef<HTMLElement>(null)
  const toActions = () => {
    below.current?.scrollIntoView({ block: "start" })
    below.current?.focus({ preventScroll: true })
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes when another thing is chosen
  useEffect(() => drawer.close(), [chosen])
  return (
    <div className="columns">
      {list !== undefined && !isNarrow && (
        <nav className="column-list" aria-label={listLabel}>
          {list}
        </nav>
      )}
      {list !== undefined && isNarrow && (
        <Drawer
          opened={isOpen}
          onClose={drawer.close}
          title={listLabel}
          size={340}
          padding={0}
          closeButtonProps={{ "aria-label": shell.closeList }}
        >
          <div className="column-drawer" data-keys="on">
            {list}
          </div>
        </Drawer>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolls by keyboard */}
      <section className="column-main" key={chosen} tabIndex={0} aria-label={shell.main}>
        {isNarrow && (list !== undefined || actions !== undefined) && (
          <div className="column-open row">
            {list !== undefined && (
              <Button variant="default" onClick={drawer.open}>
                {shell.openList}
              </Button>
            )}
            {actions !== undefined && (
              <Button variant="default" onClick={toActions} rightSection={<span aria-hidden="true">↓</span>}>
                {actionsLabel ?? shell.toActions}
              </Button>
            )}
          </div>
        )}
        {children}
        {isNarrow && actions !== undefined && (
          <section className="column-action-below" ref={below} tabIndex={-1} aria-label={actionsLabel}>
            {actions}
          </section>
        )}
      </section>
      {actions !== undefined && !isNarrow && (
        <aside className="column-action" aria-label={actionsLabel}>
          {actions}
        </aside>
      )}
    </div>
  )
}
