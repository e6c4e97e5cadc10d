import { chmod, chown, link, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { arrange } from "../src/os-users/arrange.ts"
import { makeUsers } from "../src/os-users/make-users.ts"
import { ownTree } from "../src/os-users/own-tree.ts"
import { assertReadable } from "../src/os-users/reach.ts"
import { readUsers, usersPath, writeUsers } from "../src/os-users/users-file.ts"

const isRoot = process.getuid?.() === 0 && process.platform === "linux"
const home = await mkdtemp(join(tmpdir(), "nightlight-os-users-"))
const user = { uid: 61_001, gid: 61_002 }
const users = {
  server: { name: null, uid: 61_001, gid: 61_001 },
  custodian: { name: null, uid: 61_002, gid: 61_002 },
  postgres: { name: null, uid: 61_003, gid: 61_003 },
}

afterAll(() => rm(home, { recursive: true, force: true }))

async function folder(name: string): Promise<string> {
  const path = join(home, name)
  await mkdir(path)
  return path
}

describe.skipIf(!isRoot)("separate OS users of an installation (needs root)", () => {
  it("own the files of a folder, but not the targets of its symbolic and hard links", async () => {
    const outside = join(await folder("outside"), "file")
    await writeFile(outside, "root's", { mode: 0o600 })
    const another = join(home, "outside", "another")
    await writeFile(another, "somebody's", { mode: 0o600 })
    const tree = await folder("tree")
    await mkdir(join(tree, "deep"))
    await writeFile(join(tree, "deep", "own"), "")
    await symlink(outside, join(tree, "to-file"))
    await symlink(join(home, "outside"), join(tree, "to-folder"))
    await chown(another, 61_009, 61_009)
    await link(another, join(tree, "second-name"))
    await ownTree(tree, (_, kind) => ({ ...user, mode: kind === "folder" ? 0o700 : 0o600 }))
    expect(await lstat(join(tree, "deep", "own"))).toMatchObject({ ...user, mode: 0o100600 })
    expect(await lstat(tree)).toMatchObject({ ...user, mode: 0o040700 })
    expect(await lstat(outside)).toMatchObject({ uid: 0, gid: 0 })
    expect(await lstat(join(home, "outside"))).toMatchObject({ uid: 0, gid: 0 })
    expect(await lstat(another)).toMatchObject({ uid: 61_009 })
    await ownTree(join(tree, "to-folder"), () => ({ ...user, mode: 0o700 }))
    expect(await lstat(join(home, "outside"))).toMatchObject({ uid: 0, gid: 0 })
  })

  it("are completed after an interrupted arrangement, and a complete one is not changed", async () => {
    const data = await folder("data")
    for (const name of ["evidence", "custodian", "keys", "server"]) await mkdir(join(data, name))
    for (const name of ["fi", ".lock"]) await mkdir(join(data, "evidence", name))
    await writeFile(join(data, "evidence", "fi", "finding-1.age"), "sealed", { mode: 0o600 })
    await writeFile(join(data, "keys", "signing.pem"), "", { mode: 0o600 })
    await writeFile(join(data, "keys", "recipients.json"), "", { mode: 0o600 })
    // The content was given away, but not the folder.
    await chown(join(data, "evidence", "fi", "finding-1.age"), users.server.uid, users.custodian.gid)
    await arrange(data, users)
    const sealed = { uid: users.server.uid, gid: users.custodian.gid, mode: 0o100640 }
    expect(await lstat(join(data, "evidence", "fi", "finding-1.age"))).toMatchObject(sealed)
    expect(await lstat(join(data, "evidence", "fi"))).toMatchObject({ ...sealed, mode: 0o040750 })
    expect(await lstat(join(data, "evidence", ".lock"))).toMatchObject({ gid: users.server.gid, mode: 0o040700 })
    expect(await lstat(join(data, "evidence"))).toMatchObject({ ...sealed, mode: 0o042750 })
    expect(await lstat(join(data, "custodian"))).toMatchObject({ uid: users.custodian.uid, mode: 0o040700 })
    expect(await lstat(join(data, "keys", "signing.pem"))).toMatchObject({ uid: 0, mode: 0o100600 })
    expect(await lstat(join(data, "keys", "recipients.json"))).toMatchObject({ uid: 0, mode: 0o100644 })
    const { ctimeMs } = await lstat(join(data, "evidence"))
    await arrange(data, users, { deep: true })
    expect((await lstat(join(data, "evidence"))).ctimeMs).toBe(ctimeMs)
  })

  it("are read from their file only while nobody but root can write it", async () => {
    const data = await folder("believed")
    await writeUsers(data, users)
    expect(await readUsers(data)).toEqual(users)
    await chmod(usersPath(data), 0o666)
    await expect(readUsers(data)).rejects.toMatchObject({ code: "key_unusable" })
    await writeUsers(data, { ...users, custodian: users.server })
    await expect(readUsers(data)).rejects.toMatchObject({ code: "key_unusable" })
    expect(await readUsers(home)).toBeUndefined()
  })

  it("must be able to read the programs, else the blocking folder is named", async () => {
    const closed = await folder("closed")
    await mkdir(join(closed, "open"))
    await writeFile(join(closed, "open", "main.js"), "")
    await chmod(home, 0o755)
    await chmod(closed, 0o700)
    const reading = assertReadable([join(closed, "open", "main.js")], { ...user, name: "somebody" })
    await expect(reading).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining(`somebody cannot enter or read ${closed}`),
    })
  })

  it("are unused ids on a system without a program that makes users", async () => {
    const names: string[] = []
    const { users: found, created } = await makeUsers(async (name) => {
      names.push(name)
      throw Object.assign(new Error("no such program"), { code: "ENOENT" })
    })
    expect(created).toHaveLength(names.length)
    expect(new Set([found.server.uid, found.custodian.uid, found.postgres.uid]).size).toBe(3)
  })
})
