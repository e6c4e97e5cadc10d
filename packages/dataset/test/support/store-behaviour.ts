/**
 * What the code expects of an object store, and what it makes of it: the same tests for every store.
 */
import { randomBytes } from "node:crypto"
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3"
import { noSignal } from "@nightlight/dev-env/dataset/shards"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import type { WrittenFile } from "../../src/output/output.ts"
import type { Found } from "../../src/plan/walk.ts"
import type { ListedFile, ShardListing } from "../../src/readers/listing.ts"
import { s3Output } from "../../src/stores/s3/output.ts"
import { DEFAULT_S3_SETTINGS } from "../../src/stores/s3/settings.ts"
import { s3Source } from "../../src/stores/s3/source.ts"
import type { DatasetSource } from "../../src/stores/source.ts"
import type { TestStore } from "./test-stores.ts"

const LARGE_BYTES = 20 * 2 ** 20

/** Runs the tests of a store. */
export function describeStore(name: string, open: () => Promise<TestStore>): void {
  describe(name, () => {
    let store: TestStore
    let count = 0

    beforeAll(async () => {
      store = await open()
      for (const [variable, value] of Object.entries(store.env)) vi.stubEnv(variable, value)
    }, 60_000)
    afterAll(async () => {
      vi.unstubAllEnvs()
      store.client.destroy()
      await store[Symbol.asyncDispose]()
    }, 60_000)

    const newBucket = async (isVersioned = false) => {
      const bucket = `bucket-${++count}`
      await store.makeBucket(bucket, isVersioned)
      return bucket
    }
    const put = async (bucket: string, key: string, body: string | Buffer) =>
      await store.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body as string) }))
    const get = async (bucket: string, key: string) => {
      const { Body } = await store.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
      return Buffer.from((await Body?.transformToByteArray()) ?? [])
    }
    const versionsOf = async (bucket: string) => {
      const { Versions, DeleteMarkers } = await store.client.send(new ListObjectVersionsCommand({ Bucket: bucket }))
      return [...(Versions ?? []), ...(DeleteMarkers ?? [])].map(({ Key }) => Key)
    }
    const uploadsOf = async (bucket: string) =>
      (await store.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? []
    const outputOf = (bucket: string, owner = "one") =>
      s3Output(`s3://${bucket}/out`, DEFAULT_S3_SETTINGS, owner.repeat(8))

    it("lists what lies below a prefix in a stable order, whatever the names", async () => {
      const bucket = await newBucket()
      const names = ["b.jpg", "a b.jpg", "a+b.jpg", "ä/ö%20.jpg", "a/1.jpg", "a-b/1.jpg", "a/x/2.jpg", '&<>".jpg']
      for (const key of [...names.map((each) => `set/${each}`), "set2/other.jpg", "sets.jpg"])
        await put(bucket, key, key)
      const found = await filesOf(await sourceOf(`s3://${bucket}/set`))
      expect(found.map(({ path }) => path.toString())).toEqual([
        '&<>".jpg',
        "a b.jpg",
        "a+b.jpg",
        "b.jpg",
        "a/1.jpg",
        "a/x/2.jpg",
        "a-b/1.jpg",
        "ä/ö%20.jpg",
      ])
      const again = await filesOf(await sourceOf(`s3://${bucket}/set`))
      expect(again).toEqual(found)
    })

    it("names objects by brace lists, and those that are missing", async () => {
      const bucket = await newBucket()
      for (const key of ["set/00.tar", "set/02.tar"]) await put(bucket, key, key)
      const source = await sourceOf(`s3://${bucket}/set/{00..02}.tar`)
      expect(source).toMatchObject({ root: `s3://${bucket}/set`, missing: ["01.tar"] })
      await expect(sourceOf(`s3://${bucket}/set/{05..07}.tar`)).rejects.toThrow(coded("not_found"))
    })

    it("reads any range of an object", async () => {
      const bucket = await newBucket()
      const bytes = randomBytes(9 * 2 ** 20)
      await put(bucket, "one.bin", bytes)
      const { source, file } = await onlyFile(`s3://${bucket}/one.bin`)
      using opened = source.store.open(file)
      expect(opened.sizeBytes).toBe(bytes.length)
      for (const [offset, length] of [
        [0, 10],
        [4 * 2 ** 20 - 5, 10],
        [100, 9 * 2 ** 20],
        [9 * 2 ** 20 - 3, 10],
        [20 * 2 ** 20, 1],
      ] as const) {
        const read = Buffer.from(await opened.read(offset, length))
        expect(read.equals(bytes.subarray(offset, offset + length))).toBe(true)
      }
    })

    it("notices an object that changed or went since it was listed", async () => {
      const bucket = await newBucket()
      await put(bucket, "one.bin", "some bytes")
      const { source, file } = await onlyFile(`s3://${bucket}/one.bin`)
      await put(bucket, "one.bin", "same size!")
      using changed = source.store.open(file)
      await expect(changed.read(0, 4)).rejects.toThrow(coded("source_changed"))
      await store.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "one.bin" }))
      using gone = source.store.open(file)
      await expect(gone.read(0, 4)).rejects.toThrow(coded("source_changed"))
    })

    it("holds small and large objects, whole, once they are published and not before", async () => {
      const bucket = await newBucket()
      const large = randomBytes(LARGE_BYTES)
      const place = outputOf(bucket)
      await using output = await place.open(shardOf("small.jpg", "large.tar"))
      const written = [
        await writeOne(output, "small.jpg", Buffer.from("small")),
        await writeOne(output, "empty.txt", Buffer.alloc(0)),
        await writeOne(output, "large.tar", large),
      ]
      expect(await versionsOf(bucket)).toEqual([])
      await output.publish(written)
      expect((await get(bucket, "out/small.jpg")).toString()).toBe("small")
      expect(await get(bucket, "out/empty.txt")).toHaveLength(0)
      expect((await get(bucket, "out/large.tar")).equals(large)).toBe(true)
      expect(place.conditionalWrites).toBe(store.conditionalWrites)
      const isThere = await output.existing()
      expect(["small.jpg", "large.tar", "other"].map((name) => isThere(Buffer.from(name)))).toEqual([true, true, false])
      expect(await uploadsOf(bucket)).toEqual([])
    })

    it("holds nothing of a shard that was given up", async () => {
      const bucket = await newBucket()
      {
        await using output = await outputOf(bucket).open(shardOf("small.jpg", "large.tar"))
        await writeOne(output, "small.jpg", Buffer.from("small"))
        await writeOne(output, "large.tar", randomBytes(LARGE_BYTES))
      }
      expect(await versionsOf(bucket)).toEqual([])
      expect(await uploadsOf(bucket)).toEqual([])
    })

    it("loses the unfinished uploads of a killed run, and no other's", async () => {
      const bucket = await newBucket()
      for (const Key of ["out/large.tar", "out/other.tar", "elsewhere/large.tar"]) {
        await store.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }))
      }
      await using _ = await outputOf(bucket).open(shardOf("large.tar"))
      const left = (await uploadsOf(bucket)).map(({ Key }) => Key)
      expect(new Set(left)).toEqual(new Set(["elsewhere/large.tar", "out/other.tar"]))
    })

    it("has what a killed run of the same scan wrote replaced", async () => {
      const bucket = await newBucket()
      for (const words of ["first words", "second words"]) {
        await using output = await outputOf(bucket).open(shardOf("small.txt", "gone.txt"))
        const names = words === "first words" ? ["small.txt", "gone.txt"] : ["small.txt"]
        const written: WrittenFile[] = []
        for (const name of names) written.push(await writeOne(output, name, Buffer.from(words)))
        await output.publish(written)
      }
      expect((await get(bucket, "out/small.txt")).toString()).toBe("second words")
      expect(await versionsOf(bucket)).toEqual(["out/small.txt"])
    })

    it("keeps what another program put in the same place", async () => {
      const bucket = await newBucket()
      const large = randomBytes(LARGE_BYTES)
      for (const [name, bytes] of [
        ["small.txt", Buffer.from("ours")],
        ["large.tar", large],
      ] as const) {
        await using output = await outputOf(bucket).open(shardOf(name))
        const written = await writeOne(output, name, bytes)
        await put(bucket, `out/${name}`, "theirs")
        await expect(output.publish([written])).rejects.toThrow(coded("output_conflict"))
        expect((await get(bucket, `out/${name}`)).toString()).toBe("theirs")
      }
    })

    it("has a prefix reserved for one of two plans, until that one releases it", async () => {
      const bucket = await newBucket(true)
      const [first, second] = [outputOf(bucket, "one"), outputOf(bucket, "two")]
      const both = await Promise.allSettled([first.reserve("first"), second.reserve("second")])
      // Without conditions both may pass, and the later one has it.
      const passed = both.filter(({ status }) => status === "fulfilled").length
      if (store.conditionalWrites === "enforced") expect(passed).toBe(1)
      const [own, other] = (await first.isReservedFor("first")) ? ["first", "second"] : ["second", "first"]
      for (const output of [first, second]) {
        expect([await output.isReservedFor(own), await output.isReservedFor(other)]).toEqual([true, false])
        await expect(output.reserve(other)).rejects.toThrow(coded("locked"))
        await output.reserve(own)
        await output.release(other)
        expect(await output.isEmpty()).toBe(false)
      }
      await first.release(own)
      expect(await second.isReservedFor(own)).toBe(false)
      expect(await versionsOf(bucket)).toEqual([])
    })

    it("counts the same object of a quicker worker as written", async () => {
      const bucket = await newBucket()
      await using first = await outputOf(bucket, "one").open(shardOf("small.txt"))
      await using second = await outputOf(bucket, "two").open(shardOf("small.txt"))
      await first.publish([await writeOne(first, "small.txt", Buffer.from("same"))])
      await second.publish([await writeOne(second, "small.txt", Buffer.from("same"))])
      expect(await versionsOf(bucket)).toEqual(["out/small.txt"])
    })

    it.each([false, true])(
      "has an object replaced and removed with all its versions (versions: %s)",
      async (isVersioned) => {
        const bucket = await newBucket(isVersioned)
        for (const key of ["one.tar", "one.tar.idx"])
          for (const words of ["first", "second", "third"]) await put(bucket, key, words)
        for (const [bytes, size] of [
          [Buffer.from("purged"), 1],
          [randomBytes(LARGE_BYTES), 1],
        ] as const) {
          const { source, file } = await onlyFile(`s3://${bucket}/one.tar`)
          const editor = source.store.editor!
          await using output = await editor.replacement("key").open({ id: "0", listing: listingOf([file]) })
          await output.publish([await writeOne(output, "one.tar", bytes)])
          await editor.removeEarlierVersions(file)
          expect((await get(bucket, "one.tar")).equals(bytes)).toBe(true)
          expect((await versionsOf(bucket)).filter((key) => key === "one.tar")).toHaveLength(size)
        }
        const { source, file } = await onlyFile(`s3://${bucket}/one.tar`)
        await source.store.editor!.remove(file)
        expect(await versionsOf(bucket)).toEqual(Array.from({ length: isVersioned ? 3 : 1 }, () => "one.tar.idx"))
      },
    )

    it("has no object replaced or removed that changed since it was listed", async () => {
      const bucket = await newBucket(true)
      await put(bucket, "one.tar", "first")
      const { source, file } = await onlyFile(`s3://${bucket}/one.tar`)
      const editor = source.store.editor!
      await using output = await editor.replacement("key").open({ id: "0", listing: listingOf([file]) })
      const written = await writeOne(output, "one.tar", Buffer.from("purged"))
      await put(bucket, "one.tar", "second")
      await expect(output.publish([written])).rejects.toThrow(coded("source_changed"))
      await expect(editor.remove(file)).rejects.toThrow(coded("source_changed"))
      await expect(editor.removeEarlierVersions(file)).rejects.toThrow(coded("source_changed"))
      expect((await get(bucket, "one.tar")).toString()).toBe("second")
      expect(await versionsOf(bucket)).toHaveLength(2)
    })

    it("has its refusals named", async () => {
      const bucket = await newBucket()
      await expect(sourceOf("s3://no-such-bucket/set")).rejects.toThrow(coded("not_found"))
      await expect(sourceOf(`s3://${bucket}/nothing`)).rejects.toThrow(coded("not_found"))
      if (!store.checksKeys) return
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another secret")
      await expect(sourceOf(`s3://${bucket}`)).rejects.toThrow(coded("unauthenticated"))
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", store.env["AWS_SECRET_ACCESS_KEY"] ?? "")
    })
  })
}

