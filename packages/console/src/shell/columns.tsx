/**
 * The three columns of a page: the list, what is shown, what can be done. Under 1100 px the list is a drawer.
 * @module
 */
import { Button, Drawer } from "@mantine/core"
import { useDisclosure, useMediaQuery } from "@mantine/hooks"
import { type ReactNode, useEffect, useRef } from "react"
import { shell } from "#messages/shell.ts"
import "./columns.css"

/** What stands in which column; a page without a list or acts leaves them out. */
export interface ColumnsProps {
  readonly list?: ReactNode
  /** Names the list for readers. */
  readonly listLabel?: string
  readonly approval?: ReactNode
  /** Names the right column for readers. */
  readonly approvalLabel?: string
  /** Changes when another thing is chosen: the drawer closes, the page scrolls up. */
  readonly chosen?: string | undefined
  readonly children: ReactNode
}

/** Lays a page out. */
export function Columns({
  list,
  listLabel = shell.listDrawer,
  approval,
  approvalLabel,
  chosen,
  children,
}: ColumnsProps): ReactNode {
  const isNarrow = useMediaQuery("(max-width: 1099px)", false, { getInitialValueInEffect: false }) ?? false
  const [isOpen, drawer] = useDisclosure(false)
  const below = useRef<HTMLElement>(null)
  const toApproval = () => {
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
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it by keys */}
      <section className="column-main" key={chosen} tabIndex={0} aria-label={shell.main}>
        {isNarrow && (list !== undefined || approval !== undefined) && (
          <div className="column-open row">
            {list !== undefined && (
              <Button variant="default" onClick={drawer.open}>
                {shell.openList}
              </Button>
            )}
            {approval !== undefined && (
              <Button variant="default" onClick={toApproval} rightSection={<span aria-hidden="true">↓</span>}>
                {approvalLabel ?? shell.toApproval}
              </Button>
            )}
          </div>
        )}
        {children}
        {isNarrow && approval !== undefined && (
          <section className="column-action-below" ref={below} tabIndex={-1} aria-label={approvalLabel}>
            {approval}
          </section>
        )}
      </section>
      {approval !== undefined && !isNarrow && (
        <aside className="column-action" aria-label={approvalLabel}>
          {approval}
        </aside>
      )}
    </div>
  )
}
