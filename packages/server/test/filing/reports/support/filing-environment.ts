/**
 * A filing with nothing pretended but the CyberTipline: a real database, a custodian and workers each in a process of
 * its own, and the simulator standing as the production host that the custodian has pinned.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes, randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { proveGrant } from "@nightlight/contract/custodian"
import { compact, systemClock } from "@nightlight/core"
import { giveCredentials, startTipline } from "@nightlight/dev-env/custodian/filing"
import { sha256 } from "@nightlight/dev-env/custodian/folders"
import { enrol, type Person } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { spawnSite } from "@nightlight/dev-env/custodian/process"
import type { TestDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { onTestFinished } from "vitest"
import { sealedReports } from "../../../../src/filing/reports/content/sealed.ts"
import { matchOf } from "../../../../src/filing/reports/draft/matched.ts"
import type { DraftItem } from "../../../../src/filing/reports/draft/material.ts"
import { createReports } from "../../../../src/filing/reports/service.ts"
import { readReport } from "../../../../src/filing/reports/store.ts"
import type { ReportId } from "../../../../src/filing/reports/types.ts"
import type { PersonActor, Role } from "../../../../src/platform/auth/actor.ts"
import { openContextKeys } from "../../../../src/platform/context-keys/context-keys.ts"
import { aMatch } from "../../../casework/cases/builders.ts"
import type { WorkerOptions } from "./options.ts"

const WORKER = join(import.meta.dirname, "filing-worker.ts")

/** One sealed picture. */
export interface Sealed {
  readonly evidenceId: string
  readonly ciphertextSha256: string
  readonly sha256: string
}

