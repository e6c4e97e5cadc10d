import { createHash } from "node:crypto"
import { makePusher, type Pusher, picture, type Sealed } from "@nightlight/dev-env/server/intake-site"
import { generateIdentity, recipientOf } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { accountIn } from "../../src/filing/reports/draft/context.ts"
import { usePushingSource } from "../support/pushing-source.ts"

/**
 * Somebody has a source's signing key and its key of the service. What they say is verified by nothing: our own lists
 * and the custodian's own eyes decide.
 */
describe("whoever holds a stolen service key", () => {
  // One that may name accounts: what it could do worst.
  const pushing = usePushingSource({ namesAccounts: true })

  async function push({ finding, row, ciphertext }: Sealed, as: Pusher = pushing.pusher): Promise<void> {
    await pushing.installation.push(pushing.key, as.line(pushing.source, finding))
    await pushing.installation.upload(pushing.key, row.evidenceId, ciphertext)
    await pushing.installation.work()
  }

  const wrong: readonly [string, () => Promise<void>][] = [
    ["a match that our lists deny", async () => push(await pushing.pusher.seal({ content: await picture(70) }))],
    [
      "the digests of a listed item for another one",
      async () => {
        const { md5, sha1, sha256 } = await pushing.site.fingerprint(pushing.known)
        await push(
          await pushing.pusher.seal({
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
          pushing.site.manifest.recipients.map(async (entry) => ({
            ...entry,
            recipient: await recipientOf(await generateIdentity()),
          })),
        )
        await using other = await makePusher(
          { ...pushing.site.manifest, recipients },
          pushing.site.clock,
          pushing.site.fingerprint,
        )
        const sealed = await other.seal({ content: pushing.known })
        await push(sealed)
      },
    ],
    [
      "another sealed file under the id of a finding",
      async () => {
        const sealed = await pushing.pusher.seal({ content: pushing.known, provenance: { finding: "e".repeat(64) } })
        await push(sealed)
      },
    ],
    [
      "a sealed file that was damaged",
      async () => {
        const sealed = await pushing.pusher.seal({ content: pushing.known })
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
        await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
        await push(await other.seal({ content: pushing.known }), other)
      },
    ],
  ]

  it.each(wrong)("brings no case about by %s, and so no report and no act on an account", async (_, attempt) => {
    const raised = (await pushing.installation.alarms.list(true)).length
    const before = await pushing.installation.events({ type: "finding.verified" })
    await attempt()
    expect(await pushing.installation.events({ type: "finding.verified" })).toHaveLength(before.length)
    for (const table of ["cases", "case_items", "item_locations", "reports"] as const) {
      expect(await pushing.db.database.kysely.selectFrom(table).selectAll().execute()).toEqual([])
    }
    expect((await pushing.installation.alarms.list(true)).length).toBeGreaterThanOrEqual(raised)
  })

  it("raised alarms by it, and is known by them", async () => {
    const alarms = await pushing.installation.alarms.list(true)
    expect(alarms.map(({ code }) => code)).toEqual(expect.arrayContaining(["finding-refused", "match-denied"]))
    expect(alarms.map(({ subject }) => subject)).toContain(pushing.source)
  })

  it("names no account where the source may not: what it says of one is not the operator's own channel", async () => {
    await using lowly = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const enrolled = await pushing.installation.enrol(lowly, false)
    const { finding, row, ciphertext } = await lowly.seal({
      content: pushing.known,
      provenance: { account: "canary-account" },
    })
    await pushing.installation.push(enrolled.key, lowly.line(enrolled.source, finding))
    await pushing.installation.upload(enrolled.key, row.evidenceId, ciphertext)
    await pushing.installation.work()
    const [made] = await pushing.db.database.kysely.selectFrom("cases").select(["case_id", "kind"]).execute()
    expect(made?.kind).toBe("dataset")
    const [place] = await pushing.installation.cases.contexts.openAll(
      pushing.db.database.kysely,
      made?.case_id as never,
    )
    expect(accountIn(place?.context.found ?? null)).toBeUndefined()
    expect(place?.context.found).toMatchObject({ unprovenAccount: "canary-account" })
  })
})
