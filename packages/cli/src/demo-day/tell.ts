/**
 * Tells who is there and how to sign in as them.
 * @module
 */
import { inert } from "@nightlight/core"
import { DEMO_PASSPHRASE } from "@nightlight/dataset"
import { TOTP } from "otpauth"
import type { Io } from "../terminal/io.ts"
import { formatTable } from "../terminal/table.ts"
import type { DemoPerson } from "./folder.ts"

/** What is told. */
export interface Told {
  readonly url: string
  readonly folder: string
  readonly people: readonly DemoPerson[]
}

/** Tells it: words and tables for a person, or one JSON object. */
export function tell({ out }: Pick<Io, "out">, { url, folder, people }: Told, isJson: boolean): void {
  if (isJson) {
    out(`${JSON.stringify({ event: "demo", url, folder, passphrase: DEMO_PASSPHRASE, people })}\n`)
    return
  }
  const codes = people.map(({ email, role, totpSecret }) => [email, role, new TOTP({ secret: totpSecret }).generate()])
  const keys = people.flatMap(({ email, enrolmentCode }) =>
    enrolmentCode === undefined ? [] : [[email, enrolmentCode]],
  )
  out(
    [
      `Demonstration: every case is made up, and no report leaves this machine.\n`,
      `Sign in at ${url}; everybody's password: ${people[0]?.password ?? ""}\n`,
      `The keys' passphrase, which backups and the custodian ask for: ${DEMO_PASSPHRASE}\n\n`,
      formatTable([{ heading: "E-mail" }, { heading: "Role" }, { heading: "Code now" }], codes),
      "\nCodes change every 30 seconds. The same command in another terminal prints those\n",
      `of the moment; the authenticators' secrets are in ${inert(folder)}/demo.json.\n`,
      ...(keys.length === 0
        ? []
        : [
            "\nTo look at a picture or to sign a report, a browser brings a key of its own, once,\nwith this code:\n\n",
            formatTable([{ heading: "E-mail" }, { heading: "Code for a new key" }], keys),
          ]),
      "\n",
    ].join(""),
  )
}
