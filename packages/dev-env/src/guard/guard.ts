import { type Guard, type GuardOptions, startGuard } from "@nightlight/guard"
import OpenAI from "openai"
import { type MockUpstream, startUpstream } from "./upstream.ts"
import { makeWorkspace, type TestWorkspace } from "./workspace.ts"

/** A guard with everything around it. */
export interface TestGuard extends AsyncDisposable {
  readonly guard: Guard
  readonly upstream: MockUpstream
  readonly workspace: TestWorkspace
  readonly client: OpenAI
}

/** Phrases that the tests' guards block. */
export const PATTERNS = `version: 1
rules:
  - name: canary
    phrases: ["canary-phrase", "forbidden words"]
  - name: quiet
    phrases: ["shadow-phrase"]
    shadow: true
`

/** The tests' configuration: pictures against the lists, texts against {@link PATTERNS}. */
export const CONFIG = `version: 1
endpoints: [chat]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
`

/** What {@link startTestGuard} takes beside the known pictures. */
export type TestGuardOptions = Partial<GuardOptions> & {
  readonly config?: string
  /** Written beside `guard.yaml`. */
  readonly files?: Readonly<Record<string, string>>
  /** PDQ hashes in a trusted list, hexadecimal. */
  readonly knownPdq?: readonly string[]
  /** For guards without a real list: pictures pass unscreened. */
  readonly exceptImages?: boolean
  /** Done with the folder of the workspace before the guard starts. */
  readonly prepare?: (dir: string) => void
}

/** An exception in force for pictures in. */
export function imageException(): string {
  const until = new Date(Date.now() + 86_400_000).toISOString()
  return `exceptions:\n  - { surface: chat.input.image, reason: a test, approvedBy: [ada, bob], until: "${until}" }\n`
}

/** Starts a guard before a mock upstream. */
export async function startTestGuard(
  known: readonly Uint8Array[],
  { config = CONFIG, files = {}, exceptImages = false, knownPdq = [], prepare, ...options }: TestGuardOptions = {},
): Promise<TestGuard> {
  const workspace = await makeWorkspace(known, knownPdq)
  workspace.configure(exceptImages ? config + imageException() : config)
  for (const [name, text] of Object.entries(files)) workspace.write(name, text)
  workspace.write("patterns.yaml", PATTERNS)
  prepare?.(workspace.dir)
  const upstream = await startUpstream()
  const guard = await startGuard({
    configPath: workspace.configPath,
    workspace: workspace.guard,
    upstreamUrl: upstream.url,
    port: 0,
    adminPort: 0,
    decoderProcesses: 1,
    ...options,
  })
  return {
    guard,
    upstream,
    workspace,
    client: new OpenAI({ baseURL: guard.url, apiKey: "caller-key", maxRetries: 2 }),
    [Symbol.asyncDispose]: async () => {
      await guard.stop(0)
      await upstream.close()
      await workspace[Symbol.asyncDispose]()
    },
  }
}
