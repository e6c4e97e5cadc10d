import { execFileSync } from "node:child_process"
import { textBlock } from "@nightlight/dev-env/guard/events"
import { makePlace, open, until } from "@nightlight/dev-env/guard/place"
import { MAY_MOUNT, smallDisk } from "@nightlight/dev-env/machine/small-disk"
import { describe, expect, it } from "vitest"
import { readKeptIncidents } from "../../src/index.ts"

describe.skipIf(!MAY_MOUNT)("a full disk", () => {
  it.each([0, 4096, 16_384])(
    "with space for %s bytes: the evidence of blocks in progress uses the reserve, and the guard refuses more until there is space",
    async (leaveBytes) => {
      using disk = smallDisk(8)
      execFileSync("chmod", ["700", disk.path])
      await using place = await makePlace({ reserveBytes: 1024 * 1024 }, `${disk.path}/workspace`)
      const incidents = await open(place)
      const long = (offset: number) => textBlock(`${offset} ${"words ".repeat(5000)}`)
      disk.fill(leaveBytes)
      const ends = await Promise.all(Array.from({ length: 6 }, (_, index) => incidents.block(long(index))))
      expect(ends).toEqual(Array.from({ length: 6 }, () => "kept"))
      expect(incidents.state()).toMatchObject({ accepting: false, fault: "disk_full" })
      await incidents.close()

      // Started again on the full disk it refuses until the reserve can be had.
      const again = await open(place)
      expect(again.state()).toMatchObject({ accepting: false, fault: "disk_full" })
      expect(place.alarms).toContain("disk_reserve_missing")
      disk.empty()
      await until(() => again.state().accepting)
      await again.close()
      const kept = await readKeptIncidents(place.spoolDir, place.options.keyed)
      expect(kept.filter(({ finding }) => finding.evidence !== undefined)).toHaveLength(6)
    },
  )

  it("that is full when a guard starts gives the space of the reserve to the start, and the guard refuses calls", async () => {
    using disk = smallDisk(8)
    execFileSync("chmod", ["700", disk.path])
    await using place = await makePlace({ reserveBytes: 1024 * 1024 }, `${disk.path}/workspace`)
    const incidents = await open(place)
    expect(incidents.state()).toMatchObject({ accepting: true })
    await incidents.close()
    disk.fill(0)
    const again = await open(place)
    expect(again.state()).toMatchObject({ accepting: false, fault: "disk_full" })
    expect(place.alarms).toEqual(["disk_reserve_missing"])
    disk.empty()
    await until(() => again.state().accepting)
    await again.close()
  })

  it.each([0, 4096, 16_384, 40_960])(
    "with space for %s bytes: the block holds, an alarm is raised, the guard refuses until there is space, and nothing is lost",
    async (leaveBytes) => {
      using disk = smallDisk(8)
      execFileSync("chmod", ["700", disk.path])
      await using place = await makePlace({}, `${disk.path}/workspace`)
      const incidents = await open(place)
      const long = (offset: number) => textBlock(`${offset} ${"words ".repeat(5000)}`)
      expect(await incidents.block(long(0))).toBe("kept")
      disk.fill(leaveBytes)
      const ends: string[] = []
      for (let index = 1; index <= 5; index++) ends.push(await incidents.block(long(index)))
      expect(ends).toContain("alarm")
      expect(incidents.state()).toMatchObject({ accepting: false, fault: "disk_full" })
      expect(place.alarms.length).toBeGreaterThan(0)
      disk.empty()
      await until(() => incidents.state().accepting)
      for (let index = 1; index <= 5; index++) expect(await incidents.block(long(index))).toBe("kept")
      await incidents.close()
      const again = await open(place)
      expect(again.state().accepting).toBe(true)
      await again.close()
      const sealed = (await readKeptIncidents(place.spoolDir, place.options.keyed)).filter(
        ({ finding }) => finding.evidence !== undefined,
      )
      expect(new Set(sealed.map(({ finding }) => finding.id)).size).toBe(6)
    },
  )
})
