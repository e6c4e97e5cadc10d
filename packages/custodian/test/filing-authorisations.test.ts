import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type ProvenAuthorisation, proveFilingAuthorisation } from "@nightlight/contract/custodian"
import { DAY_MS } from "@nightlight/core"
import { accepted, TEMPLATE } from "@nightlight/dev-env/custodian/filing"
import { PASSPHRASE, sha256 } from "@nightlight/dev-env/custodian/folders"
import { enrol, get, makePerson } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, refusalsOf } from "@nightlight/dev-env/custodian/serving"
import { describe, expect, it } from "vitest"
import { createFilingAuthorisations } from "../src/filing-authorisations/authorisations.ts"
import { AuthorisationBook } from "../src/filing-authorisations/book.ts"
import { createListSnapshots } from "../src/filing-authorisations/list-snapshots.ts"
import { createCustodianClient } from "../src/index.ts"
import { PasskeyBook } from "../src/people/passkey-book.ts"
import { createSignatures } from "../src/people/signatures.ts"
import { DETAILS, type Installation, makeInstallation } from "./support/authorisation-installation.ts"

describe("a filing authorisation", () => {
  it("is stored once proven by counsel and a reporter, and known after a restart", async () => {
    const installation = await makeInstallation()
    const of = await installation.proven(installation.authorisation())
    const kept = { authorisationId: of.authorisation.authorisationId, live: true, usedInDay: 0, dailyCap: 3 }
    expect(await installation.give(of)).toMatchObject({ status: 200, body: kept })
    expect(await installation.give(of)).toMatchObject({ status: 200, body: kept })
    await installation.restart()
    expect(await get(installation.socket, "/v1/filing-authorisations")).toMatchObject({
      body: { authorisations: [kept] },
    })
    expect(await journalOf(installation.dir, "filing-authorisation.granted")).toHaveLength(1)
  })

  const refused: readonly [string, (installation: Installation) => Promise<ProvenAuthorisation>, string][] = [
    [
      "of one person",
      async ({ proven, authorisation, cora }) => proven(authorisation(), [cora, cora]),
      "proofs-missing",
    ],
    [
      "of one person in both parts",
      async ({ proven, authorisation, cora }) => proven(authorisation({ reporter: cora.id }), [cora, cora]),
      "one-person",
    ],
    [
      "whose people have each other's part",
      async ({ proven, authorisation, cora, rob }) => proven(authorisation({ counsel: rob.id, reporter: cora.id })),
      "role-missing",
    ],
    [
      "that was changed after it was proven",
      async ({ proven, authorisation }) => {
        const given = await proven(authorisation())
        return { ...given, authorisation: { ...given.authorisation, dailyCap: 1000 } }
      },
      "signature-wrong",
    ],
    [
      "of a reviewer",
      async ({ proven, authorisation, cora, socket }) => {
        const ann = await enrol(socket, "ann", ["reviewer"])
        return proven(authorisation({ reporter: ann.id }), [cora, ann])
      },
      "role-missing",
    ],
    [
      "that is valid for longer than 90 days",
      async ({ proven, authorisation, time }) =>
        proven(authorisation({ expiresAt: new Date(time.now().getTime() + 91 * DAY_MS).toISOString() })),
      "valid-too-long",
    ],
    [
      "from the future",
      async ({ proven, authorisation, time }) =>
        proven(authorisation({ issuedAt: new Date(time.now().getTime() + DAY_MS).toISOString() })),
      "not-yet-valid",
    ],
    [
      "that was made long ago",
      async ({ proven, authorisation, time }) =>
        proven(authorisation({ issuedAt: new Date(time.now().getTime() - 8 * DAY_MS).toISOString() })),
      "expired",
    ],
  ]

  it.each(refused)("is refused: one %s", async (_, make, reason) => {
    const installation = await makeInstallation()
    expect(await installation.give(await make(installation))).toMatchObject({ body: { reason } })
    expect(await refusalsOf(installation.dir)).toEqual([reason])
    expect(await get(installation.socket, "/v1/filing-authorisations")).toMatchObject({ body: { authorisations: [] } })
  })

  it("is refused for two people who have the same key, kept or in a passkey", async () => {
    const { cora, authorisation } = await makeInstallation()
    // No custodian enrols such people: what it would hold if it had.
    const keys = { publicKey: cora.key.publicKey, enrolledAt: "2026-01-01T00:00:00.000Z" }
    const other = await makePerson("rob")
    const passkey = { credentialId: "AAAAAAAAAAAAAAAAAAAAAA", publicKey: cora.key.publicKey }
    for (const rob of [keys, { ...keys, publicKey: other.key.publicKey, passkey }]) {
      const find = (person: string) =>
        person === "cora"
          ? { ...keys, person, roles: ["counsel" as const] }
          : { ...rob, person, roles: ["reporter" as const] }
      const people = { find, isAdmitted: true }
      const party = { rpId: "localhost", origins: [] }
      const recorded: unknown[] = []
      const authorisations = createFilingAuthorisations({
        journal: {
          clock: { now: () => new Date("2026-06-01T12:00:00.000Z") },
          recordAll: async (events) => {
            recorded.push(...events)
            return []
          },
        },
        book: new AuthorisationBook(),
        lists: createListSnapshots(null),
        people,
        // A passkey's holder signs with the kept key only where nothing tells the custodian of the passkey.
        signatures: createSignatures({
          party,
          require: [],
          book: new PasskeyBook(),
          people: { find: (person) => ({ ...find(person), passkey: undefined }) as ReturnType<typeof find> },
        }),
      })
      const of = authorisation()
      const second = "passkey" in rob ? other.key : cora.key
      const proofs = [
        { person: "cora", key: cora.key },
        { person: "rob", key: second },
      ].map(({ person, key }) => proveFilingAuthorisation(of, person, key.privateKey))
      await expect(
        authorisations.grant({ authorisation: of, proofs: await Promise.all(proofs) }),
      ).rejects.toMatchObject({
        details: { reason: "key-taken" },
      })
      expect(recorded).toEqual([])
    }
  })

  it("is ended by either of the two, for good, and by nobody else", async () => {
    const installation = await makeInstallation()
    const sue = await enrol(installation.socket, "sue", ["counsel"])
    for (const by of [installation.rob, installation.cora]) {
      const authorisationId = await installation.stand()
      expect(await installation.revoke(authorisationId, sue)).toMatchObject({ body: { reason: "role-missing" } })
      expect(await installation.revoke(authorisationId, sue, by.id)).toMatchObject({
        body: { reason: "signature-wrong" },
      })
      expect(await installation.revoke(authorisationId, by)).toMatchObject({ status: 200, body: { live: false } })
      await installation.restart()
      expect(await (await installation.automatic(authorisationId)).open()).toMatchObject({
        body: { reason: "no-authorisation" },
      })
    }
    expect(await installation.reports()).toEqual([])
  })
})