/** Makes the test installation; everything in it ends with the test. */
export async function makeFilingInstallation(db: TestDatabase) {
  const simulator = await startTipline("production")
  const lists = await mkdtemp(join(tmpdir(), "nightlight-lists-"))
  onTestFinished(() => rm(lists, { recursive: true }))
  const config = {
    lists,
    hosts: { production: { enabled: true, baseUrl: simulator.baseUrl }, answerMs: 400 },
    caps: { filing: { perPerson: 100_000, total: 100_000 } },
  }
  const site = await spawnSite(config, (made) => giveCredentials(made, "production"))
  const rob = await enrol(site.socket(), "person-rob", ["reporter"])
  const cora = await enrol(site.socket(), "person-cora", ["counsel"])
  const contextKey = randomBytes(32)
  const contextKeys = openContextKeys(contextKey)
  const sealed = sealedReports(contextKeys)
  const kysely = db.database.kysely
  const workers = new Set<ChildProcess>()
  onTestFinished(async () => {
    for (const worker of workers) worker.kill("SIGKILL")
  })

  const files: Sealed[] = []
  for (const seed of [1, 2]) {
    const content = await picture(seed, 96, 64)
    const item = await site.seal({ evidenceId: `evidence-${seed}`, content })
    files.push({ ...item, sha256: sha256(content) })
  }

  const hashes = files.map((file) => `sha256:${file.sha256}\n`).join("")
  for (const list of ["known", "partner"]) await writeFile(join(lists, `${list}.hashes`), hashes)

  /** The service, whose drafts say one mark. */
  const reportsOf = (mark: string) =>
    createReports({
      db: kysely,
      clock: systemClock,
      sealed,
      environment: "production",
      jobs: { enqueue: async () => undefined },
      areIndependent: async () => true,
      includedEvidence: async () => files.map(({ evidenceId }) => evidenceId),
      drafts: {
        collect: async () => ({
          kind: "files",
          dueAt: undefined,
          manualReports: [],
          material: {
            origin: "direct",
            basis: "18-usc-2252a",
            reportAnnotations: [],
            urgency: undefined,
            account: { identifier: mark, service: undefined, ipCaptures: [] },
            priorReports: [],
            supplemental: false,
            now: new Date(),
            items: files.map(toItem),
            reporter: REPORTER,
          },
        }),
      },
    })

  /** Drafts, proposes and approves a report of both pictures, as the two people do. */
  async function approve(): Promise<{ readonly reportId: ReportId; readonly mark: string }> {
    const mark = `canary-${randomUUID()}`
    const caseId = `case-${randomUUID()}`
    const reports = reportsOf(mark)
    const draft = await reports.draft(actor(rob, "reporter"), caseId, undefined)
    const { head, grant } = await reports.grant(actor(rob, "reporter"), draft.id, {
      version: draft.version,
      singlePerson: false,
    })
    const first = await proveGrant(grant, rob.id, rob.key.privateKey)
    const proposed = await reports.propose(actor(rob, "reporter"), draft.id, head.version, first)
    const second = await proveGrant(grant, cora.id, cora.key.privateKey)
    await reports.approve(actor(cora, "counsel"), draft.id, proposed.version, second)
    return { reportId: draft.id, mark }
  }

  /** Starts a worker; it dies at the given point, or with the test. */
  function work(dieAt?: WorkerOptions["dieAt"]): ChildProcess {
    const options: WorkerOptions = compact({
      database: db.app,
      socket: site.socket(),
      contextKey: contextKey.toString("hex"),
      dieAt,
    })
    const worker = spawn(process.execPath, ["-C", "@nightlight/source", WORKER, JSON.stringify(options)], {
      stdio: ["ignore", "ignore", "inherit"],
    })
    workers.add(worker)
    worker.once("exit", () => workers.delete(worker))
    return worker
  }

  /** The reports that were opened at the CyberTipline for one report. */
  async function atTipline(mark: string) {
    const { reports } = await simulator.admin.state()
    return reports.filter(({ xml }) => xml.includes(mark))
  }

  return {
    simulator,
    site,
    files,
    approve,
    work,
    atTipline,
    sealed,
    contextKeys,
    rob,
    cora,
    read: (reportId: ReportId) => readReport(kysely, reportId),
    withdraw: async (reportId: ReportId) => {
      const { version = 0 } = (await readReport(kysely, reportId)) ?? {}
      return reportsOf("").withdraw(actor(rob, "reporter"), reportId, version)
    },
    /** Lets a held report go on. */
    resume: async (reportId: ReportId) => {
      const { version = 0 } = (await readReport(kysely, reportId)) ?? {}
      return reportsOf("").resume(actor(rob, "reporter"), reportId, version)
    },
    /** Waits until a report is filed, or held. */
    settled: async (reportId: ReportId): Promise<string> => {
      const deadline = performance.now() + 60_000
      for (;;) {
        const state = (await readReport(kysely, reportId))?.state ?? "missing"
        if (state !== "approved") return state
        if (performance.now() > deadline) throw new Error("expected the report to be settled within a minute")
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    ended: async (worker: ChildProcess): Promise<void> => {
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, "exit")
    },
  }
}

export type FilingInstallation = Awaited<ReturnType<typeof makeFilingInstallation>>

const REPORTER = {
  company: "Example Lab",
  contact: { firstName: "Trust", lastName: "Desk", email: "safety@example.org", phone: undefined },
  termsUrl: undefined,
  legalUrl: undefined,
}

function toItem({ evidenceId, ciphertextSha256, sha256: digest }: Sealed): DraftItem {
  return {
    itemId: `item-${evidenceId}`,
    evidence: { evidenceId, ciphertextSha256 },
    hasContent: true,
    foundAt: "2026-01-02T03:04:05.000Z",
    digests: { sha256: digest },
    digestsVerified: true,
    match: matchOf([aMatch()]),
    classification: "A2" as const,
    annotations: [],
    viewed: undefined,
    locations: [],
    text: undefined,
  }
}

/** A person of the custodian, signed in at the server with a role. */
export function actor({ id }: Person, role: Role): PersonActor {
  return { ...aPerson(role), id: id as PersonActor["id"] }
}