const coded = (code: string) => expect.objectContaining({ code })

const sourceOf = (address: string) =>
  s3Source([address], { settings: DEFAULT_S3_SETTINGS, isExcluded: () => false }, noSignal)

async function filesOf(source: DatasetSource): Promise<readonly ListedFile[]> {
  const found: Found[] = []
  for await (const each of source.walk(noSignal)) found.push(...each)
  return found.flatMap((each) => (each.kind === "file" ? [each.file] : []))
}

async function onlyFile(address: string): Promise<{ readonly source: DatasetSource; readonly file: ListedFile }> {
  const source = await sourceOf(address)
  const [file] = await filesOf(source)
  if (file === undefined) throw new Error("expected a file")
  return { source, file }
}

/** A listing of files from elsewhere, whose copies have these names. */
function shardOf(...names: readonly string[]) {
  const files = names.map((name) => ({
    path: Buffer.from(name),
    sizeBytes: 0,
    modifiedMs: 0,
    archive: undefined,
  }))
  return { id: "000000-00000000", listing: listingOf(files) }
}

function listingOf(files: readonly ListedFile[]): ShardListing {
  return {
    root: "/elsewhere",
    store: {
      isRemote: false,
      open: unused,
      readHead: unused,
      assertUnchanged: unused,
      pathFor: unused,
      editor: undefined,
    },
    sources: [],
    files,
    sidecars: [],
    filesBelow: () => [],
    tables: () => [],
    rowsAbout: () => undefined,
    tableAt: () => undefined,
    keysOf: async () => undefined,
  }
}

function unused(): never {
  throw new Error("the source is not read")
}

async function writeOne(
  output: { begin(path: Buffer): Promise<WrittenFile["made"]> },
  name: string,
  bytes: Buffer,
): Promise<WrittenFile> {
  const path = Buffer.from(name)
  const made = await output.begin(path)
  const piece = 3 * 2 ** 20 + 17
  for (let offset = 0; offset < bytes.length; offset += piece) await made.write(bytes.subarray(offset, offset + piece))
  await made.finish()
  return { path, made }
}
