import { expect, test } from "vitest"
import { compact } from "../src/index.ts"

test("compact leaves out undefined members and keeps every other value, even falsy ones", () => {
  const made: { a: number; b?: string; c: null; d: boolean } = compact({
    a: 0,
    b: undefined as string | undefined,
    c: null,
    d: false,
  })
  expect(made).toStrictEqual({ a: 0, c: null, d: false })
})
