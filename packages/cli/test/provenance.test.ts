import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemClock } from "@nightlight/core"
import { pictureJpeg } from "@nightlight/demo/generated"
import { oneObject, runCommand } from "@nightlight/dev-env/command/run-command"
import { openGenerationLog } from "@nightlight/provenance"
import sharp from "sharp"
import { afterAll, beforeAll, expect, it } from "vitest"

let dir: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "nightlight-provenance-"))
  const env = { NIGHTLIGHT_PASSPHRASE: "a passphrase of tests" }
  expect((await runCommand(["init", "--yes", "--json"], { cwd: dir, env })).exit).toBe(0)
  const made = await pictureJpeg(1, 512)
  writeFileSync(join(dir, "made.jpg"), made)
  writeFileSync(join(dir, "other.jpg"), await pictureJpeg(2, 512))
  writeFileSync(join(dir, "copy.webp"), await sharp(made).rotate(90).resize(300).webp().toBuffer())
  writeFileSync(join(dir, "text.txt"), "words")
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it("nightlight provenance finds pictures of the log, also rotated or smaller, and reports those that it does not have", async () => {
  const hashed = oneObject(await runCommand(["hash", "made.jpg", "--json"], { cwd: dir }))
  const { hash: pdq, quality } = hashed["pdq"] as { hash: string; quality: number }
  const log = await openGenerationLog({ dir: join(dir, "generations"), retentionDays: 90, clock: systemClock })
  log.append({ generationId: "exchange-1", model: "our-model", pdq, quality, account: "0".repeat(64) })
  await log.close()
  const ran = await runCommand(["provenance", "attribute", "made.jpg", "copy.webp", "other.jpg", "--json"], {
    cwd: dir,
  })
  expect(ran.exit).toBe(0)
  const { searched, files } = oneObject(ran) as { searched: number; files: { generations: object[] }[] }
  expect(searched).toBe(1)
  expect(files.map(({ generations }) => generations.length)).toEqual([1, 1, 0])
  expect(files[0]?.generations).toMatchObject([{ generationId: "exchange-1", model: "our-model", distanceBits: 0 }])
  const text = await runCommand(["provenance", "attribute", "made.jpg", "other.jpg"], { cwd: dir })
  expect(text.out).toContain("made.jpg: made here")
  expect(text.out).toContain("other.jpg: not in the log")
})

it("nightlight provenance reports a picture without a usable hash", async () => {
  const ran = await runCommand(["provenance", "attribute", "text.txt", "--json"], { cwd: dir })
  expect(ran.exit).toBe(4)
  expect(oneObject(ran)).toMatchObject({ files: [{ isReadable: false, generations: [] }] })
})
