/**
 * Prints the accounts of a demonstration. Under `--json` they are one event, `demo`: `{url, folder, passphrase,
 * people}`, with the same people as `demo.json` in the folder (0600).
 * @module
 */
import { inert } from "@nightlight/core"
import type { DemoAccounts } from "@nightlight/demo"
import { TOTP } from "otpauth"
import type { Io } from "../terminal/io.ts"
import { formatTable } from "../terminal/table.ts"

/** Prints them: words and tables for a person, or one JSON object. */
export function printAccounts({ out }: Pick<Io, "out">, accounts: DemoAccounts, isJson: boolean): void {
  if (isJson) {
    out(`${JSON.stringify({ event: "demo", ...accounts })}\n`)
    return
  }
  const { url, folder, passphrase, people } = accounts
  const codes = people.map(({ email, role, totpSecret }) => [email, role, new TOTP({ secret: totpSecret }).generate()])
  const keys = people.flatMap(({ email, enrolmentCode }) =>
    enrolmentCode === undefined ? [] : [[email, enrolmentCode]],
  )
  out(
    [
      `Demonstration: every case is invented, and no report leaves this machine.\n`,
      `Sign in at ${url}; the password of every account: ${people[0]?.password ?? ""}\n`,
      `The keys' passphrase, which backups and the custodian ask for: ${passphrase}\n\n`,
      formatTable([{ heading: "E-mail" }, { heading: "Role" }, { heading: "Code now" }], codes),
      "\nCodes change every 30 seconds. The same command in another terminal prints the\n",
      `current ones; the authenticators' secrets are in ${inert(folder)}/demo.json.\n`,
      ...(keys.length === 0
        ? []
        : [
            "\nTo view a picture or to sign a report, enrol the browser's own key once, with this\ncode:\n\n",
            formatTable([{ heading: "E-mail" }, { heading: "Code for a new key" }], keys),
          ]),
      "\n",
    ].join(""),
  )
}
