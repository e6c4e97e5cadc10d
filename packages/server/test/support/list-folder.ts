/** Folders of lists and their index, for tests: random hashes alone. */
import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { HashRecord, ListItem } from "@nightlight/core"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { buildIndex, ensureTestCardList, importList } from "@nightlight/screening"
import { createSigningKey, openSigner, openVerifier, publicKeyPath } from "@nightlight/vault"

/** A record of a random hash; the same number gives the same one. */
export function aRecord(n: number): HashRecord {
  return { hashType: "sha256", hash: createHash("sha256").update(`record ${n}`).digest("hex"), category: "generated" }
}

/** Makes a folder with keys; lists and index come with {@link ListFolder.add}. */
export async function makeListFolder() {
  const dir = await mkdtemp(join(tmpdir(), "nl-lists-"))
  await createSigningKey(join(dir, "signing.pem"))
  const signer = await openSigner(join(dir, "signing.pem"))
  const verifier = await openVerifier(publicKeyPath(join(dir, "signing.pem")))
  const clock = movingClock()
  const keeper = { signer, verifier, clock }
  const places = { listsDir: join(dir, "lists"), indexDir: join(dir, "index") }
  const build = async () => (await buildIndex({ ...places, keepVersions: 20 }, keeper)).version
  return {
    ...places,
    verifier,
    clock,
    /** Only the list of test cards, and no index. */
    reset: async () => {
      await rm(places.listsDir, { recursive: true, force: true })
      await rm(places.indexDir, { recursive: true, force: true })
      await ensureTestCardList(places.listsDir, keeper)
    },
    build,
    /** Makes these the trusted list `known`, and the next index. */
    add: async (...records: readonly HashRecord[]) => {
      const request = { listsDir: places.listsDir, name: "known", items: toItems(records), trust: "trusted" } as const
      await importList({ ...request, acceptShrink: true }, keeper)
      return build()
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

/** A folder of lists. */
export type ListFolder = Awaited<ReturnType<typeof makeListFolder>>

async function* toItems(records: readonly HashRecord[]): AsyncGenerator<ListItem> {
  for (const [index, record] of records.entries()) yield { ok: true, line: index + 1, record }
}
