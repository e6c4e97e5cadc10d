import type { CheckContext } from "../validate/problem.ts"

interface WithEmail {
  readonly email?: readonly { readonly value: string }[]
}

interface Reporter {
  readonly reportingPerson: WithEmail
}

/** The reporting person must have an address. */
export function reportingPersonRule({ reportingPerson }: Reporter, { report }: CheckContext): void {
  if ((reportingPerson.email ?? []).length === 0) {
    report("reportingPerson.email", "required", "needs at least one address")
  }
}

interface WithAccounts {
  readonly associatedAccount?: readonly WithEmail[]
}

interface Report {
  readonly batchedReport?: object
  readonly incidentSummary: { readonly escalateToHighPriority?: string }
  readonly internetDetails?: readonly { readonly emailIncident?: EmailIncident }[]
  readonly lawEnforcement?: object
  readonly reporter: Reporter & { readonly contactPerson?: WithEmail }
  readonly personOrUserReported?: readonly (WithAccounts & { readonly personOrUserReportedPerson?: WithEmail })[]
  readonly intendedRecipient?: readonly {
    readonly intendedRecipientPerson?: WithEmail
    readonly additionalInfo?: readonly string[]
  }[]
  readonly victim?: readonly (WithAccounts & { readonly victimPerson: WithEmail })[]
  readonly additionalInfo?: string
}

interface EmailIncident {
  readonly emailAddress?: readonly { readonly value: string }[]
}

/** The documentation's rules for a report as a whole. */
export function reportRule(value: Report, context: CheckContext): void {
  if (value.batchedReport === undefined) ordinaryRule(value, context)
  else batchedRule(value, context)
  incidentEmailRule(value, context)
  for (const [index, { additionalInfo = [] }] of (value.intendedRecipient ?? []).entries()) {
    if (additionalInfo.length > 1) {
      context.report(`intendedRecipient[${index}].additionalInfo`, "too_many", "may occur once, by the documentation")
    }
  }
}

function ordinaryRule({ personOrUserReported = [] }: Report, { report }: CheckContext): void {
  if (personOrUserReported.length > 1) {
    report(
      "personOrUserReported",
      "too_many",
      `may occur once unless the report is batched, got ${personOrUserReported.length}`,
    )
  }
}

function batchedRule(value: Report, { report }: CheckContext): void {
  const forbid = (path: string, part: unknown) => {
    if (part !== undefined && !(Array.isArray(part) && part.length === 0)) {
      report(path, "rule", "must not occur in a batched report")
    }
  }
  forbid("incidentSummary.escalateToHighPriority", value.incidentSummary.escalateToHighPriority)
  forbid("internetDetails", value.internetDetails)
  forbid("lawEnforcement", value.lawEnforcement)
  forbid("intendedRecipient", value.intendedRecipient)
  forbid("victim", value.victim)
  forbid("additionalInfo", value.additionalInfo)
  for (const [index, reported] of (value.personOrUserReported ?? []).entries()) {
    for (const [name, part] of Object.entries(reported)) {
      if (name !== "espIdentifier") forbid(`personOrUserReported[${index}].${name}`, part)
    }
  }
}

/** An address of an e-mail incident belongs to somebody: it must also be an address of a person in the report. */
function incidentEmailRule(value: Report, { report }: CheckContext): void {
  const known = new Set(everyoneIn(value).flatMap((one) => (one?.email ?? []).map(({ value: text }) => fold(text))))
  for (const [index, { emailIncident }] of (value.internetDetails ?? []).entries()) {
    for (const [n, { value: text }] of (emailIncident?.emailAddress ?? []).entries()) {
      if (known.has(fold(text))) continue
      const path = `internetDetails[${index}].emailIncident.emailAddress[${n}]`
      report(path, "rule", "must also be an email of a person in the report")
    }
  }
}

const fold = (address: string) => address.toLowerCase()

function everyoneIn(value: Report): (WithEmail | undefined)[] {
  const reported = value.personOrUserReported ?? []
  const victims = value.victim ?? []
  return [
    value.reporter.reportingPerson,
    value.reporter.contactPerson,
    ...reported.map(({ personOrUserReportedPerson }) => personOrUserReportedPerson),
    ...(value.intendedRecipient ?? []).map(({ intendedRecipientPerson }) => intendedRecipientPerson),
    ...victims.map(({ victimPerson }) => victimPerson),
    ...[...reported, ...victims].flatMap(({ associatedAccount = [] }) => associatedAccount),
  ]
}