describe("an automatic filing", () => {
  it("is done while its authorisation is live, without a person's proof", async () => {
    const installation = await makeInstallation()
    const report = await installation.automatic(await installation.stand())
    accepted(await report.open())
    const { fileId = "" } = accepted(await report.upload("item-1"))
    accepted(await report.describe("item-1", { fileId, details: DETAILS, template: TEMPLATE }))
    accepted(await report.finish())
    expect(await installation.reports()).toMatchObject([{ state: "finished" }])
    expect(await journalOf(installation.dir, "grant.used")).toMatchObject([
      { data: { purpose: "automatic-filing", provenBy: [], lists: ["known"] } },
    ])
  })

  it.each<[string, (installation: Installation) => Promise<Awaited<ReturnType<Installation["automatic"]>>>, string]>([
    ["without an authorisation", async ({ automatic }) => automatic("authorisation-none"), "no-authorisation"],
    [
      "for another list",
      async ({ automatic, stand }) => automatic(await stand(), { lists: ["known", "other"] }),
      "other-authorisation",
    ],
    [
      "for another host",
      async ({ automatic, stand }) => automatic(await stand({ environment: "production" })),
      "other-authorisation",
    ],
    [
      "after it expired",
      async ({ automatic, stand, time }) => {
        const authorisationId = await stand()
        time.pass(31 * DAY_MS)
        return automatic(authorisationId)
      },
      "no-authorisation",
    ],
    [
      "once one of its people is believed no longer",
      async ({ automatic, stand, socket }) => {
        const authorisationId = await stand()
        await createCustodianClient(socket).revoke(PASSPHRASE, "rob")
        return automatic(authorisationId)
      },
      "no-authorisation",
    ],
    ["of no file", async ({ automatic, stand }) => automatic(await stand(), { files: [] }), "malformed"],
    [
      "of evidence that is not what was granted",
      async ({ automatic, stand, files }) =>
        automatic(await stand(), {}, [
          { evidence: { ...files[0]!.evidence, ciphertextSha256: "0".repeat(64) }, details: DETAILS },
        ]),
      "evidence-faulty",
    ],
  ])("is refused %s", async (_, make, reason) => {
    const installation = await makeInstallation()
    const report = await make(installation)
    expect(await report.open()).toMatchObject({ body: { reason } })
    expect(await installation.reports()).toEqual([])
    expect(await journalOf(installation.dir, "grant.used")).toEqual([])
  })

  it("never says that somebody viewed a file", async () => {
    const installation = await makeInstallation()
    for (const details of [{ fileViewedByEsp: true }, {}]) {
      const files = [{ evidence: installation.files[0]!.evidence, details }]
      const report = await installation.automatic(await installation.stand(), {}, files)
      accepted(await report.open())
      const { fileId = "" } = accepted(await report.upload("item-1"))
      expect(await report.describe("item-1", { fileId, details, template: TEMPLATE })).toMatchObject({
        body: { reason: "view-not-attested" },
      })
    }
  })

  it("stops at the cap of any 24 hours, also over a restart, and what was begun goes on", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand({ dailyCap: 2 })
    const first = await installation.automatic(authorisationId)
    accepted(await first.open())
    accepted(await first.retract())
    accepted(await (await installation.automatic(authorisationId)).open())
    await installation.restart()
    expect(await (await installation.automatic(authorisationId)).open()).toMatchObject({
      body: { reason: "daily-cap" },
    })
    accepted(await first.open(2))
    installation.time.pass(DAY_MS)
    accepted(await (await installation.automatic(authorisationId)).open())
  })
})

