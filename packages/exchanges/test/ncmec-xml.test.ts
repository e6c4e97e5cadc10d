import { describe, expect, it } from "vitest"
import { NcmecXmlParser } from "../src/ncmec-xml.ts"
import { faultsOf, hashOf, parseInPieces, readAll, recordsOf } from "./support.ts"

const md5 = hashOf("md5", "a")
const sha1 = hashOf("sha1", "a")
const pdq = hashOf("pdq", "a")
const videoMd5 = hashOf("md5", "video")

function document(images: string, videos = ""): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
 <images count="2" maxTimestamp="2017-10-24T15:10:00Z">${images}</images>
 <videos count="1">${videos}</videos>
 <paging><next>/v2/entries?from=2017-10-20T00%3A00%3A00.000Z&amp;start=2001</next></paging>
</queryResult>`
}

const whole = document(
  `
  <image><member id="42">Member &lt;x&gt;</member><timestamp>2017-10-24T15:10:00Z</timestamp><id>image1</id>
   <fingerprints><md5>${md5.toUpperCase()}</md5><sha1>${sha1}</sha1><pdna>AAEC</pdna><pdq> ${pdq} </pdq>
    <tmk-pdqf rel="self" href="/v2/entries/42/image1/TMK_PDQF"/><newHash>1</newHash></fingerprints>
   <feedback lastUpdateTimestamp="2017-10-24T15:10:00Z"><affirmativeFeedback type="Md5">
     <members timestamp="2017-10-24T15:10:00Z"><member id="43">Other</member></members></affirmativeFeedback></feedback>
   <classification>A1</classification><futureField><id>not-the-id</id></futureField></image>
  <deletedImage><member id="43"/><id>image4</id><timestamp>2017-10-24T15:10:00Z</timestamp></deletedImage>
  <image><member id="42">M</member><id>image2</id></image>`,
  `<video><member id="7">M</member><id>v1</id><fingerprints><md5><![CDATA[${videoMd5}]]></md5></fingerprints></video>`,
)

const records = [
  { hashType: "md5", hash: md5, category: "A1", id: "42-image1" },
  { hashType: "sha1", hash: sha1, category: "A1", id: "42-image1" },
  { hashType: "pdq", hash: pdq, category: "A1", id: "42-image1" },
  { hashType: "md5", hash: videoMd5, category: "unspecified", id: "7-v1" },
]

describe("NCMEC's XML", () => {
  it("yields the fingerprints of images and videos with classification and key", async () => {
    expect(recordsOf(await readAll(whole))).toEqual(records)
  })

  it("counts unsupported fingerprints, and entries without any, by entry number", async () => {
    expect(faultsOf(await readAll(whole))).toEqual([
      "1 type_unsupported",
      "1 type_unsupported",
      "1 type_unknown",
      "2 fields_missing",
    ])
  })

  it("counts the fingerprints of unknown kinds of entries", async () => {
    const other = `<audios><audio><id>a</id><fingerprints><md5>${md5}</md5></fingerprints></audio></audios>`
    const text = document(`<image><id>i</id><fingerprints><md5>${md5}</md5></fingerprints></image>`).replace(
      "<paging>",
      `${other}<paging>`,
    )
    expect(faultsOf(await readAll(text))).toEqual(["2 field_unread"])
  })

  it.each([1, 2, 7, 64, 1_000])("gives the same result in chunks of %i bytes", (pieceBytes) => {
    expect(recordsOf(parseInPieces(new NcmecXmlParser(), whole, pieceBytes))).toEqual(records)
  })

  it("reads an empty answer as an empty list", async () => {
    expect(await readAll(document(""))).toEqual([])
  })

  it("reads elements with a namespace prefix", async () => {
    const prefixed = `<h:queryResult xmlns:h="x"><h:images><h:image><h:id>i</h:id><h:fingerprints><h:md5>${md5}</h:md5></h:fingerprints></h:image></h:images></h:queryResult>`
    expect(recordsOf(await readAll(prefixed))).toHaveLength(1)
  })

  it.each([
    ["a DOCTYPE", `<!DOCTYPE queryResult SYSTEM "file:///etc/passwd"><queryResult/>`],
    ["custom entities", `<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><queryResult>&b;</queryResult>`],
    ["an unknown entity", document("<image><id>&secret;</id></image>")],
    ["another root element", "<html><body/></html>"],
    ["a missing end", whole.slice(0, -20)],
    ["two root elements", `${whole}<queryResult/>`],
    ["tags that do not match", document("<image></video>")],
    ["a character XML forbids", document("<image><id>\u0001</id></image>")],
    ["another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><queryResult/>`],
    ["endlessly nested elements", document("<x>".repeat(500))],
    ["an endless text", document(`<image><id>${"x".repeat(3_000_000)}</id></image>`)],
    ["endless attributes", document(`<image ${'a="1" '.repeat(400_000)}/>`)],
  ])("refuses %s with a code and without text from the list", async (_, text) => {
    const error = await readAll(text, { format: "ncmec-xml" }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "list_malformed" })
    expect((error as Error).cause).toBeUndefined()
    expect(String((error as Error).message)).not.toMatch(/secret|passwd|html|xxx/)
  })

  it("refuses bytes that are not UTF-8", async () => {
    const broken = Buffer.from(whole.replace("Member", "Memb\u00e9r"), "latin1")
    await expect(readAll(broken)).rejects.toMatchObject({ code: "list_malformed" })
  })
})
