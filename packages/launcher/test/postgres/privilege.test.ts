import { chmod, chown, mkdir, mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { findBinaries } from "../../src/postgres/binaries.ts"
import { blockingFolder } from "../../src/postgres/blocking-folder.ts"
import { assertReachable, chooseIdentity, readPasswd, secondUser } from "../../src/postgres/identity.ts"
import { launch } from "../../src/postgres/launch.ts"
import { layoutOf } from "../../src/postgres/layout.ts"

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "nl-"))
})
afterEach(() => rm(parent, { recursive: true, force: true }))

describe("as root", { skip: !isRoot }, () => {
  it("runs below a folder that only root may enter, and files still belong to root", async () => {
    const identity = await chooseIdentity()
    if (identity.kind !== "mapped") return expect(identity.kind).toBe("user")
    await mkdir(join(parent, "closed", "deeper"), { recursive: true, mode: 0o700 })
    const dataDir = join(parent, "closed", "deeper", "data")
    const server = await launch({ dataDir, initdbArgs: ["--no-sync"] })
    expect(await queryAs(server.app, "SELECT 1 AS one")).toEqual([{ one: 1 }])
    await server.stop()
    expect((await stat(layoutOf(dataDir).cluster)).uid).toBe(0)
  })

  it("names the folder of another user that blocks the server, which has root's id but not its privileges", async () => {
    const blocking = join(parent, "home-of-another")
    await mkdir(blocking, { mode: 0o700 })
    await chown(blocking, NOBODY, NOBODY)
    await expect(launch({ dataDir: join(blocking, "data") })).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining(`${blocking},`),
    })
  })

  describe("where user namespaces are forbidden", () => {
    const identity = { kind: "user", uid: NOBODY, gid: NOBODY } as const

    it("runs as a second user, who owns the cluster but cannot write beside it", {
      timeout: 3 * MINUTE_MS,
    }, async () => {
      const { dir } = await findBinaries()
      if ((await blockingFolder(dir, identity)) !== undefined) {
        await expect(assertReachable(identity, [dir])).rejects.toMatchObject({ code: "config_invalid" })
        return
      }
      await chmod(parent, 0o711)
      const dataDir = join(parent, "data")
      for (const round of ["first", "second"]) {
        const server = await launch({ dataDir, identity, initdbArgs: ["--no-sync"] })
        expect(await queryAs(server.app, `SELECT '${round}' AS round`)).toEqual([{ round }])
        expect((await stat(`/proc/${server.pid}`)).uid).toBe(NOBODY)
        await server.stop()
      }
      const layout = layoutOf(dataDir)
      for (const path of [layout.cluster, layout.run]) expect(await stat(path)).toMatchObject({ uid: NOBODY })
      for (const path of [layout.root, layout.secrets, layout.log]) expect(await stat(path)).toMatchObject({ uid: 0 })
      expect((await stat(dataDir)).mode & 0o777).toBe(0o710)
    })

    it("names the folder that the second user cannot enter", async () => {
      await chmod(parent, 0o711)
      const closed = join(parent, "closed")
      await mkdir(closed, { mode: 0o700 })
      await expect(launch({ dataDir: join(closed, "data"), identity })).rejects.toMatchObject({
        code: "config_invalid",
        message: `PostgreSQL cannot enter ${closed}, which lies above its files`,
        hint: expect.stringContaining("DATABASE_URL"),
      })
    })
  })
})

describe("the second user", () => {
  const passwd = [
    { name: "root", uid: 0, gid: 0 },
    { name: "nobody", uid: NOBODY, gid: NOBODY },
    { name: "postgres", uid: 101, gid: 102 },
  ]

  it("is the first of the wanted ones that the system has", () => {
    expect(secondUser(passwd, ["nightlight", "postgres"])).toEqual({ kind: "user", uid: 101, gid: 102 })
  })

  it("is never root or an account shared with other services, and without one the error names a remedy", () => {
    expect(() => secondUser(passwd, ["root"])).toThrow(expect.objectContaining({ code: "unavailable" }))
    expect(() => secondUser(passwd, ["nightlight"])).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/useradd.*DATABASE_URL/) }),
    )
  })

  it("comes from the system's user file", async () => {
    expect(await readPasswd()).toContainEqual({ name: "root", uid: 0, gid: 0 })
  })
})

describe("the programs", () => {
  it("are those of this machine's package", async () => {
    const { initdb, postgres } = await findBinaries()
    for (const program of [initdb, postgres]) expect((await stat(program)).mode & 0o100).toBe(0o100)
  })

  it.each([
    ["linux", "mips"],
    ["win32", "x64"],
  ])("are missing for %s-%s, and the message names a remedy", async (platform, arch) => {
    await expect(findBinaries(platform, arch)).rejects.toMatchObject({
      code: "unavailable",
      message: `no PostgreSQL is installed for ${platform}-${arch}`,
      hint: expect.stringContaining("DATABASE_URL"),
    })
  })
})

describe("the folder that blocks a user", () => {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  const stranger = { uid: 4_000_001, gid: 4_000_001 }

  it("is found by the owner's bits for the owner, the group's for the group and the others' for anybody else", async () => {
    const dir = join(parent, "a")
    await mkdir(dir)
    await chmod(parent, 0o711)
    const blocks = async (mode: number, who: { readonly uid: number; readonly gid: number }) => {
      await chmod(dir, mode)
      return (await blockingFolder(dir, who)) === dir
    }
    expect(await blocks(0o700, { uid, gid })).toBe(false)
    expect(await blocks(0o077, { uid, gid })).toBe(true)
    expect(await blocks(0o710, { ...stranger, gid })).toBe(false)
    expect(await blocks(0o701, { ...stranger, gid })).toBe(true)
    expect(await blocks(0o701, stranger)).toBe(false)
    expect(await blocks(0o776, stranger)).toBe(true)
  })

  it("is the topmost one", async () => {
    const deep = join(parent, "a", "b")
    await mkdir(deep, { recursive: true })
    await chmod(join(parent, "a"), 0o700)
    await chmod(deep, 0o700)
    await chmod(parent, 0o711)
    expect(await blockingFolder(deep, stranger)).toBe(join(parent, "a"))
  })
})
