import { compact } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { createHttpDetector } from "../../src/checks/classifiers/http-detector.ts"
import { createModeration } from "../../src/checks/classifiers/moderation.ts"
import { assertBasesInForce, assertPicturesLast, classifierStages } from "../../src/config/classifier-stages.ts"
import { CheckConfig } from "../../src/config/schema.ts"
import { createEngine } from "../../src/engine/engine.ts"
import type { CheckItem } from "../../src/inspect/inspectable.ts"
import { type Answers, classifierService, moderationAnswers } from "../support/classifier-service.ts"
import { chatContext } from "../support/held.ts"

const egress = { origin: "http://10.0.0.5:8000", region: "own", contractReference: "own" }
const rules = [{ label: "sexual", threshold: 0.5, decision: "block" }]
const BASIS = { reason: "the vendor's terms of May, section 3", recordedBy: "ada", until: "2026-12-31T00:00:00Z" }

const list = CheckConfig.parse({ kind: "hash-match" })
const moderation = (name: string, over: object = {}) =>
  CheckConfig.parse({ kind: "moderation", name, egress, rules, ...over })
const detector = (name: string, over: object = {}) =>
  CheckConfig.parse({
    kind: "http-detector",
    name,
    egress,
    path: "/x",
    media: ["text", "image"],
    rules,
    request: { text: "{{text}}", image: "{{image}}" },
    ...over,
  })
const stages = (...configs: CheckConfig[]) => Object.fromEntries(classifierStages(configs))

describe("the stages of classifiers", () => {
  it("run the operator's detectors and policy models first and general moderation last, whatever their order in the file", () => {
    const guard = CheckConfig.parse({ kind: "llama-guard", name: "guard", egress, model: "m", version: 4 })
    expect(stages(moderation("general"), list, detector("own"), guard)).toEqual({ general: 1, own: 0, guard: 0 })
    expect(stages(moderation("general"))).toEqual({ general: 0 })
  })

  it("follow `after`, through any number of checks", () => {
    expect(
      stages(
        list,
        detector("third", { after: ["second"] }),
        detector("second", { after: ["first", "lists"] }),
        detector("first"),
        moderation("general"),
      ),
    ).toEqual({ first: 0, second: 1, third: 2, general: 3 })
    expect(stages(moderation("early", { after: [] }), detector("own", { after: ["early"] }))).toEqual({
      early: 0,
      own: 1,
    })
    expect(stages(moderation("early"), detector("own", { after: ["early"] }))).toEqual({ early: 0, own: 1 })
  })

  it.each([
    ["a name that there is not", [detector("own", { after: ["nobody"] })], "nobody"],
    ["itself", [detector("own", { after: ["own"] })], "own, own"],
    [
      "a circle",
      [detector("a", { after: ["b"] }), detector("b", { after: ["c"] }), detector("c", { after: ["a"] })],
      "a, b, c, a",
    ],
  ] as const)("are refused with %s, by name", (_, configs, said) => {
    expect(() => classifierStages(configs)).toThrow(
      expect.objectContaining({ code: "config_invalid", message: expect.stringContaining(said) }),
    )
  })
})

describe("pictures to a moderation service", () => {
  const withPictures = (over: object = {}) => moderation("general", { images: true, imagesBasis: BASIS, ...over })
  const check = (...configs: CheckConfig[]) => assertPicturesLast(configs, classifierStages(configs))

  it("are refused without a recorded legal basis, whoever runs the service", () => {
    for (const origin of ["https://api.openai.com", "http://10.0.0.5:8000"]) {
      expect(() => moderation("general", { images: true, egress: { ...egress, origin } })).toThrow(/imagesBasis/)
    }
    for (const key of ["reason", "recordedBy", "until"]) {
      expect(() => withPictures({ imagesBasis: { ...BASIS, [key]: undefined } })).toThrow()
    }
    expect(moderation("general")).toMatchObject({ images: false })
  })

  it("are refused when the legal basis has ended, or lasts longer than a year", () => {
    expect(() => assertBasesInForce([withPictures()], new Date("2026-12-30T00:00:00Z"))).not.toThrow()
    expect(() => assertBasesInForce([withPictures()], new Date("2027-01-01T00:00:00Z"))).toThrow(/has ended/)
    expect(() => assertBasesInForce([withPictures()], new Date("2025-01-01T00:00:00Z"))).toThrow(/longer than a year/)
  })

  it("come only after hash matches and every detector for pictures", () => {
    expect(() => check(list, detector("own"), withPictures())).not.toThrow()
    expect(() => check(detector("own"), withPictures())).toThrow(/no hash-match/)
    expect(() => check(list, detector("own"), withPictures({ after: [] }))).toThrow(/must come after own/)
    expect(() => check(list, detector("own", { media: ["text"] }), withPictures({ after: [] }))).not.toThrow()
    expect(() => check(list, detector("own", { after: ["general"] }), withPictures())).toThrow(/must come after own/)
  })
})

