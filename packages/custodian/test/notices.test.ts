import { get, post } from "@nightlight/dev-env/custodian/people"
import { journalOf, serveSite } from "@nightlight/dev-env/custodian/serving"
import { AUDIT_GENESIS, chainAuditEvent, toAuditLine } from "@nightlight/vault/audit"
import { describe, expect, it } from "vitest"

/** Lines of a log. */
function lines(...types: readonly string[]): string[] {
  let head = { seq: 0, hash: AUDIT_GENESIS }
  return types.map((type) => {
    const event = chainAuditEvent(
      { type, actor: "person-1", data: { subject: "person-2" } },
      "2026-06-01T00:00:00.000Z",
      head,
    )
    head = { seq: event.seq, hash: event.hash }
    return toAuditLine(event).trimEnd()
  })
}

describe("a notice of the server", () => {
  it("is in the journal once, is returned in order, and is kept over a restart", async () => {
    const site = await serveSite({ locked: true })
    const [deactivated = "", revoked = ""] = lines("person.deactivated", "key.revoked")
    expect((await post(site.socket, "/v1/notices", { lines: [deactivated] })).body).toEqual({ accepted: 1 })
    expect((await post(site.socket, "/v1/notices", { lines: [deactivated, revoked, revoked] })).body).toEqual({
      accepted: 1,
    })
    await site.restart()
    const { body } = await get(site.socket, "/v1/notices?after=0")
    expect(body).toMatchObject({
      notices: [
        { type: "person.deactivated", logSeq: 1, actor: "person-1", data: { subject: "person-2" } },
        { type: "key.revoked", logSeq: 2 },
      ],
    })
    expect(body).not.toHaveProperty("next")
    expect((await get(site.socket, "/v1/notices?after=1")).body).toMatchObject({ notices: [{ logSeq: 2 }] })
    const { notices } = body as { readonly notices: readonly { readonly logHash: string }[] }
    const hashes = [notices[0]?.logHash ?? "", "0".repeat(64)]
    expect((await post(site.socket, "/v1/notices/known", { hashes })).body).toEqual({ unknown: ["0".repeat(64)] })
    const types = (await journalOf(site.dir)).map(({ type }) => type)
    expect(types.filter((type) => type === "notice.accepted")).toHaveLength(2)
  })

  it.each([
    ["an event of another type", lines("case.claimed")],
    ["a line whose hash is not its own", [(lines("key.revoked")[0] ?? "").replace("person-2", "person-3")]],
    ["no line", ["{}"]],
    ["nothing", []],
  ])("is refused as a whole for %s", async (_, wrong) => {
    const site = await serveSite({ locked: true })
    const answer = await post(site.socket, "/v1/notices", {
      lines: [...lines("person.deactivated"), ...wrong].slice(wrong.length === 0 ? 1 : 0),
    })
    expect(answer.status).toBe(400)
    expect((await get(site.socket, "/v1/notices")).body).toEqual({ notices: [] })
  })
})
