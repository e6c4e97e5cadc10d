import { MINUTE_MS } from "@nightlight/core"
import { post } from "@nightlight/dev-env/custodian/people"
import { journalOf, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import { expect, it } from "vitest"

it("counts refusals that come in floods instead of filling the disk with them", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const time = turnableTime()
  const { socket, dir } = await serveSite({ time: time.sources })
  const ask = () => post(socket, "/v1/viewings", {})
  for (let n = 0; n < 21; n++) {
    const answers = await Promise.all(Array.from({ length: 50 }, ask))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]))
  }
  expect(await journalOf(dir, "request.refused")).toHaveLength(1000)
  time.pass(60 * 60_000 + 1)
  await Promise.all(Array.from({ length: 20 }, ask))
  expect(await journalOf(dir, "request.refused")).toHaveLength(1020)
  expect(await journalOf(dir, "requests.refused")).toMatchObject([{ data: { unrecorded: 50 } }])
})
