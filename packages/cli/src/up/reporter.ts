/**
 * Reports an installation's events to a person, or under `--json` to a program.
 * @module
 */
import { compact, inert } from "@nightlight/core"
import type { OsUser, PartEvent } from "@nightlight/launcher"
import type { Io } from "../terminal/io.ts"
import type { Installation, SetupLink } from "./installation.ts"
import type { PreparedUsers } from "./users.ts"

/** Tells what happens. */
export interface Reporter {
  readonly note: (event: string, words: string, data?: Readonly<Record<string, string | number | boolean>>) => void
  readonly prepared: (dataDir: string, created: readonly string[], hasPassphrase: boolean) => void
  readonly users: (settled: PreparedUsers & { readonly changedCustodian: boolean }) => void
  readonly unlocked: (problem: string | undefined) => void
  readonly setupLink: (link: SetupLink) => void
  readonly part: (event: PartEvent) => void
  readonly ready: (installation: Pick<Installation, "port" | "adminPort" | "hasConsole">) => void
  readonly stopping: () => void
  readonly stopped: () => void
}

/** One line per event on standard output: words for a person, or one JSON object each. */
export function createReporter({ out }: Io, isJson: boolean): Reporter {
  const note: Reporter["note"] = (event, words, data = {}) => {
    out(isJson ? `${JSON.stringify({ event, ...data })}\n` : `${words}\n`)
  }
  return {
    note,
    prepared: (dataDir, created, hasPassphrase) => {
      if (created.length > 0) {
        note(
          "prepared",
          `Made in ${inert(dataDir)}: ${created.join(", ")}. The keys are in keys/ and custodian/: back them up.`,
          {
            created: created.join("+"),
          },
        )
      }
      if (!hasPassphrase) {
        const words = "No passphrase was given, so no sealed evidence can be opened yet. If there is no key yet, run:"
        const data = `--data ${inert(dataDir)}`
        note(
          "locked",
          `${words}\n  nightlight custodian init ${data}\nElse run:\n  nightlight custodian unlock ${data}`,
        )
      }
    },
    users: ({ server, custodian, postgres, created, changedCustodian }) => {
      const of = ({ name, uid }: OsUser) => name ?? String(uid)
      const data = { server: of(server), custodian: of(custodian), postgres: of(postgres), created: created.join("+") }
      const words = created.length === 0 ? "" : ` Made here: ${created.join(", ")}.`
      note(
        "users",
        `Users: server and worker ${data.server}, custodian ${data.custodian}, database ${data.postgres}.${words}`,
        data,
      )
      if (changedCustodian) {
        note(
          "custodian.config-changed",
          "custodian.yaml now names another place for the custodian's socket. Read the file, then accept it:\n  nightlight custodian unlock --accept-config",
        )
      }
    },
    unlocked: (problem) => {
      if (problem === undefined) note("custodian.unlocked", "  custodian unlocked")
      else note("custodian.not-unlocked", `  custodian not unlocked: ${inert(problem)}`)
    },
    setupLink: ({ url, expiresAt }) =>
      note(
        "setup-link",
        `\nThis installation has no administrator yet. This link makes one; it works once, until ${expiresAt}:\n\n  ${inert(url)}`,
        { url, expiresAt },
      ),
    part: (event) => {
      if (isJson) out(`${JSON.stringify({ ...event, event: `part.${event.event}` })}\n`)
      else {
        const words = wordsOf(event)
        if (words !== undefined) out(`${words}\n`)
      }
    },
    ready: ({ port, adminPort, hasConsole }) => {
      const url = `http://localhost:${port}`
      const metrics = adminPort === undefined ? "" : `\n  metrics   http://127.0.0.1:${adminPort}/metrics`
      const unbuilt = hasConsole ? "" : "\n  console   not built: npm run build in Nightlight's folder makes it"
      note(
        "ready",
        `\nNightlight answers at ${url}${metrics}${unbuilt}\n  Ctrl-C stops it.\n`,
        compact({
          port,
          url,
          console: hasConsole,
          adminPort,
        }),
      )
    },
    stopping: () => note("stopping", "Stopping: work in progress is finished first."),
    stopped: () => note("stopped", "Stopped."),
  }
}

function wordsOf(event: PartEvent): string | undefined {
  const name = event.part.padEnd(10)
  switch (event.event) {
    case "started":
      return undefined
    case "ready":
      return `  ${name}ready`
    case "made":
      return `  ${name}made (${event.id})`
    case "failed":
      return `  ${name}${inert(event.message)} (${event.code})${event.hint === undefined ? "" : `\n            ${inert(event.hint)}`}`
    case "ended":
      return event.restartMs === undefined
        ? `  ${name}stopped`
        : `  ${name}ended (${event.status}); restarts in ${(event.restartMs / 1000).toFixed(2)} s`
    default:
      event satisfies never
      return undefined
  }
}
