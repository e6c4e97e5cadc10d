import { describe, expect, it } from "vitest"
import { assertGoodPassword, createPasswords } from "../../../../src/staff/sign-in/local/password.ts"

describe("assertGoodPassword", () => {
  it.each([
    "short",
    "elevenchars",
    "aaaaaaaaaaaaaaaa",
    "abababababababab",
    "abcabcabcabcabc",
    "abcdefghijklmnop",
    "9876543210987654",
    "ada.lovelace@example.org",
    "Ada-Lovelace-1815",
  ])("refuses %s", (password) => {
    expect(() => assertGoodPassword(password, "ada.lovelace@example.org")).toThrow(
      expect.objectContaining({ code: "input_invalid" }),
    )
  })

  it.each(["correct horse battery", "tr0ub4dor&3-again", "пароль длинный 12"])("takes %s", (password) => {
    expect(() => assertGoodPassword(password, "ada.lovelace@example.org")).not.toThrow()
  })

  it("never repeats the password", () => {
    expect(() => assertGoodPassword("abcdefghijklmnop", "a@example.org")).toThrow(/^(?!.*abcdefgh)/)
  })
})

describe("the keeper of passwords", () => {
  const keeper = createPasswords(10)

  it("keeps parameters and salt beside the hash, never the password, and no hash twice", async () => {
    const one = await keeper.hash("correct horse battery")
    expect(one).toMatch(/^scrypt\$10\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
    expect(await keeper.hash("correct horse battery")).not.toBe(one)
  })

  it("checks what was kept with other parameters", async () => {
    const old = await createPasswords(9).hash("correct horse battery")
    expect(await keeper.verify("correct horse battery", old)).toBe(true)
    expect(await keeper.verify("correct horse batterz", old)).toBe(false)
  })

  it("takes a password typed in another composition of the same characters", async () => {
    const kept = await keeper.hash("caf\u00e9 au lait chaud")
    expect(await keeper.verify("cafe\u0301 au lait chaud", kept)).toBe(true)
  })

  it("knows nobody without a kept password", async () => {
    expect(await keeper.verify("A".repeat(20), undefined)).toBe(false)
  })

  it("works at the cost of production", async () => {
    const costly = createPasswords(17)
    expect(await costly.verify("correct horse battery", await costly.hash("correct horse battery"))).toBe(true)
  })

  it("turns callers away when too many wait", async () => {
    const kept = await keeper.hash("correct horse battery")
    const calls = await Promise.allSettled(Array.from({ length: 60 }, () => keeper.verify("x", kept)))
    const refused = calls.filter(({ status }) => status === "rejected")
    expect(refused).toHaveLength(60 - 2 - 32)
    expect(await keeper.verify("correct horse battery", kept)).toBe(true)
  })
})
