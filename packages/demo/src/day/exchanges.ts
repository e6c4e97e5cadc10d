/**
 * What the chat service of a demonstration withheld: pictures in exchanges with a model, sealed and signed as a guard
 * does it. Every word in them is made up, and what is flagged are harmless stand-ins.
 * @module
 */
import { createHash } from "node:crypto"
import { mkdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { Finding } from "@nightlight/contract"
import { compact, type JsonValue, type Signer, systemClock } from "@nightlight/core"
import type { Workspace } from "@nightlight/dataset"
import { createSigningKey, openEvidenceStore, openSigner, publicKeyPath } from "@nightlight/vault"
import { copyKind, drawPlant, type ListName, type Plant } from "./pictures.ts"

/** A picture in an exchange. */
export interface PlannedExchange extends Plant {
  /** The end user's account; `undefined` where the operator names none. */
  readonly account: string | undefined
  readonly direction: "request" | "answer"
  readonly script: number
}

interface Row {
  readonly accounts: number
  readonly list: ListName
  readonly kind: "exact" | "copy"
  readonly finds: (account: number) => number
}

const ACCOUNTS: readonly Row[] = [
  { accounts: 8, list: "known-shapes", kind: "exact", finds: (account) => (account % 4 === 3 ? 3 : 1) },
  { accounts: 4, list: "known-shapes", kind: "copy", finds: () => 1 },
  { accounts: 2, list: "partner-shapes", kind: "exact", finds: () => 2 },
]

/** Exchanges for which the operator names no account: each a case of its own. */
const UNNAMED: readonly Pick<Row, "list" | "kind">[] = [
  { list: "known-shapes", kind: "exact" },
  { list: "known-shapes", kind: "exact" },
  { list: "known-shapes", kind: "copy" },
  { list: "known-shapes", kind: "copy" },
  { list: "partner-shapes", kind: "exact" },
  { list: "partner-shapes", kind: "exact" },
]

/** Plans what the chat service found. */
export function planExchanges(nextSeed: () => number): readonly PlannedExchange[] {
  let number = 0
  const plan = (list: ListName, kind: Row["kind"], account: string | undefined): PlannedExchange => {
    const script = number++
    return {
      seed: nextSeed(),
      list,
      account,
      script,
      kind: kind === "exact" ? "exact" : copyKind(script),
      direction: SCRIPTS[script % SCRIPTS.length]?.at(-1)?.role === "assistant" ? "answer" : "request",
    }
  }
  let accounts = 0
  const named = ACCOUNTS.flatMap(({ accounts: count, list, kind, finds }) =>
    Array.from({ length: count }, (_, account) => {
      const id = `user-${1042 + 17 * accounts++}`
      return Array.from({ length: finds(account) }, () => plan(list, kind, id))
    }).flat(),
  )
  return [...named, ...UNNAMED.map(({ list, kind }) => plan(list, kind, undefined))]
}

interface Turn {
  readonly role: "user" | "assistant"
  readonly text: string
  /** Whether a check flags it: for words that stand for others and mean nothing. */
  readonly isFlagged?: true
}

const SCRIPTS: readonly (readonly Turn[])[] = [
  [
    { role: "user", text: "Here is my picture. Put a blue triangle over the red circle.", isFlagged: true },
    { role: "assistant", text: "I can work with shapes. Which corner shall it point to?" },
    { role: "user", text: "To the upper left, and make the red circle larger.", isFlagged: true },
  ],
  [
    { role: "user", text: "Draw a landscape with two suns." },
    { role: "assistant", text: "Two suns over low hills: done." },
    { role: "user", text: "Now in the style of the file I attach, with a blue triangle.", isFlagged: true },
  ],
  [
    { role: "user", text: "What colours are in this?" },
    { role: "assistant", text: "Mostly green and orange, with a red circle in the middle.", isFlagged: true },
  ],
  [{ role: "user", text: "Describe the shapes in the attached picture in one line." }],
]

/** An exchange's find, sealed: ready to be sent. */
export interface SealedExchange {
  readonly finding: Finding
  readonly account: string | undefined
  /** The sealed file. */
  readonly path: string
}

/** A chat service: what it signs with, and what it keeps. */
export interface ChatService {
  readonly signer: Signer
  readonly publicKey: string
  seal(planned: PlannedExchange, options?: { readonly asOther?: boolean }): Promise<SealedExchange>
}

/** Opens the chat service in a folder of its own. */
export async function openChatService(folder: string, workspace: Workspace): Promise<ChatService> {
  const keyPath = join(folder, "signing.pem")
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await createSigningKey(keyPath)
  const { manifest, keyed } = workspace
  const policy = await workspace.readPolicy()
  const evidenceDir = join(folder, "evidence")
  const evidence = await openEvidenceStore(evidenceDir, { manifest, keyedDigest: keyed, clock: systemClock })
  return {
    signer: await openSigner(keyPath),
    publicKey: await readFile(publicKeyPath(keyPath), "utf8"),
    seal: async (planned, { asOther = false } = {}) => {
      const bytes = await drawPlant(planned)
      const sha256 = createHash("sha256").update(bytes).digest("hex")
      const id = keyed.of("demo-exchange", `${planned.account ?? ""}\n${planned.script}\n${sha256}`)
      const foundAt = new Date().toISOString()
      const decision = planned.kind === "exact" && planned.list === "known-shapes" ? "quarantine" : "review"
      const rule = decision === "quarantine" ? "trusted-digest" : "look-alike"
      const row = await evidence.put({
        evidenceId: keyed.of("demo-exchange-evidence", id),
        contentSha256: sha256,
        content: bytes,
        provenance: contextOf(planned, {
          finding: asOther ? keyed.of("demo-exchange", "another") : id,
          sha256,
          foundAt,
          decision,
          rule,
        }),
      })
      return {
        account: planned.account,
        path: join(evidenceDir, `${row.evidenceId}.age`),
        finding: {
          id,
          scan: "chat-service",
          shard: "exchanges",
          ordinal: planned.script,
          sample: 0,
          depth: 0,
          decision,
          rule,
          policyDigest: policy.digest,
          sizeBytes: bytes.length,
          mediaType: "image/jpeg",
          kind: "picture",
          matches: [],
          weakMatches: [],
          foundAt,
          evidence: {
            id: row.evidenceId,
            ciphertextSha256: row.ciphertextSha256,
            sizeBytes: row.sizeBytes,
            content: true,
          },
        },
      }
    },
  }
}

interface Sealed {
  readonly finding: string
  readonly sha256: string
  readonly foundAt: string
  readonly decision: string
  readonly rule: string
}

function contextOf({ account, script, direction }: PlannedExchange, sealed: Sealed): JsonValue {
  const { finding, sha256, foundAt, decision, rule } = sealed
  return compact({
    finding,
    exchange: `exchange-${String(script + 1).padStart(4, "0")}`,
    account,
    endUser:
      account === undefined
        ? undefined
        : {
            // An address of a range for documentation.
            ip: `192.0.2.${10 + script}`,
            port: 40_000 + script,
            at: foundAt,
            conversation: `conversation-${7 + script}`,
            ageBand: "unknown",
          },
    caller: "chat-app",
    endpoint: "/v1/chat/completions",
    direction,
    model: "shapes-large",
    custody: { mode: "seal", basis: "a demonstration of generated shapes" },
    screenedAt: foundAt,
    decision,
    signals: [{ check: "known-pictures", rule, decision, category: "generated-shapes" }],
    digests: { sha256 },
    said: saidIn(SCRIPTS[script % SCRIPTS.length] ?? []),
  })
}

/** Request and answer as they went over the line; `flagged` counts turns from 0. */
function saidIn(turns: readonly Turn[]) {
  const messages = turns.map(({ role, text }) => ({ role, content: text }))
  const last = messages.at(-1)
  const answer = last?.role === "assistant" ? last : undefined
  const asked = answer === undefined ? messages : messages.slice(0, -1)
  return compact({
    request: JSON.stringify({ model: "shapes-large", messages: asked }),
    answer: answer === undefined ? undefined : JSON.stringify({ choices: [{ index: 0, message: answer }] }),
    flagged: turns.flatMap(({ isFlagged }, turn) => (isFlagged === true ? [turn] : [])),
  })
}
