import { createHash } from "node:crypto"
import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { type ClassifierService, classifierService, FAULTS, moderationAnswers } from "./classifier-service.ts"

/** A call that a client made, as the guard answered it. */
export interface Call {
  /** The exchange's id at the guard: every call that reached it has its own. */
  readonly exchange: string
  readonly status: number
  /** Without what differs from call to call. */
  readonly headers: Readonly<Record<string, string>>
  /** The body of an error; empty for anything else. */
  readonly error: string
}

/** A guard for client libraries: keys that are trusted and not, and a classifier that can be made to fail. */
export interface ClientGuard extends TestGuard {
  /** Every call since the last {@link reset}, retries included. */
  readonly calls: readonly Call[]
  /** The `fetch` for a library: it records {@link calls}. */
  readonly fetch: typeof globalThis.fetch
  /** Keys by what they are. */
  readonly keys: { readonly trusted: string; readonly other: string }
  /** How many questions about {@link UNANSWERED} the classifier fails from now on. */
  failNext(questions: number): void
  reset(): void
}

/** Words about which the classifier can be made to fail. */
export const UNANSWERED = "unanswered-phrase"

const digest = (key: string) => createHash("sha256").update(key).digest("hex")

function configOf(origin: string): string {
  const until = new Date(Date.now() + 86_400_000).toISOString()
  const exceptions = ["responses.output.image", "responses.input.image"].map(
    (surface) => `  - { surface: ${surface}, reason: a test, approvedBy: [ada, bob], until: "${until}" }`,
  )
  return `version: 1
endpoints: [chat, responses, images.generations]
keysFile: keys.yaml
upstream: { auth: none }
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
  - kind: moderation
    name: model
    retries: 0
    breakerFailures: 1000
    # The same words are asked about in every test.
    remember: { entries: 0 }
    egress: { origin: "${origin}", region: here, contractReference: none }
    rules: [{ label: violence, threshold: 0.5 }]
exceptions:
${exceptions.join("\n")}
`
}

/** Starts it. The pictures given are known. */
export async function startClientGuard(known: readonly Uint8Array[]): Promise<ClientGuard> {
  const answers = moderationAnswers(() => 0)
  let failing = 0
  const classifier: ClassifierService = await classifierService((asked, response) => {
    if (failing === 0 || !JSON.stringify(asked.body).includes(UNANSWERED)) return answers(asked, response)
    failing--
    return FAULTS["status 503"]?.(asked, response)
  })
  const keys = { trusted: "our-key", other: "app-key" }
  const test = await startTestGuard(known, {
    config: configOf(classifier.origin),
    files: {
      "keys.yaml": `version: 1
keys:
  - { id: ours, sha256: "${digest(keys.trusted)}", trusted: true }
  - { id: app, sha256: "${digest(keys.other)}" }
`,
    },
  })
  const calls: Call[] = []
  return {
    ...test,
    calls,
    keys,
    fetch: async (...of) => {
      const answer = await fetch(...of)
      const { date: _date, "x-request-id": exchange = "", ...headers } = Object.fromEntries(answer.headers)
      const error = answer.status < 400 ? "" : await answer.clone().text()
      calls.push({ exchange, status: answer.status, headers, error })
      return answer
    },
    failNext: (questions) => {
      failing = questions
    },
    reset: () => {
      failing = 0
      calls.length = 0
      test.upstream.seen.length = 0
    },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]()
      await classifier[Symbol.asyncDispose]()
    },
  }
}

/** The same answer, whatever exchange it came in. */
export function answerOf({ status, headers, error }: Call): Omit<Call, "exchange"> {
  return { status, headers, error }
}