describe("a stage", () => {
  const place = { role: "user", choice: 0, path: "messages[0].content" } as const
  const WORDS: CheckItem = { ...place, kind: "text", channel: "text", text: "hello" }
  const PICTURE: CheckItem = { ...place, kind: "bytes", channel: "image", bytes: new Uint8Array(8) }

  async function look(own: Answers, over: { shadow?: boolean; openUntil?: string } = {}) {
    await using detecting = await classifierService(own)
    await using general = await classifierService(moderationAnswers(() => 0))
    const { shadow = false, openUntil } = over
    const shared = { path: "/x", directions: ["input"], deadlineMs: 10_000 } as const
    const checks = [
      createModeration({
        ...shared,
        name: "general",
        service: general.service,
        stage: 1,
        model: "omni",
        images: true,
        rules: [{ label: "sexual", threshold: 0.5, decision: "block" }],
      }),
      createHttpDetector({
        ...shared,
        name: "own",
        service: detecting.service,
        media: ["text", "image"],
        ask: "message",
        ...compact({ openUntil }),
        request: { text: "{{text}}", image: "{{image}}" },
        answer: { labels: "/labels" },
        rules: [{ label: "found", threshold: 0.5, decision: "block", shadow }],
      }),
    ]
    const engine = createEngine({ checks, isExcepted: () => false, now: () => new Date() })
    const context = chatContext("input")
    const outcome = await engine.run([WORDS, PICTURE], context, new AbortController().signal)
    const sent = general.asked.flatMap(({ body }) => body["input"] as unknown[])
    return { outcome, words: sent.includes("hello"), pictures: sent.filter((one) => typeof one === "object").length }
  }
  const scores =
    (ofPicture: number): Answers =>
    ({ body }) => ({ labels: { found: body["image"] === null ? 0 : ofPicture } })

  it("runs only when the previous one found nothing", async () => {
    expect(await look(scores(0.1))).toMatchObject({ outcome: { action: "pass" }, words: true, pictures: 1 })
    expect(await look(scores(0.99))).toMatchObject({ outcome: { action: "block" }, words: false, pictures: 0 })
  })

  it("does not run when the previous one failed", async () => {
    const failed = await look((_, response) => response.writeHead(500).end("{}"))
    expect(failed).toMatchObject({ outcome: { action: "unavailable" }, words: false, pictures: 0 })
  })

  it("gets no picture that has a signal from the previous one, even in shadow, or that an exception excused", async () => {
    expect(await look(scores(0.99), { shadow: true })).toMatchObject({
      outcome: { action: "pass" },
      words: true,
      pictures: 0,
    })
    const openUntil = new Date(Date.now() + 60_000).toISOString()
    expect(await look((_, response) => response.writeHead(500).end("{}"), { openUntil })).toMatchObject({
      outcome: { action: "pass" },
      words: true,
      pictures: 0,
    })
  })

  it("for pictures fails when the legal basis for sending them ends while the guard runs", async () => {
    await using general = await classifierService(moderationAnswers(() => 0))
    const check = createModeration({
      name: "general",
      service: general.service,
      path: "/x",
      directions: ["input"],
      deadlineMs: 10_000,
      model: "omni",
      images: true,
      imagesUntil: "2026-01-01T00:00:00Z",
      rules: [{ label: "sexual", threshold: 0.5, decision: "block" }],
    })
    const engine = createEngine({ checks: [check], isExcepted: () => false, now: () => new Date() })
    const context = chatContext("input")
    expect(await engine.run([PICTURE], context, new AbortController().signal)).toMatchObject({
      action: "unavailable",
      failures: [{ cause: "basis_ended" }],
    })
    expect(general.asked.flatMap(({ body }) => body["input"] as unknown[])).not.toContainEqual(expect.any(Object))
  })
})
