import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ListItem, systemClock } from "@nightlight/core"
import type { GuardWorkspace } from "@nightlight/guard"
import { buildIndex, ensureTestCardList, importList, loadDefaultPolicy } from "@nightlight/screening"
import { createSigningKey, openSigner, openVerifier } from "@nightlight/vault"
import sharp from "sharp"

/** A workspace folder with lists and an index. */
export interface TestWorkspace extends AsyncDisposable {
  readonly dir: string
  readonly configPath: string
  readonly guard: GuardWorkspace
  /** Writes `guard.yaml`. */
  configure(yaml: string): void
  write(name: string, text: string): void
}

/**
 * Makes a workspace. Its trusted list holds the SHA-256 of the given pictures, and the given hexadecimal PDQ hashes.
 */
export async function makeWorkspace(
  known: readonly Uint8Array[] = [],
  pdq: readonly string[] = [],
): Promise<TestWorkspace> {
  const dir = mkdtempSync(join(tmpdir(), "nightlight-guard-"))
  const keyPath = join(dir, "signing.pem")
  await createSigningKey(keyPath)
  const keeper = {
    signer: await openSigner(keyPath),
    verifier: await openVerifier(`${keyPath}.pub`),
    clock: systemClock,
  }
  const listsDir = join(dir, "lists")
  const indexDir = join(dir, "index")
  await ensureTestCardList(listsDir, keeper)
  const hashes = [
    ...known.map((bytes) => ["sha256", createHash("sha256").update(bytes).digest("hex")] as const),
    ...pdq.map((hash) => ["pdq", hash] as const),
  ]
  if (hashes.length > 0) await importList({ listsDir, name: "known", items: records(hashes), trust: "trusted" }, keeper)
  await buildIndex({ listsDir, indexDir }, keeper)
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text)
  return {
    dir,
    configPath: join(dir, "guard.yaml"),
    guard: { indexDir, verifier: keeper.verifier, policy: await loadDefaultPolicy() },
    configure: (yaml) => write("guard.yaml", yaml),
    write,
    [Symbol.asyncDispose]: async () => rmSync(dir, { recursive: true, force: true }),
  }
}

async function* records(hashes: readonly (readonly ["sha256" | "pdq", string])[]): AsyncGenerator<ListItem> {
  for (const [index, [hashType, hash]] of hashes.entries()) {
    yield { ok: true, line: index + 1, record: { hashType, hash, category: "known" } }
  }
}

/** A picture of coloured stripes; the same bytes for the same seed. */
export async function picture(seed: number, side = 96): Promise<Buffer> {
  const pixels = Buffer.alloc(side * side * 3)
  for (let index = 0; index < pixels.length; index++)
    pixels[index] = (Math.floor(index / (7 + seed)) * (seed * 31 + 17) + index * seed) % 256
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}

/** A picture as a `data:` URL. */
export function dataUrl(bytes: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`
}
