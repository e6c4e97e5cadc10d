import { expect, it } from "vitest"
import { decodeXml, readReceipt } from "../src/index.ts"

const document = (declaration: string) => `${declaration}<a>H\u00f6\u00dfl</a>`

it("reads an answer in the encoding that it declares, and in UTF-8 otherwise", () => {
  const latin = document('<?xml version="1.0" encoding="ISO-8859-1"?>')
  expect(decodeXml(Buffer.from(latin, "latin1"))).toBe(latin)
  for (const declaration of ["", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='UTF-8'?>"]) {
    expect(decodeXml(Buffer.from(document(declaration)))).toBe(document(declaration))
  }
})

it("reads in UTF-8 if the declaration names an impossible encoding", () => {
  for (const label of ["x-unheard-of", "UTF-16", "utf-7"]) {
    const text = document(`<?xml version="1.0" encoding="${label}"?>`)
    expect(decodeXml(Buffer.from(text))).toBe(text)
  }
})

it("does not take other bytes for a receipt", () => {
  for (const text of ["", "<html>", "<reportResponse><responseCode>0</responseCode></reportResponse>"]) {
    expect(readReceipt(Buffer.from(text))).toEqual({ fileIds: [] })
  }
})
