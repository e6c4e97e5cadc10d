import type { ReactNode, Ref } from "react"

/** The heading of a page, and what is beside and below it. */
export interface PageHeadProps {
  readonly title: ReactNode
  /** A small line below the title. */
  readonly lead?: ReactNode
  /** Further content below the title. */
  readonly lines?: ReactNode
  /** Tags beside the title, such as the state. */
  readonly tags?: ReactNode
  /** Buttons at the right edge. */
  readonly actions?: ReactNode
  /** Makes the title focusable, for moving the focus there when the page changes. */
  readonly titleRef?: Ref<HTMLHeadingElement>
  readonly titleClass?: string
}

/** The heading alone, for pages that do not begin with it. */
export function PageHead(props: PageHeadProps): ReactNode {
  const { title, lead, lines, tags, actions, titleRef, titleClass } = props
  const heading = (
    <h1 ref={titleRef} tabIndex={titleRef === undefined ? undefined : -1} className={titleClass}>
      {title}
    </h1>
  )
  const text = (
    <>
      {tags === undefined ? (
        heading
      ) : (
        <div className="row">
          {heading}
          {tags}
        </div>
      )}
      {lead !== undefined && <p className="quiet">{lead}</p>}
      {lines}
    </>
  )
  if (actions === undefined) return <header className="stack-tight">{text}</header>
  return (
    <header className="row-between">
      <div className="stack-tight">{text}</div>
      {actions}
    </header>
  )
}

interface PageProps extends PageHeadProps {
  /** Whether it is the middle column of a page, which has its own margins. */
  readonly isColumn?: boolean
  readonly className?: string
  readonly children?: ReactNode
}

/** A page, or the middle column of one, with its heading. */
export function Page({ isColumn = false, className, children, ...head }: PageProps): ReactNode {
  const classes = (own: string) => (className === undefined ? own : `${own} ${className}`)
  const content = (
    <>
      <PageHead {...head} />
      {children}
    </>
  )
  return isColumn ? (
    <article className={classes("stack-wide")}>{content}</article>
  ) : (
    <div className={classes("page stack-wide")}>{content}</div>
  )
}
