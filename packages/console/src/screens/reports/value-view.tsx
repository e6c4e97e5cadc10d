/**
 * The content of a report as text: each statement with its origin and its problems.
 * @module
 */
import { compact } from "@nightlight/contract"
import { createContext, type ReactNode, useContext } from "react"
import { common } from "#messages/common.ts"
import { Fact, Facts } from "../../parts/facts.tsx"
import { dateTime, day } from "../../parts/format.ts"
import { Tag } from "../../parts/tag.tsx"
import {
  type Attributed,
  anchorOf,
  entriesOf,
  type FormRecord,
  isMarks,
  isMixed,
  labelOf,
  type Member,
  membersOf,
  originOf,
  type Scalar,
  scalarOf,
  typeOf,
} from "./form.ts"
import type { Detail, Form } from "./queries.ts"
import { reports as say } from "./words.ts"

/** The report that a statement belongs to. */
export interface ShownReport {
  readonly form: Form
  readonly origins: Detail["origins"]
  readonly problems: Detail["problems"]
}

/** Provides the report to its statements. */
export const ShownReportContext = createContext<ShownReport | undefined>(undefined)

/** The report around a statement. @throws {Error} outside of a report. */
export function useShownReport(): ShownReport {
  const shown = useContext(ShownReportContext)
  if (shown === undefined) throw new Error("a statement must be inside a report")
  return shown
}

/** The origin of a statement in words; `undefined` if it is shown once for everything around it. */
export function useOrigin(path: string, isOriginShown: boolean): string | undefined {
  const { origins } = useShownReport()
  const origin = originOf(origins, path)
  return isOriginShown || origin === undefined ? undefined : (say.origins[origin] ?? origin)
}

/** The origin of exactly this statement in words, if it has its own. */
export function useOwnOrigin(path: string): string | undefined {
  const origin = useShownReport().origins[path]
  return origin === undefined ? undefined : (say.origins[origin] ?? origin)
}

/** The problems of exactly this statement. */
export function Problems({ path }: { readonly path: string }): ReactNode {
  const { problems } = useShownReport()
  const mine = problems.filter((problem) => problem.path === path)
  if (mine.length === 0) return null
  return mine.map(({ code, message }) => (
    <span key={code} className="summary-problem">
      {say.problem(message)}
    </span>
  ))
}

/** The members of a record. `isOriginShown`: their common origin is shown above. */
export function RecordView({
  type,
  value,
  path,
  isOriginShown,
}: {
  readonly type: FormRecord
  readonly value: unknown
  readonly path: string
  readonly isOriginShown: boolean
}): ReactNode {
  const members = membersOf(value)
  const shown = [...type.members, ...type.attributes.map((one) => ({ ...one, repeated: false }))].filter(
    ({ name }) => members[name] !== undefined,
  )
  const { problems } = useShownReport()
  // A missing member has no value, so its problems are shown beside its neighbours.
  const missing = type.members.filter(
    ({ name }) => members[name] === undefined && problems.some((problem) => problem.path === `${path}.${name}`),
  )
  return (
    <>
      <Problems path={path} />
      <Facts>
        {shown.map((member) => (
          <MemberView
            key={member.name}
            member={member}
            value={members[member.name]}
            path={`${path}.${member.name}`}
            isOriginShown={isOriginShown}
          />
        ))}
        {missing.map(({ name }) => (
          <Fact key={name} name={labelOf(name)}>
            <span id={anchorOf(`${path}.${name}`)} />
            <Problems path={`${path}.${name}`} />
          </Fact>
        ))}
      </Facts>
    </>
  )
}

