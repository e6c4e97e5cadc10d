import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { type ArrowForm, arrowTable, IMAGE, writeArrow } from "@nightlight/dev-env/dataset/arrow"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { MAY_MOUNT, smallDisk } from "@nightlight/dev-env/machine/small-disk"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { FOLDERS } from "./support/matrix/folders.ts"
import type { MatrixFormat } from "./support/matrix/format.ts"
import { drawPictures, listedRecords } from "./support/matrix/plants.ts"
import { TABLES } from "./support/matrix/tables.ts"
import { TEXTS } from "./support/matrix/texts.ts"
import { BASIS, purge } from "./support/purges.ts"

const isInstalled = (tool: string) => spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0

type Format = Pick<MatrixFormat, "title" | "tools" | "write">

const arrow = (form: ArrowForm): Format => ({
  title: `Arrow, ${form}`,
  async write(folder, { all }) {
    const values = all.map(({ bytes, name }) => ({ bytes, path: name }))
    writeFiles(folder, { "data.arrow": writeArrow(arrowTable([{ image: { type: IMAGE, values } }]), form) })
  },
})

const ALL: readonly Format[] = [...FOLDERS, ...TABLES, ...TEXTS, arrow("file"), arrow("stream")]
const FORMATS = ALL.filter(({ tools = [] }) => tools.every(isInstalled)).map((format, index) => ({
  ...format,
  name: `f${index}`,
}))

let test: TestWorkspace

beforeAll(async () => {
  test = await testWorkspace()
  const pictures = await drawPictures(test.pathOf("pictures"))
  await importRecords(test.workspace, await listedRecords())
  for (const format of FORMATS) {
    const folder = test.pathOf("data", format.name)
    mkdirSync(folder, { recursive: true })
    await format.write(folder, pictures)
  }
  await scan(test.workspace, { inputs: [test.pathOf("data")] })
})
afterAll(() => test[Symbol.dispose]())

const purgeCopy = (from: string) => purge(test, { basis: BASIS, includeReview: true, from })

describe.skipIf(!MAY_MOUNT).each(FORMATS)("a purge of $title on a disk that fills up", ({ name }) => {
  it.each([0, 1 / 3, 2 / 3])(
    "leaves each file whole and ends when it is repeated (space for %f of the largest file)",
    async (share) => {
      const source = test.pathOf("data", name)
      const before = filesBelow(source)
      using plain = temporaryFolder()
      cpSync(source, join(plain.path, "data"), { recursive: true })
      expect(await purgeCopy(join(plain.path, "data"))).toMatchObject({ failed: [] })
      const purged = filesBelow(join(plain.path, "data"))

      using disk = smallDisk(8)
      const data = join(disk.path, "data")
      cpSync(source, data, { recursive: true })
      const largest = Math.max(...Object.values(before).map(({ length }) => length))
      disk.fill(Math.floor(share * largest))
      const { failed } = await purgeCopy(data)
      expect(failed.filter(({ code }) => code !== "disk_full")).toEqual([])
      const now = filesBelow(data)
      expect(Object.keys(purged).filter((file) => now[file] === undefined)).toEqual([])
      const isWhole = ([file, bytes]: [string, Buffer]) => bytes.equals(before[file]!) || bytes.equals(purged[file]!)
      expect(Object.entries(now).filter((entry) => !isWhole(entry))).toEqual([])

      disk.empty()
      expect(await purgeCopy(data)).toMatchObject({ failed: [] })
      expect(filesBelow(disk.path)).toEqual(
        Object.fromEntries(Object.entries(purged).map(([file, bytes]) => [`data/${file}`, bytes])),
      )
    },
  )
})
