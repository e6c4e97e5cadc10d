import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { createClient, writeFileDetails, writeReport } from "../src/index.ts"
import { createSimulator, type SimulatorCore } from "../src/simulator/index.ts"
import { batchedReport, smallDetails } from "./support/documents.ts"
import { authorization, body, service, uploadOf } from "./support/service.ts"

const HOUR_MS = 3_600_000

describe("the simulated service", () => {
  it("asks for credentials with an empty 401", async () => {
    const { ask } = service()
    const answer = await ask({ path: "/status", method: "GET", headers: {} })
    expect(answer).toMatchObject({ httpStatus: 401, xml: "", headers: { "www-authenticate": 'Basic realm="ispws"' } })
    expect(answer.headers["request-id"]).toMatch(/\S/)
  })

  it("gives every answer a Request-ID of its own", async () => {
    const { ask, core } = service()
    const ids = [await ask({ path: "/status", method: "GET" }), await ask({ path: "/nowhere" })].map(
      ({ headers }) => headers["request-id"],
    )
    expect(new Set(ids).size).toBe(2)
    expect(core.state().calls.map(({ requestId }) => requestId)).toEqual(ids)
  })

  it("says who is asking, without a report's id", async () => {
    const answer = await service().ask({ path: "/status", method: "GET" })
    expect(answer).toMatchObject({ code: 0, description: "Remote User : provider, Remote Ip : 127.0.0.1" })
    expect(answer.of("reportId")).toBeUndefined()
  })

  it.each([
    ["/status", "POST", 405],
    ["/submit", "GET", 405],
    ["/elsewhere", "GET", 404],
  ])("does not answer %s %s", async (path, method, httpStatus) => {
    expect(await service().ask({ path, method })).toMatchObject({ httpStatus })
  })

  it("counts reports up", async () => {
    const { open } = service()
    const ids = [await open(), await open(), await open()].map(Number)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    expect(new Set(ids).size).toBe(3)
  })
})

describe("/upload", () => {
  it("answers with an opaque id and the MD5 of what it received", async () => {
    const { open, upload } = service()
    const reportId = await open()
    const answer = await upload(reportId, "")
    expect(answer).toMatchObject({ code: 0 })
    expect([answer.of("reportId"), answer.of("hash")]).toEqual([reportId, "d41d8cd98f00b204e9800998ecf8427e"])
    expect(answer.of("fileId")).toMatch(/^[0-9a-f]{32}$/)
  })

  it.each([
    ["no form", { headers: { authorization, "content-type": "text/plain" } }],
    [
      "a form that breaks off",
      { body: body('--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nhalf') },
    ],
    ["a form without a file", { body: body('--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n1\r\n--b--\r\n') }],
  ])("refuses %s", async (_, change) => {
    const { ask, core, open } = service()
    expect(await ask({ ...uploadOf(await open(), "a"), ...change })).toMatchObject({ code: 4200 })
    expect(core.state().reports[0]?.files).toEqual([])
  })

  it("reads a form in whatever pieces it comes", async () => {
    const { ask, open } = service()
    const reportId = await open()
    const content = "\r\n--a is near\r\n-\r\n--"
    const { body: whole, ...request } = uploadOf(reportId, content)
    const bytes: string[] = []
    for await (const piece of whole) bytes.push(...piece.toString("latin1").split(""))
    expect(bytes.length).toBeGreaterThan(100)
    const cut = (size: number) =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.slice(n * size, (n + 1) * size).join(""))
    const hashes = await Promise.all(
      [1, 2, 3, 7, 1000].map(async (size) => (await ask({ ...request, body: body(...cut(size)) })).of("hash")),
    )
    expect([...new Set(hashes)]).toEqual([createHash("md5").update(content).digest("hex")])
  })

  it("keeps of a file its digests and its size, and no byte", async () => {
    const { core, open, upload } = service()
    await upload(await open(), "canary-content")
    expect(core.state().reports[0]?.files).toMatchObject([{ sizeBytes: 14 }])
    expect(JSON.stringify(core.state())).not.toContain("canary-content")
  })
})

describe("/fileinfo", () => {
  it("is taken once a file", async () => {
    const { fileInfo, open, upload } = service()
    const reportId = await open()
    const { xml } = writeFileDetails(smallDetails(reportId, (await upload(reportId)).of("fileId")))
    expect(await fileInfo(xml)).toMatchObject({ code: 0 })
    expect(await fileInfo(xml)).toMatchObject({ code: 4100 })
  })

  it("refuses files and reports that are not there, and more than one address", async () => {
    const { fileInfo, open, upload } = service()
    const reportId = await open()
    expect(await fileInfo(writeFileDetails(smallDetails(reportId)).xml)).toMatchObject({ code: 5002 })
    expect(await fileInfo(writeFileDetails(smallDetails("1")).xml)).toMatchObject({ code: 5001 })
    const event = "<ipCaptureEvent><ipAddress>192.0.2.1</ipAddress></ipCaptureEvent>"
    const fileId = (await upload(reportId)).of("fileId") ?? ""
    const twice = `<fileDetails><reportId>${reportId}</reportId><fileId>${fileId}</fileId>${event}${event}</fileDetails>`
    expect(await fileInfo(twice)).toMatchObject({ code: 4100 })
  })
})

