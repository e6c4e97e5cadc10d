import { createHash } from "node:crypto"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import {
  makePusher,
  makeSite,
  type Pusher,
  picture,
  type Sealed,
  type Site,
} from "@nightlight/dev-env/server/intake-site"
import { generateIdentity, recipientOf } from "@nightlight/vault"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { accountIn } from "../../src/filing/reports/draft/context.ts"

/**
 * Somebody has a source's signing key and its key of the service. What they say is verified by nothing: our own lists
 * and the custodian's own eyes decide.
 */
describe("somebody with a stolen service key", () => {
  const db = useDatabase()
  let site: Site
  let installation: Installation
  let pusher: Pusher
  let source: string
  let key: string
  let known: Uint8Array

  beforeAll(async () => {
    site = await makeSite()
    known = await picture(1)
    await site.list(await site.recordsOf(known))
    installation = await makeInstallation(site, db)
    pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
    // One that may name accounts: what it could do worst.
    ;({ source, key } = await installation.enrol(pusher, true))
  })
  afterAll(async () => {
    await installation?.close()
    await pusher?.[Symbol.asyncDispose]()
    await site?.[Symbol.asyncDispose]()
  })

  async function push({ finding, row, ciphertext }: Sealed, as: Pusher = pusher): Promise<void> {
    await installation.push(key, as.line(source, finding))
    await installation.upload(key, row.evidenceId, ciphertext)
    await installation.work()
  }

  const wrong: readonly [string, () => Promise<void>][] = [
    ["a match that our lists deny", async () => push(await pusher.seal({ content: await picture(70) }))],
    [
      "the digests of a listed item for another one",
      async () => {
        const { md5, sha1, sha256 } = await site.fingerprint(known)
        await push(
          await pusher.seal({
            content: await picture(71),
            provenance: { digests: { md5, sha1, sha256 }, account: "u-1" },
          }),
        )
      },
    ],
    [
      "a sealed file that the custodian has no key to",
      async () => {
        const recipients = await Promise.all(
          site.manifest.recipients.map(async (entry) => ({
            ...entry,
            recipient: await recipientOf(await generateIdentity()),
          })),
        )
        await using other = await makePusher({ ...site.manifest, recipients }, site.clock, site.fingerprint)
        const sealed = await other.seal({ content: known })
        await push(sealed)
      },
    ],
    [
      "another sealed file under the id of a finding",
      async () => {
        const sealed = await pusher.seal({ content: known, provenance: { finding: "e".repeat(64) } })
        await push(sealed)
      },
    ],
    [
      "a sealed file that was damaged",
      async () => {
        const sealed = await pusher.seal({ content: known })
        const broken = Buffer.from(sealed.ciphertext)
        broken[200] = (broken[200] ?? 0) ^ 1
        const ciphertextSha256 = createHash("sha256").update(broken).digest("hex")
        const evidence = { ...sealed.finding.evidence!, ciphertextSha256 }
        await push({ ...sealed, finding: { ...sealed.finding, evidence }, ciphertext: broken })
      },
    ],
    [
      "a finding that another key signed",
      async () => {
        await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
        await push(await other.seal({ content: known }), other)
      },
    ],
  ]

  it.each(wrong)("brings no case about by %s, and so no report and no act on an account", async (_, attempt) => {
    const raised = (await installation.alarms.list(true)).length
    const before = await installation.events({ type: "finding.verified" })
    await attempt()
    expect(await installation.events({ type: "finding.verified" })).toHaveLength(before.length)
    for (const table of ["cases", "case_items", "item_locations", "reports"] as const) {
      expect(await db.database.kysely.selectFrom(table).selectAll().execute()).toEqual([])
    }
    expect((await installation.alarms.list(true)).length).toBeGreaterThanOrEqual(raised)
  })

  it("raised alarms by it, and is known by them", async () => {
    const alarms = await installation.alarms.list(true)
    expect(alarms.map(({ code }) => code)).toEqual(expect.arrayContaining(["finding-refused", "match-denied"]))
    expect(alarms.map(({ subject }) => subject)).toContain(source)
  })

  it("names no account where the source may not: what it says of one is not the operator's own channel", async () => {
    await using lowly = await makePusher(site.manifest, site.clock, site.fingerprint)
    const enrolled = await installation.enrol(lowly, false)
    const { finding, row, ciphertext } = await lowly.seal({ content: known, provenance: { account: "canary-account" } })
    await installation.push(enrolled.key, lowly.line(enrolled.source, finding))
    await installation.upload(enrolled.key, row.evidenceId, ciphertext)
    await installation.work()
    const [made] = await db.database.kysely.selectFrom("cases").select(["case_id", "kind"]).execute()
    expect(made?.kind).toBe("dataset")
    const [place] = await installation.cases.contexts.openAll(db.database.kysely, made?.case_id as never)
    expect(accountIn(place?.context.found ?? null)).toBeUndefined()
    expect(place?.context.found).toMatchObject({ unprovenAccount: "canary-account" })
  })
})
