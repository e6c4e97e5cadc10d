import { existsSync } from "node:fs"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { expect, it } from "vitest"
import { keepDiskReserve } from "../../src/incidents/disk-reserve.ts"

it("a disk reserve is not filled again while work to which it was lent is in progress", async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, "disk-reserve")
  const reserve = await keepDiskReserve(folder.path, 4096)
  let attempts = 0
  await reserve.lend(async () => {
    if (++attempts === 1) throw new DependencyError("disk_full", "no space")
    expect(await reserve.restore()).toBe(false)
    expect(existsSync(file)).toBe(false)
  })
  expect(attempts).toBe(2)
  expect(await reserve.restore()).toBe(true)
  expect(existsSync(file)).toBe(true)
})

it("work that finds the disk full while the reserve is being filled waits for it, and gets its space", async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, "disk-reserve")
  const reserve = await keepDiskReserve(folder.path, 4096)
  const full = () => Promise.reject(new DependencyError("disk_full", "no space"))
  await expect(reserve.lend(full)).rejects.toMatchObject({ code: "disk_full" })
  const filling = reserve.restore()
  let attempts = 0
  await reserve.lend(async () => {
    if (++attempts === 1) return full()
    expect(existsSync(file)).toBe(false)
  })
  expect(await filling).toBe(true)
  expect(reserve.isKept).toBe(false)
})