describe("a report that is", () => {
  it.each([
    ["finished", "/finish", 5102],
    ["retracted", "/retract", 5101],
  ])("%s takes nothing more", async (state, path, code) => {
    const { core, fileInfo, form, open, upload } = service()
    const id = await open()
    const fileId = (await upload(id)).of("fileId")
    expect(await form(path, id)).toMatchObject({ code: 0 })
    expect(core.state().reports).toMatchObject([{ state }])
    const answers = [
      await upload(id),
      await fileInfo(writeFileDetails(smallDetails(id, fileId)).xml),
      await form("/finish", id),
      await form("/retract", id),
    ]
    expect(answers.map((answer) => answer.code)).toEqual([code, code, code, code])
  })

  it("unknown is unknown to all", async () => {
    const { form, upload } = service()
    const answers = [await upload("1"), await form("/finish", "1"), await form("/retract", "words")]
    expect(answers.map(({ code }) => code)).toEqual([5001, 5001, 5001])
    expect(await form("/finish", "")).toMatchObject({ code: 5001 })
  })

  it("left alone is gone after a day", async () => {
    const { core, form, open } = service()
    const id = await open()
    core.advanceClock(24 * HOUR_MS)
    expect(core.state().reports).toMatchObject([{ state: "open" }])
    core.advanceClock(1)
    expect(await form("/finish", id)).toMatchObject({ code: 5001 })
    expect(core.state().reports).toMatchObject([{ state: "expired" }])
  })

  it("worked on lives for an hour after the last change, even beyond its day", async () => {
    const { core, form, fileInfo, open, upload } = service()
    const id = await open()
    core.advanceClock(23.5 * HOUR_MS)
    const fileId = (await upload(id)).of("fileId")
    core.advanceClock(0.9 * HOUR_MS)
    expect(await fileInfo(writeFileDetails(smallDetails(id, fileId)).xml)).toMatchObject({ code: 0 })
    core.advanceClock(0.9 * HOUR_MS)
    expect(await form("/finish", id)).toMatchObject({ code: 0 })
  })

  it("finished never expires", async () => {
    const { core, form, open } = service()
    const id = await open()
    await form("/finish", id)
    core.advanceClock(1000 * HOUR_MS)
    expect(await form("/retract", id)).toMatchObject({ code: 5102 })
  })
})

describe("a batched report", () => {
  const xml = writeReport(batchedReport).xml
  const describeFile = async (simulated: ReturnType<typeof service>, id: string, members: object) => {
    const fileId = (await simulated.upload(id)).of("fileId")
    return simulated.fileInfo(writeFileDetails({ ...smallDetails(id, fileId), ...members }).xml)
  }

  it("is finished with one file that is a meme, or with none", async () => {
    const simulated = service()
    const [one, none] = [await simulated.open(xml), await simulated.open(xml)]
    expect(await describeFile(simulated, one, { fileAnnotations: { viral: true } })).toMatchObject({ code: 0 })
    expect(await simulated.form("/finish", one)).toMatchObject({ httpStatus: 200, code: 0 })
    expect(await simulated.form("/finish", none)).toMatchObject({ httpStatus: 200, code: 0 })
  })

  it.each<[string, readonly object[]]>([
    ["two files", [{ fileAnnotations: { viral: true } }, { fileAnnotations: { viral: true } }]],
    ["a file that is no meme", [{}]],
    ["more said of the file than may be", [{ fileAnnotations: { viral: true }, originalFileName: "a" }]],
  ])("is not finished with %s: HTTP 400, and it can be retracted", async (_, files) => {
    const simulated = service()
    const id = await simulated.open(xml)
    for (const members of files) await describeFile(simulated, id, members)
    expect(await simulated.form("/finish", id)).toMatchObject({ httpStatus: 400, code: 4100 })
    expect(await simulated.form("/retract", id)).toMatchObject({ code: 0 })
  })
})

describe("a scripted fault", () => {
  const codesOf = async (core: SimulatorCore, calls: number) => {
    const codes: (string | undefined)[] = []
    for (let n = 0; n < calls; n++) {
      const answer = await core.handle({ method: "GET", path: "/status", headers: { authorization }, body: body() })
      codes.push(/<responseCode>(\d+)</.exec(answer.body)?.[1])
    }
    return codes
  }

  it("strikes the call it was written for, as often as it was written for", async () => {
    const { core } = service()
    core.addFault({ on: "/status", nth: 2, times: 2, kind: "code", code: 1000 })
    core.addFault({ on: "/finish", kind: "code", code: 1300 })
    expect(await codesOf(core, 5)).toEqual(["0", "1000", "1000", "0", "0"])
  })

  it("waits its turn, and is forgotten when it is told to be", async () => {
    const { core } = service()
    core.addFault({ on: "/status", kind: "code", code: 1000 })
    core.addFault({ on: "/status", kind: "code", code: 1100 })
    expect(await codesOf(core, 1)).toEqual(["1000"])
    expect(await codesOf(core, 1)).toEqual(["1100"])
    core.addFault({ on: "/status", kind: "code", code: 1000 })
    core.clearFaults()
    expect(await codesOf(core, 1)).toEqual(["0"])
  })
})

it("a client of another environment's credentials is refused", async () => {
  const core = createSimulator({ credentials: { username: "live", password: "other" }, environment: "production" })
  expect(core.state().environment).toBe("production")
  const answer = await core.handle({ method: "GET", path: "/status", headers: { authorization }, body: body() })
  expect(answer.httpStatus).toBe(401)
  expect(createClient({ credentials: { username: "a", password: "b" } }).environment).toBe("test")
})
