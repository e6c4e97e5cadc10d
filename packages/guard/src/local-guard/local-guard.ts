/**
 * The local guard of the conformance suite: its workspace is a temporary folder that is removed when the run is over.
 * @module
 */
import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ListItem, systemClock } from "@nightlight/core"
import { buildIndex, ensureTestCardList, importList, loadDefaultPolicy } from "@nightlight/screening"
import { createSigningKey, openSigner, openVerifier } from "@nightlight/vault"
import { createRemoteContent } from "../remote/egress.ts"
import { startGuard } from "../start.ts"

/** A local guard that runs until it is disposed. */
export interface LocalGuard extends AsyncDisposable {
  /** Base URL. */
  readonly url: string
}

/** The upstream, and the content to be blocked. */
export interface LocalGuardOptions {
  /** Base URL of its upstream. */
  readonly upstreamUrl: string
  /** Phrase that the guard blocks. */
  readonly phrase: string
  /** Files of pictures that the guard blocks. */
  readonly pictures: readonly Uint8Array[]
}

/**
 * Starts a guard as `nightlight guard` does, with every endpoint open: the test cards and the given pictures as its
 * lists, one phrase as its patterns. Needs no workspace and leaves nothing behind.
 *
 * @throws {DependencyError} where the decoder cannot start or no port is free.
 */
export async function startLocalGuard({ upstreamUrl, phrase, pictures }: LocalGuardOptions): Promise<LocalGuard> {
  await using opened = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), "nightlight-conformance-"))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const keyPath = join(dir, "signing.pem")
  await createSigningKey(keyPath)
  const verifier = await openVerifier(`${keyPath}.pub`)
  const keeper = { signer: await openSigner(keyPath), verifier, clock: systemClock }
  const listsDir = join(dir, "lists")
  const indexDir = join(dir, "index")
  await ensureTestCardList(listsDir, keeper)
  // With test cards only, no list would screen and the guard would not start.
  await importList({ listsDir, name: "conformance", items: known(pictures), trust: "trusted" }, keeper)
  await buildIndex({ listsDir, indexDir }, keeper)
  const configPath = join(dir, "guard.yaml")
  await writeFile(configPath, CONFIG, { mode: 0o600 })
  await writeFile(join(dir, "patterns.yaml"), patternsOf(phrase), { mode: 0o600 })
  const guard = await startGuard({
    configPath,
    workspace: { indexDir, verifier, policy: await loadDefaultPolicy() },
    upstreamUrl,
    port: 0,
    adminPort: 0,
    remote: createRemoteContent(),
  })
  opened.defer(() => guard.stop(0))
  const lasting = opened.move()
  return { url: guard.url, [Symbol.asyncDispose]: () => lasting.disposeAsync() }
}

/** It decodes only its own test pictures, so it may run where nothing isolates a decoder. */
const CONFIG = `version: 1
decoder: { withoutIsolation: accept }
checks:
  - { kind: hash-match }
  - { kind: patterns, name: conformance, file: patterns.yaml }
`

function patternsOf(phrase: string): string {
  return `version: 1\nrules:\n  - { name: marker, phrases: [${JSON.stringify(phrase)}] }\n`
}

/** The SHA-256 of each file. */
async function* known(files: readonly Uint8Array[]): AsyncGenerator<ListItem> {
  for (const [index, file] of files.entries()) {
    const hash = createHash("sha256").update(file).digest("hex")
    yield { ok: true, line: index + 1, record: { hashType: "sha256", hash, category: "known" } }
  }
}
