/**
 * A page, or the middle column of one: its head, and what stands below.
 * @module
 */
import type { ReactNode, Ref } from "react"

/** What stands at the top of a page. */
export interface PageHeadProps {
  readonly title: ReactNode
  /** One quiet line below the title. */
  readonly lead?: ReactNode
  /** Further lines, each as it is given. */
  readonly lines?: ReactNode
  /** Beside the title: its state. */
  readonly tags?: ReactNode
  /** At the right edge: what can be done with the page. */
  readonly actions?: ReactNode
  /** Given where the title takes the focus when the page changes. */
  readonly titleRef?: Ref<HTMLHeadingElement>
  readonly titleClass?: string
}

/** The head alone, where it does not come first. */
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

/** A head, and how the page lies. */
export interface PageProps extends PageHeadProps {
  /** Whether it is the middle column of a page, which has its own margins. */
  readonly isColumn?: boolean
  readonly className?: string
  readonly children?: ReactNode
}

/** A page. */
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
