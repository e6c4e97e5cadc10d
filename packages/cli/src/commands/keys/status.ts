/**
 * `nightlight keys status`: how old the keys are, and what is under which.
 * @module
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { compact, EXIT } from "@nightlight/core"
import type { KeysStatus } from "@nightlight/dataset"
import type { Command } from "commander"
import { countOf, formatCount } from "../../terminal/numbers.ts"
import { formatTable } from "../../terminal/table.ts"
import { type CommandContext, openCommandWorkspace, print, workspaceFolder } from "../context.ts"

/** Adds `nightlight keys status`. */
export function addStatus(keys: Command, context: CommandContext): void {
  keys
    .command("status")
    .description("show the age of each key, and how much is still under an old one")
    .option("--json", "print the status as one JSON object")
    .action(async (flags: { readonly json?: boolean }, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { keysStatus } = await import("@nightlight/dataset")
      const contextKeys = await contextKeysOf(workspaceFolder(command, context))
      const status = { ...(await keysStatus(workspace)), ...compact({ contextKeys }) }
      print(
        context.io,
        flags.json,
        status,
        () =>
          formatTable(
            [
              { heading: "Key" },
              { heading: "Role" },
              { heading: "Days", numeric: true },
              { heading: "Sealed to" },
              { heading: "Opens", numeric: true },
            ],
            status.recipients.map(({ id, role, ageDays, revokedAt, opens }) => [
              id,
              role,
              String(ageDays),
              revokedAt === undefined ? "yes" : `no, since ${revokedAt}`,
              formatCount(opens),
            ]),
          ) +
          signingWords(status) +
          waitingWords(status.waiting, status.late) +
          contextWords(contextKeys ?? []),
      )
      context.done(status.late === 0 && status.untrusted === 0 ? EXIT.done : EXIT.checkFailed)
    })
}

function signingWords({ signing, source }: Pick<KeysStatus, "signing" | "source">): string {
  const days = ({ ageDays }: { readonly ageDays: number }) => countOf(ageDays, "day")
  const own = `The workspace's documents are signed by ${signing.keyId}, ${days(signing)} old`
  if (source.keyId === signing.keyId) return `${own}; findings for a server too.\n`
  return `${own}; findings for a server by ${source.keyId}, ${days(source)} old.\n`
}

interface ContextKeyStatus {
  readonly id: string
  /** ISO 8601, UTC; absent for the first one. */
  readonly madeAt?: string
}

/** The context keys of the workspace's installation, newest first. */
async function contextKeysOf(dataDir: string): Promise<readonly ContextKeyStatus[] | undefined> {
  const config = join(dataDir, "server", "server.yaml")
  if (!existsSync(config)) return undefined
  const { contextKeyId, readContextKeys, readServerConfig } = await import("@nightlight/server/config")
  const { paths } = await readServerConfig(config)
  const { keys } = readContextKeys(paths.contextKey)
  return keys.map(({ bytes, madeAt }) => compact({ id: contextKeyId(bytes), madeAt }))
}

function contextWords([newest, ...older]: readonly ContextKeyStatus[]): string {
  if (newest === undefined) return ""
  const since = newest.madeAt === undefined ? "since the beginning" : `since ${newest.madeAt}`
  const left =
    older.length === 0
      ? ""
      : `; rows may still be under ${older.map(({ id }) => id).join(", ")}: nightlight keys rewrap context`
  return `The context key is ${newest.id} ${since}${left}.\n`
}

function waitingWords(waiting: number, late: number): string {
  const alarm =
    late === 0
      ? ""
      : `${countOf(late, "piece")} of evidence were sealed to a key after it was revoked: restart scans and guards, then rewrap.\n`
  if (waiting === 0) return `All evidence is under today's keys.\n${alarm}`
  return `${countOf(waiting, "piece")} of evidence wait for nightlight keys rewrap.\n${alarm}`
}
