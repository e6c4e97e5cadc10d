import { type Guard, type GuardOptions, startGuard } from "@nightlight/guard"
import OpenAI from "openai"
import { type MockUpstream, startUpstream } from "./upstream.ts"
import { makeWorkspace, type TestWorkspace } from "./workspace.ts"

/** A guard with its workspace and mock upstream. */
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

/** The tests' configuration: checks pictures against lists and texts against {@link PATTERNS}. */
export const CONFIG = `version: 1
endpoints: [chat]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
`

/** Options of {@link startTestGuard}, besides the known pictures. */
export type TestGuardOptions = Partial<GuardOptions> & {
  readonly config?: string
  /** Contents of files beside `guard.yaml`, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** PDQ hashes in a trusted list, hexadecimal. */
  readonly knownPdq?: readonly string[]
  /** Lets pictures pass unscreened, for guards without a real list. */
  readonly exceptImages?: boolean
  /** Called with the workspace's folder before the guard starts. */
  readonly prepare?: (dir: string) => void
}

/** YAML of an exception in force for input pictures. */
export function imageException(): string {
  const until = new Date(Date.now() + 86_400_000).toISOString()
  return `exceptions:\n  - { surface: chat.input.image, reason: a test, approvedBy: [ada, bob], until: "${until}" }\n`
}

/** Starts a guard in front of a mock upstream. */
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