function MemberView({
  member,
  value,
  path,
  isOriginShown,
}: {
  readonly member: Member
  readonly value: unknown
  readonly path: string
  readonly isOriginShown: boolean
}): ReactNode {
  const { form, origins } = useShownReport()
  const origin = useOrigin(path, isOriginShown)
  const type = typeOf(form, member.type)
  const label = labelOf(member.name)
  if (type.kind !== "record" || isMarks(form, type)) {
    const values = member.repeated ? entriesOf(value) : [value]
    return (
      <Fact name={label} {...compact({ origin })}>
        <span id={anchorOf(path)} className="summary-values">
          {values.map((one, place) => {
            const at = member.repeated ? `${path}[${place}]` : path
            return (
              <span key={at} id={member.repeated ? anchorOf(at) : undefined} className="summary-value">
                <PlainValue form={form} name={member.name} typeName={member.type} value={one} />
                {member.repeated && <Problems path={at} />}
              </span>
            )
          })}
        </span>
        <Problems path={path} />
      </Fact>
    )
  }
  const records = member.repeated ? entriesOf(value) : [value]
  return records.map((one, place) => {
    const at = member.repeated ? `${path}[${place}]` : path
    const number = records.length > 1 ? say.numbered(label, place + 1, records.length) : label
    return (
      <div key={at} className="fact summary-nested" id={anchorOf(at)}>
        <dt>
          {number}
          {!isMixed(origins, at) && origin !== undefined && <span className="quiet"> {origin}</span>}
        </dt>
        <dd>
          <RecordView type={type} value={one} path={at} isOriginShown={isOriginShown || !isMixed(origins, at)} />
        </dd>
      </div>
    )
  })
}

/** A value of one line, or one text. */
function PlainValue(props: {
  readonly form: Form
  readonly name: string
  readonly typeName: string
  readonly value: unknown
}): ReactNode {
  const { form, name, typeName, value } = props
  const type = typeOf(form, typeName)
  if (type.kind === "scalar") return <ScalarView name={name} type={type} value={value} />
  if (type.kind === "attributed") return <AttributedView form={form} name={name} type={type} value={value} />
  const marks = type.members.filter((mark) => membersOf(value)[mark.name] === true)
  return marks.map((mark) => <Tag key={mark.name}>{labelOf(mark.name)}</Tag>)
}

function AttributedView(props: {
  readonly form: Form
  readonly name: string
  readonly type: Attributed
  readonly value: unknown
}): ReactNode {
  const { form, name, type } = props
  const { value, ...attributes } = membersOf(props.value)
  const told = type.attributes.filter((one) => attributes[one.name] !== undefined)
  const { hashType } = attributes
  if (typeof hashType === "string") {
    return (
      <span className="summary-digest">
        <span className="quiet">{hashType}</span>
        <ScalarView name={name} type={scalarOf(form, type.content)} value={value} />
      </span>
    )
  }
  return (
    <>
      <ScalarView name={name} type={scalarOf(form, type.content)} value={value} />
      {told.length > 0 && (
        <span className="quiet">
          {" "}
          {told.map((one, place) => (
            <span key={one.name}>
              {place > 0 && ", "}
              {labelOf(one.name)}:{" "}
              <ScalarView name={one.name} type={scalarOf(form, one.type)} value={attributes[one.name]} />
            </span>
          ))}
        </span>
      )}
    </>
  )
}

const IN_MONO: readonly string[] = ["originalFileHash", "ipAddress", "espIdentifier", "priorCTReports", "idValue"]

function ScalarView(props: { readonly name: string; readonly type: Scalar; readonly value: unknown }): ReactNode {
  const { name, type, value } = props
  const words = say.values[name]?.[String(value)]
  if (words !== undefined) return words
  if (typeof value === "boolean") return value ? common.yes : common.no
  const text = typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value)
  if ((type.base === "dateTime" || type.base === "date") && !Number.isNaN(Date.parse(text))) {
    return (
      <time dateTime={text} title={text}>
        {type.base === "date" ? day(text) : dateTime(text)}
      </time>
    )
  }
  return <span className={IN_MONO.includes(name) ? "mono prewrap" : "prewrap"}>{text}</span>
}