describe("an automatic filing", () => {
  it("is refused for a file that is in none of the snapshots, whatever list the grant names", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand()
    const other = await installation.seal({ evidenceId: "item-2", content: await picture(2) })
    const mixed = [...installation.files, { evidence: other, details: DETAILS }]
    for (const given of [[{ evidence: other, details: DETAILS }], mixed]) {
      const asked = await installation.automatic(authorisationId, { lists: ["known", "partner"] }, given)
      expect(await asked.open()).toMatchObject({ status: 403, body: { reason: "not-listed" } })
    }
    const right = await installation.automatic(authorisationId, { lists: ["partner"] })
    accepted(await right.open())
    expect(await installation.reports()).toHaveLength(1)
  })

  it("is made for two sealed files with the same content, which one line of a list names", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand()
    const twin = await installation.seal({ evidenceId: "item-2", content: await picture(1) })
    for (const list of ["known", "partner"]) {
      const files = [...installation.files, { evidence: twin, details: DETAILS }]
      const asked = await installation.automatic(authorisationId, { lists: [list] }, files)
      accepted(await asked.open())
    }
  })

  it("is refused when a snapshot was changed, replaced or deleted after two people named it", async () => {
    const installation = await makeInstallation()
    const authorisationId = await installation.stand()
    const other = await picture(2)
    const evidence = await installation.seal({ evidenceId: "item-2", content: other })
    const path = join(installation.lists, "known.hashes")
    for (const text of [`sha256:${sha256(other)}\n`, ""]) {
      await writeFile(path, text)
      const asked = await installation.automatic(authorisationId, {}, [{ evidence, details: DETAILS }])
      expect(await asked.open()).toMatchObject({ status: 403, body: { reason: "other-list" } })
    }
    await rm(path)
    expect(await (await installation.automatic(authorisationId)).open()).toMatchObject({
      body: { reason: "other-list" },
    })
    expect(await installation.reports()).toEqual([])
  })

  it("needs exactly one snapshot of each list", async () => {
    const installation = await makeInstallation()
    const [first] = installation.snapshots
    for (const snapshots of [
      [first!],
      [first!, first!],
      [...installation.snapshots, { list: "third", sha256: "0".repeat(64) }],
    ]) {
      const given = await installation.proven(installation.authorisation({ snapshots }))
      expect(await installation.give(given)).toMatchObject({ status: 400, body: { reason: "malformed" } })
    }
    expect(await get(installation.socket, "/v1/lists")).toMatchObject({ body: { snapshots: installation.snapshots } })
  })
})
